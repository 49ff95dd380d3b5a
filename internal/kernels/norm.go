package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// NormEpsilon is added to the variance of an instance before its root, as PyTorch does.
const NormEpsilon = 1e-5

// planesPerBlock planes (one channel of one sample) are one block of work.
const planesPerBlock = 16

// moments returns the mean and the inverse deviation 1/sqrt(v+eps) of a plane, v
// biased, summed in float64.
func moments[F Float](x []F) (mean, inverse F) {
	var sum, square float64
	for _, v := range x {
		sum += float64(v)
	}
	mu := sum / float64(len(x))
	for _, v := range x {
		d := float64(v) - mu
		square += d * d
	}
	return F(mu), F(1 / math.Sqrt(square/float64(len(x))+NormEpsilon))
}

// InstanceNorm sets y to leaky-relu(instance-norm(x)) with the given negative
// slope; slope 1 leaves the normalised value as it is. Each plane (area values of
// one channel of one sample) is brought to mean 0 and variance v/(v+1e-5). A plane
// of one value becomes 0.
func InstanceNorm[F Float](y, x []F, area int, slope F) {
	check("norm output", len(y), len(x))
	parallel.Blocks(len(x)/area, planesPerBlock, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			in, out := x[p*area:(p+1)*area], y[p*area:(p+1)*area]
			mean, inverse := moments(in)
			for i, v := range in {
				h := (v - mean) * inverse
				if h < 0 {
					h *= slope
				}
				out[i] = h
			}
		}
	})
}

// InstanceNormGrad sets dx to the gradient of InstanceNorm by its input x, from
// the gradient dy of its output.
func InstanceNormGrad[F Float](dx, dy, x []F, area int, slope F) {
	check("norm gradient", len(dx), len(x))
	parallel.Blocks(len(x)/area, planesPerBlock, func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			in, up, out := x[p*area:(p+1)*area], dy[p*area:(p+1)*area], dx[p*area:(p+1)*area]
			mean, inverse := moments(in)
			var sum, product float64 // of g and of g·h, g the gradient at the normalised h
			for i, v := range in {
				h, g := (v-mean)*inverse, up[i]
				if h < 0 {
					g *= slope
				}
				out[i] = g
				sum += float64(g)
				product += float64(g) * float64(h)
			}
			gm, ghm := F(sum/float64(area)), F(product/float64(area))
			for i, v := range in {
				out[i] = inverse * (out[i] - gm - (v-mean)*inverse*ghm)
			}
		}
	})
}
