package importance

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/logistic"
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

// The weights follow from the classifier of domains on columns of mean 0 and variance 1, fitted until no logit moves by
// 1e-4: not by 2e-4, which other data end at sooner.
func TestToleranceOfRatio(t *testing.T) {
	differ := false
	for seed := range uint64(60) {
		source, target := toy.Random(seed, 30, 2), toy.Random(seed+100, 20, 2)
		r, err := Learn(source, target, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		var pooled mat.Dense
		pooled.Stack(source, target)
		labels := make([]int, 50)
		for j := range 2 {
			mean, deviation := stat.PopMeanStdDev(mat.Col(nil, j, &pooled), nil)
			for i := range 50 {
				pooled.Set(i, j, (pooled.At(i, j)-mean)/deviation)
				labels[i] = i / 30
			}
		}
		var steps [2]int
		for k, tolerance := range []float64{1e-4, 2e-4} {
			m, err := logistic.Fit(&pooled, labels, 2, logistic.Settings{Lambda: 0.01, Tolerance: tolerance})
			if err != nil {
				t.Fatal(err)
			}
			if steps[k] = m.Steps; k == 0 {
				p := m.Probabilities(&pooled)
				for i, w := range r.Weights(source) {
					if want := 1.5 * p.At(i, 1) / p.At(i, 0); !(math.Abs(w/want-1) <= 1e-8) {
						t.Errorf("seed %d: weight %d is %v, want %v", seed, i, w, want)
					}
				}
				if r.model.Steps != m.Steps {
					t.Errorf("seed %d: %d steps, want %d", seed, r.model.Steps, m.Steps)
				}
			}
		}
		differ = differ || steps[0] != steps[1]
	}
	if !differ {
		t.Fatal("the double tolerance ends at the same steps")
	}
}
