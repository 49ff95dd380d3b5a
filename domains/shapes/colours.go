package shapes

import (
	"math"

	"github.com/venn-adapt/venn/domains"
)

// A colour is red, green and blue in [0, 1], as stored: without gamma.
type colour [3]float64

// saturation is that of every hue, whose value is 1.
const saturation = 0.9

var skyColour = colour{0.80, 0.88, 0.96}

// hueColour is the colour of level i of a hue, i/10 of the circle of HSV.
func hueColour(i int) (out colour) {
	for k := range out {
		// A channel falls from 1 to 1 - saturation between a sixth and a third of the circle from
		// where it is full: red at 0, green at a third, blue at two thirds.
		away := math.Abs(float64(i)/10 - float64(k)/3)
		away = min(away, 1-away)
		out[k] = 1 - saturation*min(1, max(0, 6*away-1))
	}
	return out
}

// paint gives shades the colours of a room: channels x height x width in [-1, 1]. One channel
// is luma.
func paint(dst []float32, channels int, shades []shade, r room) {
	colours := [4]colour{floor: hueColour(r[floorHue]), wall: hueColour(r[wallHue]), object: hueColour(r[objectHue]), sky: skyColour}
	planes := make([][4]float64, channels) // of each channel the intensities of the four
	for what, c := range colours {
		if channels == 1 {
			planes[0][what] = domains.Luma(c[0], c[1], c[2])
			continue
		}
		for k, v := range c {
			planes[k][what] = v
		}
	}
	for k, plane := range planes {
		out := dst[k*len(shades) : (k+1)*len(shades)]
		for i, s := range shades {
			var sum float64
			for what, v := range plane {
				sum += float64(s[what]) * v
			}
			out[i] = float32(min(1, max(-1, 2*sum-1)))
		}
	}
}
