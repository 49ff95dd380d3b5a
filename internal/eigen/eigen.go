// Package eigen finds the largest eigenvalues of large symmetric matrices and their
// eigenvectors.
package eigen

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

const (
	// tolerance is the residual |S v - l v| of an accepted pair, as a share of the
	// largest eigenvalue.
	tolerance = 1e-10
	// breakdown is the share of the largest eigenvalue below which a new direction
	// is rounding.
	breakdown = 1e-13
	growth    = 1.2 // between two checks of convergence
)

// Top returns the k algebraically largest eigenvalues of a symmetric n x n matrix in
// descending order and their orthonormal eigenvectors as columns (n x k). The matrix
// is given by apply, which writes S v to dst. k is at most n.
//
// Lanczos iteration with full reorthogonalisation, from a fixed start: the same
// matrix gives the same bytes. An eigenvector's sign is arbitrary. A repeated
// eigenvalue is found as often as it repeats, unless the copies differ by less than
// the tolerance from not being one. It fails on values that are not finite. Time
// O(j) products and O(j^2 n), memory O(j n), for j a few times k, at most n.
//
// C. Lanczos (1950); B. N. Parlett, The Symmetric Eigenvalue Problem, 1980, ch. 13.
func Top(n, k int, apply func(dst, v []float64)) (values []float64, vectors *mat.Dense, err error) {
	if k < 1 || k > n {
		return nil, nil, fmt.Errorf("eigen: %d eigenvectors of a matrix of %d rows", k, n)
	}
	l := &lanczos{n: n, apply: apply}
	next := min(n, max(2*k, k+20))
	var before []float64 // the top values at the last breakdown
	for {
		ended, err := l.extend(next)
		if err != nil {
			return nil, nil, err
		}
		if len(l.alpha) < k && len(l.alpha) < n {
			continue
		}
		ritz, y, err := l.ritz()
		if err != nil {
			return nil, nil, err
		}
		done := len(l.alpha) == n
		switch {
		case done:
		case ended: // copies of repeated values may still be missing
			top := ritz[:k]
			done = before != nil && floats.EqualApprox(before, top, tolerance*math.Abs(top[0]))
			before = top
		default:
			done = l.converged(ritz, y, k)
			next = min(n, int(growth*float64(len(l.alpha)))+1)
		}
		if done {
			return ritz[:k], l.vectors(y, k), nil
		}
	}
}

// A lanczos iteration keeps an orthonormal basis in which S is tridiagonal.
type lanczos struct {
	n           int
	apply       func(dst, v []float64)
	basis       []float64 // rows of n
	alpha, beta []float64 // diagonal; beta[i] couples i and i+1
	scale       float64   // of the matrix, for what counts as zero
	starts      int
}

// extend grows the basis to the given size, or to the end of an invariant subspace,
// which it reports; the next call goes on from a fresh direction.
func (l *lanczos) extend(size int) (ended bool, err error) {
	w := make([]float64, l.n)
	for len(l.alpha) < size {
		j := len(l.alpha)
		if j == 0 || l.beta[j-1] == 0 {
			l.fresh(j)
		}
		l.apply(w, l.row(j))
		a := floats.Dot(w, l.row(j))
		if math.IsNaN(a) || math.IsInf(a, 0) {
			return false, fmt.Errorf("eigen: the matrix of %d rows holds values that are not finite", l.n)
		}
		l.alpha = append(l.alpha, a)
		l.orthogonalise(w, j+1)
		b := floats.Norm(w, 2)
		l.scale = math.Max(l.scale, math.Abs(a)+b)
		if j+1 == l.n {
			return false, nil
		}
		if b <= breakdown*l.scale {
			l.beta = append(l.beta, 0)
			return true, nil
		}
		l.beta = append(l.beta, b)
		l.basis = append(l.basis, w...)
		floats.Scale(1/b, l.row(j+1))
	}
	return false, nil
}

func (l *lanczos) row(i int) []float64 { return l.basis[i*l.n : (i+1)*l.n : (i+1)*l.n] }

// fresh appends a random direction at row j, orthogonal to the others.
func (l *lanczos) fresh(j int) {
	r := stream.New(0, "eigen", l.starts)
	l.starts++
	v := make([]float64, l.n)
	for i := range v {
		v[i] = r.NormFloat64()
	}
	l.orthogonalise(v, j)
	floats.Scale(1/floats.Norm(v, 2), v)
	l.basis = append(l.basis[:j*l.n], v...)
}

// orthogonalise takes the first j rows out of w, twice, which is enough.
func (l *lanczos) orthogonalise(w []float64, j int) {
	if j == 0 {
		return
	}
	v := blas64.General{Rows: j, Cols: l.n, Stride: l.n, Data: l.basis}
	h := blas64.Vector{N: j, Inc: 1, Data: make([]float64, j)}
	to := blas64.Vector{N: l.n, Inc: 1, Data: w}
	for range 2 {
		blas64.Gemv(blas.NoTrans, 1, v, to, 0, h)
		blas64.Gemv(blas.Trans, -1, v, h, 1, to)
	}
}

// ritz decomposes the tridiagonal matrix, largest value first.
func (l *lanczos) ritz() ([]float64, *mat.Dense, error) {
	j := len(l.alpha)
	t := mat.NewSymDense(j, nil)
	for i, a := range l.alpha {
		t.SetSym(i, i, a)
		if i+1 < j {
			t.SetSym(i, i+1, l.beta[i])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(t, true) {
		return nil, nil, fmt.Errorf("eigen: a tridiagonal matrix of %d rows did not converge", j)
	}
	var y mat.Dense
	e.VectorsTo(&y)
	values := e.Values(nil)
	for i := range j / 2 {
		values[i], values[j-1-i] = values[j-1-i], values[i]
		for r := range j {
			row := y.RawRowView(r)
			row[i], row[j-1-i] = row[j-1-i], row[i]
		}
	}
	return values, &y, nil
}

// converged says whether the residuals of the first k pairs are small.
func (l *lanczos) converged(ritz []float64, y *mat.Dense, k int) bool {
	j := len(l.alpha)
	b := l.beta[j-1]
	for i := range k {
		if math.Abs(b*y.At(j-1, i)) > tolerance*math.Abs(ritz[0]) {
			return false
		}
	}
	return true
}

// vectors returns the first k Ritz vectors as columns.
func (l *lanczos) vectors(y *mat.Dense, k int) *mat.Dense {
	j := len(l.alpha)
	out := mat.NewDense(l.n, k, nil)
	out.Mul(mat.NewDense(j, l.n, l.basis[:j*l.n]).T(), y.Slice(0, j, 0, k))
	return out
}

// Symmetric is the apply function of a dense symmetric matrix.
func Symmetric(s *mat.SymDense) func(dst, v []float64) {
	n := s.SymmetricDim()
	raw := s.RawSymmetric() // only the upper triangle counts
	full := make([]float64, n*n)
	for i := range n {
		for j := i; j < n; j++ {
			full[i*n+j], full[j*n+i] = raw.Data[i*raw.Stride+j], raw.Data[i*raw.Stride+j]
		}
	}
	return func(dst, v []float64) {
		parallel.Blocks(n, 64, func(_, lo, hi int) {
			for i := lo; i < hi; i++ {
				dst[i] = floats.Dot(full[i*n:(i+1)*n], v)
			}
		})
	}
}
