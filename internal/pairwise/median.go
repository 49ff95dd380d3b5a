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
	m := middle(list)
	if m == 0 {
		m = middle(slices.DeleteFunc(list, func(v float64) bool { return v == 0 }))
	}
	return m
}

// middle is the median of the squares' roots, which it reorders; 0 of none.
func middle(list []float64) float64 {
	n := len(list)
	if n == 0 {
		return 0
	}
	low := nth(list, (n-1)/2)
	high := low
	if n%2 == 0 { // what follows is at least low: the other middle value is its least
		high = slices.Min(list[n/2:])
	}
	return (math.Sqrt(low) + math.Sqrt(high)) / 2
}

// nth is the k-th least value, from 0; it leaves no larger value before place k and no smaller one after. Quick-select
// with the median of three as pivot: time O(n) on average. C. A. R. Hoare (1961).
func nth(list []float64, k int) float64 {
	lo, hi := 0, len(list)-1
	for lo < hi {
		a, b, c := list[lo], list[(lo+hi)/2], list[hi]
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for list[i] < pivot {
				i++
			}
			for list[j] > pivot {
				j--
			}
			if i <= j {
				list[i], list[j] = list[j], list[i]
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return list[k]
		}
	}
	return list[k]
}
