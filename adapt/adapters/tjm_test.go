package adapters

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/toy"
)

// TJM's passes: weights 1/(2|W_i| + floor) of source rows, 1 of target rows.
func TestJointMatchingPassByPass(t *testing.T) {
	if n, _ := mustAdapt(t, "tjm", shifted(12, 5, 9, 3), option.Values{"dim": 2}).Target.Dims(); n != 9 { // more target rows than source rows
		t.Errorf("%d target rows, want 9", n)
	}
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
