package independence

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/metrics"
)

// rounding is the share of the mean squared distance below which a distance
// variance is rounding: bias correction leaves exactly nothing of some patterns,
// such as one row that differs from equal others.
const rounding = 1e-13

// A Distance holds the distance covariance and variances of two blocks. For V these
// are the squared quantities dCov^2, dVar^2; for U the bias-corrected ones, which
// may be negative.
type Distance struct{ Covariance, VarianceX, VarianceY float64 }

// DistanceCovariance computes them from the paired rows of x (n x p) and y (n x q), in
// the product of the blocks' units. Errors, time and memory as DistanceCorrelation.
func DistanceCovariance(x, y *mat.Dense, e Estimator) (Distance, error) {
	if err := check("dcov", x, y, e); err != nil {
		return Distance{}, err
	}
	d, _, _ := distances(x, y, e)
	return d, nil
}

// distances also returns the centred matrix of x and the plain one of y. Variances
// that are rounding are exactly zero.
func distances(x, y *mat.Dense, e Estimator) (d Distance, a, b []float64) {
	n, _ := x.Dims()
	b = euclidean(y)
	d.VarianceY = clean(covariance(centre(b, n, e), b, n, nil, e), b, n)
	plain := euclidean(x)
	a = centre(plain, n, e)
	d.VarianceX = clean(covariance(a, plain, n, nil, e), plain, n)
	d.Covariance = covariance(a, b, n, nil, e)
	return d, a, b
}

func clean(variance float64, plain []float64, n int) float64 {
	if math.Abs(variance) <= rounding*floats.Dot(plain, plain)/float64(n*n) {
		return 0
	}
	return variance
}

func euclidean(x *mat.Dense) []float64 {
	a := pairwise.Squared(x)
	for i, v := range a {
		a[i] = math.Sqrt(v)
	}
	return a
}

// DistanceCorrelation measures how dependent the paired rows of x (n x p) and y
// (n x q) are, by Euclidean distances. V is dCor = sqrt(dCov^2 / sqrt(dVar_x^2
// dVar_y^2)) in [0, 1]: zero in the population exactly under independence, but near 1
// for any two wide samples. U is the bias-corrected dCor_U, on the squared scale, in
// [-1, 1] with mean zero under independence: it is the one to publish, and no root
// is taken of it.
//
// The p-value is that of permuting the rows of y; Null holds the correlation under
// each permutation. A constant block, or for U a variance that is not positive, gives
// 0, p = 1 and Degenerate. It fails on unequal rows, fewer than 2 (V) or 4 (U), more
// than MaxRows, and values that are not finite. Time O(n^2 (p + q + permutations)),
// memory 24 n^2 bytes.
//
// G. J. Szekely, M. L. Rizzo and N. K. Bakirov, "Measuring and testing dependence by
// correlation of distances" (2007); G. J. Szekely and M. L. Rizzo, "The distance
// correlation t-test of independence in high dimension" (2013).
func DistanceCorrelation(x, y *mat.Dense, e Estimator, s metrics.Settings) (metrics.Result, error) {
	name := map[Estimator]string{V: "dcor", U: "dcor-u"}[e]
	if err := check(name, x, y, e); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := newResult(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse(s, "all rows of a block are equal"), nil
	}
	d, a, b := distances(x, y, e)
	if d.VarianceX <= 0 || d.VarianceY <= 0 {
		return r.Collapse(s, "the distance variance of a block is not positive"), nil
	}
	correlation := func(covariance float64) float64 {
		ratio := covariance / math.Sqrt(d.VarianceX) / math.Sqrt(d.VarianceY)
		if e == U {
			return ratio
		}
		return math.Sqrt(math.Max(ratio, 0)) // V is zero at least, but for rounding
	}
	r.Value = correlation(d.Covariance)
	permutations, method := metrics.Permutations(n, s, name)
	r.Test(d.Covariance, null(a, b, n, permutations, e), tolerance(d.Covariance, d.VarianceX, d.VarianceY, e), method)
	for i, c := range r.Null {
		r.Null[i] = correlation(c)
	}
	return finish(r)
}

func init() {
	for _, e := range []Estimator{V, U} {
		d := metrics.Descriptor{
			Kind: metrics.Independence, Unit: "1", Better: metrics.LowerIsBetter,
			Invariant: []string{"row order", "translation", "rotation", "scale"},
			Cost:      "time n^2 (p + q + permutations), memory 24 n^2 bytes",
			MinRows:   e.minRows(),
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return DistanceCorrelation(x, y, e, s)
			},
		}
		if e == V {
			d.Name, d.Range = "dcor", [2]float64{0, 1}
			d.Doc = "distance correlation, biased: near 1 for wide samples"
			d.Citation = "Szekely, Rizzo and Bakirov, Measuring and testing dependence by correlation of distances, 2007"
		} else {
			d.Name, d.Range = "dcor-u", [2]float64{-1, 1}
			d.Doc = "distance correlation, bias-corrected, on the squared scale"
			d.Citation = "Szekely and Rizzo, The distance correlation t-test of independence in high dimension, 2013"
		}
		metrics.Measures.Add(d.Name, d)
	}
}
