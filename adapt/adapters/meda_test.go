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
	if _, err := newRidge(mat.NewDense(2, 2, nil), [][]pairwise.Edge{{{Column: 0, Weight: 1}}, {{Column: 1, Weight: 1}}}, 1, 1, 0); err == nil || err.Error() != "the regularised kernel of 2 rows is singular; raise eta" {
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
