package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// NormEpsilon is added to the variance of an instance before its root, as PyTorch does.
const NormEpsilon = 1e-5

// planeValues are about the values of one block of work on planes (one channel of
// one sample).
const planeValues = 1 << 14

// planes calls do for blocks of whole planes of n values.
func planes(n, area int, do func(lo, hi int)) {
	block := max(1, planeValues/area) * area
	parallel.Blocks(n, block, func(_, lo, hi int) { do(lo, hi) })
}

// InstanceNorm sets y to leaky-relu(instance-norm(x)) with the given negative
// slope; slope 1 leaves the normalised value as it is. Each plane (area values of
// one channel of one sample) is brought to mean 0 and variance v/(v+1e-5), v biased.
// A plane of one value becomes 0.
func InstanceNorm[F Float](y, x []F, area int, slope F) {
	check("norm output", len(y), len(x))
	check("norm planes", len(x)%area, 0)
	e := engineOf[F]()
	planes(len(x), area, func(lo, hi int) { e.norm(area, y[lo:hi], x[lo:hi], slope) })
}

// InstanceNormGrad sets dx to the gradient of InstanceNorm by its input x, from
// the gradient dy of its output.
func InstanceNormGrad[F Float](dx, dy, x []F, area int, slope F) {
	check("norm gradient", len(dx), len(x))
	check("norm planes", len(x)%area, 0)
	e := engineOf[F]()
	planes(len(x), area, func(lo, hi int) { e.normGrad(area, dx[lo:hi], dy[lo:hi], x[lo:hi], slope) })
}
