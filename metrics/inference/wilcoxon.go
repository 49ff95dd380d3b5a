package inference

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/rows"
)

// A WilcoxonTest is the signed-rank test of paired differences.
type WilcoxonTest struct {
	N           int     // differences that are not zero
	Plus, Minus float64 // sums of the mid-ranks of positive and negative differences
	P           float64 // two-sided, by Method
	Method      string  // "exact" up to 50 differences, else "normal"
	// Normal is the two-sided p of the normal law with the variance corrected for ties,
	// without continuity correction; Continuity the one with it.
	Normal, Continuity float64
	Biserial           float64 // (W+ - W-)/(W+ + W-), from -1 to 1
	HodgesLehmann      float64 // median of the means of all pairs of differences
}

const exactRanks = 50

// Wilcoxon tests that the differences of a and b are symmetric about zero. Zero
// differences are dropped and ties get mid-ranks; the exact law is that of the ranks as
// they are tied, all 2^n signs. All differences zero: p = 1. Differences that rounding alone parts are
// equal (Differences); rounded scores make ties that are none. It fails on unequal lengths, no pairs and values that are not finite. Time
// O(n^3) exact, O(n^2) for the Hodges-Lehmann median. F. Wilcoxon (1945).
func Wilcoxon(a, b []float64) (WilcoxonTest, error) {
	d, err := differences("wilcoxon", a, b, 1)
	if err != nil {
		return WilcoxonTest{}, err
	}
	t := WilcoxonTest{P: 1, Normal: 1, Continuity: 1, Method: "exact", HodgesLehmann: walsh(d)}
	d = slices.DeleteFunc(d, func(v float64) bool { return v == 0 })
	if t.N = len(d); t.N == 0 {
		return t, nil
	}
	ranks, ties := signedRanks(d)
	for i, v := range d {
		if v > 0 {
			t.Plus += ranks[i]
		} else {
			t.Minus += ranks[i]
		}
	}
	t.Biserial = (t.Plus - t.Minus) / (t.Plus + t.Minus)
	n := float64(t.N)
	sd := math.Sqrt(n*(n+1)*(2*n+1)/24 - ties/48)
	distance := math.Abs(t.Plus - n*(n+1)/4)
	t.Normal = 2 * distuv.UnitNormal.CDF(-distance/sd)
	t.Continuity = 2 * distuv.UnitNormal.CDF(-math.Max(0, distance-0.5)/sd)
	if t.N <= exactRanks {
		t.P = exactSignedRank(ranks, math.Max(t.Plus, t.Minus))
	} else {
		t.P, t.Method = t.Normal, "normal"
	}
	return t, nil
}

func signedRanks(d []float64) (ranks []float64, ties float64) {
	size := make([]float64, len(d))
	for i, v := range d {
		size[i] = math.Abs(v)
	}
	return MidRanks(size)
}

// MidRanks ranks values from 1, equal ones by the mean of their ranks, and returns the
// sum of t^3 - t over groups of t equal values.
func MidRanks(values []float64) (ranks []float64, ties float64) {
	order := rows.Ascending(values)
	ranks = make([]float64, len(values))
	for lo := 0; lo < len(order); {
		hi := lo + 1
		for hi < len(order) && values[order[hi]] == values[order[lo]] {
			hi++
		}
		for _, i := range order[lo:hi] {
			ranks[i] = float64(lo+1+hi) / 2
		}
		t := float64(hi - lo)
		ties += t*t*t - t
		lo = hi
	}
	return ranks, ties
}

// exactSignedRank is min(1, 2 P(W >= observed)) over all sign vectors: the number of
// them by their doubled sum, which is whole.
func exactSignedRank(ranks []float64, observed float64) float64 {
	total := 0
	for _, r := range ranks {
		total += int(2 * r)
	}
	ways := make([]float64, total+1)
	ways[0] = 1
	for _, r := range ranks {
		step := int(2 * r)
		for s := total; s >= step; s-- {
			ways[s] += ways[s-step]
		}
	}
	var above float64
	for s := int(2 * observed); s <= total; s++ {
		above += ways[s]
	}
	return math.Min(1, 2*above/math.Exp2(float64(len(ranks))))
}

// walsh is the median of (d_i + d_j)/2 over i <= j.
func walsh(d []float64) float64 {
	var means []float64
	for i, v := range d {
		for _, w := range d[:i+1] {
			means = append(means, (v+w)/2)
		}
	}
	slices.Sort(means)
	return Quantile(means, 0.5)
}
