package image

import (
	"fmt"
	"math"
)

// featureFloor is added to a squared length before it divides.
const featureFloor = 1e-10

// FeatureDistance compares two feature maps (channels x places, row-major) of one layer of a fixed network: unit
// length over channels at each place, the squared difference summed over channels, the mean over
// places, in [0, 4]. Layers add up. Without LPIPS's network and learned weights it is not
// LPIPS. It fails on unequal or empty maps and values that are not finite. R. Zhang et al., "The
// unreasonable effectiveness of deep features as a perceptual metric" (2018).
func FeatureDistance(a, b []float64, channels int) (float64, error) {
	if len(a) != len(b) || channels < 1 || len(a) == 0 || len(a)%channels != 0 {
		return 0, fmt.Errorf("metrics: feature distance: maps of %d and %d values of %d channels", len(a), len(b), channels)
	}
	places := len(a) / channels
	var sum float64
	for at := range places {
		var la, lb float64
		for c := range channels {
			u, v := a[c*places+at], b[c*places+at]
			if s := u + v; math.IsNaN(s) || math.IsInf(s, 0) {
				return 0, fmt.Errorf("metrics: feature distance: channel %d, place %d holds %v and %v, want finite numbers", c, at, u, v)
			}
			la, lb = la+u*u, lb+v*v
		}
		la, lb = math.Sqrt(la+featureFloor), math.Sqrt(lb+featureFloor)
		for c := range channels {
			d := a[c*places+at]/la - b[c*places+at]/lb
			sum += d * d
		}
	}
	return sum / float64(places), nil
}
