package disentanglement

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/independence"
)

// Bins of a code column, of equal width between its extremes.
const Bins = 20

const edgeRounding = 1e-9 // share of a column's range

// binned puts a column into bins from 0: the number of left edges lo + i (hi - lo)/Bins at or below the
// value, so that the largest value is in the last. A value that rounding puts below an edge, as whole numbers in
// another unit, is on it.
func binned(column []float64) []int {
	lo, hi := column[0], column[0]
	for _, v := range column {
		lo, hi = math.Min(lo, v), math.Max(hi, v)
	}
	out := make([]int, len(column))
	if lo == hi {
		return out
	}
	for i, v := range column {
		for b := 1; b < Bins; b++ {
			if v >= lo+(float64(b)/Bins-edgeRounding)*(hi-lo) {
				out[i] = b
			}
		}
	}
	return out
}

// information is the mutual information of each binned code column with each factor, and for each pair
// what else is known of it.
func information(codes *mat.Dense, f *factors) [][]independence.LabelPair {
	_, k := codes.Dims()
	out := make([][]independence.LabelPair, k)
	for i := range out {
		column := binned(mat.Col(nil, i, codes))
		out[i] = make([]independence.LabelPair, len(f.levels))
		for j, levels := range f.levels {
			out[i][j], _ = independence.DiscreteInformation(column, levels) // as many rows: cannot fail
		}
	}
	return out
}

// MIG is the mutual information gap: for each factor the information of the best column of the code
// less that of the second, over the factor's entropy; their mean, in [0, 1], 1 where each factor sits in one
// column alone. Columns are cut into 20 bins of equal width. Duplicated columns give 0 by design.
// Parts are the factors. Factors of one level are left out; constant codes give 0 and Degenerate. It fails on
// unequal rows, factors that are not whole numbers and values that are not finite. Time O(n k m).
//
// R. T. Q. Chen et al., "Isolating sources of disentanglement in variational autoencoders"
// (2018); F. Locatello et al. (2019) for deterministic codes.
func MIG(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("mig", codes, table, 2, s)
	if done || err != nil {
		return r, err
	}
	pairs := information(codes, f)
	gaps := make([]float64, len(f.levels))
	for j := range gaps {
		column := make([]float64, len(pairs))
		for i := range pairs {
			column[i] = pairs[i][j].Information
		}
		gaps[j] = gap(column) / pairs[0][j].EntropyY
	}
	r.Value = mean(gaps)
	f.parts(&r, gaps)
	return r.Finish()
}

// Modularity is the mean over columns of 1 - (sum_j I_j^2 - max I^2)/(max I^2 (m - 1)): 1 where each
// column tells of one factor. A column without any information counts 0. A column of noise never has exactly
// none, so the part "corrected" is the same of Miller-Madow's information with what a G test at 5% does not
// show set to 0 and columns without any left out. One factor gives 0 and Degenerate. Errors and cost as MIG.
//
// K. Ridgeway and M. C. Mozer, "Learning deep disentangled embeddings with the F-statistic
// loss" (2018).
func Modularity(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("modularity", codes, table, 2, s)
	if done || err != nil {
		return r, err
	}
	if len(f.levels) < 2 {
		return r.Collapse("one factor", false), nil
	}
	pairs := information(codes, f)
	var corrected float64
	counted, empty := 0, 0
	for _, row := range pairs {
		plain, clean := make([]float64, len(row)), make([]float64, len(row))
		for j, p := range row {
			plain[j] = p.Information
			if df := float64((p.LevelsX - 1) * (p.LevelsY - 1)); df > 0 && (distuv.ChiSquared{K: df}).Survival(2*float64(f.n)*p.Information) <= 0.05 {
				clean[j] = math.Max(0, p.MillerMadow)
			}
		}
		r.Value += modular(plain) / float64(len(pairs))
		if m := modular(clean); slices.Max(clean) > 0 {
			corrected += m
			counted++
		} else {
			empty++
		}
	}
	if counted > 0 {
		r.Parts = append(r.Parts, metrics.Part{Name: "corrected", Value: corrected / float64(counted)})
	}
	if empty > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d columns of code tell of no factor", empty))
	}
	return r.Finish()
}

func modular(information []float64) float64 {
	top := slices.Max(information)
	if top <= 0 {
		return 0
	}
	var others float64
	for _, v := range information {
		others += v * v
	}
	return 1 - (others-top*top)/(top*top*float64(len(information)-1))
}

func init() {
	describe(metrics.Descriptor{Name: "mig", Doc: "mutual information gap of the two best columns of code for each factor, 20 bins", Range: [2]float64{0, 1}, Invariant: []string{"row order", "translation", "scale"},
		Cost: "time n k m", Citation: "Chen et al., Isolating sources of disentanglement in variational autoencoders, NeurIPS 2018", MinRows: 2, Compute: MIG})
	describe(metrics.Descriptor{Name: "modularity", Doc: "how far each column of code tells of one factor alone, 20 bins", Range: [2]float64{0, 1}, Invariant: []string{"row order", "translation", "scale"},
		Cost: "time n k m", Citation: "Ridgeway and Mozer, Learning deep disentangled embeddings with the F-statistic loss, NeurIPS 2018", MinRows: 2, Compute: Modularity})
}
