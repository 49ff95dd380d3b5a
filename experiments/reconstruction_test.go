package experiments

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
)

// Two images of 12x12 pixels, of which one comes back as it was and one a tenth brighter:
// the mean L1 is 0.05, and of the second the PSNR is 10 log10(4/0.01).
func TestReconstructionOfKnownErrors(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 12, Width: 12}
	x, y := &domains.Images{Shape: shape, Data: make([]float32, 288)}, &domains.Images{Shape: shape, Data: make([]float32, 288)}
	for p := range x.Data {
		x.Data[p] = float32(p%12) / 24
		y.Data[p] = x.Data[p]
		if p >= 144 {
			y.Data[p] += 0.1
		}
	}
	r, err := compared(y, x, 0, "a")
	if err != nil {
		t.Fatal(err)
	}
	if second := 10 * math.Log10(4/0.01); math.Abs(r.L1.Value-0.05) > 1e-7 || math.Abs(r.PSNR.Value-(equalPSNR+second)/2) > 1e-4 || r.L1.N != 2 {
		t.Errorf("%+v", r)
	}
	if r.SSIM == nil || r.SSIM.Value > 0.9999 || r.SSIM.Interval[1] < 1-1e-9 {
		t.Errorf("SSIM %+v, want 1 for the first image and less for the second", r.SSIM)
	}
	small := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Data: make([]float32, 64)}
	if r, err := compared(small, small, 0, "a"); err != nil || r.SSIM != nil || r.L1.Value != 0 {
		t.Errorf("8x8: %+v, %v", r, err)
	}
}
