// Package rows picks and orders the rows of matrices.
package rows

import (
	"cmp"
	"slices"

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
	order := All(len(values))
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(values[a], values[b]) })
	return order
}
