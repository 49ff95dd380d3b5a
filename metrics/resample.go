package metrics

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"

	"github.com/venn-adapt/venn/internal/stream"
)

const (
	// FewRows is the number of rows below which a result carries a warning.
	FewRows = 100
	// TieTolerance is the share of a statistic's scale by which rounding may part
	// a permutation that leaves the statistic unchanged from the observed value.
	TieTolerance = 1e-12
	// enumerated is the most rows whose permutations are all visited.
	enumerated = 8
)

// Permutations returns the permutations of n rows on which a test of the named
// measure runs. For n at most 8 and a positive count these are all n!, the
// identity among them, and the method is "exact permutation"; otherwise
// permutation b is drawn from the stream (seed, permutation, measure, b) and the
// method is "permutation".
func Permutations(n int, s Settings, measure string) (permutations [][]int, method string) {
	if s.Permutations <= 0 {
		return nil, ""
	}
	if n <= enumerated {
		return combin.Permutations(n, n), "exact permutation"
	}
	permutations = make([][]int, s.Permutations)
	for b := range permutations {
		permutations[b] = stream.Permutation(stream.New(s.Seed, "permutation", measure, b), n)
	}
	return permutations, "permutation"
}

// PValue is the share of the null at least as large as the observed statistic:
// (1 + #{null >= observed - tolerance}) / (1 + len(null)) for drawn permutations,
// without the ones where the null is exact and so holds the observed value.
// Phipson and Smyth, "Permutation p-values should never be zero" (2010).
func PValue(observed float64, null []float64, tolerance float64, exact bool) float64 {
	count := 0
	for _, t := range null {
		if t >= observed-tolerance {
			count++
		}
	}
	if exact {
		return float64(count) / float64(len(null))
	}
	return float64(1+count) / float64(1+len(null))
}

// Test fills in the permutation test of a result: p-value, method, resamples and
// null. The null is on the scale of statistic, which need not be that of Value.
func (r *Result) Test(statistic float64, null []float64, tolerance float64, method string) {
	if method == "" {
		return
	}
	p := PValue(statistic, null, tolerance, method == "exact permutation")
	r.P, r.Method, r.Resamples, r.Null = &p, method, len(null), null
}

// Collapse marks a result of a collapsed input: value 0 and, where a test was
// asked for, p = 1.
func (r Result) Collapse(s Settings, why string) Result {
	r.Value, r.Degenerate, r.Null = 0, true, nil
	r.Warnings = append(r.Warnings, "collapsed: "+why)
	if s.Permutations > 0 {
		one := 1.0
		r.P, r.Method, r.Resamples = &one, "degenerate", 0
	}
	return r
}

// Constant says whether all rows of x are equal up to rounding: the column
// variances add up to at most 1e-24 (1 + the sum of squared column means).
func Constant(x *mat.Dense) bool {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			mean[j] += v / float64(n)
		}
	}
	var variance, square float64
	for _, m := range mean {
		square += m * m
	}
	for i := range n {
		for j, v := range x.RawRowView(i) {
			variance += (v - mean[j]) * (v - mean[j]) / float64(n)
		}
	}
	return variance <= 1e-24*(1+square) && !math.IsInf(variance, 1)
}

// CheckPair fails unless x and y are finite, hold at least minRows rows each and,
// when paired, equally many, or, when not, equally many columns.
func CheckPair(name string, x, y *mat.Dense, minRows int, paired bool) error {
	n, d := x.Dims()
	m, e := y.Dims()
	switch {
	case paired && n != m:
		return fmt.Errorf("metrics: %s: %d rows in x, %d in y, want pairs", name, n, m)
	case !paired && d != e:
		return fmt.Errorf("metrics: %s: %d columns in x, %d in y, want as many", name, d, e)
	case min(n, m) < minRows:
		return fmt.Errorf("metrics: %s: %d rows, want at least %d", name, min(n, m), minRows)
	}
	if err := CheckFinite(name+": x", x); err != nil {
		return err
	}
	return CheckFinite(name+": y", y)
}
