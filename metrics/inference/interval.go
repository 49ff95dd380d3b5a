// Package inference says how sure a number is and which of several methods is
// better: intervals over seeds, over rows and over tasks, tests of paired scores,
// ranks of methods over tasks, and p-values corrected for their number.
package inference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

// An Interval is an estimate with its lower and upper bound. Low and High are NaN
// where there is no interval; Warnings says why.
type Interval struct {
	Estimate, Low, High float64
	N                   int
	Warnings            []string
}

// FewSeeds is the number of values below which an interval over seeds warns.
const FewSeeds = 5

// OverSeeds is the mean of the values with its t-interval at the level (0.95):
// mean +- t_{n-1} s/sqrt(n), s with n - 1. One value has no interval, never +- 0. Equal
// values give a width of 0 and a warning, since a seed that does not reach the run is the
// usual cause; fewer than 5 values warn. It fails on no values, on values that are
// not finite and on a level outside (0, 1).
func OverSeeds(values []float64, level float64) (Interval, error) {
	if err := check("t-interval", values, level); err != nil {
		return Interval{}, err
	}
	n := len(values)
	mean := stat.Mean(values, nil)
	i := Interval{Estimate: mean, N: n, Low: math.NaN(), High: math.NaN()}
	if n == 1 {
		i.Warnings = []string{"one value: no interval"}
		return i, nil
	}
	if n < FewSeeds {
		i.Warnings = append(i.Warnings, fmt.Sprintf("%d values, fewer than %d", n, FewSeeds))
	}
	if slices.Max(values) == slices.Min(values) {
		i.Estimate, i.Low, i.High = values[0], values[0], values[0]
		i.Warnings = append(i.Warnings, "all values are equal")
		return i, nil
	}
	t := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: float64(n - 1)}.Quantile(0.5 + level/2)
	half := t * stat.StdDev(values, nil) / math.Sqrt(float64(n))
	i.Low, i.High = mean-half, mean+half
	return i, nil
}

// Wilson is the 95% interval of a proportion, hits of n: (p + z^2/2n +- z
// sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). It fails unless 0 <= hits <= n and n > 0.
// E. B. Wilson (1927).
func Wilson(hits, n int) (Interval, error) {
	if n <= 0 || hits < 0 || hits > n {
		return Interval{}, fmt.Errorf("metrics: wilson interval: %d of %d", hits, n)
	}
	const z = 1.959963984540054
	p, m := float64(hits)/float64(n), float64(n)
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	i := Interval{Estimate: p, N: n, Low: (centre - half) / (1 + z*z/m), High: (centre + half) / (1 + z*z/m)}
	if hits == 0 {
		i.Low = 0 // exact, but for rounding
	}
	if hits == n {
		i.High = 1
	}
	return i, nil
}

// Quantile is the type-7 quantile of sorted values, which must not be empty: linear
// between the order statistics around (n-1)q, q in [0, 1].
func Quantile(sorted []float64, q float64) float64 {
	h := float64(len(sorted)-1) * q
	low := int(h)
	if low+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	return sorted[low] + (h-float64(low))*(sorted[low+1]-sorted[low])
}

func check(name string, values []float64, level float64) error {
	if len(values) == 0 {
		return fmt.Errorf("metrics: %s: no values", name)
	}
	if !(level > 0 && level < 1) {
		return fmt.Errorf("metrics: %s: level %v, want a number between 0 and 1", name, level)
	}
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("metrics: %s: value %d is %v, want a finite number", name, i, v)
		}
	}
	return nil
}
