package disentanglement

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

const irsQuantile = 0.99

// IRS is the interventional robustness score: for each column of code and factor, 1 less the 0.99-quantile of the
// deviation from the mean of the rows of one level, averaged over levels and over the largest deviation from the
// overall mean; the best factor of each column, averaged with the largest deviations as weights. At most 1. Levels of fewer
// than 10 rows give a false 1 and warn. Constant columns are dropped. Errors and edge cases as MIG. Time O(n k m).
//
// R. Suter et al., "Robustly disentangled causal mechanisms" (2019).
func IRS(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("irs", codes, table, 2, s)
	if done || err != nil {
		return r, err
	}
	_, k := codes.Dims()
	var weights, best []float64
	for i := range k {
		column := mat.Col(nil, i, codes)
		if slices.Min(column) == slices.Max(column) {
			continue
		}
		widest := slices.Max(deviations(column))
		row := robustness(column, widest, f)
		weights, best = append(weights, widest), append(best, slices.Max(row))
	}
	var total float64
	for i, w := range weights {
		r.Value += w * best[i]
		total += w
	}
	r.Value /= total
	for j, levels := range f.levels {
		size := make([]int, f.counts[j])
		for _, l := range levels {
			size[l]++
		}
		if least := slices.Min(size); least < fewestOfLevel {
			r.Warnings = append(r.Warnings, fmt.Sprintf("factor %d: a level of %d rows, fewer than %d", f.columns[j]+1, least, fewestOfLevel))
		}
	}
	return r.Finish()
}

// robustness is the score of a column for each factor.
func robustness(column []float64, widest float64, f *factors) []float64 {
	out := make([]float64, len(f.levels))
	for j, levels := range f.levels {
		groups := make([][]float64, f.counts[j])
		for i, l := range levels {
			groups[l] = append(groups[l], column[i])
		}
		for _, g := range groups {
			d := deviations(g)
			slices.Sort(d)
			out[j] += inference.Quantile(d, irsQuantile) / float64(len(groups))
		}
		out[j] = 1 - out[j]/widest
	}
	return out
}

func deviations(v []float64) []float64 {
	m := mean(v)
	out := make([]float64, len(v))
	for i, x := range v {
		out[i] = math.Abs(x - m)
	}
	return out
}

func init() {
	describe(metrics.Descriptor{Name: "irs", Doc: "interventional robustness: how little a column of code moves while a factor is held fixed", Range: [2]float64{math.Inf(-1), 1}, Invariant: []string{"row order", "translation"},
		Cost: "time n k m", Citation: "Suter et al., Robustly disentangled causal mechanisms, ICML 2019", MinRows: 2, Compute: IRS})
}
