package discrepancy

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// MMDGivenLabel is sum_c (n_c/n) MMD^2 within class c over the classes that both samples hold, n_c the rows of
// both in it, with one width for all: a discrepancy that different shares of classes in the domains do not make.
// The p-value is that of permuting pooled rows between the domains within classes. Rows of a class that has fewer
// than 1 (V) or 2 (U) rows in a sample are left out, with a warning; without a class the result is Degenerate.
// Errors, edge cases, time and memory as MMD, and labels of another number. The labels of an unlabelled domain are
// known to evaluation alone.
//
// M. Long et al., "Transfer feature learning with joint distribution adaptation" (2013), for the conditional form; A.
// Gretton et al., "A kernel two-sample test" (2012).
func MMDGivenLabel(x, y *mat.Dense, ofX, ofY []int, e Estimator, k Kernel, s metrics.Settings) (metrics.Result, error) {
	f := member{name: "mmd2-given-label", estimator: e}
	if e == U {
		f.name += "-unbiased"
	}
	if e != U && e != V {
		return metrics.Result{}, fmt.Errorf("metrics: %s: unknown estimator %d", f.name, e)
	}
	if err := k.check(f.name); err != nil {
		return metrics.Result{}, err
	}
	if err := metrics.CheckPair(f.name, x, y, 1+int(e), false); err != nil {
		return metrics.Result{}, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	if len(ofX) != m || len(ofY) != n {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d and %d labels for %d and %d rows", f.name, len(ofX), len(ofY), m, n)
	}
	r := start(f.name, m, n, s)
	all := stack(x, y)
	width := k.Width
	if width == 0 && !metrics.Constant(all) {
		width = pairwise.Median(all, s.Seed)
	}
	if width == 0 {
		return r.Collapse("all rows of both samples are equal", s.Permutations > 0), nil
	}
	strata, left := f.classes(all, m, slices.Concat(ofX, ofY), k.at(width))
	if left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows left out: too few of their class in a sample", left))
	}
	if len(strata) == 0 {
		return r.Collapse("no class has rows of both samples", s.Permutations > 0), nil
	}
	f.test(&r, strata, m+n, s)
	if r.P != nil {
		r.Method += " within classes"
	}
	return r.Finish()
}

// classes are the strata of the pooled rows, of which the first m are the first sample's, and how many rows are in
// none.
func (f member) classes(all *mat.Dense, m int, labels []int, kernel func(d2 []float64)) (strata []stratum, left int) {
	kept := 0
	for _, c := range slices.Compact(slices.Sorted(slices.Values(labels))) {
		var of []int
		first := 0
		for i, l := range labels {
			if l == c {
				of = append(of, i)
				if i < m {
					first++
				}
			}
		}
		if min(first, len(of)-first) < 1+int(f.estimator) {
			left += len(of)
			continue
		}
		points := fromDistances{pairwise.NewPoints(rows.Take(all, of)), kernel}
		strata = append(strata, stratum{newPool(points, first, len(of)-first, f.estimator), of, float64(len(of))})
		kept += len(of)
	}
	for i := range strata {
		strata[i].weight /= float64(kept)
	}
	return strata, left
}

// splitLabels takes the last column of a sample, whole numbers, as labels.
func splitLabels(name string, x *mat.Dense) (features *mat.Dense, labels []int, err error) {
	n, d := x.Dims()
	if d < 2 {
		return nil, nil, fmt.Errorf("metrics: %s: %d columns, want features and a last column of labels", name, d)
	}
	if labels, err = metrics.Labels(name, mat.Col(nil, d-1, x)); err != nil {
		return nil, nil, err
	}
	return mat.DenseCopyOf(x.Slice(0, n, 0, d-1)), labels, nil
}

func init() {
	for _, e := range []Estimator{V, U} {
		d := metrics.Descriptor{
			Name: "mmd2-given-label", Doc: "squared maximum mean discrepancy within classes, biased, Gaussian kernel of median width", Range: [2]float64{0, 2}, Labels: true,
			Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: pooledCost, MinRows: 1 + int(e),
			Citation: "Long et al., Transfer feature learning with joint distribution adaptation, ICCV 2013",
		}
		if e == U {
			d.Name, d.Range[0] = d.Name+"-unbiased", -2
			d.Doc = "squared maximum mean discrepancy within classes, unbiased, Gaussian kernel of median width"
		}
		d.Compute = func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
			if err := metrics.CheckPair(d.Name, x, y, d.MinRows, false); err != nil {
				return metrics.Result{}, err
			}
			a, ofA, err := splitLabels(d.Name+": x", x)
			if err != nil {
				return metrics.Result{}, err
			}
			b, ofB, err := splitLabels(d.Name+": y", y)
			if err != nil {
				return metrics.Result{}, err
			}
			return MMDGivenLabel(a, b, ofA, ofB, e, Kernel{}, s)
		}
		describe(d)
	}
}
