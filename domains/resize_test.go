package domains

import (
	"math"
	"slices"
	"testing"
)

// Resizing: worked by hand for 2 -> 4, averages when halving, copies when equal,
// and keeps a linear ramp linear away from the edges.
func TestResampler(t *testing.T) {
	for _, tt := range []struct {
		name     string
		from, to int
		row      []float64 // of an image that is constant down its columns
		want     []float64
	}{
		{"copy", 3, 3, []float64{1, 5, 2}, []float64{1, 5, 2}},
		{"double", 2, 4, []float64{0, 1}, []float64{0, 0.25, 0.75, 1}},
		// Pillow: Image.fromarray of the row, resize((2, 1), BILINEAR): the triangle
		// of half-width 2 weighs 3/8 3/8 1/8 off the edge, over 7/8.
		{"halve", 4, 2, []float64{8, 0, 0, 0}, []float64{8 * 3.0 / 7, 0}},
		{"ramp", 4, 8, []float64{0, 1, 2, 3}, []float64{0, 0.25, 0.75, 1.25, 1.75, 2.25, 2.75, 3}},
		{"to one", 2, 1, []float64{2, 4}, []float64{3}},
	} {
		src, dst := slices.Repeat(tt.row, tt.from), make([]float64, tt.to*tt.to)
		NewResampler(tt.from, tt.to).Resize(dst, src)
		for i, got := range dst {
			if !(math.Abs(got-tt.want[i%tt.to]) <= 1e-12) {
				t.Errorf("%s: got %v, want rows of %v", tt.name, dst, tt.want)
				break
			}
		}
	}
}
