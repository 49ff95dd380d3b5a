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
	// Each strip of rows as the right operand of the two products of a step:
	// transposed for the logits, as it is for the gradient.
	turned, strips []*kernels.Packed[float64]
	spread         *features // once a fit has asked for them
}

// Prepare makes rows (n x d, finite) ready. Time O(n d), memory twice that of x.
func Prepare(x *mat.Dense) *Rows {
	n, d := x.Dims()
	r := &Rows{x: x, mean: make([]float64, d)}
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
