package classifiers

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// overlapping is rows of three classes that no hyperplane separates, with weights of mean 1.
func overlapping(n, d int) *training {
	data := blobs(11, n, d, 3, 2.5)
	r := &training{x: data.X, labels: data.Labels, weights: make([]float64, n)}
	for i := range r.weights {
		r.weights[i] = 0.5 + float64(i%2)
	}
	return r
}

// slope is the gradient of the weighted mean cross-entropy by the weight of class k for column j,
// or by its bias where j is the number of columns, by the formula.
func slope(r *training, m *logistic.Model, k, j int) (s float64) {
	n, d := r.x.Dims()
	classes := len(m.Bias)
	for i := range n {
		var sum, own float64
		for c := range classes {
			z := m.Bias[c]
			for l := range d {
				z += m.Weights.At(c, l) * r.x.At(i, l)
			}
			sum += math.Exp(z)
			if c == k {
				own = math.Exp(z)
			}
		}
		residual := own / sum
		if r.labels[i] == k {
			residual--
		}
		x := 1.0
		if j < d {
			x = r.x.At(i, j)
		}
		s += r.weight(i) * residual * x / float64(n)
	}
	return s
}

// The conditions of the optimum (Karush, Kuhn and Tucker) hold within 1e-6, of more rows than
// columns and of fewer, from zero and from another penalty's optimum.
func TestSparseIsAnOptimum(t *testing.T) {
	for _, size := range [][2]int{{40, 3}, {12, 30}} {
		r := overlapping(size[0], size[1])
		p, err := newSparseProblem(r, 3)
		if err != nil {
			t.Fatal(err)
		}
		var start *logistic.Model
		for _, lambda := range []float64{0.3, 0.03, 0.003} {
			if start, err = p.minimise(lambda, start, sparseSteps); err != nil {
				t.Fatal(err)
			}
			again, err := p.minimise(lambda, nil, sparseSteps)
			if err != nil {
				t.Fatal(err)
			}
			for name, m := range map[string]*logistic.Model{"from the last": start, "from zero": again} {
				zeros := 0
				for k := range 3 {
					for j := range size[1] {
						w, g := m.Weights.At(k, j), slope(r, m, k, j)
						missed := math.Abs(g) - lambda
						if w != 0 {
							missed = math.Abs(g + math.Copysign(lambda, w))
						} else {
							zeros++
						}
						if !(missed <= 1e-6) {
							t.Errorf("%v, lambda %v, %s: weight %d, %d is %v at gradient %v", size, lambda, name, k, j, w, g)
						}
					}
					if g := slope(r, m, k, size[1]); !(math.Abs(g) <= 1e-6) {
						t.Errorf("%v, lambda %v, %s: gradient %v of bias %d", size, lambda, name, g, k)
					}
				}
				if zeros == 0 {
					t.Errorf("%v, lambda %v: no weight is 0", size, lambda)
				}
			}
		}
	}
}

// The fit step by step: from the point ahead a step of the gradient, 2 over the largest eigenvalue
// of the mean of (x 1)'(x 1) long, weights towards 0 by the penalty, until a step moves nothing by
// more than 1e-7 of its length.
func TestSparseStepByStep(t *testing.T) {
	for _, size := range [][2]int{{40, 3}, {4, 5}} {
		r := overlapping(size[0], size[1])
		n, d := r.x.Dims()
		second := mat.NewSymDense(d+1, nil)
		for a := range d + 1 {
			for b := range a + 1 {
				var s float64
				for i := range n {
					row := append(slices.Clone(r.x.RawRowView(i)), 1)
					s += r.weight(i) * row[a] * row[b] / float64(n)
				}
				second.SetSym(a, b, s)
			}
		}
		var e mat.EigenSym
		e.Factorize(second, false)
		length := 2 / e.Values(nil)[d]
		p, err := newSparseProblem(r, 3)
		if err != nil || !(math.Abs(p.step/length-1) <= 1e-9) {
			t.Fatalf("%v: step %v, want %v (%v)", size, p.step, length, err)
		}
		const lambda = 0.02
		model := func(v []float64) *logistic.Model {
			m := &logistic.Model{Weights: mat.NewDense(3, d, nil), Bias: make([]float64, 3)}
			for k := range 3 {
				m.Weights.SetRow(k, v[k*(d+1):k*(d+1)+d])
				m.Bias[k] = v[k*(d+1)+d]
			}
			return m
		}
		last, ahead, speed := make([]float64, 3*(d+1)), make([]float64, 3*(d+1)), 1.0
		steps := 0
		for {
			steps++
			next := slices.Clone(ahead)
			m := model(ahead)
			for k := range 3 {
				for j := range d + 1 {
					v := ahead[k*(d+1)+j] - length*slope(r, m, k, j)
					if j < d {
						v = math.Max(0, v-length*lambda) + math.Min(0, v+length*lambda)
					}
					next[k*(d+1)+j] = v
				}
			}
			turn, change := 0.0, 0.0
			for i := range next {
				turn += (ahead[i] - next[i]) * (next[i] - last[i])
				change = max(change, math.Abs(next[i]-ahead[i]))
			}
			if change <= 1e-7*length {
				last = next
				break
			}
			faster := (1 + math.Sqrt(1+4*speed*speed)) / 2
			share := (speed - 1) / faster
			if turn > 0 {
				faster, share = 1, 0
			}
			for i := range next {
				ahead[i] = next[i] + share*(next[i]-last[i])
			}
			last, speed = next, faster
		}
		if _, err := p.minimise(lambda, nil, steps-1); err == nil || !strings.Contains(err.Error(), fmt.Sprintf("not optimal after %d steps", steps-1)) {
			t.Errorf("%v: a step less: %v", size, err)
		}
		got, err := p.minimise(lambda, nil, steps)
		if err != nil {
			t.Fatal(err)
		}
		want := model(last)
		toy.Near(t, fmt.Sprint(size, " weights"), got.Weights, want.Weights, 1e-10)
		toy.Close(t, fmt.Sprint(size, " biases"), got.Bias, want.Bias, 1e-10)
	}
}

// A column of a million sets steps that hardly move the weight of the other one.
func TestSparseGivesUp(t *testing.T) {
	info, _ := adapt.Classifiers.Get("logistic-l1")
	train := adapt.Labelled{X: mat.NewDense(2, 2, []float64{1e6, 1, 1e6, -1}), Labels: []int{0, 1}, Classes: 2}
	s := option.Values{"lambda": 1e-3, "standardise": "none"}
	err := info.New(s).Fit(train)
	if want := "adapt: logistic-l1: 2 rows, 2 columns, lambda 0.001: not optimal after 20000 steps: raise lambda or scale the columns"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	settings := []option.Values{{"lambda": 1.0, "standardise": "none"}, s}
	got := info.Path(settings, train, train.X)
	if got[0].Err != nil || got[0].Probabilities == nil || got[1].Err == nil || !strings.Contains(got[1].Err.Error(), "not optimal") || got[1].Probabilities != nil {
		t.Errorf("path: %+v", got)
	}
}
