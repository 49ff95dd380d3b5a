package image

import (
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/reference"
)

func narrow(x []float64) []float32 {
	out := make([]float32, len(x))
	for i, v := range x {
		out[i] = float32(v)
	}
	return out
}

func TestReference(t *testing.T) {
	b := reference.Metrics(t)
	x, y := narrow(b.Floats("img1")), narrow(b.Floats("img2")) // whole numbers: exact in float32
	e, err := Errors(x, y, 1, 255, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("image.error", "l1", e.L1)
	b.Check("image.error", "mse", e.MSE)
	b.Check("image.error", "psnr", e.PSNR)
	s, err := SSIM(x, y, 1, 24, 24, 255, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("ssim", "ssim", s)
	// Three equal channels are one.
	rgb := func(p []float32) []float32 { return append(append(append([]float32{}, p...), p...), p...) }
	three, err := SSIM(rgb(x), rgb(y), 3, 24, 24, 255, nil)
	if err != nil || !(math.Abs(three-s) <= 1e-14) {
		t.Errorf("three channels %v, %v, want %v", three, err, s)
	}
}

// A 2x2 image of two channels by hand; the mask keeps the first column.
func TestMaskByHand(t *testing.T) {
	a := []float32{0, 1, 0, 1, 2, 2, 2, 2}
	b := []float32{1, 9, 0, 9, 2, 9, 4, 9}
	e, err := Errors(a, b, 2, 2, []bool{true, false, true, false})
	if err != nil || e.L1 != 0.75 || e.MSE != 1.25 || e.Pixels != 2 || !(math.Abs(e.PSNR-10*math.Log10(3.2)) <= 1e-12) {
		t.Errorf("%+v, %v", e, err)
	}
}

// Closed form of constant images a and b: (2ab + C1)/(a^2 + b^2 + C1).
func TestConstantImages(t *testing.T) {
	flat := func(v float32) []float32 {
		out := make([]float32, 12*15)
		for i := range out {
			out[i] = v
		}
		return out
	}
	got, err := SSIM(flat(0.25), flat(0.75), 1, 12, 15, 1, nil)
	want := (2*0.25*0.75 + 1e-4) / (0.25*0.25 + 0.75*0.75 + 1e-4)
	if err != nil || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("constant images: %v, %v, want %v", got, err, want)
	}
	if same, err := SSIM(flat(0.3), flat(0.3), 1, 12, 15, 1, nil); err != nil || !(math.Abs(same-1) <= 1e-15) {
		t.Errorf("equal images: %v, %v", same, err)
	}
	equal, err := Errors(flat(1), flat(1), 1, 1, nil)
	if err != nil || !math.IsInf(equal.PSNR, 1) {
		t.Errorf("PSNR of equal images: %v, %v", equal.PSNR, err)
	}
}

func TestErrorsSayWhat(t *testing.T) {
	x := make([]float32, 100)
	bad := make([]float32, 100)
	bad[3] = float32(math.NaN())
	for _, tt := range []struct{ name, want string }{
		{"small", "image of 10x10, want at least 11x11"},
		{"NaN", "value 3 is 0 and NaN"},
		{"mask", "keeps no pixel"},
		{"length", "100 and 99 values"},
	} {
		var err error
		switch tt.name {
		case "small":
			_, err = SSIM(x, x, 1, 10, 10, 1, nil)
		case "NaN":
			_, err = Errors(x, bad, 1, 1, nil)
		case "mask":
			_, err = Errors(x, x, 1, 1, make([]bool, 100))
		case "length":
			_, err = Errors(x, x[:99], 1, 1, nil)
		}
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}
