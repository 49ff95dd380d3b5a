package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

func fill[F Float](r *rand.Rand, n int) []F {
	v := make([]F, n)
	for i := range v {
		v[i] = F(r.NormFloat64())
	}
	return v
}

// terms collects a sum as plain loops make it, with what bounds its rounding.
type terms struct {
	sum, size float64 // size: of the absolute values
	count     int
}

func (t *terms) add(v float64) {
	t.sum, t.size, t.count = t.sum+v, t.size+math.Abs(v), t.count+1
}

// within says whether got is the sum up to rounding: k terms added up in any order,
// with or without fused products, are off by at most (k+1)·u of their absolute
// values (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1).
// Twice that leaves room for the sum of the plain loops itself.
func within[F Float](got []F, want []terms) (worst int, ok bool) {
	u := 0x1p-24
	if _, double := any(F(0)).(float64); double {
		u = 0x1p-53
	}
	for i, w := range want {
		if !(math.Abs(float64(got[i])-w.sum) <= 2*float64(w.count+1)*u*w.size) {
			return i, false
		}
	}
	return 0, true
}

// naive runs the plain loops of a convolution, visiting every (output, weight,
// input) triple once; the three products of training differ in what they add up.
func naive(g Conv, yd, xd Dims, visit func(y, w, x int)) {
	for n := range yd.N {
		for o := range yd.C {
			for i := range yd.H {
				for j := range yd.W {
					for c := range xd.C {
						for a := range g.Kernel {
							for b := range g.Kernel {
								iy, ix := i*g.Stride+a-g.Padding, j*g.Stride+b-g.Padding
								if g.Reflect {
									iy, ix = mirrored(iy, xd.H), mirrored(ix, xd.W)
								}
								if iy < 0 || ix < 0 || iy >= xd.H || ix >= xd.W {
									continue
								}
								visit(((n*yd.C+o)*yd.H+i)*yd.W+j, ((o*xd.C+c)*g.Kernel+a)*g.Kernel+b, ((n*xd.C+c)*xd.H+iy)*xd.W+ix)
							}
						}
					}
				}
			}
		}
	}
}

// mirrored is the place of which place i of a line of n, or around it, is the image.
func mirrored(i, n int) int {
	switch {
	case i < 0:
		return -i
	case i >= n:
		return 2*(n-1) - i
	}
	return i
}

func checkConv[F Float](t interface{ Errorf(string, ...any) }, g Conv, xd Dims, out int, seed uint64) {
	yd := Dims{xd.N, out, g.Out(xd.H), g.Out(xd.W)}
	r := rand.New(rand.NewPCG(seed, 1))
	x, w, dy, bias := fill[F](r, xd.Len()), fill[F](r, out*xd.C*g.Kernel*g.Kernel), fill[F](r, yd.Len()), fill[F](r, out)
	y, dx, dw := make([]F, yd.Len()), make([]F, xd.Len()), make([]F, len(w))
	wy, wdx, wdw := make([]terms, yd.Len()), make([]terms, xd.Len()), make([]terms, len(w))
	for i := range wy {
		wy[i].add(float64(bias[i/(yd.H*yd.W)%out]))
	}
	naive(g, yd, xd, func(i, j, k int) {
		wy[i].add(float64(w[j]) * float64(x[k]))
		wdx[k].add(float64(w[j]) * float64(dy[i]))
		wdw[j].add(float64(dy[i]) * float64(x[k]))
	})
	Convolve(g, y, yd, x, xd, w, bias)
	ConvolveTransposed(g, dx, xd, dy, yd, w, nil)
	ConvolveWeight(g, dw, dy, yd, x, xd)
	for _, c := range []struct {
		name string
		got  []F
		want []terms
	}{{"output", y, wy}, {"input gradient", dx, wdx}, {"weight gradient", dw, wdw}} {
		if i, ok := within(c.got, c.want); !ok {
			t.Errorf("%s: %+v on %+v to %d channels: element %d is %v, plain loops %v", c.name, g, xd, out, i, c.got[i], c.want[i].sum)
		}
	}
}

func TestConvolutionsAgainstPlainLoops(t *testing.T) {
	for _, g := range []Conv{
		{Kernel: 4, Stride: 2, Padding: 1}, {Kernel: 3, Stride: 1, Padding: 1}, {Kernel: 1, Stride: 1}, {Kernel: 5, Stride: 2, Padding: 2}, {Kernel: 4, Stride: 1}, {Kernel: 2, Stride: 2},
		{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}, {Kernel: 4, Stride: 2, Padding: 1, Reflect: true}, {Kernel: 7, Stride: 1, Padding: 3, Reflect: true},
	} {
		for _, xd := range []Dims{{1, 1, 8, 8}, {3, 3, 32, 32}, {5, 17, 4, 4}, {2, 40, 6, 8}, {9, 19, 16, 16}, {40, 33, 8, 4}} {
			if g.Kernel == 4 && g.Padding == 1 || g.In(g.Out(xd.H)) <= xd.H {
				checkConv[float32](t, g, xd, 33, 1)
				checkConv[float64](t, g, xd, 5, 2)
			}
		}
	}
	for _, g := range []Conv{{Kernel: 4, Stride: 2, Padding: 1}, {Kernel: 3, Stride: 1}, {Kernel: 5, Stride: 2, Padding: 2}, {Kernel: 4, Stride: 1, Padding: 1}} { // one place, which sees all of the input
		for _, xd := range []Dims{{1, 1, 2, 2}, {7, 70, 2, 2}, {5, 33, 3, 2}, {5, 3, 1, 2}, {40, 300, 3, 3}} {
			if g.Out(xd.H) == 1 && g.Out(xd.W) == 1 {
				checkConv[float32](t, g, xd, 33, 1)
				checkConv[float64](t, g, xd, 5, 2)
			}
		}
	}
	checkConv[float32](t, Conv{Kernel: 4, Stride: 2, Padding: 1}, Dims{20, 2, 32, 32}, 3, 3) // a long weight sum, cut in parts
	// Runs that meet only zeros are left out: of whole samples, of some lines of one, and where the
	// weights of all runs do not go by at once.
	checkConv[float32](t, Conv{Kernel: 5, Stride: 1}, Dims{9, 20, 12, 12}, 50, 4)
	checkConv[float32](t, Conv{Kernel: 5, Stride: 1, Padding: 4}, Dims{2, 600, 3, 5}, 20, 5)
	checkConv[float32](t, Conv{Kernel: 5, Stride: 1, Padding: 2}, Dims{1, 2, 70, 70}, 44, 6)
	checkConv[float64](t, Conv{Kernel: 5, Stride: 3, Padding: 4}, Dims{3, 3, 5, 4}, 2, 7)
}

// Wide kernels to few channels, and from few, of which taps or roles are exchanged.
func TestWideKernelsAgainstPlainLoops(t *testing.T) {
	for _, g := range []Conv{{Kernel: 7, Stride: 1, Padding: 3}, {Kernel: 7, Stride: 1, Padding: 3, Reflect: true}, {Kernel: 6, Stride: 1, Padding: 2}, {Kernel: 9, Stride: 1, Padding: 4, Reflect: true}} {
		for _, out := range []int{1, 3, 4, 5} {
			checkConv[float32](t, g, Dims{3, 18, 16, 9}, out, 1)
			checkConv[float64](t, g, Dims{2, 9, 9, 10}, out, 2)
		}
		checkConv[float32](t, g, Dims{3, 2, 12, 16}, 37, 3)
	}
}

func TestConvolutionsAgainstPlainLoopsAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := Conv{Kernel: rapid.IntRange(1, 5).Draw(t, "kernel"), Stride: rapid.IntRange(1, 3).Draw(t, "stride"), Reflect: rapid.Bool().Draw(t, "reflect")}
		g.Padding = rapid.IntRange(0, g.Kernel-1).Draw(t, "padding")
		xd := Dims{rapid.IntRange(1, 3).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "c"),
			rapid.IntRange(g.Kernel, 9).Draw(t, "h"), rapid.IntRange(g.Kernel, 9).Draw(t, "w")}
		checkConv[float32](t, g, xd, rapid.IntRange(1, 37).Draw(t, "out"), rapid.Uint64().Draw(t, "seed"))
	})
}

// Images so small that much of what is around them is read: tiles of one place of many samples, whose
// sums are those of a sample by itself, bit for bit.
func TestTilesAcrossSamplesAgainstPlainLoops(t *testing.T) {
	mr := engine32.wideRows().mr
	for _, c := range []struct {
		g      Conv
		x      Dims
		out    int
		across bool // of the gradient by the input
	}{
		{Conv{Kernel: 5, Stride: 1}, Dims{64, 3, 12, 12}, 5, true},
		{Conv{Kernel: 5, Stride: 1}, Dims{mr/2 + 1, 3, 12, 12}, 5, false}, // half of a tile is empty
		{Conv{Kernel: 5, Stride: 1}, Dims{64, 3, 20, 20}, 5, false},       // large images
		{Conv{Kernel: 3, Stride: 1, Padding: 1}, Dims{64, 3, 8, 8}, 5, false},
		{Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}, Dims{64, 3, 8, 8}, 5, false},
	} {
		yd := Dims{c.x.N, c.out, c.g.Out(c.x.H), c.g.Out(c.x.W)}
		got := convolution[float32]{gathers: c.g.transposed(), yd: c.x, xd: yd, kernel: engine32.wideRows(), rows: c.x.H, cols: c.x.W}
		if c.g.Reflect {
			got.gathers = c.g.forward()
		}
		if got.acrossSamples() != c.across {
			t.Errorf("%+v on %+v: tiles across samples: %v", c.g, c.x, !c.across)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		g := Conv{Kernel: rapid.IntRange(3, 5).Draw(t, "kernel"), Stride: rapid.IntRange(1, 2).Draw(t, "stride")}
		g.Padding = rapid.IntRange(g.Kernel-2, g.Kernel-1).Draw(t, "padding")
		xd := Dims{rapid.IntRange(12, 26).Draw(t, "n"), rapid.IntRange(1, 3).Draw(t, "c"), rapid.IntRange(1, 4).Draw(t, "h"), rapid.IntRange(1, 4).Draw(t, "w")}
		if xd.H+2*g.Padding < g.Kernel || xd.W+2*g.Padding < g.Kernel {
			return
		}
		out, seed := rapid.IntRange(1, 20).Draw(t, "out"), rapid.Uint64().Draw(t, "seed")
		checkConv[float32](t, g, xd, out, seed)
		checkConv[float64](t, g, xd, out, seed)
		r := rand.New(rand.NewPCG(seed, 2))
		yd := Dims{xd.N, out, g.Out(xd.H), g.Out(xd.W)}
		x, dy, w := fill[float32](r, xd.Len()), fill[float32](r, yd.Len()), fill[float32](r, out*xd.C*g.Kernel*g.Kernel)
		y, dx := make([]float32, yd.Len()), make([]float32, xd.Len())
		Convolve(g, y, yd, x, xd, w, nil)
		ConvolveTransposed(g, dx, xd, dy, yd, w, nil)
		nx, ny := len(x)/xd.N, len(dy)/xd.N
		alone, aloneGrad := make([]float32, ny), make([]float32, nx)
		one, oneGrad := Dims{1, yd.C, yd.H, yd.W}, Dims{1, xd.C, xd.H, xd.W}
		for n := range xd.N {
			Convolve(g, alone, one, x[n*nx:(n+1)*nx], oneGrad, w, nil)
			ConvolveTransposed(g, aloneGrad, oneGrad, dy[n*ny:(n+1)*ny], one, w, nil)
			if !slices.Equal(alone, y[n*ny:(n+1)*ny]) || !slices.Equal(aloneGrad, dx[n*nx:(n+1)*nx]) {
				t.Fatalf("%+v on %+v to %d: sample %d depends on the others", g, xd, out, n)
			}
		}
	})
}

// Shapes that are computed with fewer products (winograd.go): whole and broken groups
// and chunks of tiles, whole and broken strips of channels.
func TestFastConvolutionsAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := 4*rapid.IntRange(1, 4).Draw(t, "h"), 4*rapid.IntRange(1, 4).Draw(t, "w")
		least := blocks(winogradTiles*16, h*w)
		xd := Dims{rapid.IntRange(least, least+3).Draw(t, "n"), rapid.IntRange(winogradChannels, 21).Draw(t, "c"), h, w}
		out := rapid.SampledFrom([]int{winogradChannels + 1, 21, 32, 33}).Draw(t, "out")
		g := Conv{Kernel: 4, Stride: 2, Padding: 1, Reflect: rapid.Bool().Draw(t, "reflect")}
		if !g.winograd(xd.N, xd.C, out, h/2, w/2) {
			t.Fatalf("%v to %d channels is not computed so", xd, out)
		}
		checkConv[float32](t, g, xd, out, rapid.Uint64().Draw(t, "seed"))
	})
	g, xd := Conv{Kernel: 4, Stride: 2, Padding: 1}, Dims{6, 68, 16, 16} // a weight gradient that all workers share
	if c := newFastWeight(g, nil, nil, Dims{6, 240, 8, 8}, []float32(nil), xd); slotsTile*c.panels*c.e.wideTile().mr*c.width < sharedSums {
		t.Fatal("sums are not shared")
	}
	checkConv[float32](t, g, xd, 240, 1)
}

func TestGemmAgainstPlainLoops(t *testing.T) {
	t.Run("float32", func(t *testing.T) { rapid.Check(t, checkGemm[float32]) })
	t.Run("float64", func(t *testing.T) { rapid.Check(t, checkGemm[float64]) })
}

// checkGemm multiplies matrices whose rows are further apart than they are long.
func checkGemm[F Float](t *rapid.T) {
	m, n, k := rapid.IntRange(1, 70).Draw(t, "m"), rapid.IntRange(1, 150).Draw(t, "n"), rapid.IntRange(1, 600).Draw(t, "k")
	acc := rapid.Bool().Draw(t, "acc")
	r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
	matrix := func(name string, rows, cols int) Matrix[F] {
		transposed, gap := rapid.Bool().Draw(t, name+" transposed"), rapid.IntRange(0, 3).Draw(t, name+" gap")
		if transposed {
			rows, cols = cols, rows
		}
		v := Matrix[F]{Rows: rows, Cols: cols, Data: fill[F](r, rows*(cols+gap)), Stride: cols + gap}
		if transposed {
			return v.T()
		}
		return v
	}
	at := func(v Matrix[F], i, j int) float64 {
		if v.Transposed {
			i, j = j, i
		}
		return float64(v.Data[i*v.Stride+j])
	}
	a, b := matrix("a", m, k), matrix("b", k, n)
	c := Matrix[F]{Rows: m, Cols: n, Data: fill[F](r, m*(n+2)), Stride: n + 2}
	want := make([]terms, m*n)
	for i := range m {
		for j := range n {
			if acc {
				want[i*n+j].add(at(c, i, j))
			}
			for l := range k {
				want[i*n+j].add(at(a, i, l) * at(b, l, j))
			}
		}
	}
	outside := c.Data[n]
	again := Matrix[F]{Rows: m, Cols: n, Data: slices.Clone(c.Data), Stride: c.Stride}
	Gemm(c, a, b, acc)
	if GemmPacked(again, a, Pack(b), acc); !slices.Equal(again.Data, c.Data) {
		t.Error("a packed operand gives other bits")
	}
	for i := range m {
		if j, ok := within(c.Data[i*c.Stride:][:n], want[i*n:(i+1)*n]); !ok {
			t.Errorf("gemm %dx%dx%d: row %d element %d is %v, plain loops %v", m, n, k, i, j, c.Data[i*c.Stride+j], want[i*n+j].sum)
		}
	}
	if c.Data[n] != outside {
		t.Error("gemm wrote past a row")
	}
}

func TestSameBitsForAnyThreads(t *testing.T) {
	run := func() []float32 {
		r := rand.New(rand.NewPCG(5, 1))
		var out []float32
		g := Conv{Kernel: 4, Stride: 2, Padding: 1}
		for _, s := range []struct {
			xd  Dims
			out int
		}{{Dims{24, 3, 32, 32}, 37}, {Dims{30, 17, 8, 8}, 70}, {Dims{9, 68, 16, 16}, 240}, {Dims{30, 70, 2, 2}, 70}} { // plain, fast, with shared sums, of one place
			yd := Dims{s.xd.N, s.out, s.xd.H / 2, s.xd.W / 2}
			x, w, dy := fill[float32](r, s.xd.Len()), fill[float32](r, s.out*s.xd.C*16), fill[float32](r, yd.Len())
			y, dx, dw := make([]float32, yd.Len()), make([]float32, s.xd.Len()), make([]float32, len(w))
			Convolve(g, y, yd, x, s.xd, w, nil)
			ConvolveTransposed(g, dx, s.xd, dy, yd, w, nil)
			ConvolveWeight(g, dw, dy, yd, x, s.xd)
			out = slices.Concat(out, y, dx, dw)
		}
		return out
	}
	atThreads(t, func() any { return run() })
}

// atThreads compares what run gives on 1, 2, 3 and 8 threads.
func atThreads(t *testing.T, run func() any) {
	t.Helper()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := run()
	for _, procs := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		if !reflect.DeepEqual(run(), want) {
			t.Errorf("GOMAXPROCS %d gives other bits than 1", procs)
		}
	}
}

// begun is the processor time of the process when a benchmark started.
var begun float64

func processor() float64 {
	var u syscall.Rusage
	syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}

func start(*testing.B) { begun = processor() }

// report gives the rate by the clock and by processor time, which holds on a
// machine that has other work too.
func report(b *testing.B, flops float64) {
	b.ReportMetric(flops*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	b.ReportMetric(flops*float64(b.N)/(processor()-begun)/1e9, "GFLOP/cpu-s")
}

func BenchmarkPeak(b *testing.B) {
	start(b)
	for b.Loop() {
		engine32.peak(1 << 16)
	}
	report(b, float64(2*peakChains*engine32.peakLanes<<16))
}

func BenchmarkGemm(b *testing.B) {
	for _, n := range []int{128, 512, 1024} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			r := rand.New(rand.NewPCG(1, 1))
			x, y, z := fill[float32](r, n*n), fill[float32](r, n*n), make([]float32, n*n)
			start(b)
			for b.Loop() {
				Gemm(Dense(n, n, z), Dense(n, n, x), Dense(n, n, y), false)
			}
			report(b, 2*float64(n)*float64(n)*float64(n))
		})
	}
}

// The layers of the reference network at 128 pixels, the transposed ones as
// gradients by the input, and the first and last of the 32-pixel digit network.
func BenchmarkConv(b *testing.B) {
	g := Conv{Kernel: 4, Stride: 2, Padding: 1}
	for _, s := range []struct{ in, out, size int }{{3, 32, 128}, {32, 64, 64}, {64, 128, 32}, {128, 256, 16}, {256, 487, 8}, {487, 462, 4}, {512, 25, 4}, {1, 32, 32}, {32, 64, 16}} {
		xd := Dims{64, s.in, s.size, s.size}
		yd := Dims{64, s.out, s.size / 2, s.size / 2}
		r := rand.New(rand.NewPCG(1, 1))
		x, w, dy := fill[float32](r, xd.Len()), fill[float32](r, s.in*s.out*16), fill[float32](r, yd.Len())
		flops := 2 * float64(yd.Len()) * float64(s.in) * 16
		for _, pass := range []struct {
			name string
			run  func()
		}{
			{"forward", func() { Convolve(g, dy, yd, x, xd, w, nil) }},
			{"input", func() { ConvolveTransposed(g, x, xd, dy, yd, w, nil) }},
			{"weight", func() { ConvolveWeight(g, w, dy, yd, x, xd) }},
		} {
			b.Run(fmt.Sprintf("%d-%d-%d/%s", s.in, s.out, s.size, pass.name), func(b *testing.B) {
				start(b)
				for b.Loop() {
					pass.run()
				}
				report(b, flops)
			})
		}
	}
}
