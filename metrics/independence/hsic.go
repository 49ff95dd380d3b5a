package independence

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

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

func init() {
	const (
		gretton = "Gretton et al., Measuring statistical dependence with Hilbert-Schmidt norms, 2005"
		hsic    = "Hilbert-Schmidt independence criterion, "
		median  = "Gaussian kernels of median width"
	)
	Statistic{Name: "hsic"}.describe(hsic+"biased, "+median, gretton, 0, 1)
	Statistic{Name: "hsic-unbiased", Estimator: U}.describe(hsic+"unbiased, "+median, "Song et al., Feature selection via dependence maximization, JMLR 2012", -1, 1)
	Statistic{Name: "hsic-laplace", X: Laplace, Y: Laplace}.describe(hsic+"biased, Laplace kernels of median width", gretton, 0, 1)
	Statistic{Name: "hsic-imq", X: InverseMultiquadric, Y: InverseMultiquadric}.describe(hsic+"biased, inverse multiquadric kernels of median width", gretton, 0, 1)
	Statistic{Name: "hsic-linear", X: Linear, Y: Linear}.describe(hsic+"biased, linear kernels: the squared norm of the cross-covariance", gretton, 0, math.Inf(1))
	Statistic{Name: "hsic-label", Y: Delta}.describe(hsic+"biased, of a code of median width and labels", gretton, 0, 1)
	Statistic{Name: "hsic-gamma", Test: Gamma}.describe(hsic+"biased, with a gamma null: a preview in few dimensions", "Gretton et al., A kernel statistical test of independence, NIPS 2008", 0, 1)
	Statistic{Name: "hsic-spectral", Test: Spectral}.describe(hsic+"biased, with the limit law as null: a preview in few dimensions", "Zhang et al., Kernel-based conditional independence test, UAI 2011", 0, 1)
	Statistic{Name: "hsic-moments", Test: Moments}.describe(hsic+"biased, with a gamma null of the exact permutation moments: any number of rows",
		"Kazi-Aoual et al., Refined approximations to permutation tests for multivariate inference, 1995", 0, 1)
}
