package inference

import (
	"math"

	"github.com/venn-adapt/venn/internal/rows"
)

// rounding is the share of the largest score by which two scores, or two differences of scores, that are equal may come
// apart. Accuracies are counts over rows and their means over seeds: steps of 1e-8 and more, far above it, so that
// nothing that differs is tied.
const rounding = 1e-12

// Settle returns the values, with those that rounding alone parts, by up to 1e-12 of the largest, made the least of
// them: ties that rounding undid are ties again.
func Settle(values []float64) []float64 {
	var largest float64
	for _, v := range values {
		largest = math.Max(largest, math.Abs(v))
	}
	return settle(values, rounding*largest)
}

func settle(values []float64, tolerance float64) []float64 {
	out := make([]float64, len(values))
	first := math.Inf(-1)
	for _, i := range rows.Ascending(values) {
		if values[i]-first > tolerance {
			first = values[i]
		}
		out[i] = first
	}
	return out
}

// Differences are those of paired scores, a less b. Equal sizes tie whatever their sign, and equal scores differ by 0: 8
// rows of 157 are the same difference between 100 and 108 right as between 31 and 23, which it is not between
// the accuracies as they are rounded. It fails on unequal lengths, no pairs and values that are not finite.
func Differences(a, b []float64) ([]float64, error) { return differences("differences", a, b, 1) }

// WinsAndLosses is the sum of differences, how many of them are above zero and how many below.
func WinsAndLosses(differences []float64) (sum float64, wins, losses int) {
	for _, d := range differences {
		sum += d
		switch {
		case d > 0:
			wins++
		case d < 0:
			losses++
		}
	}
	return sum, wins, losses
}

// settled gives sizes of differences within rounding of each other one size, and those within rounding of 0 none.
func settled(d []float64, largest float64) []float64 {
	sizes := make([]float64, len(d)+1) // the last is zero
	for i, v := range d {
		sizes[i] = math.Abs(v)
	}
	sizes = settle(sizes, rounding*largest)
	for i, v := range d {
		d[i] = math.Copysign(sizes[i], v)
	}
	return d
}
