package independence

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// A DistanceStatistic holds the distance covariance and variances of two blocks. For V these
// are the squared quantities dCov^2, dVar^2; for U the bias-corrected ones, which
// may be negative.
type DistanceStatistic struct{ Covariance, VarianceX, VarianceY float64 }

// sortable says whether the statistic is a distance correlation of two single columns, which
// sorting gives without a matrix.
func (f Statistic) sortable(x, y *mat.Dense) bool {
	_, p := x.Dims()
	_, q := y.Dims()
	return p == 1 && q == 1 && f.X == Distance && f.Y == Distance && (f.Exponent == 0 || f.Exponent == 1) && f.Test == Permutation && f.Normalised
}

func correlation(name string, e Estimator, t Test) Statistic {
	return Statistic{Name: name, X: Distance, Y: Distance, Estimator: e, Normalised: true, Root: e == V, Test: t}
}

func init() {
	const corrected = "Szekely and Rizzo, The distance correlation t-test of independence in high dimension, 2013"
	correlation("dcor", V, Permutation).describe("distance correlation, biased: near 1 for wide samples",
		"Szekely, Rizzo and Bakirov, Measuring and testing dependence by correlation of distances, 2007", 0, 1)
	correlation("dcor-u", U, Permutation).describe("distance correlation, bias-corrected, on the squared scale", corrected, -1, 1)
	correlation("dcor-u-t", U, StudentT).describe("distance correlation, bias-corrected, with the t-test of wide blocks, from 8 columns on both sides: any number of rows", corrected, -1, 1)
	correlation("dcor-u-chi2", U, ChiSquare).describe("distance correlation, bias-corrected, with a conservative chi-square test: any number of rows",
		"Shen, Panda and Vogelstein, The chi-square test of distance correlation, 2022", -1, 1)
}

// measureScalars is Measure for two single columns, without a matrix.
func (f Statistic) measureScalars(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	bounded := s
	bounded.Permutations = 0 // no matrix is kept: any number of rows
	if err := f.check(x, y, bounded); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(f.Name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", f.tested(s)), nil
	}
	d := newScalarDistances(mat.Col(nil, 0, x), mat.Col(nil, 0, y))
	v := d.statistic(f.Estimator)
	if !(v.VarianceX > 0 && v.VarianceY > 0) && !math.IsNaN(v.Covariance) {
		return r.Collapse("the own statistic of a block is not positive", f.tested(s)), nil
	}
	r.Value = f.scale(v.Covariance, v.VarianceX, v.VarianceY)
	if _, err := r.Finish(); err != nil {
		return r, err
	}
	if s.Permutations > 0 {
		slack := scalarRounding * math.Sqrt(v.VarianceX*v.VarianceY)
		r.Test(v.Covariance, n, s, slack, func(p [][]int) []float64 {
			return each(p, func(p []int) float64 { return d.permuted(p, f.Estimator) })
		})
		for i, c := range r.Null {
			r.Null[i] = f.scale(c, v.VarianceX, v.VarianceY)
		}
	}
	return r, nil
}
