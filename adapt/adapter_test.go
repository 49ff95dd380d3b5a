package adapt_test

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// A task's bounds, and what a method without a map answers.
func TestRefusedTasks(t *testing.T) {
	m := adapt.Method{Adapter: adapt.AdapterInfo{Name: "x", Own: true, Adapt: func(t adapt.Task, _ option.Values, _ adapt.Head) (*adapt.Adapted, error) {
		n, _ := t.Target.Dims()
		return &adapt.Adapted{Source: t.Source, Target: t.Target, Probabilities: mat.NewDense(n, 2, nil)}, nil
	}}}
	two := adapt.Labelled{X: toy.Column(1, 2), Labels: []int{0, 1}, Classes: 2}
	for _, tt := range []struct {
		task adapt.Task
		want string
	}{
		{adapt.Task{Source: two, Target: toy.Column(1, 2)}, ""},
		{adapt.Task{Source: two, Target: toy.Column(1)}, "adapt: x: 2 source and 1 target rows, want at least 2 of each"},
		{adapt.Task{Source: adapt.Labelled{X: toy.Column(1), Labels: []int{0}, Classes: 2}, Target: toy.Column(1, 2)}, "adapt: x: 1 source and 2 target rows, want at least 2 of each"},
		{adapt.Task{Source: two, Target: mat.NewDense(2, 2, nil)}, "adapt: x: the source has 1 columns, the target 2"},
		{adapt.Task{Source: two, Target: toy.Column(1, math.NaN())}, "adapt: x: target: row 1, column 0 is NaN, want a finite number"},
		{adapt.Task{Source: adapt.Labelled{X: toy.Column(1, 2), Labels: []int{0, 2}, Classes: 2}, Target: toy.Column(1, 2)}, "adapt: x: source: label 2 of row 1, want 0 to 1"},
		{adapt.Task{Source: adapt.Labelled{X: toy.Column(1, 2), Labels: []int{1, 1}, Classes: 2}, Target: toy.Column(1, 2)}, "adapt: x: 1 of 2 classes present in the source, want at least 2"},
	} {
		_, err := m.Fit(tt.task)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || err.Error() != tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	lost := m
	lost.Adapter.Adapt = func(t adapt.Task, _ option.Values, _ adapt.Head) (*adapt.Adapted, error) {
		return &adapt.Adapted{Source: t.Source, Target: t.Target, Probabilities: mat.NewDense(2, 2, []float64{1, 0, math.NaN(), 0})}, nil
	}
	if a, err := lost.Fit(adapt.Task{Source: two, Target: toy.Column(1, 2)}); a != nil || err == nil || err.Error() != "adapt: x: probabilities: row 1, column 0 is NaN, want a finite number" {
		t.Errorf("probabilities that are not numbers: %v, %v", a, err)
	}
	a, err := m.Fit(adapt.Task{Source: two, Target: toy.Column(1, 2)})
	if err != nil {
		t.Fatal(err)
	}
	if a.Inductive() {
		t.Error("without a map")
	}
	if _, err := a.PredictTarget(toy.Column(1)); err == nil || err.Error() != "adapt: x has no map for target rows that it did not see: use it transductively" {
		t.Errorf("target: %v", err)
	}
	if _, err := a.PredictSource(toy.Column(1)); err == nil || err.Error() != "adapt: x has no map for source rows that it did not see: use it transductively" {
		t.Errorf("source: %v", err)
	}
	if _, err := a.PredictMapped(toy.Column(1)); err == nil || err.Error() != "adapt: x predicts only the rows that it was given" {
		t.Errorf("mapped: %v", err)
	}
	a.Map = func(x *mat.Dense) (*mat.Dense, error) { return x, nil }
	if a.Inductive() {
		t.Error("with a map alone")
	}
	a.Predict = func(z *mat.Dense) (*mat.Dense, error) { return z, nil }
	if p, err := a.PredictTarget(toy.Column(4, 5)); err != nil || p.At(1, 0) != 5 || !a.Inductive() {
		t.Errorf("with both: %v, %v", p, err)
	}
	if _, err := a.PredictTarget(toy.Column(math.Inf(1))); err == nil || err.Error() != "adapt: x: row 0, column 0 is +Inf, want a finite number" {
		t.Errorf("infinite rows: %v", err)
	}
	a.Map = func(*mat.Dense) (*mat.Dense, error) { return nil, fmt.Errorf("no") }
	if _, err := a.PredictTarget(toy.Column(1)); err == nil || err.Error() != "adapt: x: no" {
		t.Errorf("a map that fails: %v", err)
	}
}
