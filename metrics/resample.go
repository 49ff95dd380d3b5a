package metrics

import (
	"fmt"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"

	"github.com/venn-adapt/venn/internal/parallel"
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

// permutations returns the permutations lo to hi of n rows on which a test of the named
// measure runs: permutation b is drawn from the stream (seed, permutation, measure, b).
func permutations(n, lo, hi int, s Settings, measure string) [][]int {
	out := make([][]int, hi-lo)
	parallel.For(len(out), func(b int) {
		out[b] = stream.Permutation(stream.New(s.Seed, "permutation", measure, lo+b), n)
	})
	return out
}

// Start begins the result of a measure of n rows and warns of few.
func Start(name string, n int, s Settings) Result {
	r := Result{Name: name, N: n, Seed: s.Seed}
	if n < FewRows {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows, fewer than %d", n, FewRows))
	}
	return r
}

// Finish fails on a number that is not finite, and names it: features near 1e150 and beyond, for some measures
// earlier, have powers that overflow.
func (r Result) Finish() (Result, error) {
	finite := func(what string, values ...float64) error {
		for _, v := range values {
			if math.IsNaN(v) || math.IsInf(v, 0) {
				return fmt.Errorf("metrics: %s: %s is %v, want a finite number: the features are too large, scale them", r.Name, what, v)
			}
		}
		return nil
	}
	faults := []error{finite("the value", r.Value)}
	if r.P != nil {
		faults = append(faults, finite("the p-value", *r.P))
	}
	for _, p := range r.Parts {
		faults = append(faults, finite("the part "+strconv.Quote(p.Name), p.Value))
	}
	faults = append(faults, finite("an end of the interval", r.Interval...), finite("the statistic of a permutation", r.Null...))
	for _, err := range faults {
		if err != nil {
			return Result{}, err
		}
	}
	return r, nil
}

// Approximate records a p-value that was not made by permutation, and the method by name.
func (r *Result) Approximate(p float64, method string) { r.P, r.Method = &p, method }

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

// The methods of a permutation test.
const (
	methodPermutation = "permutation"
	methodExact       = "exact permutation"
	methodSequential  = "sequential permutation"
)

const (
	lotEntries  = 1 << 22 // of the permutations handed out at a time: 32 MiB
	fewestLot   = 256     // permutations at a time, of however many rows
	largestLot  = 1024
	look        = 64 // the same of a sequential test, which looks after each lot
	exceedances = 20 // at which a sequential test ends
)

// lot is how many permutations of n rows are handed out at a time.
func lot(n int, s Settings) int {
	if s.Sequential && n > enumerated {
		return look
	}
	return max(fewestLot, min(largestLot, lotEntries/n))
}

// Lots is the most calls that a test over n rows makes for its null.
func Lots(n int, s Settings) int {
	count := s.Permutations
	if count > 0 && n <= enumerated {
		count = combin.NumPermutations(n, n)
	}
	size := lot(n, s)
	return (count + size - 1) / size
}

// Test makes the permutation test of a result over n rows and fills in its p-value,
// method, resamples and null. null computes the statistic under each permutation of a lot;
// the null is on the scale of statistic, which need not be that of Value, and a
// permutation counts when it reaches statistic - tolerance. With n at most 8 all n!
// permutations are visited (the identity among them, so nothing is added to the count); otherwise
// as many are drawn as the settings ask for, none where they ask for none.
func (r *Result) Test(statistic float64, n int, s Settings, tolerance float64, null func(permutations [][]int) []float64) {
	r.TestAlong(n, s, null, func() float64 { return statistic - tolerance })
}

// TestAlong is Test for a statistic that is computed along with the first lot of its null: threshold, from which on a
// permutation counts, is asked for after the first call of null.
func (r *Result) TestAlong(n int, s Settings, null func(permutations [][]int) []float64, threshold func() float64) {
	size := lot(n, s)
	switch {
	case s.Permutations <= 0:
		return
	case n <= enumerated:
		r.Method = methodExact
		for some := range slices.Chunk(combin.Permutations(n, n), size) {
			r.Null = append(r.Null, null(some)...)
		}
	default:
		r.Method = methodPermutation
		if s.Sequential {
			r.Method = methodSequential
		}
		for lo := 0; lo < s.Permutations; lo += size {
			r.Null = append(r.Null, null(permutations(n, lo, min(lo+size, s.Permutations), s, r.Name))...)
			if s.Sequential && r.stopped(threshold(), lo) {
				return
			}
		}
	}
	p := PValue(threshold(), r.Null, 0, r.Method == methodExact)
	r.P, r.Resamples = &p, len(r.Null)
}

// stopped ends a sequential test where the null reaches the threshold for the 20th time,
// looking at the permutations from lo on that are new.
func (r *Result) stopped(threshold float64, lo int) bool {
	count := 0
	for b, t := range r.Null {
		if t >= threshold {
			count++
		}
		if count == exceedances && b >= lo {
			p := float64(exceedances) / float64(b+1)
			r.P, r.Resamples, r.Null = &p, b+1, r.Null[:b+1]
			return true
		}
	}
	return false
}

// Collapse marks a result of a collapsed input: value 0 and, where a test was asked
// for, p = 1.
func (r Result) Collapse(why string, tested bool) Result {
	r.Value, r.Degenerate, r.Null, r.Interval = 0, true, nil, nil
	r.Warnings = append(r.Warnings, "collapsed: "+why)
	if tested {
		one := 1.0
		r.P, r.Method, r.Resamples = &one, "degenerate", 0
	}
	return r
}

// Constant says whether all rows of x are equal up to rounding: in every column the variance is at most 1e-24 of the
// mean square. A column is scaled by its largest value first, so that units, however small or large, say nothing.
func Constant(x *mat.Dense) bool {
	_, d := x.Dims()
	for j := range d {
		if !constantColumn(mat.Col(nil, j, x)) {
			return false
		}
	}
	return true
}

// constantShare is the share of a column's mean square below which its variance is rounding.
const constantShare = 1e-24

func constantColumn(v []float64) bool {
	largest := math.Max(slices.Max(v), -slices.Min(v))
	if largest == 0 {
		return true
	}
	var mean, variance float64
	for _, u := range v {
		mean += u / largest / float64(len(v))
	}
	for _, u := range v {
		variance += (u/largest - mean) * (u/largest - mean) / float64(len(v))
	}
	return variance <= constantShare*(variance+mean*mean)
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
