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
