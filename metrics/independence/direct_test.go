package independence

import (
	"fmt"

	"github.com/venn-adapt/venn/metrics"
	"gonum.org/v1/gonum/mat"
)

// The statistics by name, as the tests of reference values call them.

// CKA is centred kernel alignment, HSIC(K, L) / sqrt(HSIC(K, K) HSIC(L, L)), of the paired rows
// of x (n x p) and y (n x q): how similar two representations are, as a correlation.
// With V it lies in [0, 1] and tends to 1 for any two wide samples; with U it is
// debiased, near 0 for independent blocks of any width, and may be negative: use it
// for codes. With linear kernels it is the RV coefficient, invariant to rotation and scale of
// each block. The p-value is that of HSIC, whose normaliser no permutation changes. Errors,
// edge cases, time and memory as Statistic.Measure.
//
// C. Cortes et al., "Algorithms for learning kernels based on centered alignment"
// (2012); S. Kornblith et al., "Similarity of neural network representations
// revisited" (2019).
func CKA(x, y *mat.Dense, k Kernel, w Widths, e Estimator, s metrics.Settings) (metrics.Result, error) {
	f := alignment(k, e)
	f.Widths = w
	return f.Measure(x, y, s)
}

// CODEC is Azadkia and Chatterjee's T(y | x): how far the column y is a function of all of x (n x
// p), by the nearest neighbour of each row in x, among equals one drawn from the stream (seed, codec, row): sum (n
// min(r_i, r_N(i)) - l_i^2) / sum l_i (n - l_i). 0 in the limit exactly under independence, 1 exactly for a
// function. ok is false where y is constant. Time O(n^2 p).
//
// M. Azadkia and S. Chatterjee, "A simple measure of conditional dependence" (2021).
func CODEC(x *mat.Dense, y []float64, seed uint64) (value float64, ok bool) {
	return codec(neighbours(x, seed), y)
}

// HSIC estimates the Hilbert-Schmidt independence criterion of the paired rows of x
// (n x p) and y (n x q) with Gaussian kernels K and L: V is tr(KHLH)/n^2, in
// [0, 1], of which about (1 - mean K)(1 - mean L)/n is bias under independence; U is
// the unbiased form of Song et al. and may be negative. (Papers that divide by (n-1)^2
// have n^2/(n-1)^2 times V.) In the population it is zero exactly under independence. Its
// size depends on the widths: compare values of different codes by DistanceCorrelation
// or CKA, not by HSIC. Columns are not rescaled. Errors, edge cases, time and memory as
// Statistic.Measure.
//
// A. Gretton et al., "Measuring statistical dependence with Hilbert-Schmidt norms"
// (2005); L. Song et al., "Feature selection via dependence maximization" (2012),
// equation 5.
func HSIC(x, y *mat.Dense, e Estimator, w Widths, s metrics.Settings) (metrics.Result, error) {
	return Statistic{Name: map[Estimator]string{V: "hsic", U: "hsic-unbiased"}[e], Widths: w, Estimator: e}.Measure(x, y, s)
}

// DistanceCovariance computes them from the paired rows of x (n x p) and y (n x q), in
// the product of the blocks' units to the exponent, in (0, 2) with 0 for 1. Two
// single columns of exponent 1 take O(n log n). Errors as DistanceCorrelation.
func DistanceCovariance(x, y *mat.Dense, e Estimator, exponent float64) (DistanceStatistic, error) {
	f := Statistic{Name: "dcov", X: Distance, Y: Distance, Exponent: exponent, Estimator: e}
	if err := f.check(x, y, metrics.Settings{}); err != nil {
		return DistanceStatistic{}, err
	}
	if correlation("dcov", e, Permutation).sortable(x, y) && (exponent == 0 || exponent == 1) {
		return newScalarDistances(mat.Col(nil, 0, x), mat.Col(nil, 0, y)).statistic(e), nil
	}
	m := newMoments(newGram(x, Distance, 0, exponent, 0), newGram(y, Distance, 0, exponent, 0))
	vx, vy := m.own(e)
	return DistanceStatistic{m.covariance(e), vx, vy}, nil
}

// DistanceCorrelation measures how dependent the paired rows of x (n x p) and y
// (n x q) are, by Euclidean distances. V is dCor = sqrt(dCov^2 / sqrt(dVar_x^2
// dVar_y^2)) in [0, 1]: zero in the population exactly under independence, but near 1
// for any two wide samples. U is the bias-corrected dCor_U, on the squared scale, in
// [-1, 1] with mean zero under independence: it is the one to publish, and no root
// is taken of it.
//
// The p-value is that of permuting the rows of y; Null holds the correlation under
// each permutation. Two single columns take O(n log n) a permutation and O(n) memory.
// Errors, edge cases, time and memory otherwise as Statistic.Measure.
//
// G. J. Szekely, M. L. Rizzo and N. K. Bakirov, "Measuring and testing dependence by
// correlation of distances" (2007); G. J. Szekely and M. L. Rizzo, "The distance
// correlation t-test of independence in high dimension" (2013).
func DistanceCorrelation(x, y *mat.Dense, e Estimator, s metrics.Settings) (metrics.Result, error) {
	f := correlation(map[Estimator]string{V: "dcor", U: "dcor-u"}[e], e, Permutation)
	return f.Measure(x, y, s)
}

// MutualInformation estimates the mutual information of the paired rows of x (n x p) and y
// (n x q) in nats from the k nearest neighbours. It is not cut at 0: averages and
// permutation tests need the negative values. Columns are taken as they are: z-score and
// break ties before (Prepare). It reaches at most psi(n) - psi(k), about ln(n/k), and is
// strongly low in more than about ten columns. It fails on unequal rows, k outside [1,
// n-1] and values that are not finite. Time about O(n log n) for a few columns and O(n^2 (p + q)) at worst, memory
// O(n (p + q)).
//
// A. Kraskov, H. Stoegbauer and P. Grassberger, "Estimating mutual information" (2004).
func MutualInformation(x, y *mat.Dense, k int, of Neighbours) (float64, error) {
	n, _ := x.Dims()
	if err := metrics.CheckPair("ksg", x, y, 2, true); err != nil {
		return 0, err
	}
	if k < 1 || k >= n {
		return 0, fmt.Errorf("metrics: ksg: %d neighbours of %d rows, want 1 to %d", k, n, n-1)
	}
	if of < KSG1 || of > GaoCode {
		return 0, fmt.Errorf("metrics: ksg: unknown estimator %d", of)
	}
	return newCloud(x, y, k).information(of), nil
}

// CanonicalCorrelations relates the paired rows of x (n x p) and y (n x q) by singular values of the
// product of orthonormal bases, which constant and repeated columns do not disturb. It is invariant
// under invertible linear maps of each block. It fails on unequal rows, constant blocks, values that
// are not finite, and ranks that together reach n, where some correlations are 1 by
// counting: project first. Time O(n (p^2 + q^2)).
//
// H. Hotelling, "Relations between two sets of variates" (1936).
func CanonicalCorrelations(x, y *mat.Dense) (Canonical, error) {
	if err := metrics.CheckPair("cca", x, y, 3, true); err != nil {
		return Canonical{}, err
	}
	u, err := basis("x", x)
	if err != nil {
		return Canonical{}, err
	}
	v, err := basis("y", y)
	if err != nil {
		return Canonical{}, err
	}
	n, p := u.Dims()
	_, q := v.Dims()
	if p+q >= n {
		return Canonical{}, fmt.Errorf("metrics: cca: ranks %d and %d reach the %d rows: some correlations are 1 by counting; project the blocks first", p, q, n)
	}
	return canonical(u, v), nil
}
