package kernels

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// Shapes that are computed over tiles: both strides, every kernel, zeros and mirror images around,
// whole and broken groups of samples, chunks of tiles and strips of channels.
func TestTiledConvolutionsAgainstPlainLoops(t *testing.T) {
	kinds := []Conv{{Kernel: 3, Stride: 1, Padding: 1, Tiles: true}, {Kernel: 4, Stride: 2, Padding: 1, Tiles: true}, {Kernel: 5, Stride: 2, Padding: 2, Tiles: true}}
	rapid.Check(t, func(t *rapid.T) {
		g := rapid.SampledFrom(kinds).Draw(t, "kind")
		g.Reflect = rapid.Bool().Draw(t, "reflect")
		high, wide := 4*rapid.IntRange(1, 3).Draw(t, "high"), 4*rapid.IntRange(1, 3).Draw(t, "wide")
		least := blocks(tiledTiles*16, high*wide)
		xd := Dims{rapid.IntRange(least, least+3).Draw(t, "n"), rapid.SampledFrom([]int{16, 17, 20}).Draw(t, "c"), g.Stride * high, g.Stride * wide}
		out := rapid.SampledFrom([]int{16, 21, 32, 33}).Draw(t, "out")
		if !g.tiled(xd, Dims{xd.N, out, high, wide}) {
			t.Fatalf("%+v on %v to %d channels is not computed so", g, xd, out)
		}
		checkConv[float32](t, g, xd, out, rapid.Uint64().Draw(t, "seed"))
	})
	for _, g := range kinds { // many tiles a sample, in chunks, and many samples, in groups
		checkConv[float32](t, g, Dims{1, 16, 32 * g.Stride, 32 * g.Stride}, 17, 1)
		checkConv[float32](t, g, Dims{130, 16, 4 * g.Stride, 8 * g.Stride}, 16, 2)
		checkConv[float64](t, g, Dims{32, 16, 4 * g.Stride, 4 * g.Stride}, 16, 3)
	}
}

// A transposed convolution with a bias.
func TestTiledTransposedBias(t *testing.T) {
	g, xd, yd := Conv{Kernel: 4, Stride: 2, Padding: 1}, Dims{9, 19, 8, 8}, Dims{9, 18, 16, 16}
	r := rand.New(rand.NewPCG(4, 1))
	x, w, bias := fill[float32](r, xd.Len()), fill[float32](r, xd.C*yd.C*16), fill[float32](r, yd.C)
	got, want := make([]float32, yd.Len()), make([]terms, yd.Len())
	for i := range want {
		want[i].add(float64(bias[i/(yd.H*yd.W)%yd.C]))
	}
	naive(g, xd, yd, func(i, j, k int) { want[k].add(float64(x[i]) * float64(w[j])) })
	g.Tiles = true
	if !g.tiled(yd, xd) {
		t.Fatal("it is not computed over tiles")
	}
	ConvolveTransposed(g, got, yd, x, xd, w, bias)
	if i, ok := within(got, want); !ok {
		t.Errorf("element %d is %v, plain loops %v", i, got[i], want[i].sum)
	}
}
