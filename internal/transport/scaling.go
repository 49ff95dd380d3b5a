package transport

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

const (
	rowBlock    = 32
	columnBlock = 128 // rows of K are summed on their own; the number of blocks depends on n alone
	stripe      = 256 // columns of an exact step
)

// A scaling is the plan diag(u) K diag(v) / (n m) with K = exp((f + g - c)/epsilon).
type scaling struct {
	n, m       int
	cost       *mat.Dense
	epsilon    float64
	f, g, u, v []float64
	kernel     *mat.Dense
	symmetric  bool
	rows       []float64 // sums of K v
	columns    []float64 // sums of K'u
}

func newScaling(cost *mat.Dense, symmetric bool) *scaling {
	n, m := cost.Dims()
	return &scaling{n: n, m: m, cost: cost, f: make([]float64, n), g: make([]float64, m), u: make([]float64, n), v: make([]float64, m),
		kernel: mat.NewDense(n, m, nil), symmetric: symmetric, rows: make([]float64, n), columns: make([]float64, m)}
}

// nearest takes potentials under which every row and column of K has a large entry.
func (s *scaling) nearest() {
	for i := range s.f {
		s.f[i] = floats.Min(s.cost.RawRowView(i))
	}
	for j := range s.g {
		s.g[j] = math.Inf(1)
		for i := range s.n {
			s.g[j] = math.Min(s.g[j], s.cost.At(i, j)-s.f[i])
		}
	}
}

// rebuild computes K from the potentials, with scalings of 1.
func (s *scaling) rebuild() {
	s.reset()
	parallel.Blocks(s.n, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			to, f := s.kernel.RawRowView(i), s.f[i]
			for j, c := range s.cost.RawRowView(i) {
				to[j] = (f + s.g[j] - c) / s.epsilon
			}
			kernels.Exp(to)
		}
	})
}

func (s *scaling) reset() {
	for i := range s.u {
		s.u[i] = 1
	}
	for j := range s.v {
		s.v[j] = 1
	}
}

// fold moves the scalings into the potentials.
func (s *scaling) fold() {
	for i, u := range s.u {
		s.f[i] += s.epsilon * math.Log(u)
	}
	for j, v := range s.v {
		s.g[j] += s.epsilon * math.Log(v)
	}
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

// step sets u = m / K v and v = n / K'u, or for a sample with itself both to the geometric mean of old and new, and
// returns the largest change of a logarithm; not a finite number where a sum vanished.
func (s *scaling) step() (change float64) {
	s.sumRows()
	for i, sum := range s.rows {
		next := float64(s.m) / sum
		if s.symmetric {
			next = math.Sqrt(s.u[i] * next)
			s.v[i] = next
		}
		change = math.Max(change, math.Abs(math.Log(next/s.u[i])))
		s.u[i] = next
	}
	if s.symmetric {
		return change
	}
	s.sumColumns()
	for j, sum := range s.columns {
		next := float64(s.n) / sum
		change = math.Max(change, math.Abs(math.Log(next/s.v[j])))
		s.v[j] = next
	}
	return change
}

// sumRows computes K v.
func (s *scaling) sumRows() {
	parallel.Blocks(s.n, rowBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			s.rows[i] = floats.Dot(s.kernel.RawRowView(i), s.v)
		}
	})
}

// sumColumns computes K'u.
func (s *scaling) sumColumns() {
	partial := make([][]float64, (s.n+columnBlock-1)/columnBlock)
	parallel.Blocks(s.n, columnBlock, func(b, lo, hi int) {
		partial[b] = make([]float64, s.m)
		for i := lo; i < hi; i++ {
			floats.AddScaled(partial[b], s.u[i], s.kernel.RawRowView(i))
		}
	})
	clear(s.columns)
	for _, p := range partial {
		floats.Add(s.columns, p)
	}
}

// violation is the error of the row sums.
func (s *scaling) violation() float64 {
	s.sumRows()
	var sum float64
	for i, row := range s.rows {
		sum += math.Abs(s.u[i]*row/float64(s.m) - 1)
	}
	return sum / float64(s.n)
}

// exact is a step on logarithms, of any size: f from g, then g from f, or for a sample with itself both the mean of
// old and new. Scalings are 1.
func (s *scaling) exact() {
	next := make([]float64, s.n)
	parallel.Blocks(s.n, rowBlock, func(_, lo, hi int) {
		powers := make([]float64, s.m)
		for i := lo; i < hi; i++ {
			next[i] = s.softMinimum(s.cost.RawRowView(i), powers)
		}
	})
	if s.symmetric {
		for i, w := range next {
			s.f[i] = (s.f[i] + w) / 2
			s.g[i] = s.f[i]
		}
		return
	}
	copy(s.f, next)
	parallel.Blocks(s.m, stripe, func(_, lo, hi int) { s.columnMinima(lo, hi) })
}

// softMinimum is -epsilon ln mean_j exp((g_j - cost_j)/epsilon); powers is scratch.
func (s *scaling) softMinimum(cost, powers []float64) float64 {
	top := math.Inf(-1)
	for j, c := range cost {
		powers[j] = s.g[j] - c
		top = max(top, powers[j])
	}
	for j, p := range powers {
		powers[j] = (p - top) / s.epsilon
	}
	kernels.Exp(powers)
	return -top - s.epsilon*math.Log(floats.Sum(powers)/float64(s.m))
}

// columnMinima are the soft minima of columns lo to hi, which go into g.
func (s *scaling) columnMinima(lo, hi int) {
	top, sums, powers := make([]float64, hi-lo), make([]float64, hi-lo), make([]float64, hi-lo)
	for j := range top {
		top[j] = math.Inf(-1)
	}
	for i, f := range s.f {
		for j, c := range s.cost.RawRowView(i)[lo:hi] {
			top[j] = max(top[j], f-c)
		}
	}
	for i, f := range s.f {
		for j, c := range s.cost.RawRowView(i)[lo:hi] {
			powers[j] = (f - c - top[j]) / s.epsilon
		}
		kernels.Exp(powers)
		floats.Add(sums, powers)
	}
	for j, sum := range sums {
		s.g[lo+j] = -top[j] - s.epsilon*math.Log(sum/float64(s.n))
	}
}
