package independence

import (
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

const slicedDirections = 50

// SlicedDistanceCovariance estimates the bias-corrected distance covariance of the paired rows of x (n x p) and y
// (n x q), in the product of their units, by the mean over 50 pairs of random directions, from the stream (seed,
// dcov-sliced), of that of the rows' coordinates, times C_p C_q with C_p = sqrt(pi) Gamma((p+1)/2) / Gamma(p/2),
// which makes it unbiased. It may fall below zero. The part is the standard error of the choice of directions. The
// p-value permutes the rows of y.
//
// A constant block gives 0, p = 1 and Degenerate. It fails on unequal rows, fewer than 4 and values that are not
// finite. Time O(50 n (p + q + log n (1 + permutations))), memory O(n (p + q)) and a value for each direction and
// permutation.
//
// C. Huang and X. Huo, "A statistically and numerically efficient independence test based on random projections and
// distance covariance" (2022).
func SlicedDistanceCovariance(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return slicedCovariance(x, y, slicedDirections, s)
}

func slicedCovariance(x, y *mat.Dense, directions int, s metrics.Settings) (metrics.Result, error) {
	const name = "dcov-sliced"
	if err := metrics.CheckPair(name, x, y, U.minRows(), true); err != nil {
		return metrics.Result{}, err
	}
	n, p := x.Dims()
	_, q := y.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	scale := sphereScale(p) * sphereScale(q)
	slice := func(k int) *scalarDistances {
		random := stream.New(s.Seed, name, k)
		return newScalarDistances(rows.Along(x, stream.Direction(random, p)), rows.Along(y, stream.Direction(random, q)))
	}
	values, slacks := make([]float64, directions), make([]float64, directions)
	parallel.For(directions, func(k int) {
		d := slice(k).statistic(U)
		values[k] = scale * d.Covariance
		slacks[k] = scale * scalarRounding * math.Sqrt(math.Max(0, d.VarianceX*d.VarianceY))
	})
	mean, deviation := stat.MeanStdDev(values, nil)
	r.Value = mean
	r.Parts = []metrics.Part{{Name: "standard error of the directions", Value: deviation / math.Sqrt(float64(directions))}}
	r.Test(r.Value, n, s, stat.Mean(slacks, nil), func(permutations [][]int) []float64 {
		// A direction is made once and serves all permutations of the lot.
		parts := make([][]float64, directions)
		parallel.For(directions, func(k int) {
			d := slice(k)
			parts[k] = make([]float64, len(permutations))
			for b, p := range permutations {
				parts[k][b] = scale * d.permuted(p, U)
			}
		})
		out := make([]float64, len(permutations))
		for _, part := range parts {
			for b, v := range part {
				out[b] += v / float64(directions)
			}
		}
		return out
	})
	return r.Finish()
}

// sphereScale is |u| over the mean of |theta.u| for theta uniform on the sphere of d columns.
func sphereScale(d int) float64 {
	above, _ := math.Lgamma(float64(d+1) / 2)
	below, _ := math.Lgamma(float64(d) / 2)
	return math.Sqrt(math.Pi) * math.Exp(above-below)
}

func init() {
	metrics.Measures.Add("dcov-sliced", metrics.Descriptor{
		Name: "dcov-sliced", Kind: metrics.Independence, Doc: "distance covariance, bias-corrected, by 50 random directions: permutation tests of any number of rows", Unit: "features squared",
		Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation"}, MinRows: U.minRows(),
		Cost:     "time 50 n (p + q + log n (1 + permutations)), memory n (p + q)",
		Citation: "Huang and Huo, A statistically and numerically efficient independence test based on random projections and distance covariance, 2022", Compute: SlicedDistanceCovariance,
	})
}
