package metrics

import (
	"math"
	"slices"
)

const (
	latticeSteps    = 1 << 12 // the most steps from the least to the largest value
	latticeSlack    = 1e-5    // of a step by which a value may lie off: 0.1 to 1.5 in float32 stay within
	latticeRounding = 1e-9    // share of the range below which two values are one
)

// Lattice gives the places, from 0, of values that stand at equal steps, as whole numbers and counts do in any unit:
// v = least + step * place, to a hundred-thousandth of a step. ok is false for other values, for more than 4096 steps,
// and for one value alone.
//
// Differences of places are exact: what ties among counts, ties among their places, which the rounding of a change of
// scale undoes in the values themselves. Time O(n log n).
func Lattice(values []float64) (places []int, ok bool) {
	distinct := slices.Compact(slices.Sorted(slices.Values(values)))
	least := distinct[0]
	span := distinct[len(distinct)-1] - least
	if !(span > 0) || math.IsInf(span, 1) {
		return nil, false
	}
	step := 0.0
	for i, v := range distinct[1:] {
		if gap := v - distinct[i]; gap > latticeRounding*span {
			step = commonStep(step, gap, span/latticeSteps/2)
		}
	}
	top := math.Round(span / step)
	if top > latticeSteps {
		return nil, false
	}
	step = span / top // of all gaps together, better than of one
	places = make([]int, len(values))
	for i, v := range values {
		at := math.Round((v - least) / step)
		if math.Abs(v-least-at*step) > latticeSlack*step {
			return nil, false
		}
		places[i] = int(at)
	}
	return places, true
}

// commonStep is Euclid's algorithm for lengths that are whole multiples of a step up to rounding; rests below least are
// none.
func commonStep(a, b, least float64) float64 {
	for b > least {
		a, b = b, math.Abs(a-b*math.Round(a/b))
	}
	return a
}
