package evaluate

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Thirty samples of confidences 0.51, 0.52, ... 0.80, of which each second is wrong. Fifteen
// bins of equal counts hold two samples each, right in one half: their errors are 0.015,
// 0.035, ... 0.295, of mean 0.155.
func TestCalibrationByHand(t *testing.T) {
	truth, p := make([]int, 30), mat.NewDense(30, 2, nil)
	for i := range truth {
		truth[i] = i % 2
		p.SetRow(i, []float64{0.51 + 0.01*float64(i), 0.49 - 0.01*float64(i)})
	}
	s, err := scoresOf(truth, p, 1)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "samples", s.N, 30)
	closeTo(t, "balanced accuracy", s.Balanced, 0.5, 1e-12)
	closeTo(t, "error over bins of equal counts", s.EqualCountECE, 0.155, 1e-9)
	one, err := scoresOf(truth[:1], p.Slice(0, 1, 0, 2).(*mat.Dense), 1)
	if err != nil {
		t.Fatal(err)
	}
	closeTo(t, "of one sample", one.EqualCountECE, 0.49, 1e-9)
}
