package kernels

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

// near says whether two results of the same operations, rounded in another order or
// with fused products, agree: eight units in the last place of the size given.
func near(got, want, size float32) bool {
	return got == want || math.Abs(float64(got)-float64(want)) <= 8*0x1p-24*max(math.Abs(float64(size)), 1e-30)
}

// The loops in use agree with the plain ones, on any length: the rest past whole
// vectors is where they would part.
func TestVectorsAgainstPlainLoops(t *testing.T) {
	fast, slow := engine32.vectors, plain[float32]().vectors
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 200).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, y, g := fill[float32](r, n), fill[float32](r, n), fill[float32](r, n)
		for i := range x {
			if r.IntN(8) == 0 {
				x[i] = y[i] // equal values have a gradient of their own
			}
		}
		slope, c := float32(r.Float64()), float32(r.NormFloat64())
		each := func(name string, run func(e vectors[float32], out []float32)) {
			got, want := fill[float32](r, n), make([]float32, n)
			copy(want, got)
			run(fast, got)
			run(slow, want)
			for i := range got {
				if !near(got[i], want[i], 4*max(1, float32(math.Abs(float64(want[i]))))) {
					t.Errorf("%s: element %d of %d is %v, plain loop %v", name, i, n, got[i], want[i])
				}
			}
		}
		each("leaky", func(e vectors[float32], out []float32) { e.leaky(out, x, slope) })
		each("leaky gradient", func(e vectors[float32], out []float32) { e.leakyGrad(out, g, x, slope) })
		each("tanh", func(e vectors[float32], out []float32) { e.tanh(out, x) })
		each("tanh gradient", func(e vectors[float32], out []float32) { e.tanhGrad(out, g, y) })
		each("absolute gradient", func(e vectors[float32], out []float32) { e.absGrad(out, x, y, 0.3) })
		each("axpy", func(e vectors[float32], out []float32) { e.axpy(out, c, x) })
		each("scale", func(e vectors[float32], out []float32) { e.scale(out, c, x) })
		each("affine", func(e vectors[float32], out []float32) { e.affine(out, x, slope, c, 0.3) })
		each("slant", func(e vectors[float32], out []float32) { e.slant(out, g, x, slope, 0.7, c, 0.3) })

		sums := func(e vectors[float32]) map[string]float64 {
			return map[string]float64{"sum": e.sum(x), "dot": e.dot(x, y), "absolute difference": e.absDiff(x, y)}
		}
		got, want := sums(fast), sums(slow)
		for name := range want {
			if !(math.Abs(got[name]-want[name]) <= 1e-6*float64(4*n+1)) {
				t.Errorf("%s of %d: %v, plain loop %v", name, n, got[name], want[name])
			}
		}
	})
}

// Norms of planes of whole vectors run in other loops than the rest; both agree with
// the plain ones as far as sums of so many values do. Values so near zero that they
// round to the other side of the leaky relu are left alone, gradients of planes with
// such values compared at slope 1.
func TestNormsAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area := rapid.OneOf(rapid.IntRange(1, 40), rapid.SampledFrom([]int{64, 112, 256, 1024, 16384})).Draw(t, "area")
		n := area * rapid.IntRange(1, 5).Draw(t, "planes")
		slope := float32(rapid.Float64Range(0, 1).Draw(t, "slope"))
		shift := float32(rapid.Float64Range(-3, 3).Draw(t, "shift"))
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, g := fill[float32](r, n), fill[float32](r, n)
		for i := range x {
			x[i] += shift
		}
		h, got, want := make([]float32, n), fill[float32](r, n), make([]float32, n)
		normGo(area, h, x, 1)
		agree := func(what string) {
			for i := range got {
				if !(math.Abs(float64(h[i])) <= 1e-4) && !(math.Abs(float64(got[i]-want[i])) <= 1e-5*max(1, math.Abs(float64(want[i])))) {
					t.Fatalf("%s, planes of %d: element %d is %v, plain loop %v", what, area, i, got[i], want[i])
				}
			}
		}
		InstanceNorm(got, x, area, slope)
		normGo(area, want, x, slope)
		agree("norm")
		for i := range h { // a gradient sums over all of a plane: without a kink where a value is at it
			if math.Abs(float64(h[i])) <= 1e-4 {
				slope = 1
			}
		}
		InstanceNormGrad(got, g, x, area, slope)
		normGradGo(area, want, g, x, slope)
		agree("gradient")
	})
}

func TestAdamAgainstPlainLoops(t *testing.T) {
	r := rand.New(rand.NewPCG(2, 1))
	for _, n := range []int{1, 15, 16, 100} {
		state := func() [][]float32 {
			r := rand.New(rand.NewPCG(uint64(n), 1))
			s := [][]float32{fill[float32](r, n), fill[float32](r, n), fill[float32](r, n), fill[float32](r, n)}
			for i, v := range s[3] {
				s[3][i] = v * v
			}
			return s
		}
		got, want := state(), state()
		rate := float32(r.Float64() * 1e-3)
		engine32.adam(got[0], got[1], got[2], got[3], 0.5, 0.5, 0.001, rate, 1.1, 1e-8)
		adamGo(want[0], want[1], want[2], want[3], 0.5, 0.5, 0.001, rate, 1.1, 1e-8)
		for k := range got {
			for i := range got[k] {
				if !near(got[k][i], want[k][i], 4) {
					t.Errorf("array %d element %d of %d: %v, plain loop %v", k, i, n, got[k][i], want[k][i])
				}
			}
		}
	}
}

// tanh is good to a few units in the last place everywhere, keeps what is not a
// number, and reaches one.
func TestTanhAccuracy(t *testing.T) {
	var x []float32
	for e := -40.0; e < 6; e += 0.001 {
		x = append(x, float32(math.Exp2(e)), -float32(math.Exp2(e)))
	}
	x = append(x, 0, 9, 100, float32(math.Inf(1)), float32(math.Inf(-1)))
	y := make([]float32, len(x))
	engine32.tanh(y, x)
	for i, v := range x {
		want := math.Tanh(float64(v))
		if !(math.Abs(float64(y[i])-want) <= 4*0x1p-24*math.Abs(want)) {
			t.Errorf("tanh(%v) = %v, want %v", v, y[i], want)
		}
	}
	nan := make([]float32, 16)
	for i := range nan {
		nan[i] = float32(math.NaN())
	}
	engine32.tanh(nan, nan)
	InstanceNorm(y[:16], nan, 16, 0.2)
	for i := range nan {
		if nan[i] == nan[i] || y[i] == y[i] {
			t.Fatalf("a value that is not a number became %v and %v", nan[i], y[i])
		}
	}
}

func TestTransposeAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 40).Draw(t, "rows"), rapid.IntRange(1, 40).Draw(t, "cols")
		ldd, lds := rows+rapid.IntRange(0, 5).Draw(t, "dst gap"), cols+rapid.IntRange(0, 5).Draw(t, "src gap")
		r := rand.New(rand.NewPCG(1, 1))
		src, got := fill[float32](r, rows*lds), fill[float32](r, cols*ldd)
		want := append([]float32(nil), got...)
		for i := range rows {
			for j := range cols {
				want[j*ldd+i] = src[i*lds+j]
			}
		}
		engine32.transpose(got, ldd, src, lds, rows, cols)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%d x %d: got %v, want %v", rows, cols, got, want)
		}
	})
}

// Every loop gives the same bits on any number of threads.
func TestSameBitsOfVectorsForAnyThreads(t *testing.T) {
	run := func() string {
		r := rand.New(rand.NewPCG(6, 1))
		x, y, w := fill[float32](r, 50000), fill[float32](r, 50000), fill[float32](r, 64*500)
		u, v := fill[float32](r, 64), fill[float32](r, 500)
		out := make([]float32, 50000)
		InstanceNormGrad(out, y, x, 100, 0.2)
		sums := make([]float32, 10)
		SumChannels(sums, x, 10, 100)
		PowerIterate(w, u, v)
		return fmt.Sprint(out[:50], sums, u, v[:20], MeanAbs(x, y), SquareSum(x), Sigma(w, u, v))
	}
	atThreads(t, func() any { return run() })
}

// The maps of the fast convolution give the plain ones' bits, wherever the vectors lie.
func TestStencilsAgainstPlainLoops(t *testing.T) {
	fast, slow := engine32.stencils, plain[float32]().stencils
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(winogradChannels, 70).Draw(t, "n")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		scol := n + rapid.IntRange(0, 9).Draw(t, "column gap")
		srow := 5*scol + rapid.IntRange(0, 9).Draw(t, "row gap")
		src := fill[float32](r, 4*srow)
		dcol := n + rapid.IntRange(0, 9).Draw(t, "output gap")
		d0, drow, back := 0, 5*dcol, rapid.Bool().Draw(t, "backwards")
		dst := fill[float32](r, 5*drow)
		want := append([]float32{}, dst...)
		if back {
			d0, drow, dcol = 4*drow+4*dcol, -drow, -dcol
		}
		for name, both := range map[string][2]stencil[float32]{"analyse3": {fast.analyse3, slow.analyse3}, "analyse4": {fast.analyse4, slow.analyse4},
			"spread": {fast.spread, slow.spread}, "gather": {fast.gather, slow.gather}} {
			both[0](n, dst, d0, drow, dcol, src, 0, srow, scol)
			both[1](n, want, d0, drow, dcol, src, 0, srow, scol)
			for i := range dst {
				if dst[i] != want[i] {
					t.Fatalf("%s of %d values: value %d is %v, plain loops %v", name, n, i, dst[i], want[i])
				}
			}
		}
	})
}

// By hand: at logit 0 the cross-entropy is ln 2 and its slope 1/2 - target; at logit ln 3,
// whose sigmoid is 3/4, it is ln 4 for target 0.
func TestWeightedBCE(t *testing.T) {
	x, targets, weights := []float64{0, math.Log(3)}, []float64{1, 0}, []float64{2, 4}
	if got, want := WeightedBCE(x, targets, weights), (2*math.Ln2+4*math.Log(4))/2; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("loss %v, want %v", got, want)
	}
	dx := make([]float64, 2)
	WeightedBCEGrad(dx, x, targets, weights, 10)
	if !(math.Abs(dx[0]+0.5*2*10/2) <= 1e-12) || !(math.Abs(dx[1]-0.75*4*10/2) <= 1e-12) {
		t.Errorf("gradient %v, want -5 and 15", dx)
	}
}

// Decay is added to the gradient, after the scale and before the moments; values of the first
// step by hand: with m and v of d = g·scale + decay·p, it moves p by rate against d's sign.
func TestAdamDecay(t *testing.T) {
	a := Adam{Rate: 0.1, Beta1: 0.5, Beta2: 0.9, Epsilon: 1e-8, Decay: 0.25}
	p, g, m, v := []float32{4, -2, 1}, []float32{1, 1, -0.5}, make([]float32, 3), make([]float32, 3)
	a.Step(p, g, m, v, 0.5, 1) // d is 1.5, 0, 0
	for i, want := range [][]float32{{3.9, -2, 1}, {0.75, 0, 0}, {0.225, 0, 0}} {
		for k, w := range want {
			if got := [][]float32{p, m, v}[i][k]; !(math.Abs(float64(got-w)) <= 1e-6) {
				t.Errorf("value %d of list %d is %v, want %v", k, i, got, w)
			}
		}
	}
	if g[0] != 1 {
		t.Error("the gradient is written over")
	}
}

// Turned values against plain loops: whole and broken tiles, and rows a multiple of 4 KiB apart, which go by way of a
// buffer; what lies beside them is left alone.
func TestTransposesOfDistantRows(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][2]int{{1, 1}, {3, 17}, {16, 16}, {33, 20}, {127, 9}, {128, 8}, {128, 9}, {300, 33}, {1024, 32}, {1000, 40}} {
		rows, cols := shape[0], shape[1]
		for _, ldd := range []int{rows, rows + 3, 1024, 2048} {
			if ldd < rows {
				continue
			}
			lds := cols + 2
			src, dst := fill[float32](r, rows*lds+16), make([]float32, cols*ldd+16)
			for i := range dst {
				dst[i] = 7
			}
			engine32.transpose(dst, ldd, src, lds, rows, cols)
			for i, got := range dst {
				want := float32(7)
				if row, col := i%ldd, i/ldd; row < rows && col < cols {
					want = src[row*lds+col]
				}
				if got != want {
					t.Fatalf("%d x %d, rows %d apart: value %d is %v, want %v", rows, cols, ldd, i, got, want)
				}
			}
		}
	}
}
