package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/transport"
	"github.com/venn-adapt/venn/metrics"
)

const wassersteinRows = 2000

// ExactTransport is the exact Wasserstein distance of two samples of equal weights: p = 1 the least mean
// distance, W_1; p = 2 the least mean squared distance, W_2^2. As an estimate of the population it is biased
// by n^(-1/d): useless beyond about four columns but for a ranking at equal n. Errors as MMD, another p, and more
// than 2000 rows in a sample. Time up to O((m+n) m n), memory O(m n).
//
// G. Peyre and M. Cuturi, "Computational optimal transport" (2019), section 3.
func ExactTransport(x, y *mat.Dense, p float64) (float64, error) {
	const name = "w2-exact"
	if err := metrics.CheckPair(name, x, y, 1, false); err != nil {
		return 0, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	if max(m, n) > wassersteinRows || (p != 1 && p != 2) {
		return 0, fmt.Errorf("metrics: %s: %d and %d rows, p = %v: want at most %d, and 1 or 2", name, m, n, p, wassersteinRows)
	}
	cost := costs(pairwise.NewPoints(stack(x, y)), 0, m, m, m+n)
	if p == 1 {
		cost.Apply(func(_, _ int, v float64) float64 { return math.Sqrt(v) }, cost)
	}
	plan, err := transport.Exact(cost)
	if err != nil {
		return 0, fmt.Errorf("metrics: %s: %w", name, err)
	}
	var paid mat.Dense
	paid.MulElem(plan, cost)
	return mat.Sum(&paid), nil
}

// Wasserstein is W_2^2 of ExactTransport. The test computes it anew for each permutation: ask for few.
func Wasserstein(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("w2-exact", x, y, 1, s)
	if done || err != nil {
		return r, err
	}
	if r.Value, err = ExactTransport(x, y, 2); err != nil {
		return r, err
	}
	permutePooled(&r, x, y, s, metrics.TieTolerance*r.Value, func(x, y *mat.Dense) float64 {
		v, _ := ExactTransport(x, y, 2) // the same rows: it succeeded
		return v
	})
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "w2-exact", Doc: "squared Wasserstein distance by the exact transport plan; biased by n^(-1/d)", Unit: "features squared", Range: [2]float64{0, math.Inf(1)},
		Invariant: []string{"row order", "translation", "rotation"}, Cost: "time up to (m+n) m n (1 + permutations), memory 24 m n bytes; at most 2000 rows in a sample", MinRows: 1,
		Citation: "Peyre and Cuturi, Computational optimal transport, 2019", Compute: Wasserstein})
}
