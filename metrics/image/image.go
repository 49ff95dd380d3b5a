// Package image measures how far one image is from another.
//
// An image is C x H x W values, row-major, as the networks have them; span is the
// width of its range: 2 for [-1, 1], 255 for eight bits.
package image

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/metrics"
)

// An Error holds the pixel errors of one image pair, means over pixels and channels.
type Error struct {
	L1, MSE float64 // in the unit of the pixels, and its square
	PSNR    float64 // 10 log10(span^2/MSE), decibels; +Inf for equal images
	Pixels  int     // pixels counted, of one channel
}

// Errors compares two images of the given channels. mask has one entry a pixel and keeps
// those that are true; nil keeps all. It fails on unequal or empty images, a mask of another size
// or without a pixel, a span that is not positive and values that are not finite.
func Errors(a, b []float32, channels int, span float64, mask []bool) (Error, error) {
	if err := check("image error", a, b, channels, span); err != nil {
		return Error{}, err
	}
	size := len(a) / channels
	if mask != nil && len(mask) != size {
		return Error{}, fmt.Errorf("metrics: image error: mask of %d pixels for images of %d", len(mask), size)
	}
	var e Error
	for i := range size {
		if mask != nil && !mask[i] {
			continue
		}
		e.Pixels++
		for c := range channels {
			d := float64(a[c*size+i]) - float64(b[c*size+i])
			e.L1 += math.Abs(d)
			e.MSE += d * d
		}
	}
	if e.Pixels == 0 {
		return Error{}, fmt.Errorf("metrics: image error: the mask keeps no pixel")
	}
	e.L1 /= float64(e.Pixels * channels)
	e.MSE /= float64(e.Pixels * channels)
	e.PSNR = 10 * math.Log10(span*span/e.MSE)
	return e, nil
}

const (
	window = 11
	sigma  = 1.5
	k1, k2 = 0.01, 0.03
)

// SSIM is the mean structural similarity of two images of C x height x width values, the
// mean over channels, in [-1, 1], 1 for equal images: an 11 x 11 Gaussian window of standard deviation
// 1.5 that lies inside the image, weighted moments, constants (0.01 span)^2 and (0.03 span)^2.
// mask keeps the window centres that are true (one entry a pixel; nil: all). It fails as
// Errors does, on an image smaller than the window and on a mask that keeps no centre.
//
// Z. Wang et al., "Image quality assessment: from error visibility to structural
// similarity" (2004).
func SSIM(a, b []float32, channels, height, width int, span float64, mask []bool) (float64, error) {
	if err := check("ssim", a, b, channels, span); err != nil {
		return 0, err
	}
	switch {
	case height < window || width < window:
		return 0, fmt.Errorf("metrics: ssim: image of %dx%d, want at least %dx%d", height, width, window, window)
	case len(a) != channels*height*width:
		return 0, fmt.Errorf("metrics: ssim: %d values for %dx%dx%d", len(a), channels, height, width)
	case mask != nil && len(mask) != height*width:
		return 0, fmt.Errorf("metrics: ssim: mask of %d pixels for images of %d", len(mask), height*width)
	}
	var sum float64
	centres := 0
	for c := range channels {
		size := height * width
		x, y := plane(a[c*size:(c+1)*size]), plane(b[c*size:(c+1)*size])
		m, _ := similarity(x, y, height, width, span)
		outW := width - window + 1
		for i, v := range m {
			row, col := i/outW+window/2, i%outW+window/2
			if mask == nil || mask[row*width+col] {
				sum += v
				centres++
			}
		}
	}
	if centres == 0 {
		return 0, fmt.Errorf("metrics: ssim: the mask keeps no window")
	}
	return sum / float64(centres), nil
}

// similarity is the map of one channel over the windows inside the image, and its contrast and
// structure alone. It changes x and y.
func similarity(x, y []float64, height, width int, span float64) (whole, structure []float64) {
	// Second moments about a common shift keep their digits on flat regions.
	shift := (mean(x) + mean(y)) / 2
	for i := range x {
		x[i] -= shift
		y[i] -= shift
	}
	product := func(p, q []float64) []float64 {
		out := make([]float64, len(p))
		for i := range out {
			out[i] = p[i] * q[i]
		}
		return blur(out, height, width)
	}
	mx, my := blur(x, height, width), blur(y, height, width)
	xx, yy, xy := product(x, x), product(y, y), product(x, y)
	c1, c2 := k1*span*k1*span, k2*span*k2*span
	whole, structure = make([]float64, len(mx)), make([]float64, len(mx))
	for i := range whole {
		vx, vy := math.Max(0, xx[i]-mx[i]*mx[i]), math.Max(0, yy[i]-my[i]*my[i])
		cov := xy[i] - mx[i]*my[i]
		u, v := mx[i]+shift, my[i]+shift
		structure[i] = (2*cov + c2) / (vx + vy + c2)
		whole[i] = (2*u*v + c1) / (u*u + v*v + c1) * structure[i]
	}
	return whole, structure
}

// blur filters with the Gaussian window, rows then columns, where it fits.
func blur(x []float64, height, width int) []float64 {
	var w [window]float64
	var total float64
	for i := range w {
		d := float64(i - window/2)
		w[i] = math.Exp(-d * d / (2 * sigma * sigma))
		total += w[i]
	}
	outH, outW := height-window+1, width-window+1
	rows := make([]float64, height*outW)
	for r := range height {
		for c := range outW {
			var sum float64
			for k, v := range w {
				sum += v * x[r*width+c+k]
			}
			rows[r*outW+c] = sum / total
		}
	}
	out := make([]float64, outH*outW)
	for r := range outH {
		for c := range outW {
			var sum float64
			for k, v := range w {
				sum += v * rows[(r+k)*outW+c]
			}
			out[r*outW+c] = sum / total
		}
	}
	return out
}

func plane(x []float32) []float64 {
	out := make([]float64, len(x))
	for i, v := range x {
		out[i] = float64(v)
	}
	return out
}

func mean(x []float64) float64 {
	var sum float64
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

func check(name string, a, b []float32, channels int, span float64) error {
	switch {
	case len(a) != len(b):
		return fmt.Errorf("metrics: %s: images of %d and %d values", name, len(a), len(b))
	case channels < 1 || len(a) == 0 || len(a)%channels != 0:
		return fmt.Errorf("metrics: %s: %d values for %d channels", name, len(a), channels)
	case !(span > 0) || math.IsInf(span, 1):
		return fmt.Errorf("metrics: %s: span %v, want a number above 0", name, span)
	}
	for i := range a {
		if s := float64(a[i]) + float64(b[i]); math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("metrics: %s: value %d is %v and %v, want finite numbers", name, i, a[i], b[i])
		}
	}
	return nil
}

func init() {
	for _, d := range []metrics.Descriptor{
		{Name: "l1", Doc: "mean absolute error over pixels and channels", Unit: "pixel value", Range: [2]float64{0, math.Inf(1)}, Better: metrics.LowerIsBetter},
		{Name: "mse", Doc: "mean squared error over pixels and channels", Unit: "pixel value squared", Range: [2]float64{0, math.Inf(1)}, Better: metrics.LowerIsBetter},
		{Name: "psnr", Doc: "peak signal-to-noise ratio of each image, then the mean", Unit: "dB", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.HigherIsBetter},
		{
			Name: "ssim", Doc: "structural similarity, 11x11 Gaussian window, mean over channels", Unit: "1", Range: [2]float64{-1, 1}, Better: metrics.HigherIsBetter,
			Citation: "Wang et al., Image quality assessment: from error visibility to structural similarity, 2004",
		},
	} {
		d.Kind, d.Cost, d.MinRows = metrics.Image, "time C H W", 1
		metrics.Measures.Add(d.Name, d)
	}
}
