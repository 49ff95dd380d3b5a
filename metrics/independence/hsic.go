package independence

import (
	"math"
)

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
