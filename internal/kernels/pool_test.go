package kernels

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/parallel"
)

// Windows of 2 x 2 of a 3 x 5 image, by hand: the last row and column fill none, and of
// equal values the first in rows takes the gradient.
func TestMaxPoolByHand(t *testing.T) {
	x := []float32{
		1, 7, 3, 3, 9,
		2, 0, 3, 3, 9,
		8, 8, 8, 8, 8,
	}
	xd, yd := Dims{N: 1, C: 1, H: 3, W: 5}, Dims{N: 1, C: 1, H: 1, W: 2}
	y, dx := make([]float32, 2), make([]float32, 15)
	MaxPool(2, y, yd, x, xd)
	if !slices.Equal(y, []float32{7, 3}) {
		t.Errorf("pooled %v, want 7 and 3", y)
	}
	MaxPoolGrad(2, dx, []float32{0.5, -2}, yd, x, xd)
	if want := []float32{0, 0.5, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}; !slices.Equal(dx, want) {
		t.Errorf("gradient %v, want %v", dx, want)
	}
	x[6] = float32(math.NaN())
	if MaxPool(2, y, yd, x, xd); y[0] == y[0] {
		t.Errorf("a window with a NaN gives %v", y[0])
	}
}

// Any shape against plain loops over windows, the same bits for any number of threads.
func TestMaxPoolAgainstPlainLoops(t *testing.T) {
	defer parallel.SetThreads(0)
	rapid.Check(t, func(r *rapid.T) {
		size := rapid.IntRange(1, 3).Draw(r, "size")
		xd := Dims{N: rapid.IntRange(1, 4).Draw(r, "n"), C: rapid.IntRange(1, 3).Draw(r, "c"), H: rapid.IntRange(size, 9).Draw(r, "h"), W: rapid.IntRange(size, 9).Draw(r, "w")}
		yd := Dims{N: xd.N, C: xd.C, H: xd.H / size, W: xd.W / size}
		x, dy := make([]float64, xd.Len()), make([]float64, yd.Len())
		for i := range x {
			x[i] = float64(rapid.IntRange(0, 5).Draw(r, "x"))
		}
		for i := range dy {
			dy[i] = float64(i + 1)
		}
		want, wantGrad := make([]float64, yd.Len()), make([]float64, xd.Len())
		for p := range xd.N * xd.C {
			for i := range yd.H {
				for j := range yd.W {
					best, at := math.Inf(-1), 0
					for a := range size {
						for b := range size {
							k := (p*xd.H+i*size+a)*xd.W + j*size + b
							if x[k] > best {
								best, at = x[k], k
							}
						}
					}
					out := (p*yd.H+i)*yd.W + j
					want[out], wantGrad[at] = best, dy[out]
				}
			}
		}
		short := func(x []float64) (out []float32) {
			for _, v := range x {
				out = append(out, float32(v)-2.5) // negative values too
			}
			return out
		}
		for _, threads := range []int{1, 3} {
			parallel.SetThreads(threads)
			y32, dx32, dy32 := make([]float32, yd.Len()), slices.Repeat([]float32{7}, xd.Len()), make([]float32, yd.Len())
			for i := range dy32 {
				dy32[i] = float32(dy[i])
			}
			MaxPool(size, y32, yd, short(x), xd)
			MaxPoolGrad(size, dx32, dy32, yd, short(x), xd)
			for i, v := range want {
				if y32[i] != float32(v)-2.5 {
					r.Fatalf("%v by %d: float32 %v, want %v less 2.5", xd, size, y32, want)
				}
			}
			over32 := short(x)
			MaxPoolGrad(size, over32, dy32, yd, over32, xd)
			for i, v := range wantGrad {
				if dx32[i] != float32(v) || over32[i] != float32(v) {
					r.Fatalf("%v by %d: float32 gradient %v, over its input %v, want %v", xd, size, dx32, over32, wantGrad)
				}
			}
			y, dx := make([]float64, yd.Len()), slices.Repeat([]float64{7}, xd.Len())
			MaxPool(size, y, yd, x, xd)
			MaxPoolGrad(size, dx, dy, yd, x, xd)
			over := slices.Clone(x)
			MaxPoolGrad(size, over, dy, yd, over, xd)
			if !slices.Equal(y, want) || !slices.Equal(dx, wantGrad) || !slices.Equal(over, wantGrad) {
				r.Fatalf("%v by %d: %v, %v and, over the input, %v, want %v and %v", xd, size, y, dx, over, want, wantGrad)
			}
		}
	})
}

// Windows of 2 x 2 of any values and of lines of any length: the bits of the loops in Go, places
// that no window covers left alone.
func TestPairsAgainstPlainLoops(t *testing.T) {
	odd := []float32{0, float32(math.Copysign(0, -1)), float32(math.NaN()), -float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1)), 1, -1}
	rapid.Check(t, func(r *rapid.T) {
		rows, n := rapid.IntRange(1, 4).Draw(r, "rows"), rapid.IntRange(1, 40).Draw(r, "n")
		width := 2*n + rapid.IntRange(0, 1).Draw(r, "left over")
		draws := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		x, dy := make([]float32, 2*rows*width), fill[float32](draws, rows*n)
		for i := range x {
			if x[i] = odd[draws.IntN(len(odd))]; draws.IntN(2) == 0 {
				x[i] = float32(draws.NormFloat64())
			}
		}
		y, want := make([]float32, rows*n), make([]float32, rows*n)
		dx, wantGrad := slices.Repeat([]float32{7}, len(x)), slices.Repeat([]float32{7}, len(x))
		enginePairs.most(rows, n, y, x, width)
		mostGo(rows, n, want, x, width)
		enginePairs.grad(rows, n, dx, dy, x, width)
		mostGradGo(rows, n, wantGrad, dy, x, width)
		if !sameBits(y, want) || !sameBits(dx, wantGrad) {
			r.Fatalf("%d lines of %d, %d apart, of %v: %v and %v, want %v and %v", rows, n, width, x, y, dx, want, wantGrad)
		}
		over, overGo := slices.Clone(x), slices.Clone(x)
		enginePairs.grad(rows, n, over, dy, over, width)
		mostGradGo(rows, n, overGo, dy, overGo, width)
		for i, v := range wantGrad {
			if i%width >= 2*n {
				wantGrad[i] = x[i] // left alone
			} else if v == 7 {
				r.Fatal("a covered place is left alone")
			}
		}
		if !sameBits(over, wantGrad) || !sameBits(overGo, wantGrad) {
			r.Fatalf("%d lines of %d, %d apart, of %v: over the input %v and %v, want %v", rows, n, width, x, over, overGo, wantGrad)
		}
	})
}

// sameBits says whether values are the same, NaNs and the signs of zeros included.
func sameBits(x, y []float32) bool {
	return slices.EqualFunc(x, y, func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) })
}

// Windows of 3 x 3, 2 apart, from one place outside a 3 x 4 image on: places outside do not
// count, by hand.
func TestAveragePoolByHand(t *testing.T) {
	x := []float32{
		1, 2, 3, 4,
		5, 6, 7, 8,
		9, 10, 11, 12,
	}
	w, xd, yd := Window{Size: 3, Stride: 2, Padding: 1}, Dims{N: 1, C: 1, H: 3, W: 4}, Dims{N: 1, C: 1, H: 2, W: 2}
	y, dx := make([]float32, 4), slices.Clone(x)
	AveragePool(w, y, yd, x, xd)
	if want := []float32{3.5, 5, 7.5, 9}; !slices.Equal(y, want) { // of 4, 6, 4 and 6 places
		t.Errorf("pooled %v, want %v", y, want)
	}
	AveragePoolGrad(w, dx, xd, []float32{4, 6, 8, 12}, yd)
	if want := []float32{1, 2, 1, 1, 3, 6, 3, 3, 2, 4, 2, 2}; !slices.Equal(dx, want) {
		t.Errorf("gradient %v, want %v", dx, want)
	}
}

// Norms, pools and mirrored convolutions give the same bits for any number of threads.
func TestSameBitsOfImageOperationsForAnyThreads(t *testing.T) {
	defer parallel.SetThreads(0)
	r := rand.New(rand.NewPCG(5, 1))
	d := Dims{N: 5, C: 18, H: 16, W: 16}
	half := Dims{N: d.N, C: d.C, H: 8, W: 8}
	x, dy, styles, affine, w := fill[float32](r, d.Len()), fill[float32](r, d.Len()), fill[float32](r, 2*d.N*d.C), fill[float32](r, 2*d.C), fill[float32](r, d.C*d.C*9)
	var first [][]float32
	for _, threads := range []int{1, 2, 3} {
		parallel.SetThreads(threads)
		var all [][]float32
		out := func(n int) []float32 {
			all = append(all, make([]float32, n))
			return all[len(all)-1]
		}
		AdaptiveNorm(out(len(x)), x, styles, d, 0)
		AdaptiveNormGrad(out(len(x)), dy, x, styles, d, 0)
		AdaptiveNormStyleGrad(out(len(styles)), dy, x, styles, d, 0)
		LayerNorm(out(len(x)), x, affine, d, Unbiased, 0)
		LayerNormGrad(out(len(x)), dy, x, affine, d, Unbiased, 0)
		LayerNormAffineGrad(out(len(affine)), dy, x, affine, d, Biased, 0)
		AveragePool(Window{2, 2, 0}, out(half.Len()), half, x, d)
		AveragePoolGrad(Window{2, 2, 0}, out(len(x)), d, dy[:half.Len()], half)
		g := Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}
		Convolve(g, out(len(x)), d, x, d, w, nil)
		ConvolveTransposed(g, out(len(x)), d, dy, d, w, nil)
		ConvolveWeight(g, out(len(w)), dy, d, x, d)
		if first == nil {
			first = all
		}
		for i := range all {
			if !slices.Equal(first[i], all[i]) {
				t.Errorf("operation %d differs on %d threads", i, threads)
			}
		}
	}
}
