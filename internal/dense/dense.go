// Package dense multiplies gonum matrices by this program's own kernels.
package dense

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Product is a·b, of n x m and m x k matrices: n x k. It panics where they do not fit.
func Product(a, b *mat.Dense) *mat.Dense {
	n, _ := a.Dims()
	_, k := b.Dims()
	out := mat.NewDense(n, k, nil)
	kernels.Gemm(View(out), View(a), View(b), false)
	return out
}

// ProductT is aᵀ·b, of n x m and n x k matrices: m x k. It panics where they do not fit.
func ProductT(a, b *mat.Dense) *mat.Dense {
	_, m := a.Dims()
	_, k := b.Dims()
	out := mat.NewDense(m, k, nil)
	kernels.Gemm(View(out), View(a).T(), View(b), false)
	return out
}

// View is a as the kernels see it, without copying.
func View(a *mat.Dense) kernels.Matrix[float64] {
	r := a.RawMatrix()
	return kernels.Matrix[float64]{Rows: r.Rows, Cols: r.Cols, Data: r.Data, Stride: r.Stride}
}
