package classifiers

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/toy"
)

// Classes 1 and 3 of five have rows: the classifier knows them as 0 and 1, and its answers come
// back at 1 and 3.
func TestNewFit(t *testing.T) {
	train := adapt.Labelled{X: mat.NewDense(4, 2, []float64{1, 7, 3, 7, 1, 7, 3, 7}), Labels: []int{3, 1, 3, 1}, Classes: 5}
	f, r, err := newFit("x", train, "source")
	if err != nil || !slices.Equal(f.present, []int{1, 3}) || !slices.Equal(r.labels, []int{1, 0, 1, 0}) || !mat.EqualApprox(r.x, toy.Column(-1, 1, -1, 1), 1e-12) {
		t.Errorf("%+v, %+v, %v", f, r, err)
	}
	if got := f.spread(mat.NewDense(1, 2, []float64{0.25, 0.75})); !mat.Equal(got, mat.NewDense(1, 5, []float64{0, 0.25, 0, 0.75, 0})) {
		t.Errorf("spread to %v", mat.Formatted(got))
	}
	if r.weight(2) != 1 || (&training{weights: []float64{0.5, 1.5}}).weight(1) != 1.5 {
		t.Error("weights of rows")
	}
	if _, r, err = newFit("x", train, "none"); err != nil || r.x != train.X {
		t.Error("unscaled rows are the caller's own")
	}
}

// What nobody can learn from, each with its line.
func TestRefusedRows(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{1, 2, 3, 4, 5, 6})
	with := func(i, j int, v float64) *mat.Dense {
		out := mat.DenseCopyOf(x)
		out.Set(i, j, v)
		return out
	}
	y := []int{0, 1, 2}
	for _, tt := range []struct {
		train adapt.Labelled
		want  string
	}{
		{adapt.Labelled{X: x, Labels: []int{0, 1}, Classes: 3}, "adapt: x: 2 labels for 3 rows"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1}}, "adapt: x: 1 weights for 3 rows"},
		{adapt.Labelled{X: with(1, 0, math.NaN()), Labels: y, Classes: 3}, "adapt: x: row 1, column 0 is NaN, want a finite number"},
		{adapt.Labelled{X: with(2, 1, math.Inf(-1)), Labels: y, Classes: 3}, "adapt: x: row 2, column 1 is -Inf, want a finite number"},
		{adapt.Labelled{X: x, Labels: y, Classes: 2}, "adapt: x: label 2 of row 2, want 0 to 1"},
		{adapt.Labelled{X: x, Labels: []int{0, -1, 1}, Classes: 3}, "adapt: x: label -1 of row 1, want 0 to 2"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1, -1, 1}}, "adapt: x: weight -1 of row 1, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{1, 1, math.NaN()}}, "adapt: x: weight NaN of row 2, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{math.Inf(1), 1, 1}}, "adapt: x: weight +Inf of row 0, want a finite number from 0"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 0, 0}}, "adapt: x: the weights of all 3 rows are zero"},
		{adapt.Labelled{X: x, Labels: []int{1, 1, 1}, Classes: 3}, "adapt: x: 1 of 3 classes present in 3 rows, want at least 2"},
		{adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 2, 0}}, "adapt: x: 1 of 3 classes present in 1 rows, want at least 2"},
		{adapt.Labelled{X: mat.NewDense(3, 2, nil), Labels: y, Classes: 3}, "adapt: x: none of 2 columns varies over 3 rows"},
		{adapt.Labelled{X: &mat.Dense{}, Labels: nil, Classes: 3}, "adapt: x: no rows"},
	} {
		if _, _, err := newFit("x", tt.train, "source"); err == nil || err.Error() != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	f, _, err := newFit("x", adapt.Labelled{X: x, Labels: y, Classes: 3, Weights: []float64{0, 1, 1e-300}}, "source")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		x    *mat.Dense
		want string
	}{{toy.Column(1), "adapt: x: 1 columns, the fit saw 2"}, {with(0, 1, math.NaN()), "adapt: x: row 0, column 1 is NaN, want a finite number"}} {
		if _, err := f.query(tt.x); err == nil || err.Error() != tt.want {
			t.Errorf("query: %v, want %q", err, tt.want)
		}
	}
	if _, err := (&fit{}).query(x); err == nil || err.Error() != "adapt: probabilities asked for before a fit" {
		t.Errorf("before a fit: %v", err)
	}
}
