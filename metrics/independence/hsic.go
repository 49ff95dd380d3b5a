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

// alignment is centred kernel alignment: HSIC over the root of the blocks' own statistics. With V
// it lies in [0, 1] and tends to 1 for any two wide samples; with U it is debiased, near 0 for
// independent blocks of any width, and may be negative. With linear kernels it is the RV coefficient.
//
// C. Cortes et al., "Algorithms for learning kernels based on centered alignment" (2012); S.
// Kornblith et al., "Similarity of neural network representations revisited" (2019).
func alignment(k Kernel, e Estimator) Statistic {
	name := map[Kernel]string{Linear: "cka-linear", Gaussian: "cka-rbf"}[k]
	if name == "" {
		name = "cka"
	}
	if e == U {
		name += "-debiased"
	}
	return Statistic{Name: name, X: k, Y: k, Estimator: e, Normalised: true}
}

func init() {
	const citation = "Kornblith et al., Similarity of neural network representations revisited, ICML 2019"
	alignment(Linear, V).describe("centred kernel alignment, linear, biased: near 1 for wide samples; the RV coefficient", citation, 0, 1)
	alignment(Linear, U).describe("centred kernel alignment, linear, debiased", citation, -1, 1)
	alignment(Gaussian, V).describe("centred kernel alignment, Gaussian kernels of median width, biased", citation, 0, 1)
	alignment(Gaussian, U).describe("centred kernel alignment, Gaussian kernels of median width, debiased", citation, -1, 1)
}
