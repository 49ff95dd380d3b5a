package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
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

// far returns the largest difference relative to the size of the operands' products.
func far[F Float](got []F, want []float64, scale float64) float64 {
	var worst float64
	for i := range got {
		worst = max(worst, math.Abs(float64(got[i])-want[i]))
	}
	return worst / scale
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

func checkConv[F Float](t interface{ Errorf(string, ...any) }, g Conv, xd Dims, out int, seed uint64, tol float64) {
	yd := Dims{xd.N, out, g.Out(xd.H), g.Out(xd.W)}
	r := rand.New(rand.NewPCG(seed, 1))
	x, w, dy, bias := fill[F](r, xd.Len()), fill[F](r, out*xd.C*g.Kernel*g.Kernel), fill[F](r, yd.Len()), fill[F](r, out)
	y, dx, dw := make([]F, yd.Len()), make([]F, xd.Len()), make([]F, len(w))
	wy, wdx, wdw := make([]float64, yd.Len()), make([]float64, xd.Len()), make([]float64, len(w))
	for i := range wy {
		wy[i] = float64(bias[i/(yd.H*yd.W)%out])
	}
	naive(g, yd, xd, func(i, j, k int) {
		wy[i] += float64(w[j]) * float64(x[k])
		wdx[k] += float64(w[j]) * float64(dy[i])
		wdw[j] += float64(dy[i]) * float64(x[k])
	})
	Convolve(g, y, yd, x, xd, w, bias)
	ConvolveTransposed(g, dx, xd, dy, yd, w, nil)
	ConvolveWeight(g, dw, dy, yd, x, xd)
	for _, c := range []struct {
		name  string
		got   []F
		want  []float64
		terms int
	}{{"output", y, wy, xd.C * g.Kernel * g.Kernel}, {"input gradient", dx, wdx, out * g.Kernel * g.Kernel}, {"weight gradient", dw, wdw, yd.N * yd.H * yd.W}} {
		// A sum of k products of unit size is of size √k and, added up in order, off by
		// some ε·√k of that.
		if e := far(c.got, c.want, math.Sqrt(float64(c.terms))); e > tol*max(1, math.Sqrt(float64(c.terms))/10) {
			t.Errorf("%s: %+v on %+v to %d channels: off by %g", c.name, g, xd, out, e)
		}
	}
}

func TestConvolutionsAgainstPlainLoops(t *testing.T) {
	for _, g := range []Conv{{4, 2, 1}, {3, 1, 1}, {1, 1, 0}, {5, 2, 2}, {4, 1, 0}, {2, 2, 0}} {
		for _, xd := range []Dims{{1, 1, 8, 8}, {3, 3, 32, 32}, {5, 17, 4, 4}, {2, 40, 6, 8}} {
			if g == (Conv{4, 2, 1}) || g.In(g.Out(xd.H)) <= xd.H {
				checkConv[float32](t, g, xd, 33, 1, 3e-6)
				checkConv[float64](t, g, xd, 5, 2, 1e-14)
			}
		}
	}
	checkConv[float32](t, Conv{4, 2, 1}, Dims{20, 2, 32, 32}, 3, 3, 3e-6) // a long weight sum, cut in parts
}

func TestConvolutionsAgainstPlainLoopsAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := Conv{rapid.IntRange(1, 5).Draw(t, "kernel"), rapid.IntRange(1, 3).Draw(t, "stride"), 0}
		g.Padding = rapid.IntRange(0, g.Kernel-1).Draw(t, "padding")
		xd := Dims{rapid.IntRange(1, 3).Draw(t, "n"), rapid.IntRange(1, 5).Draw(t, "c"),
			rapid.IntRange(g.Kernel, 9).Draw(t, "h"), rapid.IntRange(g.Kernel, 9).Draw(t, "w")}
		checkConv[float32](t, g, xd, rapid.IntRange(1, 37).Draw(t, "out"), rapid.Uint64().Draw(t, "seed"), 3e-6)
	})
}

func TestGemmAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m, n, k := rapid.IntRange(1, 70).Draw(t, "m"), rapid.IntRange(1, 150).Draw(t, "n"), rapid.IntRange(1, 300).Draw(t, "k")
		ta, tb, acc := rapid.Bool().Draw(t, "ta"), rapid.Bool().Draw(t, "tb"), rapid.Bool().Draw(t, "acc")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		a, b, c := fill[float32](r, m*k), fill[float32](r, k*n), fill[float32](r, m*n)
		av, bv := Dense(m, k, a), Dense(k, n, b)
		if ta {
			av = Dense(k, m, a).T()
		}
		if tb {
			bv = Dense(n, k, b).T()
		}
		at := func(v Matrix[float32], i, j int) float32 {
			if v.Transposed {
				i, j = j, i
			}
			return v.Data[i*v.Stride+j]
		}
		want := make([]float64, m*n)
		for i := range m {
			for j := range n {
				var s float64
				for l := range k {
					s += float64(at(av, i, l)) * float64(at(bv, l, j))
				}
				if acc {
					s += float64(c[i*n+j])
				}
				want[i*n+j] = s
			}
		}
		Gemm(Dense(m, n, c), av, bv, acc)
		if e := far(c, want, math.Sqrt(float64(k))); e > 3e-6 {
			t.Errorf("gemm %dx%dx%d transposed %v %v: off by %g", m, n, k, ta, tb, e)
		}
	})
}

func TestSameBitsForAnyThreads(t *testing.T) {
	run := func() []float32 {
		r := rand.New(rand.NewPCG(5, 1))
		g, xd := Conv{4, 2, 1}, Dims{24, 3, 32, 32}
		yd := Dims{24, 37, 16, 16}
		x, w, dy := fill[float32](r, xd.Len()), fill[float32](r, 37*3*16), fill[float32](r, yd.Len())
		y, dx, dw := make([]float32, yd.Len()), make([]float32, xd.Len()), make([]float32, len(w))
		Convolve(g, y, yd, x, xd, w, nil)
		ConvolveTransposed(g, dx, xd, dy, yd, w, nil)
		ConvolveWeight(g, dw, dy, yd, x, xd)
		return slices.Concat(y, dx, dw)
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := run()
	for _, procs := range []int{2, 3, 8} {
		runtime.GOMAXPROCS(procs)
		if !slices.Equal(run(), want) {
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
	g := Conv{4, 2, 1}
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
