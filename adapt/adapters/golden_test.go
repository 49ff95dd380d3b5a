package adapters

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
	"github.com/venn-adapt/venn/internal/transport"
)

// A golden set holds what testdata/adapters.py computed by NumPy and SciPy.
type golden struct {
	raw  map[string]json.RawMessage
	task adapt.Task
}

func openGolden(t *testing.T) *golden {
	t.Helper()
	text, err := os.ReadFile("testdata/adapters.json")
	if err != nil {
		t.Fatal(err)
	}
	g := &golden{}
	if err := json.Unmarshal(text, &g.raw); err != nil {
		t.Fatal(err)
	}
	labels := g.vector(t, "ys")
	g.task.Source = adapt.Labelled{X: g.matrix(t, "Xs"), Labels: make([]int, len(labels)), Classes: 3}
	for i, v := range labels {
		g.task.Source.Labels[i] = int(v)
	}
	g.task.Target = g.matrix(t, "Xt")
	return g
}

func (g *golden) vector(t *testing.T, name string) (v []float64) {
	t.Helper()
	if err := json.Unmarshal(g.raw[name], &v); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return v
}

func (g *golden) matrix(t *testing.T, name string) *mat.Dense {
	t.Helper()
	var rows [][]float64
	if err := json.Unmarshal(g.raw[name], &rows); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

func (g *golden) fit(t *testing.T, adapter string, changes option.Values) *adapt.Adaptation {
	t.Helper()
	info, err := adapt.Adapters.Get(adapter)
	if err != nil {
		t.Fatal(err)
	}
	m := adapt.Method{Adapter: info, Settings: option.Defaults(info.Options)}
	for k, v := range changes {
		m.Settings[k] = v
	}
	if !info.Own {
		m.Head = headOf(t, "knn", nil)
	}
	return adaptTo(t, m, g.task)
}

func inner(a *adapt.Adaptation) *mat.Dense {
	var z, g mat.Dense
	z.Stack(a.Source.X, a.Target)
	g.Mul(&z, z.T())
	return &g
}

func TestEmbeddingsAgainstSciPy(t *testing.T) {
	g := openGolden(t)
	transfer := option.Values{"dim": 2, "lambda": 0.7}
	with := func(changes option.Values) option.Values {
		out := option.Values{}
		for _, from := range []option.Values{transfer, changes} {
			for k, v := range from {
				out[k] = v
			}
		}
		return out
	}
	for _, tt := range []struct {
		name, adapter string
		changes       option.Values
	}{
		{"pca", "pca", option.Values{"dim": 2}},
		{"subspace-alignment", "subspace-alignment", option.Values{"dim": 2}},
		{"gfk", "gfk", option.Values{"dim": 2}},
		{"tca/primal", "tca", with(option.Values{"kernel": "primal"})},
		{"tca/linear", "tca", with(option.Values{"kernel": "linear"})},
		{"tca/rbf", "tca", with(option.Values{"kernel": "rbf", "gamma": 0.8})},
		{"jda", "jda", with(option.Values{"kernel": "linear", "iterations": 4})},
		{"bda", "bda", with(option.Values{"kernel": "primal", "iterations": 4, "mu": 0.3, "weighted": true})},
		{"tjm", "tjm", with(option.Values{"iterations": 3})},
		{"jgsa", "jgsa", option.Values{"dim": 3, "lambda": 0.9, "mu": 1.2, "iterations": 2}},
	} {
		toy.Near(t, tt.name, inner(g.fit(t, tt.adapter, tt.changes)), g.matrix(t, tt.name), 1e-6)
	}
}

func TestMappedSourcesAgainstSciPy(t *testing.T) {
	g := openGolden(t)
	for _, tt := range []struct {
		name, adapter string
		changes       option.Values
		tolerance     float64
	}{
		{"coral", "coral", nil, 1e-7},
		{"linear-ot", "linear-ot", nil, 1e-7},
		{"emd", "emd", nil, 1e-8},
		{"sinkhorn", "sinkhorn", option.Values{"epsilon": 0.3, "iterations": 20000}, 1e-6},
		{"sinkhorn/l1lp", "sinkhorn", option.Values{"epsilon": 0.3, "classes": "l1lp", "eta": 0.2}, 1e-4}, // 200 inner iterations
	} {
		toy.Near(t, tt.name, g.fit(t, tt.adapter, tt.changes).Source.X, g.matrix(t, tt.name), tt.tolerance)
	}
}

func TestWeightsAgainstSciPy(t *testing.T) {
	g := openGolden(t)
	for _, tt := range []struct {
		name, adapter string
		changes       option.Values
		tolerance     float64
	}{
		{"kmm", "kmm", option.Values{"gamma": 0.2, "epsilon": 0.1, "bound": 2.0, "iterations": 100000}, 2e-3}, // two solvers' stopping rules on a flat optimum
		{"ulsif", "ulsif", option.Values{"gamma": 0.2, "lambda": 0.1}, 1e-7},
		{"rulsif", "ulsif", option.Values{"gamma": 0.2, "lambda": 0.1, "alpha": 0.3}, 1e-7},
		{"nearest-weights", "nearest-weights", option.Values{"neighbours": 2, "smoothing": 0.5}, 0},
	} {
		got, want := g.fit(t, tt.adapter, tt.changes).Source.Weights, g.vector(t, tt.name)
		toy.Near(t, tt.name, mat.NewDense(1, len(got), got), mat.NewDense(1, len(want), want), tt.tolerance)
	}
	// KLIEP: the likelihood that the optimiser of SciPy reaches.
	b := basis{g.task.Target, 0.2}
	alpha, err := kliepFit(b.at(g.task.Target), dense.ColumnMeans(b.at(g.task.Source.X)), kliepGap, kliepSteps)
	value := 0.0
	for _, w := range b.sum(g.task.Target, alpha) {
		value += math.Log(w)
	}
	if want := g.vector(t, "kliep")[0]; err != nil || value > want+1e-6 || value < want-1e-3 {
		t.Errorf("kliep: log-likelihood %v, want %v (%v)", value, want, err)
	}
}

func TestOwnClassifiersAgainstSciPy(t *testing.T) {
	g := openGolden(t)
	toy.Near(t, "meda", g.fit(t, "meda", option.Values{"dim": 2, "neighbours": 3, "mu": 0.4, "iterations": 2}).Probabilities, g.matrix(t, "meda"), 1e-6)
	toy.Near(t, "label-spreading", g.fit(t, "label-spreading", option.Values{"neighbours": 3, "gamma": 0.3, "alpha": 0.9, "mass": "none"}).Probabilities, g.matrix(t, "label-spreading"), 1e-7)
	for _, tt := range []struct{ name, target string }{{"easytl", "Xt"}, {"easytl/fed", "easytl/hungry"}} {
		h := openGolden(t)
		h.task.Target = g.matrix(t, tt.target)
		got := adapt.Predict(h.fit(t, "easytl", option.Values{"align": "none"}).Probabilities)
		for i, want := range g.vector(t, tt.name) {
			if got[i] != int(want) {
				t.Errorf("%s: row %d: class %d, want %v", tt.name, i, got[i], want)
			}
		}
	}
}

// The group term's plan: against the plain one the whole objective falls and each
// target row takes its mass of fewer classes; mixing it with the plain one or with the
// exact one raises the objective.
func TestGroupTransportIsAnOptimum(t *testing.T) {
	task := openGolden(t).task
	cost := pairwise.Between(task.Source.X, task.Target)
	scale, err := costScale(cost, "median")
	if err != nil {
		t.Fatal(err)
	}
	cost.Scale(1/scale, cost)
	const epsilon, eta = 0.3, 0.2
	plain, err := entropicPlan(cost, epsilon, 20000)
	if err != nil {
		t.Fatal(err)
	}
	group, err := groupClasses(task, cost, plain, epsilon, eta)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := transport.Exact(cost)
	if err != nil {
		t.Fatal(err)
	}
	norms := func(p *mat.Dense) (sum float64) {
		for _, v := range classMass(task, p, func(v float64) float64 { return v * v }).RawMatrix().Data {
			sum += math.Sqrt(v)
		}
		return sum
	}
	objective := func(p *mat.Dense) float64 {
		value := eta * norms(p)
		for i, c := range cost.RawMatrix().Data {
			if v := p.RawMatrix().Data[i]; v > 0 {
				value += v*c + epsilon*v*math.Log(v)
			}
		}
		return value
	}
	at := objective(group.Plan)
	if at >= objective(plain.Plan) || norms(group.Plan) >= norms(plain.Plan) {
		t.Errorf("objective %v and norms %v, plain %v and %v", at, norms(group.Plan), objective(plain.Plan), norms(plain.Plan))
	}
	for _, other := range []*mat.Dense{plain.Plan, exact} {
		var mixed mat.Dense
		mixed.Scale(0.05, other)
		var rest mat.Dense
		rest.Scale(0.95, group.Plan)
		mixed.Add(&mixed, &rest)
		if objective(&mixed) < at {
			t.Errorf("a mixture has objective %v, below %v", objective(&mixed), at)
		}
	}
}
