// Package inference says how sure a number is: intervals over seeds and over
// rows, and p-values corrected for their number.
package inference

import (
	"fmt"
	"math"
	"slices"
	"sort"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/stream"
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

// Holm returns p-values adjusted for their number, in the given order: sorted
// ascending, the running maximum of min(1, (m-j+1) p_(j)). It controls the family-wise
// error under any dependence. NaN (a test that was not made) stays NaN and does
// not count. It fails on a value outside [0, 1]. S. Holm (1979).
func Holm(p []float64) ([]float64, error) {
	var order []int
	for i, v := range p {
		switch {
		case math.IsNaN(v):
		case v < 0 || v > 1:
			return nil, fmt.Errorf("metrics: holm: p-value %d is %v, want 0 to 1", i, v)
		default:
			order = append(order, i)
		}
	}
	sort.SliceStable(order, func(a, b int) bool { return p[order[a]] < p[order[b]] })
	out, running := slices.Clone(p), 0.0
	for j, i := range order {
		running = math.Max(running, math.Min(1, float64(len(order)-j)*p[i]))
		out[i] = running
	}
	return out, nil
}

// Bootstrap is the percentile interval at the level of a statistic of n rows:
// resample b draws n indices from the stream (seed, bootstrap, purpose, b), and the
// ends are type-7 quantiles of the statistics. Fewer than 10 rows warn. It fails on no
// rows, no resamples, a level outside (0, 1) and a statistic that is not finite. Do
// not use it for unbiased pair statistics: a row drawn twice has distance zero to
// itself. B. Efron (1979).
func Bootstrap(n, resamples int, level float64, seed uint64, purpose string, statistic func(rows []int) float64) (Interval, error) {
	if n < 1 || resamples < 1 {
		return Interval{}, fmt.Errorf("metrics: bootstrap: %d rows and %d resamples, want at least one of each", n, resamples)
	}
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	estimate := statistic(rows)
	values := make([]float64, resamples)
	for b := range values {
		r := stream.New(seed, "bootstrap", purpose, b)
		for i := range rows {
			rows[i] = r.IntN(n)
		}
		values[b] = statistic(rows)
	}
	if err := check("bootstrap", append([]float64{estimate}, values...), level); err != nil {
		return Interval{}, err
	}
	sort.Float64s(values)
	i := Interval{Estimate: estimate, N: n, Low: Quantile(values, 0.5-level/2), High: Quantile(values, 0.5+level/2)}
	if n < 10 {
		i.Warnings = []string{fmt.Sprintf("%d rows: the interval is too short", n)}
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
