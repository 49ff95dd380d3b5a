package pairwise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// medianRows is the most rows whose distances go into a median; of more, this
// many at most are drawn.
const (
	medianRows  = 2000
	medianDrawn = 1000
)

// Median is the median heuristic: the median of the n(n-1)/2 Euclidean distances
// of the rows, the mean of the two middle ones for an even number. When it is zero
// the median of the positive distances is taken; zero means that all rows are
// equal. For more than 2000 rows it runs over 1000 drawn from the stream (seed,
// median). squared is Squared(x), or nil to have the distances computed.
func Median(x *mat.Dense, squared []float64, seed uint64) float64 {
	n, d := x.Dims()
	switch {
	case n > medianRows:
		rows := stream.Permutation(stream.New(seed, "median"), n)[:medianDrawn]
		drawn := mat.NewDense(medianDrawn, d, nil)
		for i, r := range rows {
			drawn.SetRow(i, x.RawRowView(r))
		}
		n, squared = medianDrawn, Squared(drawn)
	case squared == nil:
		squared = Squared(x)
	}
	list := make([]float64, 0, n*(n-1)/2)
	for i := range n {
		list = append(list, squared[i*n:i*n+i]...)
	}
	slices.Sort(list)
	m := middle(list)
	if m == 0 {
		first, _ := slices.BinarySearch(list, math.SmallestNonzeroFloat64)
		m = middle(list[first:])
	}
	return m
}

// middle is the median of sorted squares' roots; 0 of none.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n == 0 {
		return 0
	}
	return (math.Sqrt(sorted[(n-1)/2]) + math.Sqrt(sorted[n/2])) / 2
}
