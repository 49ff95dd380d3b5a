package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// An Adam holds the settings of the update. Kingma and Ba, "Adam: A Method for
// Stochastic Optimization", ICLR 2015, algorithm 1. Decay times the parameters is added to
// the gradient before anything else (not the decoupled form).
type Adam struct{ Rate, Beta1, Beta2, Epsilon, Decay float64 }

// Step updates parameters p and moments m, v from gradient g times scale (of
// clipping); step counts from 1.
func (a Adam) Step(p, g, m, v []float32, scale float64, step int) {
	c1 := 1 - math.Pow(a.Beta1, float64(step))
	c2 := 1 - math.Pow(a.Beta2, float64(step))
	rate, root := float32(a.Rate/c1), float32(1/math.Sqrt(c2))
	parallel.Blocks(len(p), elementBlock, func(_, lo, hi int) {
		grad, s := g[lo:hi], float32(scale)
		if a.Decay > 0 {
			decayed, give := borrow[float32](hi - lo)
			defer give()
			grad = decayed[:hi-lo]
			engine32.scale(grad, s, g[lo:hi])
			engine32.axpy(grad, float32(a.Decay), p[lo:hi])
			s = 1
		}
		engine32.adam(p[lo:hi], grad, m[lo:hi], v[lo:hi], s, 1-float32(a.Beta1), 1-float32(a.Beta2), rate, root, float32(a.Epsilon))
	})
}

// SquareSum is the sum of squares of x, in a fixed order.
func SquareSum(x []float32) float64 {
	return sum(len(x), func(lo, hi int) float64 { return engine32.dot(x[lo:hi], x[lo:hi]) })
}
