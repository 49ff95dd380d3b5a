package evaluate

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	_ "github.com/venn-adapt/venn/adapt/adapters"
	_ "github.com/venn-adapt/venn/adapt/classifiers"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/features"
	"github.com/venn-adapt/venn/experiments/spec"
)

// Each part of the target is scored where its own labels are known.
func TestAdaptByLabelsOfParts(t *testing.T) {
	x, classes := matrixOf([][]float64{{0}, {0.1}, {5}, {5.1}}), []string{"p", "q"}
	truth := domains.NewTruth([]int{0, 0, 1, 1}, classes)
	plan, err := spec.NewPlan(spec.Request{Source: "m.yaml", Text: []byte("name: m\nfeatures: {domains: {S: {path: s}, T: {path: t}}, task: S->T}\nadapt: {methods: {m: {adapter: none, classifier: centroid}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ train, test domains.Truth }{{truth, domains.Truth{}}, {domains.Truth{}, truth}, {truth, truth}} {
		w, _ := bareJob()
		task := &features.Task{Classes: classes, Name: "b", Source: adapt.Labelled{X: x, Labels: []int{0, 0, 1, 1}, Classes: 2}, Target: [2]*mat.Dense{x, x}, Truth: [2]domains.Truth{tt.train, tt.test}}
		r, err := w.adaptBy(plan.Jobs[0].Spec.Adapt.Methods[0], task)
		if err != nil || r.Error != "" || (r.Transductive != nil) != tt.train.Known() || (r.Inductive != nil) != tt.test.Known() {
			t.Errorf("%v, %v: %+v, %v", tt.train.Known(), tt.test.Known(), r, err)
		}
		var parts []string
		for _, p := range w.predictions {
			parts = append(parts, p.split)
		}
		equal(t, "predictions", len(parts), map[bool]int{true: 2, false: 1}[tt.train.Known() && tt.test.Known()])
	}
}

// What a method cannot do is written beside it: rows that it refuses, seen or further ones.
func TestAdaptRefused(t *testing.T) {
	x, bad, classes := matrixOf([][]float64{{0}, {0.1}, {5}, {5.1}}), matrixOf([][]float64{{0}, {math.NaN()}}), []string{"p", "q"}
	plan, err := spec.NewPlan(spec.Request{Source: "m.yaml", Text: []byte("name: m\nfeatures: {domains: {S: {path: s}, T: {path: t}}, task: S->T}\nadapt: {methods: {m: {adapter: none, classifier: centroid}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	for i, target := range [][2]*mat.Dense{{bad, x}, {x, bad}} {
		w, _ := bareJob()
		task := &features.Task{Classes: classes, Name: "b", Source: adapt.Labelled{X: x, Labels: []int{0, 0, 1, 1}, Classes: 2}, Target: target}
		for part := range target {
			n, _ := target[part].Dims()
			task.Truth[part] = domains.NewTruth([]int{0, 0, 1, 1}[:n], classes)
		}
		r, err := w.adaptBy(plan.Jobs[0].Spec.Adapt.Methods[0], task)
		if err != nil || !strings.Contains(r.Error, "row 1, column 0 is NaN") || (r.Transductive != nil) != (i == 1) || r.Inductive != nil {
			t.Errorf("%d: %+v, %v", i, r, err)
		}
	}
}

// Without methods nothing fails.
func TestAdaptWithoutMethods(t *testing.T) {
	w, _ := bareJob()
	w.Progress = told{}
	if err := w.Adapt(&features.Task{}); err != nil || len(w.Results.Adaptation) != 0 {
		t.Errorf("%v, %v", w.Results.Adaptation, err)
	}
}
