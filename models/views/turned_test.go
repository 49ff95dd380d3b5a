package views

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// Two ramps, which linear interpolation keeps, show by how much each image is turned: all of it by one angle, at most the
// one asked for, as often one way as the other.
func TestTurned(t *testing.T) {
	const n, most = 200, 8.0
	s := domains.Shape{Channels: 2, Height: 13, Width: 17}
	x := &domains.Images{Shape: s, Data: make([]float32, n*s.Len())}
	for i := range x.Data {
		if at := i % (13 * 17); i/(13*17)%2 == 0 {
			x.Data[i] = float32(at%17-8) / 20
		} else {
			x.Data[i] = float32(at/17-6) / 20
		}
	}
	out := make([]float32, len(x.Data))
	Turned{3, most}.Fill(out, x, "separate", 5)
	var mean, lowest, highest float64
	for i := range n {
		image := out[i*s.Len() : (i+1)*s.Len()]
		value := func(c, v, u int) float64 { return 20 * float64(image[c*13*17+(v+6)*17+u+8]) }
		cos, sin := value(0, 0, 5)/5, value(1, 0, 5)/5
		if got := math.Hypot(cos, sin); !(math.Abs(got-1) <= 1e-5) {
			t.Fatalf("image %d: 5 columns from the centre are %v from it", i, 5*got)
		}
		for v := -4; v <= 4; v++ {
			for u := -6; u <= 6; u++ { // within the image at any of these angles
				if gotX, gotY := value(0, v, u), value(1, v, u); !(math.Abs(gotX-(cos*float64(u)-sin*float64(v))) <= 1e-4) || !(math.Abs(gotY-(sin*float64(u)+cos*float64(v))) <= 1e-4) {
					t.Fatalf("image %d, row %d, column %d shows %v, %v, turned by %v, %v", i, v, u, gotX, gotY, cos, sin)
				}
			}
		}
		degrees := math.Atan2(sin, cos) * 180 / math.Pi
		mean += degrees / n
		lowest, highest = min(lowest, degrees), max(highest, degrees)
	}
	// Uniform of n = 200: the mean within 5 standard errors of 8/√3/√200, the extremes within a twentieth but in 1 of 27000 cases each; one seed.
	if !(math.Abs(mean) <= 5*most/math.Sqrt(3*n)) || lowest < -most-1e-3 || lowest > -0.95*most || highest > most+1e-3 || highest < 0.95*most {
		t.Errorf("turned by %v to %v degrees, %v on average, want up to %v either way", lowest, highest, mean, most)
	}
}
