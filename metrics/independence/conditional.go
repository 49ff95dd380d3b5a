package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// HSICGivenLabel is sum_c (n_c/n) HSIC_U within class c, with Gaussian kernels of the widths of
// all rows: dependence of x (n x p) and y (n x q) beyond what the class explains, such as
// domain information in a code. The p-value permutes rows of y within classes. Classes of fewer than
// 4 rows are left out, with a warning. Errors and edge cases as HSIC, and labels of another
// number; memory 16 n^2 bytes with permutations.
func HSICGivenLabel(x, y *mat.Dense, labels []int, w Widths, s metrics.Settings) (metrics.Result, error) {
	f := Statistic{Name: "hsic-given-label", Widths: w, Estimator: U}
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	if len(labels) != n {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d labels for %d rows", f.Name, len(labels), n)
	}
	r := metrics.Start(f.Name, n, s)
	a, b, why := f.grams(x, y, s)
	if why != "" {
		return r.Collapse(why, s.Permutations > 0), nil
	}
	type class struct {
		rows  []int
		under *permuter
	}
	var classes []class
	left := 0
	for _, c := range levels(labels) {
		var rows []int
		for i, l := range labels {
			if l == c {
				rows = append(rows, i)
			}
		}
		if len(rows) < 4 {
			left += len(rows)
			continue
		}
		classes = append(classes, class{rows, newPermuter(a.of(x, rows), b.of(y, rows), U)})
		r.Value += float64(len(rows)) / float64(n) * classes[len(classes)-1].under.observed()
	}
	if left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows left out: fewer than 4 in their class", left))
	}
	if len(classes) == 0 {
		return r.Collapse("no class has 4 rows", s.Permutations > 0), nil
	}
	for b := range s.Permutations {
		var value float64
		for c, k := range classes {
			p := stream.Permutation(stream.New(s.Seed, "permutation", f.Name, b, c), len(k.rows))
			value += float64(len(k.rows)) / float64(n) * k.under.statistics([][]int{p})[0]
		}
		r.Null = append(r.Null, value)
	}
	if s.Permutations > 0 {
		p := metrics.PValue(r.Value, r.Null, metrics.TieTolerance, false)
		r.P, r.Method, r.Resamples = &p, "permutation within classes", len(r.Null)
	}
	return r.Finish()
}

// PartialDistanceCorrelation is (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2)) of
// bias-corrected distance correlations, in [-1, 1], 0 where the denominator is. Zero does
// not mean conditional independence: it describes. It fails as DistanceCorrelation with U.
//
// G. J. Szekely and M. L. Rizzo, "Partial distance correlation with methods for
// dissimilarities" (2014).
func PartialDistanceCorrelation(x, y, z *mat.Dense) (float64, error) {
	f := correlation("partial-dcor", U, Permutation)
	var r [3]float64
	for i, pair := range [3][2]*mat.Dense{{x, y}, {x, z}, {y, z}} {
		v, err := f.Measure(pair[0], pair[1], metrics.Settings{})
		if err != nil {
			return 0, err
		}
		r[i] = v.Value
	}
	under := math.Sqrt(math.Max(0, (1-r[1]*r[1])*(1-r[2]*r[2])))
	if under < 1e-12 {
		return 0, nil
	}
	return (r[0] - r[1]*r[2]) / under, nil
}

// beside appends the columns of z, scaled.
func beside(x, z *mat.Dense, scale float64) *mat.Dense {
	var scaled, out mat.Dense
	scaled.Scale(scale, z)
	out.Augment(x, &scaled)
	return &out
}
