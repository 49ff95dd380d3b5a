package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/transport"
	"github.com/venn-adapt/venn/metrics"
)

// A Transport is an entropic optimal transport between two samples of equal weights, cost
// |x-y|^2.
type Transport struct {
	Value      float64 // min <P,C> + eps KL(P | a x b), from the dual
	Cost       float64 // <P,C> alone
	Iterations int     // at the last eps
	Converged  bool
}

const (
	sinkhornIterations = 1000
	sinkhornTolerance  = 1e-9 // change of a potential, as a share of the largest cost
	// transportBytes bounds the costs and the plan that are kept.
	transportBytes = 1 << 30
)

// A Divergence is the Sinkhorn divergence and its three transports.
type Divergence struct {
	Value      float64 // OT(A,B) - OT(A,A)/2 - OT(B,B)/2, never below 0
	Sharp      float64 // the same of the costs alone, as PythonOT has it
	AB, AA, BB Transport
	Epsilon    float64
}

// SinkhornOf computes the divergence at eps, in the square of the features' unit; eps 0 takes
// 0.05 times the median squared distance of the pooled rows. It is 0 exactly for equal samples, tends
// to W_2^2 for small eps and to |mean difference|^2 for large, and equals |delta|^2 for a
// translation at any eps. A transport that does not reach 1e-9 of the largest cost in 1000
// iterations says so. Errors as MMD, an eps that is not positive, and more pairs than 1 GiB of
// costs and plan hold. Time O(m n) an iteration, memory 16 m n bytes.
//
// J. Feydy et al., "Interpolating between optimal transport and MMD using Sinkhorn
// divergences" (2019).
func SinkhornOf(x, y *mat.Dense, epsilon float64, seed uint64) (Divergence, error) {
	return sinkhornOf(x, y, epsilon, sinkhornTolerance, seed)
}

func sinkhornOf(x, y *mat.Dense, epsilon, tolerance float64, seed uint64) (Divergence, error) {
	if err := metrics.CheckPair("sinkhorn", x, y, 1, false); err != nil {
		return Divergence{}, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	if size := 16 * max(m*m, n*n); size > transportBytes {
		return Divergence{}, fmt.Errorf("metrics: sinkhorn: %d and %d rows need %d MiB of costs and plan, at most %d: draw subsamples", m, n, size>>20, transportBytes>>20)
	}
	all := stack(x, y)
	if epsilon == 0 {
		width := pairwise.Median(all, seed)
		epsilon = 0.05 * width * width
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return Divergence{}, fmt.Errorf("metrics: sinkhorn: epsilon %v, want a number above 0", epsilon)
	}
	points := pairwise.NewPoints(all)
	d := Divergence{Epsilon: epsilon}
	for _, problem := range []struct {
		to             *Transport
		i0, i1, j0, j1 int
	}{{&d.AB, 0, m, m, m + n}, {&d.AA, 0, m, 0, m}, {&d.BB, m, m + n, m, m + n}} {
		var err error
		if *problem.to, err = couple(costs(points, problem.i0, problem.i1, problem.j0, problem.j1), epsilon, tolerance, problem.to != &d.AB); err != nil {
			return Divergence{}, fmt.Errorf("metrics: sinkhorn: %w", err)
		}
	}
	d.Value = math.Max(0, d.AB.Value-(d.AA.Value+d.BB.Value)/2)
	d.Sharp = d.AB.Cost - (d.AA.Cost+d.BB.Cost)/2
	return d, nil
}

// costs are the squared distances of rows i0..i1 from rows j0..j1.
func costs(points *pairwise.Points, i0, i1, j0, j1 int) *mat.Dense {
	out := mat.NewDense(i1-i0, j1-j0, nil)
	values := out.RawMatrix().Data
	parallel.Blocks(i1-i0, pairwise.Tile, func(_, lo, hi int) {
		points.Squared(values[lo*(j1-j0):hi*(j1-j0)], i0+lo, i0+hi, j0, j1)
	})
	return out
}

func couple(cost *mat.Dense, epsilon, tolerance float64, symmetric bool) (Transport, error) {
	r, err := transport.Sinkhorn(cost, transport.Settings{Epsilon: epsilon, Stop: transport.Potentials, Tolerance: tolerance,
		Iterations: sinkhornIterations, Anneal: true, Symmetric: symmetric})
	if err != nil {
		return Transport{}, err
	}
	return Transport{Value: r.Value(), Cost: r.Cost(cost), Iterations: r.Iterations, Converged: r.Converged}, nil
}

// Sinkhorn is the divergence of SinkhornOf at 0.05 times the median squared distance of the pooled
// rows. The test computes it anew for each permutation: ask for few. Transports that do not converge
// warn.
func Sinkhorn(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("sinkhorn", x, y, 1, s)
	if done || err != nil {
		return r, err
	}
	d, err := SinkhornOf(x, y, 0, s.Seed)
	if err != nil {
		return r, err
	}
	r.Value = d.Value
	r.Parts = []metrics.Part{{Name: "epsilon", Value: d.Epsilon}, {Name: "without entropy", Value: d.Sharp}}
	for i, t := range []Transport{d.AB, d.AA, d.BB} {
		if !t.Converged {
			r.Warnings = append(r.Warnings, fmt.Sprintf("transport %s did not converge in %d iterations", [...]string{"between the samples", "within the first", "within the second"}[i], sinkhornIterations))
		}
	}
	permutePooled(&r, x, y, s, sinkhornTolerance*d.AB.Value, func(x, y *mat.Dense) float64 {
		v, _ := SinkhornOf(x, y, d.Epsilon, s.Seed) // the same rows: it succeeded
		return v.Value
	})
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "sinkhorn", Doc: "Sinkhorn divergence, squared distance, epsilon 0.05 times the median", Unit: "features squared", Range: [2]float64{0, math.Inf(1)},
		Invariant: []string{"row order", "translation", "rotation"}, Cost: "time m n an iteration (1 + permutations), memory 16 m n bytes", MinRows: 1,
		Citation: "Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences, AISTATS 2019", Compute: Sinkhorn})
}
