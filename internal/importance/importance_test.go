package importance

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/toy"
)

// Between N(0, 1) and N(1, 1) the ratio of densities is exp(x - 1/2).
func TestDomainRatio(t *testing.T) {
	r, err := Learn(toy.Normal(4000, 0, "a"), toy.Normal(2000, 1, "b"), 1e-6)
	if err != nil {
		t.Fatal(err)
	}
	at := []float64{-1, 0, 0.5, 1, 2}
	for i, w := range r.Weights(toy.Column(at...)) {
		if want := math.Exp(at[i] - 0.5); !(math.Abs(w/want-1) <= 0.15) {
			t.Errorf("at %v: %v, want %v", at[i], w, want)
		}
	}
	// A weight is at most (n/m)·(1-c)/c and at least (n/m)·c/(1-c) with c = 0.001.
	far := r.Weights(toy.Column(-100, 100))
	if !(math.Abs(far[0]-2*0.001/0.999) <= 1e-9) || !(math.Abs(far[1]-2*0.999/0.001) <= 1e-6) {
		t.Errorf("far away: %v", far)
	}
}
