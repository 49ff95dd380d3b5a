package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/parallel"
)

// The fast form agrees with the mirrored convolution of the doubled image, gradients too.
func TestDoubledAgainstConvolution(t *testing.T) {
	defer parallel.SetThreads(0)
	rapid.Check(t, func(t *rapid.T) {
		xd := Dims{rapid.IntRange(1, 3).Draw(t, "n"), rapid.IntRange(1, 20).Draw(t, "c"), rapid.IntRange(2, 7).Draw(t, "h"), rapid.IntRange(2, 7).Draw(t, "w")}
		yd := Dims{xd.N, rapid.IntRange(1, 18).Draw(t, "out"), 2 * xd.H, 2 * xd.W}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		checkDoubledConv[float64](t, xd, yd, r, 1e-12)
		checkDoubledConv[float32](t, xd, yd, r, 2e-4)
	})
}

func checkDoubledConv[F Float](t *rapid.T, xd, yd Dims, r *rand.Rand, tolerance float64) {
	x, w, bias, dy := fill[F](r, xd.Len()), fill[F](r, yd.C*xd.C*25), fill[F](r, yd.C), fill[F](r, yd.Len())
	g, wide := Conv{Kernel: 5, Stride: 1, Padding: 2, Reflect: true}, Dims{xd.N, xd.C, yd.H, yd.W}
	double, y, back, dx, dw := make([]F, wide.Len()), make([]F, yd.Len()), make([]F, wide.Len()), make([]F, xd.Len()), make([]F, len(w))
	for i := range double {
		plane, line, place := i/(yd.H*yd.W), i/yd.W%yd.H, i%yd.W
		double[i] = x[(plane*xd.H+line/2)*xd.W+place/2]
	}
	Convolve(g, y, yd, double, wide, w, bias)
	ConvolveTransposed(g, back, wide, dy, yd, w, nil)
	for i, v := range back {
		plane, line, place := i/(yd.H*yd.W), i/yd.W%yd.H, i%yd.W
		dx[(plane*xd.H+line/2)*xd.W+place/2] += v
	}
	ConvolveWeight(g, dw, dy, yd, double, wide)
	var first [][]F
	for _, threads := range []int{1, 3} {
		parallel.SetThreads(threads)
		got := [][]F{fill[F](r, len(y)), fill[F](r, len(dx)), fill[F](r, len(dw))}
		ConvolveDoubled(got[0], yd, x, xd, w, bias)
		ConvolveDoubledInput(got[1], xd, dy, yd, w)
		ConvolveDoubledWeight(got[2], dy, yd, x, xd)
		if first == nil {
			first = got
		}
		for i, want := range [][]F{y, dx, dw} {
			if !slices.Equal(first[i], got[i]) {
				t.Fatalf("result %d differs on %d threads", i, threads)
			}
			for k, v := range want {
				if !(math.Abs(float64(got[i][k]-v)) <= tolerance*max(10, math.Abs(float64(v)))) {
					t.Fatalf("%v to %v, result %d: element %d is %v, want %v", xd, yd, i, k, got[i][k], v)
				}
			}
		}
	}
}
