package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// NormEpsilon is added to the variance of an instance before its root, as PyTorch does.
const NormEpsilon = 1e-5

// planeValues are about the values of one block of work on planes (one channel of
// one sample).
const planeValues = 1 << 14

// planes calls do for each plane, in blocks.
func planes(count, area int, do func(p int)) {
	parallel.Blocks(count, max(1, planeValues/area), func(_, lo, hi int) {
		for p := lo; p < hi; p++ {
			do(p)
		}
	})
}

// moments returns the mean and the inverse deviation 1/sqrt(v+eps) of a plane, v
// biased.
func moments[F Float](e *engine[F], x []F) (mean, inverse F) {
	mean = F(e.sum(x) / float64(len(x)))
	return mean, F(1 / math.Sqrt(e.squares(x, mean)/float64(len(x))+NormEpsilon))
}

// InstanceNorm sets y to leaky-relu(instance-norm(x)) with the given negative
// slope; slope 1 leaves the normalised value as it is. Each plane (area values of
// one channel of one sample) is brought to mean 0 and variance v/(v+1e-5). A plane
// of one value becomes 0.
func InstanceNorm[F Float](y, x []F, area int, slope F) {
	check("norm output", len(y), len(x))
	e := engineOf[F]()
	planes(len(x)/area, area, func(p int) {
		in := x[p*area : (p+1)*area]
		mean, inverse := moments(e, in)
		e.normalise(y[p*area:(p+1)*area], in, mean, inverse, slope)
	})
}

// InstanceNormGrad sets dx to the gradient of InstanceNorm by its input x, from
// the gradient dy of its output.
func InstanceNormGrad[F Float](dx, dy, x []F, area int, slope F) {
	check("norm gradient", len(dx), len(x))
	e := engineOf[F]()
	planes(len(x)/area, area, func(p int) {
		in, up := x[p*area:(p+1)*area], dy[p*area:(p+1)*area]
		mean, inverse := moments(e, in)
		g, gh := e.normSums(up, in, mean, inverse, slope)
		e.normGrad(dx[p*area:(p+1)*area], up, in, mean, inverse, slope, F(g/float64(area)), F(gh/float64(area)))
	})
}
