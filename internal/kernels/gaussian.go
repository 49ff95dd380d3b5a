package kernels

import "math"

// GaussianLoss is the mean over n rows of the negative log density of the target under normal laws with independent
// columns, in nats, without the constant ln(2π)/2 a column: Σ_j (s_j + (t_j − m_j)²·e^−s_j)/2 with m the mean and s =
// scale·spread the logarithm of the variance.
func GaussianLoss[F Float](mean, spread, target []F, scale float64, n int) float64 {
	check("means", len(mean), len(target))
	check("spreads", len(spread), len(target))
	return sum(len(target), func(lo, hi int) float64 {
		var total float64
		for i := lo; i < hi; i++ {
			s, d := scale*float64(spread[i]), float64(target[i])-float64(mean[i])
			total += (s + d*d*math.Exp(-s)) / 2
		}
		return total
	}) / float64(n)
}

// GaussianMeanGrad sets dm to the gradient of size·GaussianLoss by the mean.
func GaussianMeanGrad[F Float](dm, mean, spread, target []F, scale float64, n int, size float64) {
	for i := range dm {
		d := float64(target[i]) - float64(mean[i])
		dm[i] = F(-d * math.Exp(-scale*float64(spread[i])) * size / float64(n))
	}
}

// GaussianSpreadGrad sets ds to the gradient of size·GaussianLoss by the spread.
func GaussianSpreadGrad[F Float](ds, mean, spread, target []F, scale float64, n int, size float64) {
	for i := range ds {
		d := float64(target[i]) - float64(mean[i])
		ds[i] = F(scale * (1 - d*d*math.Exp(-scale*float64(spread[i]))) / 2 * size / float64(n))
	}
}
