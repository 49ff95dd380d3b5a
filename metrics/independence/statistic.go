package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// MaxRows is the most rows of a measure that keeps two n x n matrices, together at
// most 512 MiB: those of permutation tests and of eigenvalues.
const MaxRows = 5792

// A Statistic is a measure of the family: the mean over pairs of rows of the product of
// two centred matrices, one of each block.
type Statistic struct {
	Name      string
	X, Y      Kernel
	Widths    Widths  // of kernels that have one
	Exponent  float64 // of Distance, in (0, 2); 0: 1
	Estimator Estimator
	// Normalised divides by the root of the blocks' own statistics, as a correlation.
	Normalised bool
	// Root takes the square root of a normalised V-statistic.
	Root bool
	Test Test
}

// Measure computes the statistic of the paired rows of x (n x p) and y (n x q) and, if the
// settings ask for permutations or Test is an approximation, its p-value.
//
// A constant block, or for a normalised statistic one whose own statistic is not positive,
// gives 0, p = 1 and Degenerate. It fails on unequal rows, fewer than 2 (V) or 4 (U) or
// what the test needs, values that are not finite, negative widths, and, where a matrix must
// be kept, more than MaxRows rows: the method asked for is the method run. Time O(n^2 (p + q +
// permutations)); memory O(n (p + q)), with permutations 20 n^2 bytes. A distance correlation of
// two single columns takes O(n log n) a permutation and O(n) memory, for any number of rows.
func (f Statistic) Measure(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	if f.sortable(x, y) {
		return f.measureScalars(x, y, s)
	}
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(f.Name, n, s)
	if f.Test != Permutation {
		s.Permutations = 0
	}
	a, b, why := f.grams(x, y, s)
	if why != "" {
		return r.Collapse(why, f.tested(s)), nil
	}
	permuted := s.Permutations > 0
	if permuted {
		a.keep()
		b.keep()
	}
	m := newMoments(a, b)
	ownX, ownY := m.own(f.Estimator)
	if f.Normalised && !(ownX > 0 && ownY > 0) && !math.IsNaN(m.xy) {
		return r.Collapse("the own statistic of a block is not positive", f.tested(s)), nil
	}
	r.Value = f.scale(m.covariance(f.Estimator), ownX, ownY)
	if _, err := r.Finish(); err != nil {
		return r, err
	}
	if f.Test != Permutation {
		p, err := f.Test.pValue(f.Name, a, b, m, r.Value)
		if err != nil {
			return metrics.Result{}, err
		}
		r.Approximate(p, f.Test.String())
		_, widthX := x.Dims()
		_, widthY := y.Dims()
		if text := f.Test.warning(widthX, widthY); text != "" {
			r.Warnings = append(r.Warnings, text)
		}
	}
	if permuted {
		under := newPermuter(a, b, f.Estimator)
		observed := under.observed()
		r.Test(observed, n, s, tolerance(observed, ownX, ownY, f.Estimator), under.statistics)
		for i, c := range r.Null {
			r.Null[i] = f.scale(c, ownX, ownY)
		}
	}
	return r, nil
}

func (f Statistic) tested(s metrics.Settings) bool {
	return s.Permutations > 0 || f.Test != Permutation
}

// grams are the matrices of both blocks, or why there are none.
func (f Statistic) grams(x, y *mat.Dense, s metrics.Settings) (a, b *gram, why string) {
	const equal = "all rows of a block are equal"
	if metrics.Constant(x) || metrics.Constant(y) {
		return nil, nil, equal
	}
	a, b = newGram(x, f.X, f.Widths.X, f.Exponent, s.Seed), newGram(y, f.Y, f.Widths.Y, f.Exponent, s.Seed)
	if a == nil || b == nil {
		return nil, nil, equal
	}
	return a, b, ""
}

// scale turns the covariance into the value.
func (f Statistic) scale(covariance, ownX, ownY float64) float64 {
	if !f.Normalised {
		return covariance
	}
	ratio := covariance / math.Sqrt(ownX) / math.Sqrt(ownY)
	if f.Root {
		return math.Sqrt(math.Max(ratio, 0)) // V is zero at least, but for rounding
	}
	return ratio
}

func (f Statistic) check(x, y *mat.Dense, s metrics.Settings) error {
	if f.Estimator != U && f.Estimator != V {
		return fmt.Errorf("metrics: %s: unknown estimator %d", f.Name, f.Estimator)
	}
	if err := f.Widths.check(f.Name); err != nil {
		return err
	}
	if f.Exponent < 0 || f.Exponent > 2 || math.IsNaN(f.Exponent) {
		return fmt.Errorf("metrics: %s: exponent %v, want a number above 0 and up to 2", f.Name, f.Exponent)
	}
	if n, _ := x.Dims(); n > MaxRows && f.Test == Permutation && s.Permutations > 0 {
		return tooMany(f.Name, n, "draw a subsample, ask for no permutations, or take a measure whose test is an approximation")
	}
	return metrics.CheckPair(f.Name, x, y, f.minRows(), true)
}

// tooMany says that matrices of n rows would pass the bound.
func tooMany(name string, n int, advice string) error {
	return fmt.Errorf("metrics: %s: %d rows need %d MiB of matrices; at most %d rows: %s", name, n, 16*n*n>>20, MaxRows, advice)
}

func (f Statistic) minRows() int { return max(f.Estimator.minRows(), f.Test.minRows()) }

// describe registers the statistic under what all of the family share.
func (f Statistic) describe(doc, citation string, low, high float64) {
	cost := "time n^2 (p + q + permutations), memory 20 n^2 bytes with permutations, else n (p + q)"
	if f.Test != Permutation {
		cost = "time n^2 (p + q), memory n (p + q); p by " + f.Test.String()
	}
	if f.Test == Spectral {
		cost = "time n^3, memory 20 n^2 bytes; p by " + f.Test.String()
	}
	invariant := []string{"row order", "translation", "rotation"}
	if f.Normalised || f.X.wantsWidth() {
		invariant = append(invariant, "scale") // a median width scales with the block
	}
	metrics.Measures.Add(f.Name, metrics.Descriptor{
		Name: f.Name, Kind: metrics.Independence, Doc: doc, Unit: unitOf(f), Range: [2]float64{low, high}, Better: metrics.LowerIsBetter,
		Invariant: invariant, Cost: cost, Citation: citation, MinRows: f.minRows(), Labels: f.Y == Delta, Compute: f.Measure,
	})
}

func unitOf(f Statistic) string {
	if !f.Normalised && f.X == Linear {
		return "features^4" // squares of both blocks
	}
	return "1"
}
