package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/toy"
)

// leastSquaresSlow solves (H + lambda I) theta = h by elimination.
func leastSquaresSlow(source, target, centres *mat.Dense, gamma, alpha, lambda float64) []float64 {
	k, _ := centres.Dims()
	n, _ := source.Dims()
	m, _ := target.Dims()
	bumps := func(x *mat.Dense, i int) []float64 {
		out := make([]float64, k)
		for l := range k {
			out[l] = math.Exp(-gamma * squaredDistance(x.RawRowView(i), centres.RawRowView(l)))
		}
		return out
	}
	h, right := mat.NewDense(k, k, nil), mat.NewVecDense(k, nil)
	add := func(x *mat.Dense, rows int, share float64) {
		for i := range rows {
			b := bumps(x, i)
			for p := range k {
				for q := range k {
					h.Set(p, q, h.At(p, q)+share/float64(rows)*b[p]*b[q])
				}
			}
		}
	}
	add(source, n, 1-alpha)
	add(target, m, alpha)
	for l := range k {
		h.Set(l, l, h.At(l, l)+lambda)
	}
	for j := range m {
		for l, b := range bumps(target, j) {
			right.SetVec(l, right.AtVec(l)+b/float64(m))
		}
	}
	var theta mat.VecDense
	if err := theta.SolveVec(h, right); err != nil {
		panic(err)
	}
	return theta.RawVector().Data
}

// uLSIF and RuLSIF choose width and ridge by the criterion on held-out rows, worked out here
// row by row.
func TestLeastSquaresRatio(t *testing.T) {
	task := shifted(6, 23, 11, 2)
	median := pairwise.Median(task.Stacked(), task.Seed)
	cut := func(w []float64) []float64 {
		for i := range w {
			w[i] = math.Max(0, w[i])
		}
		return w
	}
	negative := false
	for _, alpha := range []float64{0, 0.3} {
		best, gamma, lambda := math.Inf(1), 0.0, 0.0
		for _, w := range []float64{0.25, 0.5, 1, 2, 4} {
			g := 1 / (2 * median * median * w * w)
			for _, l := range []float64{1e-3, 1e-2, 1e-1, 1, 10} {
				onSource, onTarget := heldFolds(6, 23, "ratio/folds", "source"), heldFolds(6, 11, "ratio/folds", "target")
				var score float64
				for f := range 5 {
					theta := leastSquaresSlow(rows.Take(task.Source.X, others(23, onSource[f])), rows.Take(task.Target, others(11, onTarget[f])), task.Target, g, alpha, l)
					ws := sumOfBumps(rows.Take(task.Source.X, onSource[f]), task.Target, g, theta)
					wt := sumOfBumps(rows.Take(task.Target, onTarget[f]), task.Target, g, theta)
					negative = negative || slices.Min(ws) < 0 || slices.Min(wt) < 0
					for _, v := range cut(ws) {
						score += (1 - alpha) / 2 * v * v / float64(len(ws)) / 5
					}
					for _, v := range cut(wt) {
						score += (alpha/2*v*v - v) / float64(len(wt)) / 5
					}
				}
				fast, err := ratioFolds(pairwise.Gaussian(task.Source.X, task.Target, g), pairwise.Gaussian(task.Target, task.Target, g), alpha, l, 6)
				if err != nil || !(math.Abs(fast-score) <= 1e-9) {
					t.Errorf("alpha %v, width %v, lambda %v: %v, want %v (%v)", alpha, w, l, fast, score, err)
				}
				if score < best {
					best, gamma, lambda = score, g, l
				}
			}
		}
		want := cut(sumOfBumps(task.Source.X, task.Target, gamma, leastSquaresSlow(task.Source.X, task.Target, task.Target, gamma, alpha, lambda)))
		toy.Close(t, fmt.Sprintf("alpha %v", alpha), mustAdapt(t, "ulsif", task, option.Values{"alpha": alpha}).Source.Weights, want, 1e-7)
		some := cut(sumOfBumps(task.Source.X, task.Target, 0.7, leastSquaresSlow(task.Source.X, task.Target, task.Target, 0.7, alpha, 1e-3)))
		toy.Close(t, "given", mustAdapt(t, "ulsif", task, option.Values{"alpha": alpha, "gamma": 0.7, "lambda": 1e-3}).Source.Weights, some, 1e-7)
	}
	if !negative {
		t.Fatal("no weight was cut: the task proves nothing")
	}
	// Fewer rows than folds: every score is 0, the first width and ridge are taken.
	few := shifted(6, 23, 4, 2)
	median = pairwise.Median(few.Stacked(), few.Seed)
	g := 1 / (2 * median * median * 0.0625)
	want := cut(sumOfBumps(few.Source.X, few.Target, g, leastSquaresSlow(few.Source.X, few.Target, few.Target, g, 0, 1e-3)))
	toy.Close(t, "few rows", mustAdapt(t, "ulsif", few, nil).Source.Weights, want, 1e-7)
	five := pairwise.Gaussian(toy.Column(0, 1, 2, 3, 4), toy.Column(1, 2), 1)
	if v, err := ratioFolds(five, five, 0, 1, 0); err != nil || v == 0 {
		t.Errorf("five rows have five folds: %v, %v", v, err)
	}
	three := pairwise.Gaussian(toy.Column(0, 1, 2), toy.Column(1, 2), 1)
	for _, pair := range [][2]*mat.Dense{{three, five}, {five, three}, {three, three}} {
		if v, err := ratioFolds(pair[0], pair[1], 0, 1, 0); err != nil || v != 0 {
			t.Errorf("fewer rows than folds: %v, %v", v, err)
		}
	}
	// Two equal centres make a singular matrix without a ridge.
	if _, err := ratioFit(mat.NewDense(2, 2, []float64{1, 1, 1, 1}), mat.NewDense(1, 2, []float64{1, 1}), 0, 0); err == nil || err.Error() != "the least-squares matrix of 2 centres is not positive definite; raise lambda" {
		t.Errorf("singular: %v", err)
	}
}
