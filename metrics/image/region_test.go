package image

import (
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// Images of four pixels of noise. Pixel 1 rises with the condition, pixel 2 with a
// covariate that often comes with it; pixel 3 never varies. Only pixel 1 is marked, and
// pixel 2 too once the covariate is not held fixed.
func TestEffectRegion(t *testing.T) {
	const n = 600
	r := stream.New(1, "region")
	images := make([][]float32, n)
	with, alone := mat.NewDense(n, 2, nil), mat.NewDense(n, 1, nil)
	for i := range images {
		condition, other := i%2, i%2
		if r.IntN(4) == 0 {
			other = 1 - other
		}
		with.SetRow(i, []float64{float64(condition), float64(other)})
		alone.SetRow(i, []float64{float64(condition)})
		im := make([]float32, 4)
		for p := range 3 {
			im[p] = float32(r.NormFloat64())
		}
		im[1] += 0.6 * float32(condition)
		im[2] += 1.5 * float32(other)
		images[i] = im
	}
	at := func(i int) []float32 { return images[i] }
	for _, tt := range []struct {
		name   string
		design *mat.Dense
		want   [4]bool
	}{{"covariate held fixed", with, [4]bool{1: true}}, {"not held fixed", alone, [4]bool{1: true, 2: true}}} {
		got, err := EffectRegion(at, 1, tt.design, 1)
		if err != nil || [4]bool(got) != tt.want {
			t.Errorf("%s: %v, %v, want %v", tt.name, got, err, tt.want)
		}
	}
	// Two channels of two pixels: a pixel counts where any of its channels does.
	got, err := EffectRegion(at, 2, with, 1)
	if err != nil || len(got) != 2 || got[0] || !got[1] {
		t.Errorf("two channels: %v, %v", got, err)
	}
	// A column twice: each has half of the effect, and it is not passed over.
	double := mat.NewDense(n, 2, nil)
	for i := range n {
		double.SetRow(i, []float64{alone.At(i, 0), alone.At(i, 0)})
	}
	if got, err := EffectRegion(at, 1, double, 1); err != nil || got[0] || !got[1] || got[3] {
		t.Errorf("a column twice: %v, %v", got, err)
	}
	if _, err := EffectRegion(at, 1, mat.NewDense(3, 2, nil), 1); err == nil || !strings.Contains(err.Error(), "want at least one column and 4 images") {
		t.Errorf("three images: %v", err)
	}
}
