package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
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

// A Power is what the one-sample U-statistic of two samples of one size says of a kernel: Ratio,
// the statistic over its deviation under the alternative, orders widths by the power of their test.
type Power struct{ Statistic, Variance, Ratio float64 }

// MMDPower computes it for rows paired by index; choose a width by the ratio on one half of the rows
// and test on the other. Errors as MMD, unequal sizes, more than 5792 rows. Time O(n^2 d),
// memory O(n). D. J. Sutherland et al., "Generative models and model criticism via
// optimized maximum mean discrepancy" (2017).
func MMDPower(x, y *mat.Dense, k Kernel, seed uint64) (Power, error) {
	const name = "mmd2-power"
	if err := metrics.CheckPair(name, x, y, 2, false); err != nil {
		return Power{}, err
	}
	n, _ := x.Dims()
	if m, _ := y.Dims(); m != n {
		return Power{}, fmt.Errorf("metrics: %s: %d and %d rows, want as many", name, n, m)
	}
	if err := k.check(name); err != nil {
		return Power{}, err
	}
	if k.Width == 0 {
		if k.Width = pairwise.Median(stack(x, y), seed); k.Width == 0 {
			return Power{}, fmt.Errorf("metrics: %s: all rows of both samples are equal: no width", name)
		}
	}
	apply := k.at(k.Width)
	sums := make([]float64, n)
	var all, diagonal float64
	for i := range n {
		row := make([]float64, 4*n)
		for j := range n {
			row[j], row[n+j] = between(x.RawRowView(i), x.RawRowView(j)), between(y.RawRowView(i), y.RawRowView(j))
			row[2*n+j], row[3*n+j] = between(x.RawRowView(i), y.RawRowView(j)), between(x.RawRowView(j), y.RawRowView(i))
		}
		apply(row)
		h := func(j int) float64 { return row[j] + row[n+j] - row[2*n+j] - row[3*n+j] }
		for j := range n {
			sums[i] += h(j)
		}
		all += sums[i]
		diagonal += h(i)
	}
	m := float64(n)
	p := Power{Statistic: (all - diagonal) / (m * (m - 1))}
	p.Variance = 4/(m*m*m)*floats.Dot(sums, sums) - 4/(m*m*m*m)*all*all
	if p.Variance <= 0 {
		p.Variance = 1e-8
	}
	p.Ratio = p.Statistic / math.Sqrt(p.Variance)
	return p, nil
}

func init() {
	describe(metrics.Descriptor{Name: "mmd2-linear-time", Doc: "squared maximum mean discrepancy over disjoint pairs, Gaussian kernel of median width, with a normal test of low power", Range: [2]float64{-2, 2},
		Invariant: []string{"translation", "rotation", "scale"}, Cost: "time (m+n) d", Citation: "Gretton et al., A kernel two-sample test, JMLR 2012", MinRows: 4,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return LinearMMD(x, y, Kernel{}, s) }})
}
