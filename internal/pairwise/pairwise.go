// Package pairwise computes distances between the rows of matrices, the inner
// loop of kernels, distance covariances and nearest neighbours.
//
// Matrices are n x d, one sample a row, finite. Work is cut into fixed tiles, so
// the results are the same bytes whatever the number of workers.
package pairwise

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

const (
	// directColumns is the widest matrix whose differences are summed directly;
	// wider ones use inner products of centred rows.
	directColumns = 16
	// nearDuplicate is the share of |x|^2 + |y|^2 below which the inner-product
	// form has lost too many digits, and the pair is summed directly.
	nearDuplicate = 1e-10
	tile          = 64 // rows of a tile: two tiles of 512 columns fit the second-level cache
)

// A points is a matrix ready for distances: rows, and for wide matrices their
// squared lengths after a common centre was taken off.
type points struct {
	rows   [][]float64
	square []float64 // nil: differences are summed directly
}

// newPoints copies the rows of x less the centre (nil: x is narrow and its rows
// are used as they are). Centring keeps the inner-product form exact under large
// offsets: an offset of 1e6 spreads costs three digits left without it.
func newPoints(x *mat.Dense, centre []float64) points {
	n, d := x.Dims()
	p := points{rows: make([][]float64, n)}
	if centre == nil {
		for i := range p.rows {
			p.rows[i] = x.RawRowView(i)
		}
		return p
	}
	data := make([]float64, n*d)
	p.square = make([]float64, n)
	for i := range n {
		row := data[i*d : (i+1)*d : (i+1)*d]
		floats.SubTo(row, x.RawRowView(i), centre)
		p.rows[i], p.square[i] = row, floats.Dot(row, row)
	}
	return p
}

// centreOf is the mean row of a wide matrix, nil for a narrow one.
func centreOf(x *mat.Dense) []float64 {
	n, d := x.Dims()
	if d <= directColumns {
		return nil
	}
	mean := make([]float64, d)
	for i := range n {
		floats.Add(mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	return mean
}

// squared is |p_i - q_j|^2.
func squared(p, q *points, i, j int) float64 {
	if p.square == nil {
		return direct(p.rows[i], q.rows[j])
	}
	sum := p.square[i] + q.square[j]
	d2 := sum - 2*floats.Dot(p.rows[i], q.rows[j])
	if d2 < nearDuplicate*sum {
		return direct(p.rows[i], q.rows[j])
	}
	return d2
}

func direct(a, b []float64) float64 {
	var sum float64
	b = b[:len(a)]
	for k, v := range a {
		sum += (v - b[k]) * (v - b[k])
	}
	return sum
}

// Squared returns the n x n squared Euclidean distances of the rows of x,
// row-major, exactly symmetric, zero on the diagonal. Time O(n^2 d), memory
// 8 n^2 bytes.
func Squared(x *mat.Dense) []float64 { return NewPoints(x).Matrix(nil) }

// A Neighbour is a row of the searched matrix and its squared distance.
type Neighbour struct {
	Row     int
	Squared float64
}

// Nearest returns for each row of queries the k nearest rows of x, nearest first,
// the lower row first among equals. Both have d columns; k is at most the rows of
// x. Time O(m n d), memory O((m + n) d + m k).
func Nearest(queries, x *mat.Dense, k int) [][]Neighbour {
	m, _ := queries.Dims()
	n, _ := x.Dims()
	centre := centreOf(x)
	p, q := newPoints(x, centre), newPoints(queries, centre)
	out := make([][]Neighbour, m)
	parallel.Blocks(m, tile, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = make([]Neighbour, 0, k)
		}
		for start := 0; start < n; start += tile {
			for i := lo; i < hi; i++ {
				for j := start; j < min(n, start+tile); j++ {
					out[i] = insert(out[i], k, Neighbour{j, squared(&q, &p, i, j)})
				}
			}
		}
	})
	return out
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
