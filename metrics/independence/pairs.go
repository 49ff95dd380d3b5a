// Package independence measures how dependent two blocks of code are, from paired
// rows, with permutation tests and, by their own names, approximations of them.
//
// Most measures here are a sum over pairs of rows of a centred matrix of x (kernels or
// distances) times a matrix of y: statistic.go holds that family, this file its sum and
// permutation, moments.go its value without a kept matrix, approximate.go its tests
// without permutations.
package independence

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// An Estimator says how an average over pairs treats a row paired with itself.
type Estimator int

// The estimators.
const (
	V Estimator = iota // keeps it: biased upwards, never below zero, from 2 rows
	U                  // leaves it out: unbiased, may fall below zero, from 4 rows
)

// minRows is the fewest rows that the estimator can do with.
func (e Estimator) minRows() int {
	if e == U {
		return 4
	}
	return 2
}

// divisor turns a sum over ordered pairs into the estimator's mean.
func (e Estimator) divisor(n int) float64 {
	if e == U {
		return float64(n) * float64(n-3)
	}
	return float64(n) * float64(n)
}

// centre changes a symmetric n x n matrix with zero diagonal to its doubly centred form:
// a_ij - a_i./n - a_j./n + a_../n^2 for V; for U the off-diagonal form
// a_ij - a_i./(n-2) - a_j./(n-2) + a_../((n-1)(n-2)) with zero diagonal
// (Szekely and Rizzo 2014).
func centre(a []float64, n int, e Estimator) {
	row, whole := float64(n), float64(n)*float64(n)
	if e == U {
		row, whole = float64(n-2), float64(n-1)*float64(n-2)
	}
	sums := make([]float64, n)
	for i := range sums {
		sums[i] = floats.Sum(a[i*n : (i+1)*n])
	}
	total := floats.Sum(sums) / whole
	for i := range n {
		to := a[i*n : (i+1)*n]
		for j := range to {
			// The sum of the two margins first: exactly symmetric.
			to[j] += total - (sums[i]+sums[j])/row
		}
		if e == U {
			to[i] = 0
		}
	}
}

// A stored matrix is of float64 up to exactRows and of float32 beyond: a permutation is bound by
// memory, and the half of it takes half the time. Every permutation, the identity among
// them, uses the same stored values and adds in float64.
type stored interface{ float32 | float64 }

const (
	exactRows = 1024
	together  = 16 // permutations that share a pass over the plain matrix
)

// A permuter computes the statistic of a centred and a plain matrix under permutations.
type permuter struct {
	n         int
	estimator Estimator
	a, b      []float64
	a32, b32  []float32 // in place of a and b beyond exactRows
}

// newPermuter takes over the kept matrices of both blocks.
func newPermuter(x, y *gram, e Estimator) *permuter {
	x.keep()
	y.keep()
	p := &permuter{n: x.rows(), estimator: e, a: x.matrix, b: y.matrix}
	x.matrix, y.matrix = nil, nil
	centre(p.a, p.n, e)
	if p.n > exactRows {
		p.a32, p.a = narrow(p.a), nil
		p.b32, p.b = narrow(p.b), nil
	}
	return p
}

func narrow(a []float64) []float32 {
	out := make([]float32, len(a))
	for i, v := range a {
		out[i] = float32(v)
	}
	return out
}

// statistics is sum_ij a_ij b_{p(i) p(j)} / divisor for each permutation p. Every one adds in the
// same order, so that one which changes nothing returns the same bits.
func (m *permuter) statistics(permutations [][]int) []float64 {
	out := make([]float64, len(permutations))
	parallel.Blocks(len(out), together, func(_, lo, hi int) {
		if m.a32 != nil {
			sums(m.a32, m.b32, m.n, permutations[lo:hi], out[lo:hi])
		} else {
			sums(m.a, m.b, m.n, permutations[lo:hi], out[lo:hi])
		}
		for i := lo; i < hi; i++ {
			out[i] /= m.estimator.divisor(m.n)
		}
	})
	return out
}

// observed is the statistic of the identity.
func (m *permuter) observed() float64 {
	p := make([]int, m.n)
	for i := range p {
		p[i] = i
	}
	return m.statistics([][]int{p})[0]
}

// sums adds a_ij b_{p(i) p(j)} over all i, j for each permutation p. It goes along the rows of b, which all permutations
// share while they are near, and keeps the sum of each row of a, to add them in the order of a: the sum of
// a permutation that changes nothing is the same bits.
func sums[F stored](a, b []F, n int, permutations [][]int, out []float64) {
	short := make([][]uint16, len(permutations)) // n is at most MaxRows
	inverse := make([][]uint16, len(permutations))
	parts := make([][]float64, len(permutations))
	for k, p := range permutations {
		short[k], inverse[k], parts[k] = make([]uint16, n), make([]uint16, n), make([]float64, n)
		for i, v := range p {
			short[k][i], inverse[k][v] = uint16(v), uint16(i)
		}
	}
	for r := range n {
		row := b[r*n : (r+1)*n]
		for k, p := range short {
			i := int(inverse[k][r])
			parts[k][i] = 2*gather(a[i*n:i*n+i], row, p) + float64(a[i*n+i])*float64(row[r])
		}
	}
	for k := range out {
		out[k] = 0
		for _, v := range parts[k] {
			out[k] += v
		}
	}
}

// gather is sum_j a_j row[p_j], in four chains that the processor can overlap.
func gather[F stored](a, row []F, p []uint16) float64 {
	var s0, s1, s2, s3 float64
	p = p[:len(a)]
	j := 0
	for ; j+4 <= len(a); j += 4 {
		s0 += float64(a[j]) * float64(row[p[j]])
		s1 += float64(a[j+1]) * float64(row[p[j+1]])
		s2 += float64(a[j+2]) * float64(row[p[j+2]])
		s3 += float64(a[j+3]) * float64(row[p[j+3]])
	}
	for ; j < len(a); j++ {
		s0 += float64(a[j]) * float64(row[p[j]])
	}
	return (s0 + s1) + (s2 + s3)
}

// each computes a statistic under each permutation.
func each(permutations [][]int, statistic func(p []int) float64) []float64 {
	out := make([]float64, len(permutations))
	parallel.For(len(out), func(i int) { out[i] = statistic(permutations[i]) })
	return out
}

// tolerance is what rounding may do to the statistic, by which ties are kept.
func tolerance(statistic, xx, yy float64, e Estimator) float64 {
	if e == U {
		return metrics.TieTolerance * math.Sqrt(math.Max(xx*yy, 0))
	}
	return metrics.TieTolerance * math.Abs(statistic)
}
