package zscore

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestScaleByHand(t *testing.T) {
	x := mat.NewDense(4, 3, []float64{ // column 0: mean 2, variance 1; column 1 constant
		1, 0.1, -6,
		1, 0.1, -6,
		3, 0.1, 6,
		3, 0.1, 6,
	})
	s := Learn(x)
	if s.Dropped() != 1 || len(s.Columns) != 2 || s.Columns[1] != 2 {
		t.Fatalf("columns %v, want 0 and 2", s.Columns)
	}
	got := s.Apply(mat.NewDense(1, 3, []float64{4, 77, 3}))
	if got.At(0, 0) != 2 || !(math.Abs(got.At(0, 1)-0.5) <= 1e-15) {
		t.Errorf("scaled row %v, want 2, 0.5", got.RawRowView(0))
	}
	if same := Identity(3).Apply(x); !mat.Equal(same, x) {
		t.Errorf("identity changed %v to %v", x, same)
	}
}
