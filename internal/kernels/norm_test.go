package kernels

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	"pgregory.net/rapid"
)

// batchGo is batch normalisation as plain loops, channel by channel and sum by sum in float64: y,
// dx, ds and stats of x, dy, scale and shift.
func batchGo(x, dy, scale, shift []float32, b Batch) (y, dx, ds, stats []float32) {
	y, dx, ds, stats = make([]float32, len(x)), make([]float32, len(x)), make([]float32, b.Channels), make([]float32, 2*len(b.Groups())*b.Channels)
	for c := range b.Channels {
		total := 0.0
		for g, rows := range b.Groups() {
			var at []int
			for n := rows[0]; n < rows[1]; n++ {
				for i := range b.Area {
					at = append(at, (n*b.Channels+c)*b.Area+i)
				}
			}
			var sum, square, up, along float64
			for _, i := range at {
				sum += float64(x[i])
			}
			count := float64(len(at))
			for _, i := range at {
				d := float64(x[i]) - sum/count
				square += d * d
			}
			m, v := float32(sum/count), float32(square/count)
			stats[2*g*b.Channels+c], stats[(2*g+1)*b.Channels+c] = m, v
			inverse := 1 / math.Sqrt(float64(v)+b.Epsilon)
			for _, i := range at {
				up += float64(dy[i])
				along += float64(dy[i]) * (float64(x[i]) - float64(m))
			}
			a := inverse * float64(scale[c])
			slope, off := float32(-a*along*inverse*inverse/count), float32(-a*up/count)
			for _, i := range at {
				y[i] = float32(inverse)*scale[c]*(x[i]-m) + shift[c]
				dx[i] = float32(a)*dy[i] + slope*(x[i]-m) + off
			}
			total += along * inverse
		}
		ds[c] = float32(total)
	}
	return y, dx, ds, stats
}

// Without lanes all paths give the bytes of the plain loops, which networks have been trained with;
// with lanes what these give up to rounding. Planes of one value are walked in another order.
func TestBatchNormAgainstPlainLoops(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := Batch{N: rapid.IntRange(2, 9).Draw(t, "n"), Channels: rapid.IntRange(1, 70).Draw(t, "channels"), Area: rapid.SampledFrom([]int{1, 4, 16, 35, 64, 300}).Draw(t, "area"), Epsilon: 1e-3}
		b.Split, b.Lanes = rapid.IntRange(0, b.N-1).Draw(t, "split"), rapid.Bool().Draw(t, "lanes")
		r := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		n := b.N * b.Channels * b.Area
		x, dy, scale, shift := fill[float32](r, n), fill[float32](r, n), fill[float32](r, b.Channels), fill[float32](r, b.Channels)
		wy, wdx, wds, wstats := batchGo(x, dy, scale, shift, b)
		y, dx, ds, stats := make([]float32, n), make([]float32, n), make([]float32, b.Channels), make([]float32, len(wstats))
		BatchMoments(stats, x, b)
		BatchNorm(y, x, wstats, scale, shift, b)
		BatchNormGrad(dx, dy, x, wstats, scale, b)
		BatchNormScaleGrad(ds, dy, x, wstats, b)
		for _, c := range []struct {
			name      string
			got, want []float32
		}{{"moments", stats, wstats}, {"output", y, wy}, {"gradient by x", dx, wdx}, {"gradient by scale", ds, wds}} {
			for i, want := range c.want {
				tolerance := 0.0
				if b.Lanes || runtime.GOARCH != "amd64" { // elsewhere the compiler joins products and sums
					tolerance = 1e-5 * max(1, math.Abs(float64(want)))
				}
				if !(math.Abs(float64(c.got[i]-want)) <= tolerance) {
					t.Fatalf("%s of %+v: element %d is %v, plain loops %v", c.name, b, i, c.got[i], want)
				}
			}
		}
	})
}
