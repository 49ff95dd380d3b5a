package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// LinearMMD is the squared maximum mean discrepancy over disjoint pairs of rows of both samples, with
// a normal one-sided p-value. Which rows pair is drawn from the streams (seed, mmd2-linear-time, x) and
// (..., y): the order of rows in a file, often sorted by class, says nothing. Rows beyond the shorter
// sample and an odd one, the last drawn, are left out, with a warning. Of low power: for very many rows. Pairs
// that do not spread are Degenerate. Errors as MMD, and fewer than 4 rows. Time O(n d).
//
// A. Gretton et al., "A kernel two-sample test", JMLR 13 (2012), section 6.
func LinearMMD(x, y *mat.Dense, k Kernel, s metrics.Settings) (metrics.Result, error) {
	m, _ := x.Dims()
	n, _ := y.Dims()
	ofX, ofY := stream.Permutation(stream.New(s.Seed, linearName, "x"), m), stream.Permutation(stream.New(s.Seed, linearName, "y"), n)
	return linearMMD(x, y, ofX, ofY, k, s)
}

const linearName = "mmd2-linear-time"

// linearMMD takes consecutive pairs of the rows in the order given.
func linearMMD(x, y *mat.Dense, ofX, ofY []int, k Kernel, s metrics.Settings) (metrics.Result, error) {
	const name = linearName
	if err := k.check(name); err != nil {
		return metrics.Result{}, err
	}
	s.Permutations = 1 // the test by the normal law is always made, so that a collapsed sample has its p
	r, done, err := begin(name, x, y, 4, s)
	if done || err != nil {
		return r, err
	}
	if k.Width == 0 {
		k.Width = pairwise.Median(stack(x, y), s.Seed)
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	pairs := min(m, n) / 2
	if 2*pairs < max(m, n) {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows of the larger sample left out", max(m, n)-2*pairs))
	}
	values, apply := make([]float64, pairs), k.at(k.Width)
	for i := range values {
		a, b := [2][]float64{x.RawRowView(ofX[2*i]), x.RawRowView(ofX[2*i+1])}, [2][]float64{y.RawRowView(ofY[2*i]), y.RawRowView(ofY[2*i+1])}
		h := []float64{between(a[0], a[1]), between(b[0], b[1]), between(a[0], b[1]), between(a[1], b[0])}
		apply(h)
		values[i] = h[0] + h[1] - h[2] - h[3]
	}
	mean, deviation := stat.MeanStdDev(values, nil)
	if deviation == 0 {
		return r.Collapse("all pairs have one value", true), nil
	}
	z := math.Sqrt(float64(pairs)) * mean / deviation
	r.Value, r.Parts = mean, []metrics.Part{{Name: "deviation of pairs", Value: deviation}, {Name: "z", Value: z}}
	r.Approximate(distuv.UnitNormal.CDF(-z), "normal law of pair means")
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "mmd2-linear-time", Doc: "squared maximum mean discrepancy over disjoint pairs, Gaussian kernel of median width, with a normal test of low power", Range: [2]float64{-2, 2},
		Invariant: []string{"translation", "rotation", "scale"}, Cost: "time (m+n) d", Citation: "Gretton et al., A kernel two-sample test, JMLR 2012", MinRows: 4,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return LinearMMD(x, y, Kernel{}, s) }})
}
