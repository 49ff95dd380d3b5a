// Package losses computes what adaptation asks of a batch beside the cross-entropy of the
// source: how far apart the features of two domains are, how sure and how varied the
// predictions on the target. Each loss is plain data with its value and its gradient. All
// work in float64, whatever the network does, since differences of nearly equal sums are
// what they are about; every sum has one order, so that results are the same bits whatever
// the number of threads.
package losses

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/kernels"
)

// A Matrix has one image a row: features, or logits with one column a class.
type Matrix = kernels.Matrix[float64]

// A Loss is a number for one or more matrices.
type Loss interface {
	// Inputs is how many matrices the loss takes; it has gradients by the first trained.
	Inputs() (all, trained int)
	// Check says why the loss has no value for matrices of these shapes.
	Check(shapes ...[]int) error
	Value(x ...Matrix) float64
	// Grad sets dx to size times the gradient of Value by matrix i.
	Grad(i int, dx Matrix, size float64, x ...Matrix)
}

// Rows is the range [Lo, Hi) of the images that count.
type Rows struct{ Lo, Hi int }

func (r Rows) n() int { return r.Hi - r.Lo }

func (r Rows) check(n int) error {
	if r.Lo < 0 || r.Lo >= r.Hi || r.Hi > n {
		return fmt.Errorf("rows [%d, %d) of %d", r.Lo, r.Hi, n)
	}
	return nil
}

// of is the part of a matrix.
func (r Rows) of(x Matrix) Matrix {
	return kernels.Dense(r.n(), x.Cols, x.Data[r.Lo*x.Cols:r.Hi*x.Cols])
}

// checkAll wants rows in range of matrices of one height.
func (r Rows) checkAll(shapes [][]int) error {
	for _, s := range shapes {
		if s[0] != shapes[0][0] {
			return fmt.Errorf("%v and %v have different rows", shapes[0], s)
		}
	}
	return r.check(shapes[0][0])
}

// twoDomains checks that the first rows of matrices of one height are the source's, at least
// least of them, and the rest, at least as many, the target's.
func twoDomains(source, least int, shapes [][]int) error {
	for _, s := range shapes {
		if s[0] != shapes[0][0] {
			return fmt.Errorf("%v and %v have different rows", shapes[0], s)
		}
	}
	if target := shapes[0][0] - source; source < least || target < least {
		return fmt.Errorf("%d rows of the source and %d of the target, want %d of each at least", source, target, least)
	}
	return nil
}

func zeros(rows, cols int) Matrix { return kernels.Dense(rows, cols, make([]float64, rows*cols)) }

func row(x Matrix, i int) []float64 { return x.Data[i*x.Cols : (i+1)*x.Cols] }

// gram is x·xᵀ.
func gram(x Matrix) Matrix {
	g := zeros(x.Rows, x.Rows)
	kernels.Gemm(g, x, x.T(), false)
	return g
}

// softmax is that of the rows of x over a temperature.
func softmax(x Matrix, temperature float64) Matrix {
	p := zeros(x.Rows, x.Cols)
	for i := range x.Rows {
		from, to := row(x, i), row(p, i)
		top, sum := from[0], 0.0
		for _, v := range from {
			top = max(top, v)
		}
		for k, v := range from {
			to[k] = math.Exp((v - top) / temperature)
			sum += to[k]
		}
		for k := range to {
			to[k] /= sum
		}
	}
	return p
}

// softmaxGrad turns d, the gradient by a row p of a softmax, into that by its logits.
func softmaxGrad(dx, d, p []float64, temperature float64) {
	var mean float64
	for k, v := range p {
		mean += v * d[k]
	}
	for k, v := range p {
		dx[k] = v * (d[k] - mean) / temperature
	}
}

// entropy is that of a distribution, in nats; 0 log 0 is 0.
func entropy(p []float64) (h float64) {
	for _, v := range p {
		if v != 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}
