// Package independence measures how dependent two blocks of code are, from paired
// rows, with permutation tests.
//
// Every measure here is a sum over pairs of rows of a centred matrix of x
// (kernels or distances) times a matrix of y; this file holds that sum and its
// permutation, and each measure adds its matrices and its normalisation.
package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

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

// MaxRows is the most rows a measure takes: it keeps two n x n matrices, together
// at most 512 MiB.
const MaxRows = 5792

// minRows is the fewest rows that the estimator can do with.
func (e Estimator) minRows() int {
	if e == U {
		return 4
	}
	return 2
}

// check is what every measure asks of its input.
func check(name string, x, y *mat.Dense, e Estimator) error {
	if e != U && e != V {
		return fmt.Errorf("metrics: %s: unknown estimator %d", name, e)
	}
	if n, _ := x.Dims(); n > MaxRows {
		return fmt.Errorf("metrics: %s: %d rows need %d MiB of matrices; at most %d rows: draw a subsample", name, n, 16*n*n>>20, MaxRows)
	}
	return metrics.CheckPair(name, x, y, e.minRows(), true)
}

// newResult starts a result and warns of few rows.
func newResult(name string, n int, s metrics.Settings) metrics.Result {
	r := metrics.Result{Name: name, N: n, Seed: s.Seed}
	if n < metrics.FewRows {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows, fewer than %d", n, metrics.FewRows))
	}
	return r
}

// centre returns the doubly centred copy of a symmetric n x n matrix with zero
// diagonal: a_ij - a_i./n - a_j./n + a_../n^2 for V; for U the off-diagonal form
// a_ij - a_i./(n-2) - a_j./(n-2) + a_../((n-1)(n-2)) with zero diagonal
// (Szekely and Rizzo 2014).
func centre(a []float64, n int, e Estimator) []float64 {
	row, whole := float64(n), float64(n)*float64(n)
	if e == U {
		row, whole = float64(n-2), float64(n-1)*float64(n-2)
	}
	sums := make([]float64, n)
	for i := range sums {
		sums[i] = floats.Sum(a[i*n : (i+1)*n])
	}
	total := floats.Sum(sums) / whole
	out := make([]float64, n*n)
	for i := range n {
		to, from := out[i*n:(i+1)*n], a[i*n:(i+1)*n]
		for j := range to {
			// The sum of the two margins first: exactly symmetric.
			to[j] = from[j] - (sums[i]+sums[j])/row + total
		}
		if e == U {
			to[i] = 0
		}
	}
	return out
}

// divisor turns a sum over ordered pairs into the estimator's mean.
func (e Estimator) divisor(n int) float64 {
	if e == U {
		return float64(n) * float64(n-3)
	}
	return float64(n) * float64(n)
}

// covariance is sum_ij a_ij b_{p(i) p(j)} / divisor for symmetric matrices, a
// centred. A nil permutation is the identity; every permutation adds in the same
// order, so that one which changes nothing returns the same bits.
func covariance(a, b []float64, n int, p []int, e Estimator) float64 {
	if p == nil {
		p = make([]int, n)
		for i := range p {
			p[i] = i
		}
	}
	var lower, diagonal float64
	for i := range n {
		row := b[p[i]*n : (p[i]+1)*n]
		diagonal += a[i*n+i] * row[p[i]]
		lower += gather(a[i*n:i*n+i], row, p)
	}
	return (2*lower + diagonal) / e.divisor(n)
}

// gather is sum_j a_j row[p_j], in four chains that the processor can overlap.
func gather(a, row []float64, p []int) float64 {
	var s0, s1, s2, s3 float64
	p = p[:len(a)]
	j := 0
	for ; j+4 <= len(a); j += 4 {
		s0 += a[j] * row[p[j]]
		s1 += a[j+1] * row[p[j+1]]
		s2 += a[j+2] * row[p[j+2]]
		s3 += a[j+3] * row[p[j+3]]
	}
	for ; j < len(a); j++ {
		s0 += a[j] * row[p[j]]
	}
	return (s0 + s1) + (s2 + s3)
}

// null computes the covariance under each permutation.
func null(a, b []float64, n int, permutations [][]int, e Estimator) []float64 {
	out := make([]float64, len(permutations))
	parallel.For(len(out), func(i int) { out[i] = covariance(a, b, n, permutations[i], e) })
	return out
}

// finish fails on a value that overflowed: features near 1e150 and beyond have
// squared distances that are not finite.
func finish(r metrics.Result) (metrics.Result, error) {
	if math.IsNaN(r.Value) || math.IsInf(r.Value, 0) {
		return metrics.Result{}, fmt.Errorf("metrics: %s: the value is %v: the features are too large, scale them", r.Name, r.Value)
	}
	return r, nil
}

// tolerance is what rounding may do to the statistic, by which ties are kept.
func tolerance(statistic, xx, yy float64, e Estimator) float64 {
	if e == U {
		return metrics.TieTolerance * math.Sqrt(math.Max(xx*yy, 0))
	}
	return metrics.TieTolerance * math.Abs(statistic)
}
