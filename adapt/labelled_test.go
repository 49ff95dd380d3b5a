package adapt_test

import (
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/toy"
)

// Weights by hand: rows of weight zero are gone, the mean is 1.
func TestWeighted(t *testing.T) {
	l := adapt.Labelled{X: toy.Column(1, 2, 3, 4), Labels: []int{0, 1, 0, 1}, Classes: 2, Weights: []float64{0, 1, 3, 0}}.Weighted()
	if !mat.Equal(l.X, toy.Column(2, 3)) || !slices.Equal(l.Labels, []int{1, 0}) || l.Classes != 2 {
		t.Errorf("%+v", l)
	}
	toy.Close(t, "weights", l.Weights, []float64{0.5, 1.5}, 0)
	x := toy.Column(1, 2, 3)
	if l = (adapt.Labelled{X: x, Labels: []int{0, 1, 0}, Classes: 2, Weights: []float64{2, 2, 8}}.Weighted()); l.X != x {
		t.Error("no row of weight zero, and yet a copy")
	}
	toy.Close(t, "weights", l.Weights, []float64{0.5, 0.5, 2}, 1e-15)
	taken := adapt.Labelled{X: toy.Column(1, 2, 3), Labels: []int{0, 1, 0}, Classes: 2, Weights: []float64{2, 4, 8}}.Take([]int{2, 1})
	if !mat.Equal(taken.X, toy.Column(3, 2)) || !slices.Equal(taken.Labels, []int{0, 1}) || !slices.Equal(taken.Weights, []float64{8, 4}) {
		t.Errorf("taken %+v", taken)
	}
}
