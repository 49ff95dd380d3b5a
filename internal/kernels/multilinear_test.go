package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/venn-adapt/venn/internal/parallel"
)

// Outer products, their gradient and products of elements beside plain loops, in both types
// and with any number of threads; a sure prediction puts the features into its own block.
func TestOuter(t *testing.T) {
	defer parallel.SetThreads(0)
	r := rand.New(rand.NewPCG(1, 1))
	const n, classes, d = 19, 3, 37
	x, p, dt := make([]float64, n*d), make([]float64, n*classes), make([]float64, n*classes*d)
	for _, s := range [][]float64{x, p, dt} {
		for i := range s {
			s[i] = math.Round(64*r.NormFloat64()) / 64 // products are exact in float32
		}
	}
	copy(p, []float64{0, 1, 0})
	outer, grad := make([]float64, len(dt)), make([]float64, len(x))
	for i := range n {
		for k := range classes {
			for j := range d {
				outer[(i*classes+k)*d+j] = p[i*classes+k] * x[i*d+j]
				grad[i*d+j] += p[i*classes+k] * dt[(i*classes+k)*d+j]
			}
		}
	}
	for j := range d {
		if outer[j] != 0 || outer[d+j] != x[j] || outer[2*d+j] != 0 {
			t.Fatalf("a sure prediction of class 1 gives %v", outer[:3*d])
		}
	}
	for _, threads := range []int{1, 3} {
		parallel.SetThreads(threads)
		testOuter(t, x, p, dt, outer, grad, n)
		testOuter(t, narrow(x), narrow(p), narrow(dt), narrow(outer), narrow(grad), n)
	}
}

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func testOuter[F Float](t *testing.T, x, p, dt, outer, grad []F, n int) {
	t.Helper()
	got, dx, z := make([]F, len(outer)), make([]F, len(x)), make([]F, len(dt))
	Outer(got, p, x, n)
	OuterGrad(dx, dt, p, n)
	Times(z, dt, outer, 0.5)
	for i, v := range outer {
		if got[i] != v || z[i] != 0.5*dt[i]*v {
			t.Fatalf("element %d: outer product %v, want %v; half its product with %v is %v", i, got[i], v, dt[i], z[i])
		}
	}
	for i, v := range grad {
		if dx[i] != v {
			t.Fatalf("gradient %d: %v, want %v", i, dx[i], v)
		}
	}
}
