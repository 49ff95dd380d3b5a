package experiments

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/venn-adapt/venn/models"
)

// The operations of a block by hand: two convolutions, three passes, two operations, 6 x 6
// places of 3 channels, each from 3 channels and 9 taps, of 2 images.
func TestBlockWork(t *testing.T) {
	l := models.Layer{Conv: blockConv, In: 3, Out: 3, Side: 6}
	closeTo(t, "operations", blockWork(l, 2), 2*3*2*(6*6*3)*(3*9)*2, 0)
}

// A block of one channel: convolution, normalisation, relu, convolution, normalisation and sum
// by plain sums.
func TestBlockProgram(t *testing.T) {
	const side, images = 5, 2
	p, err := blockProgram(side, 1, images)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	x := noise(images*side*side, "images")
	var want float64
	for n := range images {
		image := make([]float64, side*side)
		for i := range image {
			image[i] = float64(x[n*side*side+i])
		}
		y := image
		for i := range 2 {
			w := noise(9, fmt.Sprint("conv", i))
			y = standardised(convolved(y, w, side))
			for j := range y {
				if i == 0 {
					y[j] = max(y[j], 0)
				}
			}
		}
		for j := range y {
			want += math.Abs(image[j]+y[j]) / (images * side * side)
		}
	}
	closeTo(t, "loss", float64(p.Output(0).Data().(float32)), want, 1e-5)
	for i, n := range []int{images * side * side, 9, 9} {
		gradient := p.Gradient(i).Data().([]float32)
		var sum float64
		for _, v := range gradient {
			sum += math.Abs(float64(v))
		}
		if len(gradient) != n || !(sum > 0) {
			t.Errorf("gradient %d: %d values, absolute sum %v", i, len(gradient), sum)
		}
	}
}

// convolved is the plain sum over 3 x 3 taps, zero outside, of weights scaled as the block's.
func convolved(x []float64, w []float32, side int) []float64 {
	out := make([]float64, len(x))
	for r := range side {
		for c := range side {
			for i := range 3 {
				for j := range 3 {
					if y, z := r+i-1, c+j-1; y >= 0 && y < side && z >= 0 && z < side {
						out[r*side+c] += 0.05 * float64(w[3*i+j]) * x[y*side+z]
					}
				}
			}
		}
	}
	return out
}

func standardised(x []float64) []float64 {
	var mean, square float64
	for _, v := range x {
		mean += v / float64(len(x))
	}
	for _, v := range x {
		square += (v - mean) * (v - mean) / float64(len(x))
	}
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = (v - mean) / math.Sqrt(square+1e-5)
	}
	return out
}

// A block's rates are its images and operations over the median second.
func TestBenchBlock(t *testing.T) {
	r, err := benchBlock(8, 4, 3, time.Millisecond, func(work float64, do func()) float64 { do(); return work })
	if err != nil {
		t.Fatal(err)
	}
	l := models.Layer{Conv: blockConv, In: 4, Out: 4, Side: 8}
	equal(t, "layer", r.Layer, LayerRate{"block", "8x8, 4 to 4", 2 * 3 * float64(l.MACs()), 2 * 3 * float64(l.MACs()), 2 * 3 * float64(l.MACs())})
	if r.Side != 8 || r.Channels != 4 || r.Images != 3 || r.Seconds <= 0 || r.Seconds > 1 || r.ImagesPerSecond != 3/r.Seconds || r.Rate != blockWork(l, 3)/r.Seconds {
		t.Errorf("%+v", r)
	}
}
