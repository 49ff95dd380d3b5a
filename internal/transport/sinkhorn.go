package transport

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
)

// A Regularised is a plan of entropic transport, P_ij = exp((f_i + g_j - c_ij)/epsilon) / (n m).
type Regularised struct {
	Plan       *mat.Dense
	F, G       []float64 // dual potentials: the least <P, cost> + epsilon KL(P | 1/(n m)) is mean(F) + mean(G)
	Iterations int       // at epsilon itself
	// Violation is the sum of absolute errors of the row sums, by the rule of these.
	Violation float64
	Converged bool
}

// A Rule says when the iteration has converged.
type Rule int

// The rules.
const (
	// RowSums: the absolute errors of the row sums add up to at most the tolerance (1e-8 is usual), looked at
	// every 10 iterations. The column sums are exact.
	RowSums Rule = iota
	// Potentials: no potential changes by more than the tolerance times the largest cost.
	Potentials
)

// Settings are those of Sinkhorn.
type Settings struct {
	Epsilon    float64 // above 0, in the unit of the cost
	Stop       Rule
	Tolerance  float64
	Iterations int // at most, above 0
	// Anneal begins at the largest cost in place of epsilon and goes down by quarters with an exact step each: fewer
	// iterations where epsilon is small.
	Anneal bool
	// Symmetric says that the cost is that of a sample with itself: both potentials are the mean of old and new,
	// which converges in a few dozen steps.
	Symmetric bool
}

const (
	checkEvery = 10
	// absorb is the scaling, as a logarithm, from which on it moves into the potentials.
	absorb = 30
)

// Sinkhorn minimises <P, cost> + epsilon sum P log P over plans with row sums 1/n and
// column sums 1/m, cost n x m. It scales rows and columns in turn, and moves the scalings into the
// potentials before they over- or underflow, so that any epsilon is safe: an iteration is two products of a matrix
// with a vector in place of two rounds of exponentials, and the result is that of the iteration on logarithms. It
// stops by the rule or after the given number of iterations, and says which. It fails on settings out of bounds and
// on a cost that is not finite. Time O(n m) an iteration, memory 8 n m bytes.
//
// M. Cuturi, Sinkhorn distances, 2013; J. Feydy et al., Interpolating between optimal transport and MMD using
// Sinkhorn divergences, 2019; B. Schmitzer, Stabilized sparse scaling algorithms for entropy regularized transport
// problems, 2019.
func Sinkhorn(cost *mat.Dense, set Settings) (*Regularised, error) {
	n, m := cost.Dims()
	if !(set.Epsilon > 0) || math.IsInf(set.Epsilon, 1) || set.Iterations < 1 {
		return nil, fmt.Errorf("transport: epsilon %v and %d iterations, want both above 0", set.Epsilon, set.Iterations)
	}
	if set.Symmetric && n != m {
		return nil, fmt.Errorf("transport: a symmetric cost of %d x %d, want a square", n, m)
	}
	if err := finite(cost); err != nil {
		return nil, err
	}
	s := newScaling(cost, set.Symmetric)
	top := mat.Max(cost)
	if set.Anneal {
		for s.epsilon = math.Max(top, set.Epsilon); s.epsilon > set.Epsilon; s.epsilon = math.Max(set.Epsilon, s.epsilon/4) {
			s.exact()
		}
	} else {
		s.nearest()
	}
	s.epsilon = set.Epsilon
	out := &Regularised{}
	for out.Iterations < set.Iterations && !out.Converged {
		s.rebuild()
		for out.Iterations < set.Iterations {
			out.Iterations++
			change := s.step()
			if math.IsNaN(change) || math.IsInf(change, 0) { // a sum vanished
				s.reset()
				s.exact()
				break
			}
			switch {
			case set.Stop == Potentials:
				out.Converged = s.epsilon*change <= set.Tolerance*top
			case out.Iterations%checkEvery == 0:
				out.Converged = s.violation() <= set.Tolerance
			}
			if out.Converged || s.extreme() {
				break
			}
		}
		s.fold()
	}
	s.rebuild()
	if set.Stop == RowSums {
		out.Violation = s.violation()
		out.Converged = out.Converged || out.Violation <= set.Tolerance
	}
	s.kernel.Scale(1/(float64(n)*float64(m)), s.kernel)
	out.Plan, out.F, out.G = s.kernel, s.f, s.g
	return out, nil
}

// finite fails on the first cost that is not.
func finite(cost *mat.Dense) error {
	n, _ := cost.Dims()
	for i := range n {
		for j, c := range cost.RawRowView(i) {
			if math.IsNaN(c) || math.IsInf(c, 0) {
				return fmt.Errorf("transport: cost of row %d, column %d is %v, want a finite number", i, j, c)
			}
		}
	}
	return nil
}

// Cost is <P, cost>.
func (r *Regularised) Cost(cost *mat.Dense) float64 {
	return floats.Dot(r.Plan.RawMatrix().Data, cost.RawMatrix().Data)
}

// Value is the least <P, cost> + epsilon KL(P | 1/(n m)).
func (r *Regularised) Value() float64 {
	return floats.Sum(r.F)/float64(len(r.F)) + floats.Sum(r.G)/float64(len(r.G))
}
