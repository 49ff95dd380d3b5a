// Package pairwise computes distances between the rows of matrices, the inner
// loop of kernels, distance covariances and nearest neighbours.
//
// Matrices are n x d, one sample a row, finite. Work is cut into fixed tiles, so
// the results are the same bytes whatever the number of workers.
package pairwise

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
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
