package independence

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

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
