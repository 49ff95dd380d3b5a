// Package rows picks and orders the rows of matrices.
package rows

import (
	"cmp"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// Take copies the given rows of x, in their order.
func Take(x *mat.Dense, indices []int) *mat.Dense {
	_, d := x.Dims()
	out := mat.NewDense(len(indices), d, nil)
	for i, from := range indices {
		out.SetRow(i, x.RawRowView(from))
	}
	return out
}

// Along are the coordinates of the rows of x along a direction.
func Along(x *mat.Dense, direction []float64) []float64 {
	n, _ := x.Dims()
	out := make([]float64, n)
	for i := range out {
		out[i] = floats.Dot(x.RawRowView(i), direction)
	}
	return out
}

// All are 0 to n-1.
func All(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// Ascending orders the places of values from the least to the greatest, equal ones as they come.
func Ascending(values []float64) []int {
	type entry struct {
		value float64
		place int
	}
	list := make([]entry, len(values))
	for i, v := range values {
		list[i] = entry{v, i}
	}
	slices.SortFunc(list, func(a, b entry) int {
		if c := cmp.Compare(a.value, b.value); c != 0 {
			return c
		}
		return a.place - b.place
	})
	order := make([]int, len(values))
	for i, e := range list {
		order[i] = e.place
	}
	return order
}
