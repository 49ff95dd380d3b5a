package logistic

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

// Rows are rows made ready for fits: several fits of the same rows, under several
// penalties, share what does not depend on the penalty. They serve one fit at a time.
type Rows struct {
	x    *mat.Dense
	mean []float64
	span *mat.Dense // d x n, orthonormal columns: the columns of x are coordinates in it; nil: they are those given
	// Each strip of rows as the right operand of the two products of a step:
	// transposed for the logits, as it is for the gradient.
	turned, strips []*kernels.Packed[float64]
	spread         *features // once a fit has asked for them
}

// Prepare makes rows (n x d, finite) ready. Time O(n d), memory twice that of x. Weights of least norm are sums of rows, so
// more columns than independent rows, if these are few, are exchanged for as many coordinates in the span of the rows, in
// time O(n² d).
func Prepare(x *mat.Dense) *Rows {
	n, d := x.Dims()
	var span *mat.Dense
	if n <= denseColumns && d > n {
		if q := mat.DenseCopyOf(x.T()); orthonormalise(q) {
			span, x, d = q, dense.Product(x, q), n
		}
	}
	r := &Rows{x: x, mean: make([]float64, d), span: span}
	for i := range n {
		floats.Add(r.mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), r.mean)
	count := (n + strip - 1) / strip
	r.turned, r.strips = make([]*kernels.Packed[float64], count), make([]*kernels.Packed[float64], count)
	parallel.Blocks(n, strip, func(s, lo, hi int) {
		rows := dense.View(x.Slice(lo, hi, 0, d).(*mat.Dense))
		r.turned[s], r.strips[s] = kernels.Pack(rows.T()), kernels.Pack(rows)
	})
	return r
}
