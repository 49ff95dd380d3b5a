package kernels

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// The norms in use agree with plain ones in float64, on planes of whole vectors and others.
func TestStyledNormsAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := Dims{rapid.IntRange(1, 3).Draw(t, "n"), rapid.IntRange(1, 4).Draw(t, "c"), rapid.IntRange(1, 9).Draw(t, "h"), rapid.SampledFrom([]int{3, 8, 16}).Draw(t, "w")}
		slope := rapid.SampledFrom([]float64{0, 0.2, 1}).Draw(t, "slope")
		spread := rapid.SampledFrom([]Spread{Biased, Unbiased}).Draw(t, "spread")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		x, dy := fill[float64](r, d.Len()), fill[float64](r, d.Len())
		styles, affine := fill[float64](r, 2*d.N*d.C), fill[float64](r, 2*d.C)
		area := d.H * d.W
		styledMean := func(lo, hi int) (mean, squares float64) {
			for _, v := range x[lo:hi] {
				mean += v / float64(hi-lo)
			}
			for _, v := range x[lo:hi] {
				squares += (v - mean) * (v - mean)
			}
			return mean, squares
		}
		adaptive, layer := make([]float64, d.Len()), make([]float64, d.Len())
		clear := true // of the kink, where float32 may fall on the other side
		for i, v := range x {
			n, c := i/(d.C*area), i/area%d.C
			mean, squares := styledMean(i/area*area, i/area*area+area)
			adaptive[i] = styles[2*n*d.C+d.C+c]*(v-mean)/math.Sqrt(squares/float64(area)+1e-5) + styles[2*n*d.C+c]
			mean, squares = styledMean(n*d.C*area, (n+1)*d.C*area)
			count := float64(d.C * area)
			by := math.Sqrt(squares/count + 1e-5)
			if spread == Unbiased {
				by = math.Sqrt(squares/(count-1)) + 1e-5
			}
			layer[i] = affine[c]*(v-mean)/by + affine[d.C+c]
			clear = clear && (slope == 1 || !(math.Abs(adaptive[i]) <= 1e-3) && !(math.Abs(layer[i]) <= 1e-3))
		}
		single := func(x []float64) []float32 {
			out := make([]float32, len(x))
			for i, v := range x {
				out[i] = float32(v)
			}
			return out
		}
		y := make([]float32, d.Len())
		agree := func(what string, got []float32, want []float64, tolerance float64) {
			for i, w := range want {
				if !(math.Abs(float64(got[i])-w) <= tolerance*max(1, math.Abs(w))) {
					t.Fatalf("%s: element %d is %v, want %v", what, i, got[i], w)
				}
			}
		}
		leaky := func(x []float64) []float64 {
			out := make([]float64, len(x))
			leakyGo(out, x, slope)
			return out
		}
		x32, dy32, styles32, affine32 := single(x), single(dy), single(styles), single(affine)
		AdaptiveNorm(y, x32, styles32, d, float32(slope))
		agree("adaptive norm", y, leaky(adaptive), 1e-3)
		LayerNorm(y, x32, affine32, d, spread, float32(slope))
		agree("layer norm", y, leaky(layer), 1e-3)
		if !clear || area < 8 { // differences of few values are magnified
			return
		}
		// Gradients of float64, which central differences prove in models/ops.
		got, want := make([]float32, d.Len()), make([]float64, d.Len())
		AdaptiveNormGrad(want, dy, x, styles, d, slope)
		AdaptiveNormGrad(got, dy32, x32, styles32, d, float32(slope))
		agree("adaptive gradient", got, want, 5e-3)
		LayerNormGrad(want, dy, x, affine, d, spread, slope)
		LayerNormGrad(got, dy32, x32, affine32, d, spread, float32(slope))
		agree("layer gradient", got, want, 5e-3)
		AdaptiveNormStyleGrad(want[:len(styles)], dy, x, styles, d, slope)
		AdaptiveNormStyleGrad(got[:len(styles)], dy32, x32, styles32, d, float32(slope))
		agree("style gradient", got, want[:len(styles)], 5e-3)
		LayerNormAffineGrad(want[:len(affine)], dy, x, affine, d, spread, slope)
		LayerNormAffineGrad(got[:len(affine)], dy32, x32, affine32, d, spread, float32(slope))
		agree("affine gradient", got, want[:len(affine)], 5e-3)
	})
}
