package image

import (
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/metrics"
)

// scaleWeights are those of the five scales of Wang et al.
var scaleWeights = []float64{0.0448, 0.2856, 0.3001, 0.2363, 0.1333}

// MultiscaleSSIM is the structural similarity over scales, in [0, 1], the mean over channels: contrast and
// structure at all scales but the last, where the whole similarity counts, each to its weight; between
// scales means of 2 x 2 pixels, an odd last row or column dropped; negative means count as 0. Five scales need
// 176 pixels on the shorter side; fewer are used on smaller images, their weights normalised, and their number is
// returned: "MS-SSIM(3)" is another measure than "MS-SSIM(5)". Errors as SSIM, and scales outside 1 to 5 or
// too many for the image; 0 takes as many as fit.
//
// Z. Wang, E. P. Simoncelli and A. C. Bovik, "Multiscale structural similarity for image quality
// assessment" (2003).
func MultiscaleSSIM(a, b []float32, channels, height, width int, span float64, scales int) (value float64, used int, err error) {
	if err := check("ms-ssim", a, b, channels, span); err != nil {
		return 0, 0, err
	}
	if len(a) != channels*height*width {
		return 0, 0, fmt.Errorf("metrics: ms-ssim: %d values for %dx%dx%d", len(a), channels, height, width)
	}
	fit := 0
	for side := min(height, width); side >= window && fit < len(scaleWeights); side /= 2 {
		fit++
	}
	if scales == 0 {
		scales = fit
	}
	if fit == 0 || scales < 1 || scales > fit {
		return 0, 0, fmt.Errorf("metrics: ms-ssim: %d scales of an image of %dx%d, want 1 to %d and at least %d pixels a side", scales, height, width, fit, window)
	}
	weights := slices.Clone(scaleWeights[:scales])
	var total float64
	for _, w := range weights {
		total += w
	}
	for c := range channels {
		size := height * width
		x, y := plane(a[c*size:(c+1)*size]), plane(b[c*size:(c+1)*size])
		h, w := height, width
		product := 1.0
		for s, weight := range weights {
			whole, structure := similarity(slices.Clone(x), slices.Clone(y), h, w, span)
			term := mean(structure)
			if s == scales-1 {
				term = mean(whole)
			}
			product *= math.Pow(math.Max(0, term), weight/total)
			x, y = halved(x, h, w), halved(y, h, w)
			h, w = h/2, w/2
		}
		value += product / float64(channels)
	}
	return value, scales, nil
}

// halved is the means of 2 x 2 pixels.
func halved(x []float64, height, width int) []float64 {
	h, w := height/2, width/2
	out := make([]float64, h*w)
	for i := range h {
		for j := range w {
			at := 2*i*width + 2*j
			out[i*w+j] = (x[at] + x[at+1] + x[at+width] + x[at+width+1]) / 4
		}
	}
	return out
}

func init() {
	metrics.Measures.Add("ms-ssim", metrics.Descriptor{
		Name: "ms-ssim", Kind: metrics.Image, Doc: "structural similarity over up to five scales, mean over channels", Unit: "1", Range: [2]float64{0, 1}, Better: metrics.HigherIsBetter,
		Cost: "time C H W", MinRows: 1, Citation: "Wang, Simoncelli and Bovik, Multiscale structural similarity for image quality assessment, 2003",
	})
}
