package independence

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
