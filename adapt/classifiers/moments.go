package classifiers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
)

// moments are what fits of all shrinkages share. The covariance S = R'R/n of n
// weighted residuals R is kept as the smaller of R'R/n (d x d) and RR'/n (n x n).
type moments struct {
	means     *mat.Dense
	shares    []float64
	residual  *mat.Dense // each row scaled by the root of its weight
	gram      *mat.SymDense
	wide      bool    // gram is RR'/n
	mean      float64 // variance of a column, tr S / d
	intensity float64 // of Ledoit and Wolf
}

// newMoments takes O(n d min(n, d)) time and a copy of the rows.
func newMoments(r *training, classes int) *moments {
	n, d := r.x.Dims()
	m := &moments{residual: mat.NewDense(n, d, nil), wide: n < d}
	m.means, m.shares = classMeans(r, classes)
	var fourth float64 // sum of |r_i|^4
	for i, k := range r.labels {
		row := m.residual.RawRowView(i)
		floats.SubTo(row, r.x.RawRowView(i), m.means.RawRowView(k))
		floats.Scale(math.Sqrt(r.weight(i)), row)
		square := floats.Dot(row, row)
		fourth += square * square
	}
	m.gram = dense.Gram(m.residual, !m.wide)
	m.gram.ScaleSym(1/float64(n), m.gram)
	var norm float64 // |S|_F^2, which both forms share
	for i := range m.gram.SymmetricDim() {
		for j := range m.gram.SymmetricDim() {
			norm += m.gram.At(i, j) * m.gram.At(i, j)
		}
	}
	trace := mat.Trace(m.gram)
	m.mean = trace / float64(d)
	apart := norm - trace*m.mean // |S - mean I|_F^2
	// Ledoit and Wolf (2004), lemma 3.2: the error of S over its distance from the target.
	if apart > 0 {
		m.intensity = math.Max(0, math.Min(1, (fourth/float64(n)-norm)/float64(n)/apart))
	}
	return m
}

// solve returns the rows (S_a^-1 m_k)' for S_a = (1-a) S + a mean I. Where there are
// fewer rows than columns it works through the identity
// S_a^-1 = (I - R'(RR' + n t I)^-1 R) / (a mean), t = a mean / (1-a).
func (m *moments) solve(a float64) (*mat.Dense, error) {
	n, d := m.residual.Dims()
	classes, _ := m.means.Dims()
	singular := func(err error) error {
		return fmt.Errorf("adapt: lda: the covariance of %d columns within %d classes is singular at shrinkage %g: shrink more%s", d, classes, a, cause(err))
	}
	ridge := a * m.mean
	if m.wide && ridge == 0 {
		return nil, singular(nil)
	}
	if a == 1 {
		out := mat.DenseCopyOf(m.means)
		out.Scale(1/ridge, out)
		return out, nil
	}
	size := m.gram.SymmetricDim()
	s := mat.NewSymDense(size, nil)
	s.ScaleSym(1-a, m.gram)
	for j := range size {
		s.SetSym(j, j, s.At(j, j)+ridge)
	}
	var chol mat.Cholesky
	if !chol.Factorize(s) {
		return nil, singular(nil)
	}
	var right, solved mat.Dense
	if m.wide {
		right.Mul(m.residual, m.means.T()) // n x classes
	} else {
		right.CloneFrom(m.means.T())
	}
	if err := chol.SolveTo(&solved, &right); err != nil {
		return nil, singular(err)
	}
	if !m.wide {
		return mat.DenseCopyOf(solved.T()), nil
	}
	var back mat.Dense
	back.Mul(solved.T(), m.residual) // classes x d
	back.Scale(-(1-a)/float64(n), &back)
	back.Add(&back, m.means)
	back.Scale(1/ridge, &back)
	return &back, nil
}

func cause(err error) string {
	if err == nil {
		return ""
	}
	return fmt.Sprintf(" (%v)", err)
}
