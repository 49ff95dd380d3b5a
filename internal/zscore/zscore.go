// Package zscore brings the columns of a matrix to mean zero and variance one
// with figures learnt from training rows.
package zscore

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

// A Scale holds what was learnt from training rows: which columns vary, and their
// mean and standard deviation (dividing by n).
type Scale struct {
	Width   int   // columns of the matrix that it was learnt from
	Columns []int // those that vary; the others are dropped, never divided by zero
	Mean    []float64
	Inverse []float64 // 1 / standard deviation
}

// constant is the share of a column's mean square below which its variance is
// rounding: such a column carries nothing.
const constant = 1e-24

// Learn measures the columns of x (n x d, finite). Time O(n d), two passes.
func Learn(x *mat.Dense) *Scale {
	n, d := x.Dims()
	mean, variance := make([]float64, d), make([]float64, d)
	for i := range n {
		floats.Add(mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	for i := range n {
		for j, v := range x.RawRowView(i) {
			variance[j] += (v - mean[j]) * (v - mean[j])
		}
	}
	s := &Scale{Width: d}
	for j := range d {
		v := variance[j] / float64(n)
		if v <= constant*(v+mean[j]*mean[j]) {
			continue
		}
		s.Columns = append(s.Columns, j)
		s.Mean = append(s.Mean, mean[j])
		s.Inverse = append(s.Inverse, 1/math.Sqrt(v))
	}
	return s
}

// Identity keeps every one of d columns as it is.
func Identity(d int) *Scale {
	s := &Scale{Width: d, Mean: make([]float64, d)}
	for j := range d {
		s.Columns, s.Inverse = append(s.Columns, j), append(s.Inverse, 1)
	}
	return s
}

// Dropped is the number of constant columns.
func (s *Scale) Dropped() int { return s.Width - len(s.Columns) }

// Apply returns a new n x len(Columns) matrix of scaled columns; x has Width
// columns. At least one column must vary.
func (s *Scale) Apply(x *mat.Dense) *mat.Dense {
	n, _ := x.Dims()
	out := mat.NewDense(n, len(s.Columns), nil)
	parallel.Blocks(n, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			from, to := x.RawRowView(i), out.RawRowView(i)
			for k, j := range s.Columns {
				to[k] = (from[j] - s.Mean[k]) * s.Inverse[k]
			}
		}
	})
	return out
}
