package inference

import (
	"slices"

	"gonum.org/v1/gonum/stat"
)

// Spearman is the rank correlation of two lists of the same length, in [-1, 1]: Pearson's
// correlation of their ranks, ties at their mean rank; values that differ by rounding alone
// tie. There is none of fewer than three values or of a list of equal ones: ok is false.
//
// C. Spearman, "The proof and measurement of association between two things", American
// Journal of Psychology 15 (1904).
func Spearman(x, y []float64) (rho float64, ok bool) {
	x, y = Settle(x), Settle(y)
	if len(x) < 3 || slices.Min(x) == slices.Max(x) || slices.Min(y) == slices.Max(y) {
		return 0, false
	}
	a, _ := MidRanks(x)
	b, _ := MidRanks(y)
	return stat.Correlation(a, b, nil), true
}

// WeightedSpearman is Spearman's correlation of dense ranks (equal values share one, the next
// is one more) over the largest, in (0, 1], in which a pair counts by the square of the larger
// of its two ranks: it asks above all how the best by either list stand. Range, ties and ok
// are those of Spearman.
//
// K. Musgrave, S. Belongie, S.-N. Lim, "Three new validators and a large-scale benchmark
// ranking for unsupervised domain adaptation", arXiv 2208.07360 (2022).
func WeightedSpearman(x, y []float64) (rho float64, ok bool) {
	x, y = Settle(x), Settle(y)
	if len(x) < 3 || slices.Min(x) == slices.Max(x) || slices.Min(y) == slices.Max(y) {
		return 0, false
	}
	a, b, weights := denseRanks(x), denseRanks(y), make([]float64, len(x))
	for i := range weights {
		larger := max(a[i], b[i])
		weights[i] = larger * larger
	}
	return stat.Correlation(a, b, weights), true
}

// denseRanks are the places of values among the different ones, over their number.
func denseRanks(x []float64) []float64 {
	different := slices.Compact(slices.Sorted(slices.Values(x)))
	out := make([]float64, len(x))
	for i, v := range x {
		place, _ := slices.BinarySearch(different, v)
		out[i] = float64(place+1) / float64(len(different))
	}
	return out
}
