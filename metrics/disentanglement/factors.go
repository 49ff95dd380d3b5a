// Package disentanglement scores codes against known factors of variation: whether each factor sits
// in few columns of the code and each column holds few factors, and, for blocks of code, which
// block leaks what.
//
// Codes are n x k and factors n x m, levels as whole numbers. Factors must be nearly independent in
// the sample, else every score mixes their correlation with entanglement; an untrained encoder does not
// score 0 on any of these: report it beside.
package disentanglement

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/independence"
)

// factors are the columns that have at least two levels, as levels from 0.
type factors struct {
	n       int
	levels  [][]int // by factor
	counts  []int   // levels of each
	columns []int   // of the factor matrix
	left    int     // factors with one level
}

// begin checks codes and factors and starts a result; it is done, collapsed, where nothing varies.
func begin(name string, codes, table *mat.Dense, minRows int, s metrics.Settings) (f *factors, r metrics.Result, done bool, err error) {
	if err := metrics.CheckPair(name, codes, table, minRows, true); err != nil {
		return nil, r, false, err
	}
	n, m := table.Dims()
	f = &factors{n: n}
	r = metrics.Start(name, n, s)
	for j := range m {
		levels, count, err := levelsOf(table, j)
		if err != nil {
			return nil, r, false, fmt.Errorf("metrics: %s: %w", name, err)
		}
		if count < 2 {
			f.left++
			continue
		}
		f.levels, f.counts, f.columns = append(f.levels, levels), append(f.counts, count), append(f.columns, j)
	}
	if f.left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d factors left out: one level", f.left))
	}
	if len(f.levels) == 0 {
		return f, r.Collapse("no factor has two levels", false), true, nil
	}
	if metrics.Constant(codes) {
		return f, r.Collapse("all codes are equal", false), true, nil
	}
	if top := f.dependence(); top > dependentFactors {
		r.Warnings = append(r.Warnings, fmt.Sprintf("factors depend on each other: normalised information up to %.2f, want below %g", top, dependentFactors))
	}
	return f, r, false, nil
}

// dependentFactors is the normalised mutual information of two factors above which scores mix their
// correlation with entanglement.
const dependentFactors = 0.1

// dependence is the largest chance-corrected information between two factors, over the mean entropy.
func (f *factors) dependence() float64 {
	var top float64
	for i := range f.levels {
		for j := range i {
			p, _ := independence.DiscreteInformation(f.levels[i], f.levels[j]) // as many rows: cannot fail
			top = math.Max(top, 2*p.MillerMadow/(p.EntropyX+p.EntropyY))
		}
	}
	return top
}

// levelsOf reads a column of whole numbers as levels from 0, ascending.
func levelsOf(table *mat.Dense, j int) (levels []int, count int, err error) {
	values := mat.Col(nil, j, table)
	for i, v := range values {
		if v != math.Trunc(v) {
			return nil, 0, fmt.Errorf("factor %d: row %d is %v, want a whole number: bin continuous factors first", j, i, v)
		}
	}
	distinct := slices.Clone(values)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	levels = make([]int, len(values))
	for i, v := range values {
		levels[i], _ = slices.BinarySearch(distinct, v)
	}
	return levels, len(distinct), nil
}

// each adds a part for each factor.
func (f *factors) parts(r *metrics.Result, values []float64) {
	for j, v := range values {
		r.Parts = append(r.Parts, metrics.Part{Name: fmt.Sprintf("factor %d", f.columns[j]+1), Value: v})
	}
}

// describe registers a measure under what all share.
func describe(d metrics.Descriptor) {
	d.Kind, d.Unit, d.Better = metrics.Disentanglement, "1", metrics.HigherIsBetter
	metrics.Measures.Add(d.Name, d)
}

// gap is the largest value less the second; of one value, that value.
func gap(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	if len(sorted) == 1 {
		return sorted[0]
	}
	return sorted[len(sorted)-1] - sorted[len(sorted)-2]
}

func mean(values []float64) float64 {
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
