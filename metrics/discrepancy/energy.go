package discrepancy

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/metrics"
)

// Energy estimates the energy distance 2 E|a-b| - E|a-a'| - E|b-b'|, in the unit of the
// features, zero in the population exactly when the two distributions are equal: V with
// each row paired with itself, never below zero; U without, which may be. (Some
// packages return the root.) It is the squared maximum mean discrepancy with kernel
// -|a-b|. Test, errors, edge cases and cost as MMD.
//
// G. J. Szekely and M. L. Rizzo, "Energy statistics: a class of statistics based on
// distances" (2013).
func Energy(x, y *mat.Dense, e Estimator, s metrics.Settings) (metrics.Result, error) {
	name := map[Estimator]string{V: "energy", U: "energy-unbiased"}[e]
	return member{name: name, estimator: e, kernel: negativeDistance}.measure(x, y, s)
}

// EnergyCoefficient is E/(2 E|a-b|) of the V-statistic, in [0, 1], free of scale and fit
// for tables. Test, errors, edge cases and cost as MMD.
func EnergyCoefficient(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return member{name: "energy-coefficient", kernel: negativeDistance, finish: func(t [3]float64) float64 {
		if t[2] == 0 {
			return 0 // all rows of both samples are one point: there is no discrepancy
		}
		return math.Max(0, t[0]+t[1]+t[2]) / t[2]
	}}.measure(x, y, s)
}

func negativeDistance(pooled *mat.Dense, _ metrics.Settings) tiler {
	return fromDistances{pairwise.NewPoints(pooled), func(d2 []float64) {
		for i, v := range d2 {
			d2[i] = -math.Sqrt(v)
		}
	}}
}

func init() {
	const citation = "Szekely and Rizzo, Energy statistics: a class of statistics based on distances, 2013"
	invariant := []string{"row order", "translation", "rotation"}
	describe(metrics.Descriptor{Name: "energy", Doc: "energy distance, biased", Unit: "features", Range: [2]float64{0, math.Inf(1)}, Invariant: invariant,
		Cost: pooledCost, Citation: citation, MinRows: 1,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return Energy(x, y, V, s) }})
	describe(metrics.Descriptor{Name: "energy-unbiased", Doc: "energy distance, unbiased", Unit: "features", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Invariant: invariant,
		Cost: pooledCost, Citation: citation, MinRows: 2,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return Energy(x, y, U, s) }})
	describe(metrics.Descriptor{Name: "energy-coefficient", Doc: "energy distance over twice the mean distance between the domains", Range: [2]float64{0, 1},
		Invariant: append([]string{"scale"}, invariant...), Cost: pooledCost, Citation: citation, MinRows: 1, Compute: EnergyCoefficient})
}
