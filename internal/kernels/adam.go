package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// An Adam holds the settings of the update. Kingma and Ba, "Adam: A Method for
// Stochastic Optimization", ICLR 2015, algorithm 1.
type Adam struct{ Rate, Beta1, Beta2, Epsilon float64 }

// Step updates parameters p and moments m, v from gradient g times scale (of
// clipping); step counts from 1.
func (a Adam) Step(p, g, m, v []float32, scale float64, step int) {
	b1, b2 := float32(a.Beta1), float32(a.Beta2)
	c1 := 1 - math.Pow(a.Beta1, float64(step))
	c2 := 1 - math.Pow(a.Beta2, float64(step))
	rate, root := float32(a.Rate/c1), float32(1/math.Sqrt(c2))
	eps, s := float32(a.Epsilon), float32(scale)
	parallel.Blocks(len(p), elementBlock, func(_, lo, hi int) {
		p, g, m, v := p[lo:hi], g[lo:hi], m[lo:hi], v[lo:hi]
		for i := range p {
			d := g[i] * s
			m[i] += (1 - b1) * (d - m[i])
			v[i] += (1 - b2) * (d*d - v[i])
			p[i] -= rate * m[i] / (float32(math.Sqrt(float64(v[i])))*root + eps)
		}
	})
}

// SquareSum is the sum of squares of x, in float64 and a fixed order.
func SquareSum(x []float32) float64 {
	return sum(len(x), func(lo, hi int) float64 {
		var s float64
		for _, v := range x[lo:hi] {
			s += float64(v) * float64(v)
		}
		return s
	})
}
