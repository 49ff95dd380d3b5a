package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
)

// The most certain share of each class, rounded up, equal ones in order.
func TestMostCertain(t *testing.T) {
	var p mat.Dense
	p.CloneFrom(mat.NewDense(3, 7, []float64{
		0.6, 0.9, 0.6, 0.1, 0.2, 0.6, 0.0,
		0.4, 0.1, 0.4, 0.9, 0.7, 0.4, 0.7,
		0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.3}).T())
	labels := []int{0, 0, 0, 1, 1, 0, 1}
	for share, want := range map[float64][]int{0: nil, 0.01: {1, 3}, 0.5: {0, 1, 3, 4}, 0.51: {0, 1, 2, 3, 4}, 1: {0, 1, 2, 3, 4, 5, 6}} {
		if got := mostCertain(&p, labels, 3, share); !slices.Equal(got, want) {
			t.Errorf("share %v: rows %v, want %v", share, got, want)
		}
	}
	// Many equal rows, so that a sort which is not stable shows.
	equal, ones := mat.NewDense(40, 2, nil), make([]int, 40)
	for i := range 40 {
		equal.Set(i, 1, float64(i%2))
		ones[i] = 1
	}
	var odd []int
	for i := range 10 {
		odd = append(odd, 2*i+1)
	}
	if got := mostCertain(equal, ones, 2, 0.25); !slices.Equal(got, odd) {
		t.Errorf("equal rows: %v, want %v", got, odd)
	}
}

// Self-training round by round: shares 0.3, 0.5, 0.7, 0.9, 1 of each class's most certain rows, labels anew each round.
func TestSelfTrainingRoundByRound(t *testing.T) {
	task := shifted(8, 20, 25, 2)
	for _, weights := range [][]float64{nil, append(make([]float64, 5), 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3)} {
		task.Source.Weights = weights
		for _, rounds := range []int{1, 2, 5} {
			head := headOf(t, "centroid", nil)
			info, _ := adapt.Adapters.Get("self-training")
			a, err := info.Adapt(task, option.Values{"rounds": rounds, "first": 0.3, "more": 0.2, "weight": 0.5}, head)
			if err != nil {
				t.Fatal(err)
			}
			train := task.Source
			for round := range rounds {
				c, err := head.Fit(train)
				if err != nil {
					t.Fatal(err)
				}
				p := probabilities(t, c, task.Target)
				next := adapt.Labelled{Classes: 2, Labels: slices.Clone(task.Source.Labels)}
				var data []float64
				for i := range 20 {
					data = append(data, task.Source.X.RawRowView(i)...)
					w := 1.0
					if weights != nil {
						w = weights[i]
					}
					next.Weights = append(next.Weights, w)
				}
				for j := range 25 {
					class := 0
					if p.At(j, 1) > p.At(j, 0) {
						class = 1
					}
					size, better := 0, 0
					for k := range 25 {
						if (p.At(k, 1) > p.At(k, 0)) == (class == 1) {
							size++
							if p.At(k, class) > p.At(j, class) {
								better++
							}
						}
					}
					if float64(better) < math.Min(1, 0.3+0.2*float64(round))*float64(size)-1e-9 {
						data = append(data, task.Target.RawRowView(j)...)
						next.Labels, next.Weights = append(next.Labels, class), append(next.Weights, 0.5)
					}
				}
				next.X = mat.NewDense(len(next.Labels), 2, data)
				train = next
			}
			if !mat.Equal(a.Source.X, train.X) || !slices.Equal(a.Source.Labels, train.Labels) || !slices.Equal(a.Source.Weights, train.Weights) || a.Warnings != nil {
				t.Errorf("%d rounds: %d rows, want %d; warnings %q", rounds, len(a.Source.Labels), len(train.Labels), a.Warnings)
			}
		}
	}
	one := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 10, 11), Labels: []int{0, 0, 1, 1}, Classes: 2}, Target: toy.Column(0, 1, 2)}
	if a := mustAdapt(t, "self-training", one, nil); fmt.Sprint(a.Warnings) != "[the target is predicted to hold 1 class]" {
		t.Errorf("warnings %q", a.Warnings)
	}
}

// Maps bring the rows that were fitted to where the fit put them, each domain by its own.
func TestMapsOfFittedRows(t *testing.T) {
	task := shifted(9, 14, 11, 4)
	for _, tt := range []struct {
		name    string
		changes option.Values
	}{
		{"pca", option.Values{"dim": 2}}, {"subspace-alignment", option.Values{"dim": 2}}, {"gfk", option.Values{"dim": 2}}, {"coral", nil}, {"linear-ot", nil},
		{"emd", nil}, {"sinkhorn", option.Values{"classes": "l1lp"}}, {"tca", option.Values{"dim": 2, "kernel": "rbf"}}, {"jda", option.Values{"dim": 2}},
		{"bda", option.Values{"dim": 2, "unit": false}}, {"tjm", option.Values{"dim": 2, "kernel": "rbf"}}, {"tjm", option.Values{"dim": 2, "unit": false}},
		{"meda", option.Values{"dim": 2}}, {"jgsa", option.Values{"dim": 2}}, {"nearest-weights", nil}, {"kmm", nil},
	} {
		a := mustAdapt(t, tt.name, task, tt.changes)
		source, err := a.MapSource(task.Source.X)
		if err != nil {
			t.Fatal(err)
		}
		target, err := a.Map(task.Target)
		if err != nil {
			t.Fatal(err)
		}
		toy.Near(t, tt.name+" source", source, a.Source.X, 1e-8)
		toy.Near(t, tt.name+" target", target, a.Target, 1e-8)
	}
}

// The course of JDA: pseudo-labels of each pass from the head in the space of the pass before. The space is the embedding under
// the discrepancy with those labels, and it ends when the labels stay.
func TestTransferPassByPass(t *testing.T) {
	moved := false
	for seed := range uint64(5) {
		task := shifted(seed+60, 16, 18, 3)
		for _, passes := range []int{1, 2, 3, 8} {
			head := headOf(t, "knn", nil)
			info, _ := adapt.Adapters.Get("bda")
			settings := option.Defaults(info.Options)
			settings["dim"], settings["iterations"], settings["mu"], settings["unit"] = 2, passes, 0.7, false
			a, err := info.Adapt(task, settings, head)
			if err != nil {
				t.Fatal(err)
			}
			x := task.Stacked()
			var pseudo []int
			var source adapt.Labelled
			for pass := range passes {
				f := meanDiscrepancy{marginal: 0.3 * 2, conditional: 0.7}.factor(task.Source.Labels, 18, pseudo, 2)
				w, err := newEmbedding(x).top(f, 1, nil, 2)
				if err != nil {
					t.Fatal(err)
				}
				z := dense.Product(x, w)
				source = task.Source.Moved(mat.DenseCopyOf(z.Slice(0, 16, 0, 2)))
				c, err := head.Fit(source)
				if err != nil {
					t.Fatal(err)
				}
				next := adapt.Predict(probabilities(t, c, mat.DenseCopyOf(z.Slice(16, 34, 0, 2))))
				moved = moved || pass > 0 && !slices.Equal(next, pseudo)
				pseudo = next
			}
			toy.Near(t, fmt.Sprint("seed ", seed, " passes ", passes), a.Source.X, source.X, 1e-9)
		}
	}
	if !moved {
		t.Fatal("no label moved after a pass: the tasks prove nothing")
	}
}

// The ridge with discrepancy: ((E + lambda FF' + rho L) K + eta I) beta = E Y by elimination, for lambda of every kind.
func TestRidgeByElimination(t *testing.T) {
	z := dense.UnitRows(toy.Random(5, 9, 3))
	kernel := pairwise.Gaussian(z, z, 0.5)
	laplacian := graphLaplacian(z, 3)
	l := mat.NewDense(9, 9, nil)
	list := pairwise.Nearest(z, z, 4)
	w, degree := mat.NewDense(9, 9, nil), make([]float64, 9)
	for i := range 9 {
		for _, nb := range list[i] {
			if nb.Row != i {
				v := math.Max(0, mat.Dot(mat.NewVecDense(3, z.RawRowView(i)), mat.NewVecDense(3, z.RawRowView(nb.Row)))) // the cosine
				w.Set(i, nb.Row, v)
				w.Set(nb.Row, i, v)
			}
		}
	}
	for i := range 9 {
		for j := range 9 {
			degree[i] += w.At(i, j)
		}
	}
	for i := range 9 {
		for j := range 9 {
			if w.At(i, j) > 0 {
				l.Set(i, j, -w.At(i, j)/math.Sqrt(degree[i]*degree[j]))
			}
		}
		l.Set(i, i, 1)
	}
	y := mat.NewDense(9, 2, nil)
	labels := []int{0, 1, 1, 0, 1}
	for i, c := range labels {
		y.Set(i, c, 1)
	}
	factor := meanDiscrepancy{1, 1, false}.factor(labels, 4, []int{1, 0, 0, 1}, 2)
	solver, err := newRidge(kernel, laplacian, 5, 0.6, 0.2)
	if err != nil {
		t.Fatal(err)
	}
	for _, lambda := range []float64{0, 0.5, 1, 10} {
		inner := dense.Product(factor, mat.DenseCopyOf(factor.T()))
		inner.Scale(lambda, inner)
		for i := range 9 {
			for j := range 9 {
				inner.Set(i, j, inner.At(i, j)+0.6*l.At(i, j))
			}
			if i < 5 {
				inner.Set(i, i, inner.At(i, i)+1)
			}
		}
		system := dense.Product(inner, kernel)
		for i := range 9 {
			system.Set(i, i, system.At(i, i)+0.2)
		}
		var want mat.Dense
		if err := want.Solve(system, y); err != nil {
			t.Fatal(err)
		}
		got, err := solver.solve(factor, lambda, y)
		if err != nil {
			t.Fatal(err)
		}
		toy.Near(t, fmt.Sprint("lambda ", lambda), got, &want, 1e-9)
	}
	if _, err := newRidge(mat.NewDense(2, 2, nil), [][]edge{{{0, 1}}, {{1, 1}}}, 1, 1, 0); err == nil || err.Error() != "the regularised kernel of 2 rows is singular; raise eta" {
		t.Errorf("singular: %v", err)
	}
	p := softmaxRows(mat.NewDense(2, 3, []float64{1, 5, 2, 0, 0, 0}), []int{1, 0, 4})
	toy.Close(t, "softmax", p.RawMatrix().Data, []float64{1 / (1 + math.E), 0, math.E / (1 + math.E), 0.5, 0, 0.5}, 1e-12)
}

// MEDA pass by pass on its own features: labels by the nearest source row first, then by the scores.
func TestMedaPassByPass(t *testing.T) {
	moved := false
	for seed := range uint64(4) {
		task := shifted(seed+70, 16, 14, 3)
		for _, passes := range []int{1, 2, 10} {
			for _, gamma := range []float64{0, 1.5} {
				a := mustAdapt(t, "meda", task, option.Values{"dim": 2, "neighbours": 4, "iterations": passes, "gamma": gamma, "lambda": 2.0, "rho": 0.5, "eta": 0.3, "mu": 0.7})
				var z mat.Dense
				z.Stack(a.Source.X, a.Target)
				width := gamma
				if gamma == 0 {
					width = 0.5
				}
				kernel := pairwise.Gaussian(&z, &z, width)
				solver, err := newRidge(kernel, graphLaplacian(&z, 4), 16, 0.5, 0.3)
				if err != nil {
					t.Fatal(err)
				}
				y := mat.NewDense(30, 2, nil)
				for i, c := range task.Source.Labels {
					y.Set(i, c, 1)
				}
				pseudo := make([]int, 14)
				for j := range 14 {
					best := math.Inf(1)
					for i := range 16 {
						if d := squaredDistance(a.Source.X.RawRowView(i), a.Target.RawRowView(j)); d < best {
							best, pseudo[j] = d, task.Source.Labels[i]
						}
					}
				}
				var scores, beta *mat.Dense
				for pass := range passes {
					f := meanDiscrepancy{marginal: 0.3 * 2, conditional: 0.7}.factor(task.Source.Labels, 14, pseudo, 2)
					if beta, err = solver.solve(f, 2, y); err != nil {
						t.Fatal(err)
					}
					scores = mat.DenseCopyOf(dense.Product(kernel, beta).Slice(16, 30, 0, 2))
					next := adapt.Predict(scores)
					moved = moved || pass > 0 && !slices.Equal(next, pseudo)
					pseudo = next
				}
				for i := range 14 {
					logistic.Softmax(scores.RawRowView(i))
				}
				name := fmt.Sprint("seed ", seed, " passes ", passes, " gamma ", gamma)
				toy.Near(t, name, a.Probabilities, scores, 1e-9)
				p, err := a.Predict(a.Target)
				if err != nil {
					t.Fatal(err)
				}
				toy.Near(t, name+" again", p, scores, 1e-9)
			}
		}
	}
	if !moved {
		t.Log("no label moved after a pass")
	}
}

// TJM's passes: weights 1/(2|W_i| + floor) of source rows, 1 of target rows.
func TestJointMatchingPassByPass(t *testing.T) {
	task := shifted(12, 8, 7, 3)
	for _, passes := range []int{1, 2, 4} {
		a := mustAdapt(t, "tjm", task, option.Values{"dim": 2, "lambda": 0.4, "iterations": passes, "unit": false, "kernel": "rbf", "gamma": 0.3})
		k := pairwise.Gaussian(task.Stacked(), task.Stacked(), 0.3)
		factor := meanDiscrepancy{marginal: 1}.factor(task.Source.Labels, 7, nil, 2)
		scale := toy.Ones(15)
		var w *mat.Dense
		for range passes {
			var err error
			if w, err = newEmbedding(k).top(factor, 0.4, scale, 2); err != nil {
				t.Fatal(err)
			}
			var sum float64
			length := func(i int) float64 { return math.Hypot(w.At(i, 0), w.At(i, 1)) }
			for i := range 8 {
				sum += length(i)
			}
			for i := range 8 {
				scale[i] = 1 / (2*length(i) + 1e-8*sum/8)
			}
		}
		z := dense.Product(k, w)
		toy.Near(t, fmt.Sprint("source after ", passes), a.Source.X, mat.DenseCopyOf(z.Slice(0, 8, 0, 2)), 1e-8)
		toy.Near(t, fmt.Sprint("target after ", passes), a.Target, mat.DenseCopyOf(z.Slice(8, 15, 0, 2)), 1e-8)
	}
}
