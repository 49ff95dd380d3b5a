// Package logistic fits multinomial logistic regression, which probes (metrics)
// and classifiers (adapt) share.
package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"

	"github.com/venn-adapt/venn/internal/parallel"
)

// Settings of a fit.
type Settings struct {
	// Lambda is the weight of the penalty (Lambda/2) |W|_F^2 beside the mean
	// cross-entropy; above zero. scikit-learn's C is 1/(n Lambda). For two classes
	// the difference of the weight rows solves the one-row problem with Lambda/2.
	Lambda float64
	// Tolerance is the largest gradient entry at which the fit ends, in the
	// preconditioned variables; 0: 1e-8.
	Tolerance float64
	// Iterations bounds the L-BFGS steps; 0: 1000.
	Iterations int
	// Weights, one a row and positive with mean 1, weigh the cross-entropies; nil:
	// all 1.
	Weights []float64
	// Start is where to begin; nil: all zero. The minimum is unique, so this
	// changes the time, and the answer only within the tolerance.
	Start *Model
}

// A Model gives class k the logit Weights[k] . x + Bias[k].
type Model struct {
	Weights    *mat.Dense // classes x d
	Bias       []float64  // shifted to sum to zero
	Loss       float64    // mean cross-entropy plus penalty, nats
	Gradient   float64    // Euclidean norm of the gradient reached
	Iterations int
}

// acceptable is how far above the tolerance a gradient may end: at the optimum
// the search runs into rounding.
const acceptable = 100

// Fit minimises the (weighted) mean cross-entropy + (Lambda/2) |W|_F^2 over W and free biases,
// for rows x (n x d, finite) with labels y in [0, classes). A class without rows
// is allowed: its bias runs down until the gradient is small.
//
// L-BFGS (gonum) in variables preconditioned by the covariance of at most 4d rows,
// or beyond 512 columns by its leading eigenvectors, which leaves the minimum where
// it is and takes a few tens to hundreds of steps. It fails, naming the gradient
// reached, when that is not within 100 times the tolerance.
// Time O(n d classes) a step, memory twice that of x and O(64 d classes).
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
	if s.Tolerance == 0 {
		s.Tolerance = 1e-8
	}
	if s.Iterations == 0 {
		s.Iterations = 1000
	}
	p, err := newProblem(r, y, classes, s.Lambda)
	if err != nil {
		return nil, err
	}
	p.weight = s.Weights
	v := make([]float64, classes*(d+1))
	if s.Start != nil {
		p.fromModel(v, s.Start)
	}
	result, optErr := optimize.Minimize(
		optimize.Problem{Func: p.value, Grad: p.gradientTo}, v,
		&optimize.Settings{GradientThreshold: s.Tolerance, MajorIterations: s.Iterations, Converger: optimize.NeverTerminate{}},
		&optimize.LBFGS{Linesearcher: &convexSearch{}, Store: 20, GradStopThreshold: s.Tolerance},
	)
	if result == nil {
		return nil, fmt.Errorf("logistic: %w", optErr)
	}
	p.evaluate(result.X)
	if worst := floats.Norm(p.last.gradient, math.Inf(1)); !(worst <= acceptable*s.Tolerance) {
		cause := result.Status.String()
		if optErr != nil {
			cause = optErr.Error()
		}
		return nil, fmt.Errorf("logistic: %d rows, %d columns, lambda %g: gradient %.3g after %d steps, want %.3g (%s)",
			n, d, s.Lambda, worst, result.MajorIterations, acceptable*s.Tolerance, cause)
	}
	m := p.toModel(result.X)
	m.Loss, m.Iterations = p.last.value, result.MajorIterations
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
