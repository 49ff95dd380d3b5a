package kernels

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/parallel"
)

// fewInputsShape draws a convolution of stride 1 from few channels to lines that fill a vector.
func fewInputsShape(t *rapid.T) (g Conv, xd, yd Dims) {
	g = Conv{Kernel: rapid.IntRange(1, 7).Draw(t, "kernel"), Stride: 1, Reflect: rapid.Bool().Draw(t, "reflect")}
	g.Padding = rapid.IntRange(0, g.Kernel-1).Draw(t, "padding")
	yd = Dims{rapid.IntRange(1, 9).Draw(t, "n"), rapid.IntRange(8, 45).Draw(t, "out"), rapid.IntRange(1, 9).Draw(t, "h"), rapid.IntRange(lineLanes, 50).Draw(t, "w")}
	xd = Dims{yd.N, rapid.IntRange(1, fewInputs).Draw(t, "in"), yd.H + g.Kernel - 1 - 2*g.Padding, yd.W + g.Kernel - 1 - 2*g.Padding}
	if xd.H < 1 || xd.W < 1 || g.Reflect && min(xd.H, xd.W) <= g.Padding {
		t.Skip("there is no such image")
	}
	return g, xd, yd
}

// Lines of outputs give the bits of tiles of places, for any number of threads, and stay within their
// output; of transposed convolutions too, whose rows of a kernel go up.
func TestLinesGiveTheSameBits(t *testing.T) {
	if len(engine32.lines) == 0 {
		t.Skip("these loops have no lines")
	}
	lines := engine32.lines
	defer func() { engine32.lines = lines }()
	defer parallel.SetThreads(0)
	rapid.Check(t, func(t *rapid.T) {
		g, xd, yd := fewInputsShape(t)
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, w, bias := fill[float32](r, xd.Len()), fill[float32](r, xd.C*yd.C*g.Kernel*g.Kernel), fill[float32](r, yd.C)
		if rapid.Bool().Draw(t, "without bias") {
			bias = nil
		}
		whole := Dims{xd.N, yd.C, g.In(xd.H), g.In(xd.W)}
		run := func(back bool) []float32 {
			to := yd
			if back {
				to = whole
			}
			y := make([]float32, to.Len()+64)
			for i := range y {
				y[i] = 7
			}
			if back {
				ConvolveTransposed(g, y[:to.Len()], to, x, xd, w, bias)
			} else {
				Convolve(g, y[:to.Len()], to, x, xd, w, bias)
			}
			for _, v := range y[to.Len():] {
				if v != 7 {
					t.Fatal("written behind the output")
				}
			}
			return y
		}
		for _, back := range []bool{false, !g.Reflect && whole.H > 0 && whole.W > 0} {
			if !back && (convolution[float32]{gathers: g.forward(), xd: xd, yd: yd}).alongLines() != true {
				t.Fatalf("%+v from %v to %v is not computed by lines", g, xd, yd)
			}
			engine32.lines = nil
			want := run(back)
			engine32.lines = lines
			for _, threads := range []int{1, 3} {
				parallel.SetThreads(threads)
				if got := run(back); !sameBits(got, want) {
					t.Fatalf("%+v from %v to %v, transposed %v, on %d threads: other bits than by places", g, xd, yd, back, threads)
				}
			}
		}
	})
}

func TestLinesAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, xd, yd := fewInputsShape(t)
		checkConv[float32](t, g, xd, yd.C, rapid.Uint64().Draw(t, "seed"))
	})
}

// Channels are shared out among the tiles that leave least to do twice, of those the largest.
func TestLineTiles(t *testing.T) {
	e := engine[float32]{lines: []lineTile[float32]{{mr: 8}, {mr: 10}, {mr: 12}}}
	for channels, want := range map[int]int{8: 8, 9: 8, 10: 10, 11: 8, 12: 12, 16: 8, 20: 10, 24: 12, 30: 10, 32: 8, 36: 12, 40: 10, 48: 12, 50: 10, 64: 8, 120: 12} {
		if got := e.lineTileFor(channels).mr; got != want {
			t.Errorf("%d channels in tiles of %d, want %d", channels, got, want)
		}
	}
}

// Tiles of fewer rows sum in the same order.
func TestFewRowsGiveTheSameBits(t *testing.T) {
	if len(engine32.few) == 0 {
		t.Skip("these loops have no tiles of fewer rows")
	}
	few := engine32.few
	defer func() { engine32.few = few }()
	for _, tt := range []struct {
		g    Conv
		in   int
		used bool
	}{{Conv{Kernel: 5, Stride: 1}, 1, true}, {Conv{Kernel: 3, Stride: 1, Padding: 1}, 2, true}, {Conv{Kernel: 5, Stride: 2, Padding: 2}, 3, true}, {Conv{Kernel: 3, Stride: 1, Padding: 1}, 3, false}, {Conv{Kernel: 5, Stride: 1}, 20, false}} {
		if got := engine32.tilesFor(tt.g.Kernel * tt.in)[0].mr == few[0].mr; got != tt.used {
			t.Errorf("%+v of %d channels in tiles of few rows: %v, want %v", tt.g, tt.in, got, tt.used)
		}
		for _, out := range []int{1, 16, 20, 31, 50} {
			for _, n := range []int{1, 40} {
				xd := Dims{n, tt.in, 24, 24}
				yd := Dims{n, out, tt.g.Out(24), tt.g.Out(24)}
				r := rand.New(rand.NewPCG(uint64(out), 2))
				x, dy := fill[float32](r, xd.Len()), fill[float32](r, yd.Len())
				got, want := make([]float32, out*tt.in*tt.g.Kernel*tt.g.Kernel), make([]float32, out*tt.in*tt.g.Kernel*tt.g.Kernel)
				ConvolveWeight(tt.g, got, dy, yd, x, xd)
				engine32.few = nil
				ConvolveWeight(tt.g, want, dy, yd, x, xd)
				engine32.few = few
				if !sameBits(got, want) {
					t.Errorf("%+v of %v to %d channels: other bits", tt.g, xd, out)
				}
			}
		}
	}
}
