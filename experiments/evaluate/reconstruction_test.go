package evaluate

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/image"
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
	if second := 10 * math.Log10(4/0.01); !(math.Abs(r.L1.Value-0.05) <= 1e-7) || !(math.Abs(r.PSNR.Value-(equalPSNR+second)/2) <= 1e-4) || r.L1.N != 2 {
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

// Of more than 500 images so many are compared, each with its own original.
func TestReconstructionOfMany(t *testing.T) {
	w, _ := bareJob()
	w.Model = taker{}
	var c Codes
	for side, n := range []int{501, 7} {
		images := shades(side, n)
		w.Domains[side] = &domains.Domain{Test: domains.Split{Images: images}}
		c[side][testSplit], _ = taker{}.Encode(images)
	}
	if err := w.reconstruction(&c); err != nil {
		t.Fatal(err)
	}
	for side, want := range []int{500, 7} {
		// The taker leaves out the pixel of the other domain.
		lost := 0.0
		for _, i := range w.draw("reconstruction/"+domains.Side(side).String(), w.Domains[side].Test.Images.Len(), 500) {
			lost += float64(w.Domains[side].Test.Images.At(i)[3-side]) / float64(4*want)
		}
		r := w.Results.Reconstruction[side]
		if r.L1.N != want || !(math.Abs(r.L1.Value-lost) <= 1e-6) {
			t.Errorf("%s: %+v, want %v of %d images", r.Domain, r.L1, lost, want)
		}
	}
}

// Images that are higher than wide score as those that are wider than high do, turned.
func TestReconstructionTurned(t *testing.T) {
	const high, wide = 13, 17
	upright := domains.Shape{Channels: 1, Height: wide, Width: high}
	flat := domains.Shape{Channels: 1, Height: high, Width: wide}
	pair := func(shape domains.Shape, at func(row, column int) float64) *domains.Images {
		im := &domains.Images{Shape: shape, Data: make([]float32, shape.Len())}
		for p := range im.Data {
			im.Data[p] = float32(at(p/shape.Width, p%shape.Width))
		}
		return im
	}
	x := func(i, j int) float64 { return math.Sin(float64(i*i+3*j)) / 2 }
	y := func(i, j int) float64 { return x(i, j) + 0.2*math.Cos(float64(5*i+j*j)) }
	turned := func(f func(i, j int) float64) func(i, j int) float64 {
		return func(i, j int) float64 { return f(j, i) }
	}
	lying, err := compared(pair(flat, y), pair(flat, x), 0, "a")
	if err != nil {
		t.Fatal(err)
	}
	standing, err := compared(pair(upright, turned(y)), pair(upright, turned(x)), 0, "a")
	if err != nil {
		t.Fatal(err)
	}
	if lying.SSIM == nil || standing.SSIM == nil || !(math.Abs(lying.SSIM.Value-standing.SSIM.Value) <= 1e-9) || lying.SSIM.Value < 0.1 || lying.SSIM.Value > 0.99 {
		t.Errorf("SSIM %+v and, turned, %+v", lying.SSIM, standing.SSIM)
	}
	for side, want := range map[int]bool{10: false, 11: true} { // the window has 11 pixels a side
		for _, shape := range []domains.Shape{{Channels: 1, Height: side, Width: 20}, {Channels: 1, Height: 20, Width: side}} {
			if r, err := compared(pair(shape, y), pair(shape, x), 0, "a"); err != nil || (r.SSIM != nil) != want {
				t.Errorf("%v: SSIM %v, %v", shape, r.SSIM, err)
			}
		}
	}
}

// The mean over images, each with its own original, over as many scales as fit: two of 22 pixels.
func TestOverScales(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 22, Width: 22}
	original, out := &domains.Images{Shape: shape}, &domains.Images{Shape: shape}
	for i := range 2 * 22 * 22 {
		v := float32(i*i%97)/97 - 0.5
		original.Data = append(original.Data, v)
		if i >= 22*22 {
			v *= 0.5
		}
		out.Data = append(out.Data, v)
	}
	second, _, err := image.MultiscaleSSIM(out.At(1), original.At(1), 1, 22, 22, span, 2)
	if err != nil {
		t.Fatal(err)
	}
	mean, scales, err := overScales(out, original)
	if err != nil || scales != 2 || second > 0.95 {
		t.Fatalf("%d scales, the second image %v, %v", scales, second, err)
	}
	closeTo(t, "mean", mean, (1+second)/2, 1e-12)
}
