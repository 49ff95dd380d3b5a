package metrics

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

// fewSubsamples is the least number from which the ends of a 95% interval can be read.
const fewSubsamples = 40

// Subsample fills in the 95% interval of a measure's value by computing it on half of the rows, drawn without
// replacement from the stream (seed, subsample, measure, b): at half the size the spread of the halves
// about their mean is that of the whole sample about its own. (Rows drawn twice, as the bootstrap has, would
// have distance zero to themselves and bias statistics of pairs and of neighbours.) The ends are the 2.5% and
// 97.5% quantiles of the halves' deviations from their mean, added to the value; not cut to the measure's
// range. Halves that are degenerate are left out and counted in a warning. It fails as the measure does, and on
// fewer than 40 subsamples. D. N. Politis and J. P. Romano (1994).
func (d Descriptor) Subsample(r *Result, x, y *mat.Dense, subsamples int, s Settings) error {
	if subsamples < fewSubsamples {
		return fmt.Errorf("metrics: %s: %d subsamples, want at least %d for an interval", d.Name, subsamples, fewSubsamples)
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	s.Permutations = 0
	var values []float64
	for b := range subsamples {
		half := stream.Permutation(stream.New(s.Seed, "subsample", d.Name, b), m)[:m/2]
		others := half
		if d.Kind == Discrepancy {
			others = stream.Permutation(stream.New(s.Seed, "subsample", d.Name, b, "y"), n)[:n/2]
		}
		v, err := d.Compute(rows.Take(x, half), rows.Take(y, others), s)
		if err != nil {
			return fmt.Errorf("interval by halves: %w", err)
		}
		if !v.Degenerate {
			values = append(values, v.Value)
		}
	}
	if left := subsamples - len(values); left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d of %d subsamples collapsed", left, subsamples))
	}
	if len(values) < fewSubsamples {
		return nil // the warning says why there is no interval
	}
	floats.AddConst(r.Value-floats.Sum(values)/float64(len(values)), values)
	slices.Sort(values)
	at := func(q float64) float64 {
		h := q * float64(len(values)-1)
		low := int(h)
		return values[low] + (h-float64(low))*(values[low+1]-values[low]) // q is below 1: there is a next one
	}
	r.Interval = []float64{at(0.025), at(0.975)}
	return nil
}
