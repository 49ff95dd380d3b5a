package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// outerRows of an outer product are one block of work.
const outerRows = 8

// Outer sets t (n x K·d) to the outer products of the rows of p (n x K) and x (n x d): block
// k of a row of t is p_k times the row of x.
func Outer[F Float](t, p, x []F, n int) {
	classes, d := len(p)/n, len(x)/n
	check("outer product", len(t), n*classes*d)
	e := engineOf[F]()
	parallel.Blocks(n, outerRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for k, w := range p[i*classes : (i+1)*classes] {
				at := (i*classes + k) * d
				e.scale(t[at:at+d], w, x[i*d:(i+1)*d])
			}
		}
	})
}

// OuterGrad sets dx (n x d) to the gradient of Outer by x: Σ_k p_k times block k of dt.
func OuterGrad[F Float](dx, dt, p []F, n int) {
	classes, d := len(p)/n, len(dx)/n
	check("outer product's gradient", len(dt), n*classes*d)
	e := engineOf[F]()
	parallel.Blocks(n, outerRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			to := dx[i*d : (i+1)*d]
			clear(to)
			for k, w := range p[i*classes : (i+1)*classes] {
				at := (i*classes + k) * d
				e.axpy(to, w, dt[at:at+d])
			}
		}
	})
}

// Times sets z to a·x·y, element by element.
func Times[F Float](z, x, y []F, a F) {
	check("product of elements", len(z), len(x))
	check("product of elements", len(y), len(x))
	parallel.Blocks(len(z), elementBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			z[i] = a * x[i] * y[i]
		}
	})
}
