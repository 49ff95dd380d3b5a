package validators

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
)

// Clusters at distances: s = 1, 2 and 0 around 0, 10 and 16 in the second column; class 2 is empty.
func TestDaviesBouldinByHand(t *testing.T) {
	x := mat.NewDense(5, 2, []float64{3, -1, 3, 1, 3, 8, 3, 12, 3, 16})
	got, err := daviesBouldin(x, []int{0, 0, 1, 1, 3}, 4)
	if want := (3./10 + 2./6 + 2./6) / 3; err != nil || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

// Distances are Euclidean: clusters of spreads 5 and 0, means (3, 4) and (3, 16).
func TestDaviesBouldinIsEuclidean(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{0, 0, 6, 8, 3 + 5, 4 + 12})
	got, err := daviesBouldin(x, []int{0, 0, 1}, 2)
	if want := 5. / 13; err != nil || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

// Predicted clusters {0, 2}, {10}, {20}: means 1, 10, 20, spreads 1, 0, 0. The largest ratios
// are 1/9 for the first two and 1/19 for the third.
func TestDaviesBouldin(t *testing.T) {
	want := -(1./9 + 1./9 + 1./19) / 3
	if got := scoreOf(t, "dbi", handMade(t, []float64{0, 10, 20, 2}, four)); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v", got, want)
	}
	one := mat.NewDense(2, 3, []float64{1, 0, 0, 0.9, 0.1, 0})
	v, _ := adapt.Validators.Get("dbi")
	if _, err := v.Score(handMade(t, []float64{0, 1}, one)); err == nil || err.Error() != "1 classes predicted over 2 rows, want at least 2" {
		t.Errorf("one cluster: %v", err)
	}
}
