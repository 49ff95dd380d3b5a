// Package sample carries one fault of each kind.
package sample

import (
	"errors"
	"math"
)

const most = 3

type pair struct{ source, target int }

// Gap is how far a pair is apart, and whether more than most.
func Gap(p pair) (gap int, far bool) {
	gap = p.target - p.source
	return gap, gap > most
}

// Mean of values; it fails without any.
func Mean(values []float64) (float64, error) {
	if len(values) == 0 {
		return 0, errors.New("no values")
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values)), nil
}

// Untested is reached by no test.
func Untested(side int, a, b float64, ok bool) float64 {
	if ok && a < b {
		return math.Max(a, -b)
	}
	return float64(1 - side)
}
