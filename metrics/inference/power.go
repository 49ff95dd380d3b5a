package inference

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/stat/distuv"
)

const mostSeeds = 100000

// SeedsNeeded is the smallest number of paired seeds at which a two-sided t-test at the
// level alpha finds a mean difference of effect standard deviations with the given power. It
// fails on an effect of 0 and on levels outside (0, 1).
func SeedsNeeded(effect, alpha, power float64) (int, error) {
	if effect == 0 || math.IsNaN(effect) || !(alpha > 0 && alpha < 1) || !(power > 0 && power < 1) {
		return 0, fmt.Errorf("metrics: seeds needed: effect %v, level %v, power %v: want an effect and levels between 0 and 1", effect, alpha, power)
	}
	enough := func(n int) bool { return tPower(n, math.Abs(effect), alpha) >= power }
	high := 2
	for !enough(high) {
		if high *= 2; high > mostSeeds {
			return 0, fmt.Errorf("metrics: seeds needed: effect %v needs more than %d", effect, mostSeeds)
		}
	}
	low := max(2, high/2)
	for low < high {
		if middle := (low + high) / 2; enough(middle) {
			high = middle
		} else {
			low = middle + 1
		}
	}
	return high, nil
}

// tPower is the chance that |t| of n pairs passes its critical value when the mean is
// effect standard deviations: the normal tails averaged over the law of the
// standard deviation s, (n-1) s^2 ~ chi2.
func tPower(n int, effect, alpha float64) float64 {
	df, shift := float64(n-1), effect*math.Sqrt(float64(n))
	critical := distuv.StudentsT{Sigma: 1, Nu: df}.Quantile(1 - alpha/2)
	chi := distuv.ChiSquared{K: df}
	// s = u/sqrt(df) with density 2 u chi2(u^2).
	f := func(u float64) float64 {
		bound := critical * u / math.Sqrt(df)
		return 2 * u * chi.Prob(u*u) * (distuv.UnitNormal.CDF(shift-bound) + distuv.UnitNormal.CDF(-shift-bound))
	}
	centre := math.Sqrt(df)
	low, high := math.Max(0, centre-8), centre+9
	var sum float64
	for panel := range 20 {
		step := (high - low) / 20
		sum += quad.Fixed(f, low+float64(panel)*step, low+float64(panel+1)*step, 16, quad.Legendre{}, 0)
	}
	return sum
}

// SmallestShown is the smallest mean difference that n paired seeds could have shown
// with power 0.8 at 5%, given the standard deviation of the differences: (t_.975 + t_.8)
// s/sqrt(n). It fails below 2 seeds.
func SmallestShown(n int, deviation float64) (float64, error) {
	if n < 2 || !(deviation >= 0) {
		return 0, fmt.Errorf("metrics: smallest difference shown: %d seeds, deviation %v", n, deviation)
	}
	t := distuv.StudentsT{Sigma: 1, Nu: float64(n - 1)}
	return (t.Quantile(0.975) + t.Quantile(0.8)) * deviation / math.Sqrt(float64(n)), nil
}
