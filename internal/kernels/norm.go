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
// biased, in float64. Four interleaved sums keep an addition from waiting for the
// one before it.
func moments[F Float](x []F) (mean, inverse F) {
	var s0, s1, s2, s3 float64
	y := x
	for ; len(y) >= 4; y = y[4:] {
		s0, s1, s2, s3 = s0+float64(y[0]), s1+float64(y[1]), s2+float64(y[2]), s3+float64(y[3])
	}
	for _, v := range y {
		s0 += float64(v)
	}
	mu := ((s0 + s1) + (s2 + s3)) / float64(len(x))
	s0, s1, s2, s3, y = 0, 0, 0, 0, x
	for ; len(y) >= 4; y = y[4:] {
		d0, d1, d2, d3 := float64(y[0])-mu, float64(y[1])-mu, float64(y[2])-mu, float64(y[3])-mu
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
	}
	for _, v := range y {
		s0 += (float64(v) - mu) * (float64(v) - mu)
	}
	square := (s0 + s1) + (s2 + s3)
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
