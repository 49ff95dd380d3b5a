package classifiers

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// Classes of one repeated row have no variance: the nearest mean has all.
func TestCentroidWithoutVariance(t *testing.T) {
	info, _ := adapt.Classifiers.Get("centroid")
	c := fitted(t, info, adapt.Labelled{X: toy.Column(2, 2, 6), Labels: []int{0, 0, 2}, Classes: 3}, 3, option.Values{"standardise": "none"})
	if p := probabilities(t, c, toy.Column(3, 4, 5)); !mat.Equal(p, mat.NewDense(3, 3, []float64{1, 0, 0, 1, 0, 0, 0, 0, 1})) {
		t.Errorf("%v", mat.Formatted(p))
	}
	// Weights 1 and 3 of the first class's rows 0 and 4: mean 3, variance 3 of it alone; shares 4/5 and 1/5.
	r := &training{x: toy.Column(0, 4, 10), labels: []int{0, 0, 1}, weights: []float64{0.6, 1.8, 0.6}}
	means, shares := classMeans(r, 2)
	toy.Close(t, "means", means.RawMatrix().Data, []float64{3, 10}, 1e-12)
	toy.Close(t, "shares", shares, []float64{0.8, 0.2}, 1e-12)
	c = fitted(t, info, adapt.Labelled{X: toy.Column(0, 4, 10), Labels: []int{0, 0, 1}, Classes: 2, Weights: []float64{1, 3, 1}}, 2, option.Values{"standardise": "none"})
	if v := c.(*Centroid).variance; !(math.Abs(v-(0.6*9+1.8*1)/3) <= 1e-12) {
		t.Errorf("variance %v", v)
	}
}

// Three points on a line: means 0 and 4, a query at 1 belongs to the first.
func TestCentroidByHand(t *testing.T) {
	info, _ := adapt.Classifiers.Get("centroid")
	c := fitted(t, info, adapt.Labelled{X: mat.NewDense(4, 1, []float64{-1, 1, 3, 5}), Labels: []int{0, 0, 1, 1}, Classes: 2}, 2, option.Values{"standardise": "none"})
	p := probabilities(t, c, mat.NewDense(2, 1, []float64{1, 2}))
	// Within-class variance 1: logits -1/2 and -9/2.
	if want := 1 / (1 + math.Exp(-4)); !(math.Abs(p.At(0, 0)-want) <= 1e-12) || p.At(1, 0) != 0.5 {
		t.Errorf("probabilities %v, want %v and one half", mat.Formatted(p), want)
	}
	if got := adapt.Predict(p); got[0] != 0 || got[1] != 0 {
		t.Errorf("predictions %v: a tie goes to the lower class", got)
	}
}
