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
	in := rapid.IntRange(1, fewInputs).Draw(t, "in")
	if yd.C <= 12 && yd.W%lineLanes == 0 && rapid.Bool().Draw(t, "of many") {
		in *= 9
	}
	xd = Dims{yd.N, in, yd.H + g.Kernel - 1 - 2*g.Padding, yd.W + g.Kernel - 1 - 2*g.Padding}
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

// Places of several samples give the bits of tiles of places, for as many threads as there are pairs of blocks, more and fewer; with taps that
// meet zeros on all sides, and of transposed convolutions.
func TestSamplesGiveTheSameBits(t *testing.T) {
	if len(engine32.lines) == 0 {
		t.Skip("these loops have no lines")
	}
	lines := engine32.lines
	defer func() { engine32.lines = lines }()
	defer parallel.SetThreads(0)
	used := map[bool]int{}
	rapid.Check(t, func(t *rapid.T) {
		g := Conv{Kernel: rapid.IntRange(1, 5).Draw(t, "kernel"), Stride: 1}
		g.Padding = rapid.IntRange(0, g.Kernel-1).Draw(t, "padding")
		xd := Dims{rapid.IntRange(sampleLanes, 3*sampleLanes).Draw(t, "n"), rapid.IntRange(1, 12).Draw(t, "in"), rapid.IntRange(g.Kernel, 8).Draw(t, "h"), rapid.IntRange(g.Kernel, 8).Draw(t, "w")}
		out := rapid.SampledFrom([]int{8, 10, 11, 20, 33, 48, 50, 64}).Draw(t, "out")
		back := rapid.Bool().Draw(t, "transposed")
		yd, gathers := Dims{xd.N, out, g.Out(xd.H), g.Out(xd.W)}, g.forward()
		if back {
			yd, gathers = Dims{xd.N, out, g.In(xd.H), g.In(xd.W)}, g.transposed()
		}
		if yd.H < 1 || yd.W < 1 {
			t.Skip("there is no such image")
		}
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, w, bias := fill[float32](r, xd.Len()), fill[float32](r, xd.C*out*g.Kernel*g.Kernel), fill[float32](r, out)
		if rapid.Bool().Draw(t, "without bias") {
			bias = nil
		}
		run := func() []float32 {
			y := make([]float32, yd.Len())
			if back {
				ConvolveTransposed(g, y, yd, x, xd, w, bias)
			} else {
				Convolve(g, y, yd, x, xd, w, bias)
			}
			return y
		}
		own := convolution[float32]{gathers: gathers, xd: xd, yd: yd}.alongSamples()
		used[own]++
		engine32.lines = nil
		want := run()
		engine32.lines = lines
		for _, threads := range []int{1, 3, 8} {
			parallel.SetThreads(threads)
			if got := run(); !sameBits(got, want) {
				t.Fatalf("%+v from %v to %v, transposed %v, on %d threads: other bits than by places; along samples: %v", g, xd, yd, back, threads, own)
			}
		}
	})
	if used[true] < used[false] {
		t.Errorf("%d convolutions along samples, %d not", used[true], used[false])
	}
}

// By hand: which shapes go along lines, and why not.
func TestAlongLines(t *testing.T) {
	if len(engine32.lines) == 0 {
		t.Skip("these loops have no lines")
	}
	for _, tt := range []struct {
		name string
		g    Conv
		in   int
		yd   Dims
		want bool
	}{
		{"few channels, all lanes", Conv{Kernel: 3, Stride: 1, Padding: 1}, 4, Dims{2, 32, 16, 16}, true},
		{"all lanes", Conv{Kernel: 3, Stride: 1, Padding: 1}, 5, Dims{2, 32, 16, 16}, false},
		{"20 of 32 lanes", Conv{Kernel: 3, Stride: 1, Padding: 1}, 64, Dims{2, 20, 16, 32}, true},
		{"20 of 32 lanes, a third register hardly filled", Conv{Kernel: 3, Stride: 1, Padding: 1}, 64, Dims{2, 20, 16, 17}, false},
		{"short lines", Conv{Kernel: 3, Stride: 1, Padding: 1}, 4, Dims{2, 20, 16, 15}, false},
		{"too few channels", Conv{Kernel: 3, Stride: 1, Padding: 1}, 4, Dims{2, 7, 16, 16}, false},
		{"two strides", Conv{Kernel: 4, Stride: 2, Padding: 1}, 4, Dims{2, 20, 16, 16}, false},
		{"sums cut in parts", Conv{Kernel: 3, Stride: 1, Padding: 1}, 256, Dims{2, 20, 16, 32}, false},
	} {
		xd := Dims{tt.yd.N, tt.in, tt.g.In(tt.yd.H), tt.g.In(tt.yd.W)}
		if got := (convolution[float32]{gathers: tt.g.forward(), xd: xd, yd: tt.yd}).alongLines(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

// Convolutions to few channels that are computed as ones to more, phases or taps of a row, give the same bits whichever way these go.
func TestConvolutionsMadeOfOthersGiveTheSameBits(t *testing.T) {
	if len(engine32.lines) == 0 {
		t.Skip("these loops have no lines")
	}
	lines := engine32.lines
	defer func() { engine32.lines = lines }()
	for _, n := range []int{3, 40} {
		for _, side := range []int{7, 16, 21} {
			for _, out := range []int{1, 2, 3, 4} {
				for _, kernel := range []int{3, 4, 5, 7} {
					xd := Dims{n, 33, side + 1, side}
					r := rand.New(rand.NewPCG(uint64(kernel), uint64(out)))
					x, w, bias := fill[float32](r, xd.Len()), fill[float32](r, xd.C*out*kernel*kernel), fill[float32](r, out)
					both := func(name string, yd Dims, run func(y []float32)) {
						got, want := make([]float32, yd.Len()), make([]float32, yd.Len())
						run(got)
						engine32.lines = nil
						run(want)
						engine32.lines = lines
						if !sameBits(got, want) {
							t.Errorf("%s of kernel %d from %v to %v: other bits", name, kernel, xd, yd)
						}
					}
					up := Conv{Kernel: kernel, Stride: 2, Padding: (kernel - 1) / 2, Extra: kernel % 2}
					yd := Dims{n, out, up.In(xd.H), up.In(xd.W)}
					both("transposed", yd, func(y []float32) { ConvolveTransposed(up, y, yd, x, xd, w, bias) })
					flat := Conv{Kernel: kernel, Stride: 1, Padding: kernel / 2}
					fd := Dims{n, out, flat.Out(xd.H), flat.Out(xd.W)}
					both("plain", fd, func(y []float32) { Convolve(flat, y, fd, x, xd, w, bias) })
				}
			}
		}
	}
}

// By hand: which shapes go along samples, and why not.
func TestAlongSamples(t *testing.T) {
	if len(engine32.lines) == 0 {
		t.Skip("these loops have no lines")
	}
	small, out := Dims{128, 20, 12, 12}, Dims{128, 50, 8, 8}
	for _, tt := range []struct {
		name   string
		g      Conv
		xd, yd Dims
		want   bool
	}{
		{"50 of 64 lanes", Conv{Kernel: 5, Stride: 1}, small, out, true},
		{"all lanes", Conv{Kernel: 5, Stride: 1}, small, Dims{128, 64, 8, 8}, false},
		{"lines fill a register", Conv{Kernel: 5, Stride: 1}, Dims{128, 20, 20, 20}, Dims{128, 50, 16, 16}, false},
		{"too few samples", Conv{Kernel: 5, Stride: 1}, Dims{31, 20, 12, 12}, Dims{31, 50, 8, 8}, false},
		{"a third block half empty", Conv{Kernel: 5, Stride: 1}, Dims{40, 20, 12, 12}, Dims{40, 50, 8, 8}, false},
		{"too few channels", Conv{Kernel: 5, Stride: 1}, small, Dims{128, 7, 8, 8}, false},
		{"two strides", Conv{Kernel: 5, Stride: 2}, small, Dims{128, 50, 4, 4}, false},
		{"mirrored", Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}, small, Dims{128, 50, 12, 12}, false},
		{"sums cut in parts", Conv{Kernel: 5, Stride: 1}, Dims{128, 100, 12, 12}, out, false},
		{"places that read nothing", Conv{Kernel: 1, Stride: 1, Padding: 1}, small, Dims{128, 50, 14, 14}, false},
	} {
		if got := (convolution[float32]{gathers: tt.g.forward(), xd: tt.xd, yd: tt.yd}).alongSamples(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}
