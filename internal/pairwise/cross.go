package pairwise

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

// Gaussian is the kernel exp(-gamma |q_i - x_j|^2) of the rows of q (m x d) with those of x
// (n x d): m x n.
func Gaussian(q, x *mat.Dense, gamma float64) *mat.Dense {
	k := Between(q, x)
	n, _ := k.Dims()
	parallel.Each(n, func(i int) {
		row := k.RawRowView(i)
		for j, v := range row {
			row[j] = math.Exp(-gamma * v)
		}
	})
	return k
}

// Between is the squared Euclidean distances of the rows of q (m x d) from those of x
// (n x d), m x n, by their products around the mean of x, never below zero. Time O(m n d).
func Between(q, x *mat.Dense) *mat.Dense {
	centre := dense.ColumnMeans(x)
	a, b := dense.LessRow(q, centre), dense.LessRow(x, centre)
	m, _ := q.Dims()
	n, _ := x.Dims()
	out := mat.NewDense(m, n, nil)
	kernels.Gemm(dense.View(out), dense.View(a), dense.View(b).T(), false)
	squares := make([]float64, n)
	for j := range squares {
		squares[j] = floats.Dot(b.RawRowView(j), b.RawRowView(j))
	}
	parallel.Each(m, func(i int) {
		own := floats.Dot(a.RawRowView(i), a.RawRowView(i))
		row := out.RawRowView(i)
		for j, v := range row {
			row[j] = math.Max(0, own+squares[j]-2*v)
		}
	})
	return out
}
