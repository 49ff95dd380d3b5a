package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// A LabelPair is the mutual information of two labels from their counts, in nats.
type LabelPair struct {
	Information  float64 // plug-in: biased upward by about (Kx-1)(Ky-1)/(2n)
	MillerMadow  float64 // corrected by the occupied cells; may be negative
	EntropyX     float64
	EntropyY     float64
	Normalised   float64 // over the arithmetic mean of the entropies; 0 of two constants
	Adjusted     float64 // corrected for chance by the hypergeometric law
	P            float64 // of the G test; NaN where an expected count is below 5
	LevelsX      int
	LevelsY      int
	SmallestCell float64 // the smallest expected count
}

// DiscreteInformation computes them from paired labels. It fails on unequal lengths and no
// rows. Time O(n + Kx Ky n) for the adjustment. N. X. Vinh, J. Epps and J. Bailey (2010) for
// the adjustment.
func DiscreteInformation(a, b []int) (LabelPair, error) {
	if len(a) != len(b) || len(a) == 0 {
		return LabelPair{}, fmt.Errorf("metrics: discrete information: %d and %d labels, want as many and at least one", len(a), len(b))
	}
	counts, ca, cb := contingency(a, b)
	n := float64(len(a))
	p := LabelPair{EntropyX: entropy(ca, n), EntropyY: entropy(cb, n), LevelsX: len(ca), LevelsY: len(cb), P: math.NaN(), SmallestCell: math.Inf(1)}
	occupied := 0
	for i, row := range counts {
		for j, c := range row {
			p.SmallestCell = math.Min(p.SmallestCell, ca[i]*cb[j]/n)
			if c > 0 {
				occupied++
				p.Information += c / n * math.Log(c*n/(ca[i]*cb[j]))
			}
		}
	}
	p.MillerMadow = p.Information + float64(len(ca)+len(cb)-occupied-1)/(2*n)
	mean := (p.EntropyX + p.EntropyY) / 2
	if mean > 0 {
		p.Normalised = p.Information / mean
	}
	if expected := expectedInformation(ca, cb, n); mean-expected != 0 {
		p.Adjusted = (p.Information - expected) / (mean - expected)
	}
	if df := (len(ca) - 1) * (len(cb) - 1); df > 0 && p.SmallestCell >= 5 {
		p.P = distuv.ChiSquared{K: float64(df)}.Survival(2 * n * p.Information)
	}
	return p, nil
}

// contingency counts pairs of levels, and each, levels ascending.
func contingency(a, b []int) (counts [][]float64, ca, cb []float64) {
	la, lb := levels(a), levels(b)
	counts = make([][]float64, len(la))
	for i := range counts {
		counts[i] = make([]float64, len(lb))
	}
	ca, cb = make([]float64, len(la)), make([]float64, len(lb))
	for i := range a {
		x, _ := slices.BinarySearch(la, a[i])
		y, _ := slices.BinarySearch(lb, b[i])
		counts[x][y]++
		ca[x]++
		cb[y]++
	}
	return counts, ca, cb
}

func levels(a []int) []int {
	out := slices.Clone(a)
	slices.Sort(out)
	return slices.Compact(out)
}

func entropy(counts []float64, n float64) float64 {
	var h float64
	for _, c := range counts {
		if c > 0 {
			h -= c / n * math.Log(c/n)
		}
	}
	return h
}

// expectedInformation is the mean information of random pairings with these counts.
func expectedInformation(ca, cb []float64, n float64) float64 {
	lg := func(v float64) float64 { l, _ := math.Lgamma(v + 1); return l }
	var sum float64
	for _, a := range ca {
		for _, b := range cb {
			for c := math.Max(1, a+b-n); c <= math.Min(a, b); c++ {
				weight := lg(a) + lg(b) + lg(n-a) + lg(n-b) - lg(n) - lg(c) - lg(a-c) - lg(b-c) - lg(n-a-b+c)
				sum += c / n * math.Log(n*c/(a*b)) * math.Exp(weight)
			}
		}
	}
	return sum
}
