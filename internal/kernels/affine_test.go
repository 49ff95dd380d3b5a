package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// affineSlow is scale·(x − mean)/√(variance + eps) + shift of a plane, in plain loops.
func affineSlow(x []float64, scale, shift, eps float64) []float64 {
	var mean, variance float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = scale*(v-mean)/math.Sqrt(variance+eps) + shift
	}
	return out
}

// Planes of any size, with the scale and shift of their channel, agree with plain loops, the
// derivatives with central differences of these, in float32 as far as it goes.
func TestAffineNorm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		area, channels, samples := rapid.IntRange(2, 40).Draw(t, "area"), rapid.IntRange(1, 3).Draw(t, "channels"), rapid.IntRange(1, 3).Draw(t, "samples")
		eps := rapid.SampledFrom([]float64{1e-6, 1e-5, 0.1}).Draw(t, "eps")
		n := area * channels * samples
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, along, up, scale, shift := fill[float64](r, n), fill[float64](r, n), fill[float64](r, n), fill[float64](r, channels), fill[float64](r, channels)
		for p := 0; p < n; p += area { // planes that are far from constant
			x[p], x[p+1] = 2, -2
		}
		forward := func(x []float64) (out []float64) {
			for p := range n / area {
				out = append(out, affineSlow(x[p*area:(p+1)*area], scale[p%channels], shift[p%channels], eps)...)
			}
			return out
		}
		y, dy, dx, ds, dst := make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, channels), make([]float64, channels)
		AffineNorm(y, x, scale, shift, area, eps)
		AffineNormAlong(dy, along, x, scale, area, eps)
		AffineNormBend(dx, up, along, x, scale, area, eps)
		AffineNormScale(ds, up, nil, x, area, eps)
		AffineNormScale(dst, up, along, x, area, eps)
		close := func(what string, got, want, tolerance float64) {
			if !(math.Abs(got-want) <= tolerance*max(1, math.Abs(want))) {
				t.Fatalf("%s: %v, want %v", what, got, want)
			}
		}
		const h = 1e-5
		moved := func(x, by []float64, h float64) []float64 {
			out := make([]float64, len(x))
			for i, v := range x {
				out[i] = v + h*by[i]
			}
			return out
		}
		change := func(x []float64) (out []float64) { // along t, from central differences
			plus, minus := forward(moved(x, along, h)), forward(moved(x, along, -h))
			for i := range plus {
				out = append(out, (plus[i]-minus[i])/(2*h))
			}
			return out
		}
		inner := func(a, b []float64) (s float64) {
			for i := range a {
				s += a[i] * b[i]
			}
			return s
		}
		slope := change(x)
		for i, v := range forward(x) {
			close("value", y[i], v, 1e-12)
			close("derivative", dy[i], slope[i], 1e-6)
		}
		unit := make([]float64, n)
		for i := range x {
			clear(unit)
			unit[i] = 1
			plus, minus := make([]float64, n), make([]float64, n)
			AffineNormAlong(plus, along, moved(x, unit, h), scale, area, eps)
			AffineNormAlong(minus, along, moved(x, unit, -h), scale, area, eps)
			close("second derivative", dx[i], (inner(up, plus)-inner(up, minus))/(2*h), 1e-5)
		}
		for c := range scale { // both are linear in the scale
			var of, ofAlong float64
			for p := c; p < n/area; p += channels {
				for i := p * area; i < (p+1)*area; i++ {
					of += up[i] * (y[i] - shift[c]) / scale[c]
					ofAlong += up[i] * dy[i] / scale[c]
				}
			}
			close("scale", ds[c], of, 1e-9)
			close("scale along", dst[c], ofAlong, 1e-9)
		}
	})
}

// The same in float32, on the loops in use, of planes beyond whole vectors, agrees with float64.
func TestAffineNormSingle(t *testing.T) {
	r := rand.New(rand.NewPCG(4, 1))
	for _, area := range []int{1, 3, 16, 64, 67, 1024} {
		n, channels := 6*area, 3
		wide := [][]float64{fill[float64](r, n), fill[float64](r, n), fill[float64](r, n), fill[float64](r, channels), fill[float64](r, channels)}
		var single [5][]float32
		for k := range wide {
			for i, v := range wide[k] {
				single[k] = append(single[k], float32(v))
				wide[k][i] = float64(float32(v))
			}
		}
		got, want := affineAll(single, area), affineAll([5][]float64(wide), area)
		for k := range want {
			for i, v := range want[k] {
				if !(math.Abs(float64(got[k][i])-v) <= 2e-4*max(1, math.Abs(v))) {
					t.Errorf("result %d of planes of %d: element %d is %v, in float64 %v", k, area, i, got[k][i], v)
				}
			}
		}
	}
	atThreads(t, func() any {
		r := rand.New(rand.NewPCG(4, 2))
		return affineAll([5][]float32{fill[float32](r, 90000), fill[float32](r, 90000), fill[float32](r, 90000), fill[float32](r, 3), fill[float32](r, 3)}, 100)
	})
}

func affineAll[F Float](in [5][]F, area int) (out [5][]F) {
	x, u, t, scale, shift := in[0], in[1], in[2], in[3], in[4]
	const eps = 1e-3 // a plane of one value has no variance
	for k := range 3 {
		out[k] = make([]F, len(x))
	}
	out[3], out[4] = make([]F, len(scale)), make([]F, len(scale))
	AffineNorm(out[0], x, scale, shift, area, eps)
	AffineNormAlong(out[1], t, x, scale, area, eps)
	AffineNormBend(out[2], u, t, x, scale, area, eps)
	AffineNormScale(out[3], u, nil, x, area, eps)
	AffineNormScale(out[4], u, t, x, area, eps)
	return out
}
