package transport

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

// A Regularised is the plan of entropic transport, P_ij = exp((f_i + g_j - c_ij)/epsilon).
type Regularised struct {
	Plan       *mat.Dense
	F, G       []float64 // dual potentials
	Iterations int
	// Violation is the sum of absolute errors of the row sums; the column sums are
	// exact. Converged says that it is below the tolerance.
	Violation float64
	Converged bool
}

const (
	checkEvery = 10
	// absorb is the scaling, as a logarithm, from which on it moves into the potentials.
	absorb = 30
)

// Sinkhorn minimises <P, cost> + epsilon sum P log P over plans with row sums 1/n and
// column sums 1/m. It scales rows and columns in turn, and moves the scalings into the
// potentials before they over- or underflow, so that any epsilon is safe; the result is
// that of the iteration on logarithms. It stops when the violation is at most the
// tolerance (1e-8 is usual) or after the given number of iterations, and says which.
// Time O(n m) an iteration, memory O(n m).
//
// M. Cuturi, Sinkhorn distances, 2013; B. Schmitzer, Stabilized sparse scaling
// algorithms for entropy regularized transport problems, 2019.
func Sinkhorn(cost *mat.Dense, epsilon, tolerance float64, iterations int) (*Regularised, error) {
	n, m := cost.Dims()
	if !(epsilon > 0) || iterations < 1 {
		return nil, fmt.Errorf("transport: epsilon %v and %d iterations, want both above 0", epsilon, iterations)
	}
	s := &scaling{cost: cost, epsilon: epsilon, f: make([]float64, n), g: make([]float64, m),
		u: make([]float64, n), v: make([]float64, m), kernel: mat.NewDense(n, m, nil), columns: make([]float64, m)}
	if err := s.begin(); err != nil {
		return nil, err
	}
	out := &Regularised{}
	for out.Iterations < iterations {
		s.scaleRows()
		s.scaleColumns()
		out.Iterations++
		if out.Iterations%checkEvery == 0 || out.Iterations == iterations {
			if out.Violation = s.violation(); out.Violation <= tolerance {
				out.Converged = true
				break
			}
		}
		if s.extreme() {
			s.fold()
		}
	}
	s.fold()
	out.Plan, out.F, out.G = s.kernel, s.f, s.g
	return out, nil
}

// A scaling is the plan diag(u) K diag(v) with K = exp((f + g - c)/epsilon).
type scaling struct {
	cost       *mat.Dense
	epsilon    float64
	f, g, u, v []float64
	kernel     *mat.Dense
	columns    []float64
}

// begin takes potentials under which every row and column of K has a large entry.
func (s *scaling) begin() error {
	n, m := s.cost.Dims()
	for i := range n {
		row := s.cost.RawRowView(i)
		for j, c := range row {
			if math.IsNaN(c) || math.IsInf(c, 0) {
				return fmt.Errorf("transport: cost of row %d, column %d is %v, want a finite number", i, j, c)
			}
		}
		s.f[i] = floats.Min(row) - s.epsilon*math.Log(float64(n))
	}
	for j := range m {
		s.g[j] = math.Inf(1)
		for i := range n {
			s.g[j] = math.Min(s.g[j], s.cost.At(i, j)-s.f[i])
		}
	}
	s.rebuild()
	return nil
}

// rebuild computes K from the potentials, with scalings of 1.
func (s *scaling) rebuild() {
	n, _ := s.cost.Dims()
	for j := range s.v {
		s.v[j] = 1
	}
	parallel.Blocks(n, 32, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			s.u[i] = 1
			from, to := s.cost.RawRowView(i), s.kernel.RawRowView(i)
			for j, c := range from {
				to[j] = math.Exp((s.f[i] + s.g[j] - c) / s.epsilon)
			}
		}
	})
}

// fold moves the scalings into the potentials.
func (s *scaling) fold() {
	for i, u := range s.u {
		s.f[i] += s.epsilon * math.Log(u)
	}
	for j, v := range s.v {
		s.g[j] += s.epsilon * math.Log(v)
	}
	s.rebuild()
}

func (s *scaling) extreme() bool {
	for _, list := range [][]float64{s.u, s.v} {
		for _, w := range list {
			if l := math.Abs(math.Log(w)); l > absorb {
				return true
			}
		}
	}
	return false
}

// rowSum of K v at row i.
func (s *scaling) rowSum(i int) float64 { return floats.Dot(s.kernel.RawRowView(i), s.v) }

// scaleRows makes the row sums 1/n. A row of K that has underflowed is scaled by
// the exact sum of logarithms instead.
func (s *scaling) scaleRows() {
	n := len(s.u)
	parallel.Blocks(n, 32, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			if sum := s.rowSum(i); sum > math.SmallestNonzeroFloat64*1e20 {
				s.u[i] = 1 / (float64(n) * sum)
				continue
			}
			logs := make([]float64, len(s.v))
			for j, c := range s.cost.RawRowView(i) {
				logs[j] = (s.f[i]+s.g[j]-c)/s.epsilon + math.Log(s.v[j])
			}
			s.u[i] = math.Exp(-math.Log(float64(n)) - floats.LogSumExp(logs))
		}
	})
}

// columnBlock rows of K are summed on their own; the number of blocks depends on n alone.
const columnBlock = 128

// scaleColumns makes the column sums 1/m.
func (s *scaling) scaleColumns() {
	n, m := s.cost.Dims()
	partial := make([][]float64, (n+columnBlock-1)/columnBlock)
	parallel.Blocks(n, columnBlock, func(b, lo, hi int) {
		partial[b] = make([]float64, m)
		for i := lo; i < hi; i++ {
			floats.AddScaled(partial[b], s.u[i], s.kernel.RawRowView(i))
		}
	})
	clear(s.columns)
	for _, p := range partial {
		floats.Add(s.columns, p)
	}
	for j, sum := range s.columns {
		if sum > math.SmallestNonzeroFloat64*1e20 {
			s.v[j] = 1 / (float64(m) * sum)
			continue
		}
		logs := make([]float64, n)
		for i := range logs {
			logs[i] = (s.f[i]+s.g[j]-s.cost.At(i, j))/s.epsilon + math.Log(s.u[i])
		}
		s.v[j] = math.Exp(-math.Log(float64(m)) - floats.LogSumExp(logs))
	}
}

// violation is the error of the row sums.
func (s *scaling) violation() float64 {
	n := len(s.u)
	errs := make([]float64, n)
	parallel.Blocks(n, 32, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			errs[i] = math.Abs(s.u[i]*s.rowSum(i) - 1/float64(n))
		}
	})
	return floats.Sum(errs)
}
