package losses

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Predictions in another order are at no sliced distance, though every row differs; in one
// direction the distance is that of sorted numbers.
func TestSliced(t *testing.T) {
	z := kernels.Dense(3, 2, []float64{0, 1, 2, -1, 0.5, 0.25})
	permuted := kernels.Dense(3, 2, []float64{0.5, 0.25, 0, 1, 2, -1})
	directions := kernels.Dense(2, 3, []float64{1, 0, 0.6, 0, 1, -0.8})
	all := Rows{0, 3}
	if d := (Sliced{all}).Value(z, permuted, directions); d != 0 {
		t.Errorf("permuted rows are %v apart", d)
	}
	if d := (Apart{all}).Value(z, permuted); d < 0.1 {
		t.Errorf("permuted rows are %v apart, row by row", d)
	}
	// Of softmaxes (p, 1-p) the first column: sorted, their differences squared.
	sigmoid := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	other := kernels.Dense(3, 2, []float64{3, 0, -1, 0, 0, 0})
	a := []float64{sigmoid(-1), sigmoid(0.25), sigmoid(3)}
	b := []float64{sigmoid(-1), sigmoid(0), sigmoid(3)}
	want := 0.0
	for i := range a {
		want += (a[i] - b[i]) * (a[i] - b[i]) / 3
	}
	if d := (Sliced{all}).Value(z, other, kernels.Dense(2, 1, []float64{1, 0})); !(math.Abs(d-want) <= 1e-12) {
		t.Errorf("in one direction %v apart, want %v", d, want)
	}
	if err := (Sliced{all}).Check([]int{3, 2}, []int{3, 2}, []int{4, 5}); err == nil || err.Error() != "directions of 4 classes for logits of 2" {
		t.Errorf("directions of other classes: %v", err)
	}
}

// Where both agree to the last bit nothing pulls.
func TestApartOfEquals(t *testing.T) {
	z, dx := kernels.Dense(2, 3, []float64{0, 1, 2, -1, 0.5, 0.25}), zeros(2, 3)
	dx.Data[0] = 7
	(Apart{Rows{0, 2}}).Grad(1, dx, -2, z, z)
	for _, v := range dx.Data {
		if v != 0 {
			t.Errorf("gradient %v", dx.Data)
		}
	}
}
