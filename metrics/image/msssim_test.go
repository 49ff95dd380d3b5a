package image

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/reference"
)

func floats32(v []float64) []float32 {
	out := make([]float32, len(v))
	for i, x := range v {
		out[i] = float32(x)
	}
	return out
}

func TestReferenceMultiscale(t *testing.T) {
	b := reference.Metrics(t)
	x, y := floats32(b.Floats("img1")), floats32(b.Floats("img2"))
	v, used, err := MultiscaleSSIM(x, y, 1, 24, 24, 255, 0)
	if err != nil || used != 2 {
		t.Fatalf("%d scales, %v; want 2", used, err)
	}
	b.Check("ms_ssim.2", "", v)
	_, structure := similarity(plane(x), plane(y), 24, 24, 255)
	b.Check("ssim", "contrast_structure", mean(structure))
	if v, _, err := MultiscaleSSIM(x, x, 1, 24, 24, 255, 2); err != nil || !(math.Abs(v-1) <= 1e-12) {
		t.Errorf("equal images: %v, %v", v, err)
	}
	for name, bad := range map[string][3]int{"too many scales": {24, 24, 3}, "too small": {10, 24, 0}, "size": {23, 24, 0}} {
		if _, _, err := MultiscaleSSIM(x, y, 1, bad[0], bad[1], 255, bad[2]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	// Constant images, by hand: (2ab + C1)/(a^2 + b^2 + C1) at the last scale to its weight.
	flat := make([]float32, 24*24)
	other := make([]float32, 24*24)
	for i := range flat {
		flat[i], other[i] = 100, 120
	}
	c1 := 0.01 * 255 * 0.01 * 255
	want := math.Pow((2*100*120+c1)/(100*100+120*120+c1), 0.2856/(0.0448+0.2856))
	if v, _, err := MultiscaleSSIM(flat, other, 1, 24, 24, 255, 2); err != nil || !(math.Abs(v-want) <= 1e-12) {
		t.Errorf("constant images: %v, want %v (%v)", v, want, err)
	}
}
