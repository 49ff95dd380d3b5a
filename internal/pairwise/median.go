package pairwise

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
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
// median).
func Median(x *mat.Dense, seed uint64) float64 {
	if n, _ := x.Dims(); n > medianRows {
		x = rows.Take(x, stream.Permutation(stream.New(seed, "median"), n)[:medianDrawn])
	}
	list := below(x)
	m := middle(list)
	if m == 0 {
		m = middle(slices.DeleteFunc(list, func(v float64) bool { return v == 0 }))
	}
	return m
}

// below lists the squared distances of each row of x from those before it.
func below(x *mat.Dense) []float64 {
	p := NewPoints(x)
	n := p.Rows()
	list := make([]float64, n*(n-1)/2)
	ForTiles(n, func(b Block) {
		tile := make([]float64, (b.I1-b.I0)*(b.J1-b.J0))
		p.Squared(tile, b.I0, b.I1, b.J0, b.J1)
		for i := b.I0; i < b.I1; i++ {
			row := tile[(i-b.I0)*(b.J1-b.J0):]
			copy(list[i*(i-1)/2+b.J0:], row[:min(b.J1, i)-b.J0])
		}
	}, func(Block) {})
	return list
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
// with the median of three as pivot, in a long list of the k-th of a sample: time O(n) on average, near 1.5 n
// comparisons. C. A. R. Hoare (1961); R. W. Floyd and R. L. Rivest (1975).
func nth(list []float64, k int) float64 {
	selectRange(list, 0, len(list)-1, k)
	return list[k]
}

const sampled = 600 // values from which on a sample chooses the pivot

func selectRange(list []float64, lo, hi, k int) {
	for lo < hi {
		if hi-lo > sampled { // brings the k-th of a sample around place k there
			n, at := float64(hi-lo+1), float64(k-lo+1)
			size := 0.5 * math.Exp(2*math.Log(n)/3)
			spread := 0.5 * math.Sqrt(math.Log(n)*size*(n-size)/n)
			if at < n/2 {
				spread = -spread
			}
			from := int(float64(k) - at*size/n + spread)
			selectRange(list, max(lo, from), min(hi, int(float64(k)+(n-at)*size/n+spread)), k)
		}
		a, b, c := list[lo], list[k], list[hi]
		pivot := b
		if hi-lo <= sampled {
			pivot = max(min(a, b), min(max(a, b), c))
		}
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
			return
		}
	}
}
