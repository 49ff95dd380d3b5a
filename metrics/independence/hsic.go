package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// Widths are those of the Gaussian kernels exp(-|x-x'|^2 / (2 s^2)), in the unit of
// the features; 0 takes the median of the distances of that block.
type Widths struct{ X, Y float64 }

// HSIC estimates the Hilbert-Schmidt independence criterion of the paired rows of x
// (n x p) and y (n x q) with Gaussian kernels K and L: V is tr(KHLH)/n^2, in
// [0, 1], of which about (1 - mean K)(1 - mean L)/n is bias under independence; U is
// the unbiased form of Song et al. and may be negative. In the population it is zero
// exactly under independence. Its size depends on the widths: compare values of
// different codes by DistanceCorrelation, not by HSIC.
//
// The p-value is that of permuting the rows of y. A constant block gives 0, p = 1 and
// Degenerate. Columns are not rescaled. It fails on unequal rows, fewer than 2 (V) or
// 4 (U), more than MaxRows, values that are not finite and negative widths. Time
// O(n^2 (p + q + permutations)), memory 24 n^2 bytes.
//
// A. Gretton et al., "Measuring statistical dependence with Hilbert-Schmidt norms"
// (2005); L. Song et al., "Feature selection via dependence maximization" (2012),
// equation 5.
func HSIC(x, y *mat.Dense, e Estimator, w Widths, s metrics.Settings) (metrics.Result, error) {
	name := map[Estimator]string{V: "hsic", U: "hsic-unbiased"}[e]
	if err := check(name, x, y, e); err != nil {
		return metrics.Result{}, err
	}
	if !(w.X >= 0 && w.Y >= 0) || math.IsInf(w.X+w.Y, 1) {
		return metrics.Result{}, fmt.Errorf("metrics: %s: kernel widths %v and %v, want numbers above 0, or 0 for the median", name, w.X, w.Y)
	}
	n, _ := x.Dims()
	r := newResult(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse(s, "all rows of a block are equal"), nil
	}
	k, l := gaussian(x, w.X, s.Seed), gaussian(y, w.Y, s.Seed)
	if k == nil || l == nil {
		return r.Collapse(s, "all rows of a block are equal"), nil
	}
	var xx, yy float64
	if e == U {
		yy = covariance(centre(l, n, e), l, n, nil, e)
	}
	kc := centre(k, n, e)
	if e == U {
		xx = covariance(kc, k, n, nil, e)
	}
	r.Value = covariance(kc, l, n, nil, e)
	permutations, method := metrics.Permutations(n, s, name)
	r.Test(r.Value, null(kc, l, n, permutations, e), tolerance(r.Value, xx, yy, e), method)
	return finish(r)
}

// gaussian returns exp(-d^2/(2 s^2)) - 1 for all pairs, nil where no width exists.
// The constant does not change either estimator, and without it the kernel keeps its
// digits when the width is far above the distances.
func gaussian(x *mat.Dense, width float64, seed uint64) []float64 {
	n, _ := x.Dims()
	k := pairwise.Squared(x)
	if width == 0 {
		width = pairwise.Median(x, k, seed)
	}
	if width == 0 {
		return nil
	}
	scale := -1 / (2 * width * width)
	parallel.For(n, func(i int) {
		row := k[i*n : (i+1)*n]
		for j := range row {
			row[j] = math.Expm1(scale * row[j])
		}
	})
	return k
}

func init() {
	for _, e := range []Estimator{V, U} {
		d := metrics.Descriptor{
			Kind: metrics.Independence, Unit: "1", Better: metrics.LowerIsBetter,
			Invariant: []string{"row order", "translation", "rotation", "scale"},
			Cost:      "time n^2 (p + q + permutations), memory 24 n^2 bytes",
			MinRows:   e.minRows(),
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return HSIC(x, y, e, Widths{}, s)
			},
		}
		if e == V {
			d.Name, d.Range = "hsic", [2]float64{0, 1}
			d.Doc = "Hilbert-Schmidt independence criterion, biased, Gaussian kernels of median width"
			d.Citation = "Gretton et al., Measuring statistical dependence with Hilbert-Schmidt norms, 2005"
		} else {
			d.Name, d.Range = "hsic-unbiased", [2]float64{-1, 1}
			d.Doc = "Hilbert-Schmidt independence criterion, unbiased, Gaussian kernels of median width"
			d.Citation = "Song et al., Feature selection via dependence maximization, JMLR 2012"
		}
		metrics.Measures.Add(d.Name, d)
	}
}
