// Package pairwise computes distances between the rows of matrices, the inner
// loop of kernels, distance covariances and nearest neighbours.
//
// Matrices are n x d, one sample a row, finite. Work is cut into fixed tiles, so
// the results are the same bytes whatever the number of workers.
package pairwise

import (
	"math"

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
	data   []float64 // of the rows, one after the other; nil for a narrow matrix
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
	p.data = make([]float64, n*d)
	p.square = make([]float64, n)
	for i := range n {
		row := p.data[i*d : (i+1)*d : (i+1)*d]
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
func Squared(x *mat.Dense) []float64 {
	n, _ := x.Dims()
	p := newPoints(x, centreOf(x))
	out := make([]float64, n*n)
	tiles := (n + tile - 1) / tile
	parallel.For(tiles*(tiles+1)/2, func(t int) {
		ti := int((math.Sqrt(float64(8*t+1)) - 1) / 2)
		for ti*(ti+1)/2 > t {
			ti--
		}
		for (ti+1)*(ti+2)/2 <= t {
			ti++
		}
		tj := t - ti*(ti+1)/2
		for i := ti * tile; i < min(n, (ti+1)*tile); i++ {
			for j := tj * tile; j < min(i, (tj+1)*tile); j++ {
				d2 := squared(&p, &p, i, j)
				out[i*n+j], out[j*n+i] = d2, d2
			}
		}
	})
	return out
}
