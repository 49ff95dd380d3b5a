package classifiers

import (
	"fmt"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// Votes by hand: of equally near rows the first, weights as votes, and a path of which one k is
// usable.
func TestNeighboursByHand(t *testing.T) {
	info, _ := adapt.Classifiers.Get("knn")
	train := adapt.Labelled{X: toy.Column(-1, 1, 4), Labels: []int{2, 0, 1}, Classes: 3, Weights: []float64{1, 3, 4}}
	for k, want := range map[int][]float64{1: {0, 0, 1}, 2: {0.75, 0, 0.25}, 3: {3. / 8, 0.5, 1. / 8}} {
		toy.Close(t, fmt.Sprint(k), probabilities(t, fitted(t, info, train, 3, option.Values{"k": k}), toy.Column(0)).RawRowView(0), want, 1e-12)
	}
	settings := []option.Values{{"k": 4, "standardise": "none"}, {"k": 2, "standardise": "none"}}
	got := neighboursPath(settings, train, toy.Column(0))
	if got[0].Err == nil || got[0].Err.Error() != "adapt: knn: k is 4, there are 3 training rows" || got[0].Probabilities != nil {
		t.Errorf("k 4: %v", got[0].Err)
	}
	if got[1].Err != nil || !mat.EqualApprox(got[1].Probabilities, mat.NewDense(1, 3, []float64{0.75, 0, 0.25}), 1e-12) {
		t.Errorf("k 2: %+v", got[1])
	}
	if got = neighboursPath(settings[:1], train, toy.Column(0)); got[0].Err == nil {
		t.Error("no usable k")
	}
	if got = neighboursPath(settings, train, mat.NewDense(1, 2, nil)); got[1].Err == nil || got[1].Err.Error() != "adapt: knn: 2 columns, the fit saw 1" {
		t.Errorf("other columns: %v", got[1].Err)
	}
	if got = neighboursPath(settings, adapt.Labelled{X: toy.Column(1), Labels: []int{0}, Classes: 1}, toy.Column(0)); got[1].Err == nil || got[1].Classifier == nil {
		t.Errorf("one class: %+v", got[1])
	}
	x := toy.Column(0, 1)
	c := fitted(t, info, adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, 2)
	shared := neighboursPath([]option.Values{{"k": 1, "standardise": "none"}}, adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 2}, toy.Column(0))[0].Classifier
	x.Set(0, 0, 50)
	if probabilities(t, c, toy.Column(0)).At(0, 0) != 1 || probabilities(t, shared, toy.Column(0)).At(0, 0) != 1 {
		t.Error("the caller's rows were not copied")
	}
}
