// Package logistic fits multinomial logistic regression, which probes (metrics)
// and classifiers (adapt) share.
package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

// Settings of a fit.
type Settings struct {
	// Lambda is the weight of the penalty (Lambda/2) |W|_F^2 beside the mean
	// cross-entropy; above zero. scikit-learn's C is 1/(n Lambda). For two classes
	// the difference of the weight rows solves the one-row problem with Lambda/2.
	Lambda float64
	// Tolerance is on predictions: the fit ends when its last step has moved no logit of a row, against the mean of
	// its row, by more; 0: 1e-8. The steps are Newton's, so that what is left is smaller still.
	Tolerance float64
	// Steps bounds Newton's steps; 0: 100.
	Steps int
	// Weights, one a row and positive with mean 1, weigh the cross-entropies; nil:
	// all 1.
	Weights []float64
	// Start is where to begin; nil: all zero. The minimum is unique, so this
	// changes the time, and the answer only within the tolerance.
	Start *Model
}

// A Model gives class k the logit Weights[k] . x + Bias[k].
type Model struct {
	Weights  *mat.Dense // classes x d
	Bias     []float64  // shifted to sum to zero
	Loss     float64    // mean cross-entropy plus penalty, nats
	Moved    float64    // the largest change that the last step made to a logit
	Steps    int        // of Newton's method
	Products int        // with the Hessian, each two passes through the rows
}

// acceptable is how far above the tolerance the last step may end: at the optimum
// the search runs into rounding.
const acceptable = 100

func (s Settings) filled() Settings {
	if s.Tolerance == 0 {
		s.Tolerance = 1e-8
	}
	if s.Steps == 0 {
		s.Steps = 100
	}
	return s
}

// Fit minimises the (weighted) mean cross-entropy + (Lambda/2) |W|_F^2 over W and free biases,
// for rows x (n x d, finite) with labels y in [0, classes). A class without rows
// is allowed: its bias runs down until its probabilities no longer change.
//
// Newton's method with conjugate gradients, preconditioned by the Hessian of a typical class
// within the columns, or beyond 512 of them within their leading eigenvectors, as it was at a step before where a new one
// would take longer than it saves: some ten steps, and
// a few to hundreds of products with the Hessian a step, the more the weaker the penalty. It fails, naming the change of the last step,
// when that is not within 100 times the tolerance.
// Time O(n d classes) a product, memory twice that of x and O(n classes + 64 d classes).
func Fit(x *mat.Dense, y []int, classes int, s Settings) (*Model, error) {
	return Prepare(x).Fit(y, classes, s)
}

// Fit is Fit on prepared rows.
func (r *Rows) Fit(y []int, classes int, s Settings) (*Model, error) {
	n, d := r.x.Dims()
	switch {
	case len(y) != n:
		return nil, fmt.Errorf("logistic: %d labels for %d rows", len(y), n)
	case s.Weights != nil && len(s.Weights) != n:
		return nil, fmt.Errorf("logistic: %d weights for %d rows", len(s.Weights), n)
	case classes < 2:
		return nil, fmt.Errorf("logistic: %d classes, want at least 2", classes)
	case !(s.Lambda > 0) || math.IsInf(s.Lambda, 0):
		return nil, fmt.Errorf("logistic: lambda %v, want a number above 0", s.Lambda)
	}
	for i, c := range y {
		if c < 0 || c >= classes {
			return nil, fmt.Errorf("logistic: label %d of row %d, want 0 to %d", c, i, classes-1)
		}
	}
	s = s.filled()
	p := &problem{Rows: r, y: y, classes: classes, weight: s.Weights, lambda: s.Lambda}
	v := make([]float64, classes*(d+1))
	if s.Start != nil {
		p.fromModel(v, s.Start)
	}
	at, steps, moved, err := p.newton(v, s.Tolerance, s.Steps)
	if err != nil {
		return nil, err
	}
	if !(moved <= acceptable*s.Tolerance) {
		return nil, fmt.Errorf("logistic: %d rows, %d columns, lambda %g: a logit moved by %.3g in step %d, want %.3g",
			n, d, s.Lambda, moved, steps, acceptable*s.Tolerance)
	}
	m := p.toModel(at.v)
	m.Loss, m.Steps, m.Moved, m.Products = at.value, steps, moved, p.products
	return m, nil
}

// Logits returns the n x classes logits of the rows of x.
func (m *Model) Logits(x *mat.Dense) *mat.Dense {
	n, _ := x.Dims()
	classes, _ := m.Weights.Dims()
	out := mat.NewDense(n, classes, nil)
	parallel.Blocks(n, 256, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			row := out.RawRowView(i)
			for k := range row {
				row[k] = floats.Dot(x.RawRowView(i), m.Weights.RawRowView(k)) + m.Bias[k]
			}
		}
	})
	return out
}

// Probabilities returns the n x classes class probabilities of the rows of x.
func (m *Model) Probabilities(x *mat.Dense) *mat.Dense {
	out := m.Logits(x)
	n, _ := out.Dims()
	for i := range n {
		Softmax(out.RawRowView(i))
	}
	return out
}

// Softmax turns logits into probabilities in place and returns log(sum(exp)) of
// the logits.
func Softmax(logits []float64) float64 {
	top := floats.Max(logits)
	var sum float64
	for k, z := range logits {
		logits[k] = math.Exp(z - top)
		sum += logits[k]
	}
	floats.Scale(1/sum, logits)
	return top + math.Log(sum)
}
