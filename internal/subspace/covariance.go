package subspace

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
)

// Function is V f(values) V' of a symmetric matrix.
func Function(s *mat.SymDense, f func(v float64) float64) (*mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return nil, fmt.Errorf("an eigenproblem of %d rows: the decomposition did not converge", s.SymmetricDim())
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return recombined(&v, e.Values(nil), 0, f)
}

// recombined is base I + V (f(values) - base) V'.
func recombined(v *mat.Dense, values []float64, base float64, f func(v float64) float64) (*mat.Dense, error) {
	n, _ := v.Dims()
	scaled := mat.DenseCopyOf(v)
	for j, value := range values {
		w := f(value)
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("a matrix of %d rows is not positive definite: eigenvalue %.3g; raise the ridge", n, value)
		}
		for i := range n {
			scaled.Set(i, j, scaled.At(i, j)*(w-base))
		}
	}
	out := mat.NewDense(n, n, nil)
	kernels.Gemm(dense.View(out), dense.View(scaled), dense.View(v).T(), false)
	for i := range n {
		out.Set(i, i, out.At(i, i)+base)
	}
	return out, nil
}

// CovarianceFunction is f of the covariance of x (dividing by n-1) plus lambda I. Where
// there are fewer rows than columns the covariance has at most n-1 directions, and f is
// f(lambda) on all others.
func CovarianceFunction(x *mat.Dense, lambda float64, f func(v float64) float64) (*mat.Dense, error) {
	n, d := x.Dims()
	if n > d {
		return Function(Ridged(Covariance(x), lambda), f)
	}
	base := f(lambda)
	if math.IsNaN(base) || math.IsInf(base, 0) {
		return nil, fmt.Errorf("a covariance of %d rows and %d columns is not positive definite; raise the ridge", n, d)
	}
	p, err := Principal(x, n-1)
	if err != nil {
		return nil, err
	}
	values := make([]float64, p.Dim())
	for i, v := range p.Values {
		values[i] = v*float64(n)/float64(n-1) + lambda
	}
	return recombined(p.Basis, values, base, f)
}

// Covariance of the columns of x, n x d, dividing by n-1: d x d.
func Covariance(x *mat.Dense) *mat.SymDense {
	n, _ := x.Dims()
	c := dense.Gram(dense.LessRow(x, dense.ColumnMeans(x)), true)
	c.ScaleSym(1/float64(n-1), c)
	return c
}

// Ridged adds lambda to the diagonal, in place.
func Ridged(s *mat.SymDense, lambda float64) *mat.SymDense {
	for i := range s.SymmetricDim() {
		s.SetSym(i, i, s.At(i, i)+lambda)
	}
	return s
}
