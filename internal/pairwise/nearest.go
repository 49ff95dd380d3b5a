package pairwise

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

// A Neighbour is a row of the searched matrix and its squared distance.
type Neighbour struct {
	Row     int
	Squared float64
}

// Blocks of a search in wide matrices: one product of centred queries with centred
// rows at a time.
const (
	queryBlock = 512
	rowBlock   = 2048
)

// Nearest returns for each row of queries the k nearest rows of x, nearest first.
// Both have d columns; k is at most the rows of x.
//
// Ties are exact: of equal squared distances the lower row comes first, and equal
// rows of x have equal distances to the last bit. Up to 16 columns distances are
// sums of squared differences; wider ones are |q|^2 + |x|^2 - 2 q.x of rows centred
// on the mean of x, except where that loses more than ten digits (a query that
// repeats a row), which is summed by differences.
//
// Time O(m n d), memory O(m k) and at most 2560 rows of d columns.
func Nearest(queries, x *mat.Dense, k int) [][]Neighbour {
	m, d := queries.Dims()
	out := make([][]Neighbour, m)
	for i := range out {
		out[i] = make([]Neighbour, 0, k)
	}
	centre := centreOf(x)
	if centre == nil {
		nearestDirect(out, queries, x, k)
		return out
	}
	n, _ := x.Dims()
	products := make([]float64, min(m, queryBlock)*min(n, rowBlock))
	for qLo := 0; qLo < m; qLo += queryBlock {
		qHi := min(m, qLo+queryBlock)
		q := newPoints(queries.Slice(qLo, qHi, 0, d).(*mat.Dense), centre)
		for xLo := 0; xLo < n; xLo += rowBlock {
			xHi := min(n, xLo+rowBlock)
			p := newPoints(x.Slice(xLo, xHi, 0, d).(*mat.Dense), centre)
			width := xHi - xLo
			kernels.Gemm(kernels.Dense(qHi-qLo, width, products[:(qHi-qLo)*width]), q.matrix(), p.matrix().T(), false)
			parallel.Blocks(qHi-qLo, tile, func(_, lo, hi int) {
				for i := lo; i < hi; i++ {
					list := out[qLo+i]
					for j, dot := range products[i*width : (i+1)*width] {
						sum := q.square[i] + p.square[j]
						d2 := sum - 2*dot
						if d2 < nearDuplicate*sum {
							d2 = direct(q.rows[i], p.rows[j])
						}
						list = insert(list, k, Neighbour{xLo + j, d2})
					}
					out[qLo+i] = list
				}
			})
		}
	}
	return out
}

// nearestDirect searches narrow matrices.
func nearestDirect(out [][]Neighbour, queries, x *mat.Dense, k int) {
	n, _ := x.Dims()
	p, q := newPoints(x, nil), newPoints(queries, nil)
	parallel.Blocks(len(out), tile, func(_, lo, hi int) {
		for start := 0; start < n; start += tile {
			for i := lo; i < hi; i++ {
				for j := start; j < min(n, start+tile); j++ {
					out[i] = insert(out[i], k, Neighbour{j, direct(q.rows[i], p.rows[j])})
				}
			}
		}
	})
}

// matrix views centred rows as one block.
func (p *points) matrix() kernels.Matrix[float64] {
	return kernels.Dense(len(p.rows), len(p.rows[0]), p.data)
}

// insert keeps the k nearest in order. Rows arrive in ascending order, so an equal
// distance goes behind those already there.
func insert(list []Neighbour, k int, c Neighbour) []Neighbour {
	if len(list) == k {
		if c.Squared >= list[k-1].Squared {
			return list
		}
		list = list[:k-1]
	}
	at := len(list)
	for at > 0 && list[at-1].Squared > c.Squared {
		at--
	}
	list = append(list, Neighbour{})
	copy(list[at+1:], list[at:])
	list[at] = c
	return list
}
