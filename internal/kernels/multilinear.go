package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

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

// CrossEntropy is the mean over the rows of x (n x classes, logits) of −log softmax(x)[y],
// in nats, y the classes as whole numbers. A class out of range panics.
func CrossEntropy[F Float](x, y []F) float64 {
	classes := len(x) / len(y)
	check("logits", len(x), len(y)*classes)
	var total float64
	for i, class := range y {
		row := x[i*classes : (i+1)*classes]
		total += logSumExp(row) - float64(row[int(class)])
	}
	return total / float64(len(y))
}

// CrossEntropyGrad sets dx to scale times the gradient of CrossEntropy by x:
// (softmax(x) − onehot(y))/n.
func CrossEntropyGrad[F Float](dx, x, y []F, scale float64) {
	classes := len(x) / len(y)
	check("logit gradient", len(dx), len(x))
	share := scale / float64(len(y))
	for i, class := range y {
		row, out := x[i*classes:(i+1)*classes], dx[i*classes:(i+1)*classes]
		total := logSumExp(row)
		for k, v := range row {
			out[k] = F(share * math.Exp(float64(v)-total))
		}
		out[int(class)] -= F(share)
	}
}

// logSumExp is log Σ exp(row), the maximum subtracted.
func logSumExp[F Float](row []F) float64 {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	var sum float64
	for _, v := range row {
		sum += math.Exp(float64(v) - float64(top))
	}
	return float64(top) + math.Log(sum)
}
