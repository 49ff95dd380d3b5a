package subspace

import (
	"gonum.org/v1/gonum/lapack/lapack64"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
)

// A Span is what the rows of a task can say of the space of their columns, where there are more columns than rows: the rows
// have coordinates in an orthonormal basis, and lengths, products and what is made of them are the same there. A method
// then works on r x r matrices in place of d x d.
type Span struct{ basis *mat.Dense } // d x r, orthonormal columns; nil: as it is

// NewSpan is the span of rows of blocks with as many columns; the identity where there are no more columns than rows.
// By Householder's QR, which keeps the basis orthonormal whatever the rank. Time O(d r^2).
func NewSpan(blocks ...*mat.Dense) Span {
	r := 0
	_, d := blocks[0].Dims()
	for _, b := range blocks {
		n, _ := b.Dims()
		r += n
	}
	if d <= r {
		return Span{}
	}
	basis := mat.NewDense(d, r, nil)
	at := 0
	for _, b := range blocks {
		n, _ := b.Dims()
		for i := range n {
			basis.SetCol(at, b.RawRowView(i))
			at++
		}
	}
	raw := basis.RawMatrix()
	tau := make([]float64, r)
	factor := func(work []float64, size int) { lapack64.Geqrf(raw, tau, work, size) }
	factor(workspace(factor))
	unfold := func(work []float64, size int) { lapack64.Orgqr(raw, tau, work, size) }
	unfold(workspace(unfold))
	return Span{basis}
}

// workspace asks a routine of LAPACK, by the size -1, how much it wants.
func workspace(routine func(work []float64, size int)) (work []float64, size int) {
	query := make([]float64, 1)
	routine(query, -1)
	size = int(query[0])
	return make([]float64, size), size
}

// Into gives rows their coordinates: what is of them in the span.
func (s Span) Into(x *mat.Dense) *mat.Dense {
	if s.basis == nil {
		return x
	}
	return dense.Product(x, s.basis)
}

// Columns takes a matrix on coordinates, r x k, to one on columns, d x k.
func (s Span) Columns(a *mat.Dense) *mat.Dense {
	if s.basis == nil {
		return a
	}
	return dense.Product(s.basis, a)
}

// Mapping applies a matrix on coordinates, r x r, to rows and leaves what is outside the span as it is.
func (s Span) Mapping(a *mat.Dense) func(x *mat.Dense) *mat.Dense {
	if s.basis == nil {
		return func(x *mat.Dense) *mat.Dense { return dense.Product(x, a) }
	}
	change := mat.DenseCopyOf(a)
	r, _ := a.Dims()
	for i := range r {
		change.Set(i, i, change.At(i, i)-1)
	}
	turned := mat.DenseCopyOf(s.basis.T())
	return func(x *mat.Dense) *mat.Dense {
		out := dense.Product(dense.Product(s.Into(x), change), turned)
		out.Add(out, x)
		return out
	}
}
