package inference

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// Replicates are a statistic and its values under resampling, from which the bootstrap
// intervals are read.
type Replicates struct {
	Estimate float64
	Sorted   []float64 // the statistic of each resample, ascending
	N        int       // rows resampled
	// Jackknife holds the statistic without each row, or without each of 200 groups of
	// rows; nil until a BCa interval needs it.
	Jackknife []float64
}

const (
	fewRows     = 10   // rows below which a bootstrap interval is too short
	jackknifed  = 2000 // most rows that are left out one at a time
	leaveGroups = 200
)

// Resample computes the statistic of n rows and of that many resamples: resample b
// draws n indices from the stream (seed, bootstrap, purpose, b). It fails on no rows, no
// resamples and a statistic that is not finite. Do not use it for unbiased pair statistics: a row
// drawn twice has distance zero to itself. B. Efron (1979).
func Resample(n, resamples int, seed uint64, purpose string, statistic func(rows []int) float64) (*Replicates, error) {
	if n < 1 || resamples < 1 {
		return nil, fmt.Errorf("metrics: bootstrap: %d rows and %d resamples, want at least one of each", n, resamples)
	}
	drawn := rows.All(n)
	b := &Replicates{Estimate: statistic(drawn), N: n, Sorted: make([]float64, resamples)}
	for k := range b.Sorted {
		r := stream.New(seed, "bootstrap", purpose, k)
		for i := range drawn {
			drawn[i] = r.IntN(n)
		}
		b.Sorted[k] = statistic(drawn)
	}
	if err := check("bootstrap", append([]float64{b.Estimate}, b.Sorted...), 0.5); err != nil {
		return nil, err
	}
	slices.Sort(b.Sorted)
	return b, nil
}

// LeaveOut fills in the jackknife: the statistic without row i for up to 2000 rows,
// without each of 200 interleaved groups of rows for more.
func (b *Replicates) LeaveOut(statistic func(rows []int) float64) error {
	groups := b.N
	if b.N > jackknifed {
		groups = leaveGroups
	}
	b.Jackknife = make([]float64, groups)
	kept := make([]int, 0, b.N)
	for g := range groups {
		kept = kept[:0]
		for i := range b.N {
			if i%groups != g {
				kept = append(kept, i)
			}
		}
		b.Jackknife[g] = statistic(kept)
	}
	return check("jackknife", b.Jackknife, 0.5)
}

// Percentile is the interval between the type-7 quantiles of the replicates at
// (1 -+ level)/2. It is short for few rows: about 90% for a nominal 95% at n = 10.
func (b *Replicates) Percentile(level float64) (Interval, error) {
	return b.between("percentile interval", level, 0.5-level/2, 0.5+level/2)
}

// BCa is Efron's interval corrected for bias and acceleration. It needs the
// jackknife (LeaveOut). Where all replicates lie on one side of the estimate, or the
// jackknife does not vary, it is the percentile interval, with a warning. B. Efron,
// "Better bootstrap confidence intervals" (1987).
func (b *Replicates) BCa(level float64) (Interval, error) {
	if b.Jackknife == nil {
		return Interval{}, fmt.Errorf("metrics: bca interval: no jackknife: call LeaveOut first")
	}
	z0, acceleration := b.bias(), b.acceleration()
	if math.IsInf(z0, 0) || math.IsNaN(acceleration) {
		i, err := b.Percentile(level)
		i.Warnings = append(i.Warnings, "no BCa correction exists: a percentile interval")
		return i, err
	}
	low, high := bcaLevels(z0, acceleration, level)
	return b.between("bca interval", level, low, high)
}

// bias is z0, the normal quantile of the share of replicates below the estimate.
func (b *Replicates) bias() float64 {
	below := 0.0
	for _, v := range b.Sorted {
		switch {
		case v < b.Estimate:
			below++
		case v == b.Estimate:
			below += 0.5
		}
	}
	return distuv.UnitNormal.Quantile(below / float64(len(b.Sorted)))
}

// acceleration is sum d^3 / (6 (sum d^2)^1.5), d the mean of the jackknife less each.
func (b *Replicates) acceleration() float64 {
	mean := stat.Mean(b.Jackknife, nil)
	var square, cube float64
	for _, v := range b.Jackknife {
		d := mean - v
		square += d * d
		cube += d * d * d
	}
	return cube / (6 * math.Pow(square, 1.5))
}

func bcaLevels(z0, acceleration, level float64) (low, high float64) {
	at := func(q float64) float64 {
		z := z0 + distuv.UnitNormal.Quantile(q)
		return distuv.UnitNormal.CDF(z0 + z/(1-acceleration*z))
	}
	return at(0.5 - level/2), at(0.5 + level/2)
}

func (b *Replicates) between(name string, level, low, high float64) (Interval, error) {
	if err := check(name, b.Sorted, level); err != nil {
		return Interval{}, err
	}
	i := Interval{Estimate: b.Estimate, N: b.N, Low: Quantile(b.Sorted, low), High: Quantile(b.Sorted, high)}
	if b.N < fewRows {
		i.Warnings = []string{fmt.Sprintf("%d rows: the interval is too short", b.N)}
	}
	return i, nil
}

// Bootstrap is the percentile interval of Resample's replicates. Fewer than 10 rows
// warn. Errors as Resample, and a level outside (0, 1).
func Bootstrap(n, resamples int, level float64, seed uint64, purpose string, statistic func(rows []int) float64) (Interval, error) {
	b, err := Resample(n, resamples, seed, purpose, statistic)
	if err != nil {
		return Interval{}, err
	}
	return b.Percentile(level)
}
