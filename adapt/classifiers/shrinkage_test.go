package classifiers

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Ledoit and Wolf's intensity of 12 rows of 9 columns in three classes, by
// sklearn.covariance.ledoit_wolf(residuals, assume_centered=True), scikit-learn 1.2.1.
func TestLedoitWolf(t *testing.T) {
	x, y := mat.NewDense(12, 9, nil), make([]int, 12)
	for i := range 12 {
		y[i] = i % 3
		for j := range 9 {
			x.Set(i, j, math.Sin(float64(3*i+5*j))+0.2*math.Cos(float64(i*j)))
		}
	}
	const want = 0.04305417728402384
	if got := newMoments(&training{x: x, labels: y}, 3).intensity; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("intensity %.17g, want %v", got, want)
	}
	x.Scale(0.01, x) // which changes no share
	if got := newMoments(&training{x: x, labels: y}, 3).intensity; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("in other units intensity %.17g, want %v", got, want)
	}
}
