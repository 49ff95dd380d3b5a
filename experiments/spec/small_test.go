package spec

import (
	"fmt"
	"strings"
	"testing"

	_ "github.com/venn-adapt/venn/experiments/toy"
)

// A misspelt key stands for the missing one that it resembles, and hides no other fault.
func TestMisspeltBesideTheRightKey(t *testing.T) {
	for text, want := range map[string]string{
		"seeds: []\nseedz: [1]\n": "seeds",
		"seedz: [1]\nqqqqqq: 1\n": "domains",
	} {
		_, err := NewPlan(Request{Source: "s.yaml", Text: []byte("name: x\n" + text)})
		if err == nil || !strings.Contains(err.Error(), want+":") {
			t.Errorf("%q: %v, want a fault of %s", text, err, want)
		}
	}
}

// Methods of adaptation keep their order, and each setting its owner.
func TestMethodsOf(t *testing.T) {
	got := methodsOf([]Parameter{{Path: "adapt.rows", Value: 3}, {Path: "adapt.methods.m.adapter", Value: "coral"}, {Path: "adapt.methods.m.classifier", Value: "knn"},
		{Path: "adapt.methods.m.head.k", Value: 5}, {Path: "adapt.methods.m.lambda", Value: 0.5}, {Path: "adapt.methods.a.adapter", Value: "none"}, {Path: "adapt.methods.a.dim", Value: 7}})
	equal(t, "methods", fmt.Sprint(got), "[{m coral map[lambda:0.5] knn map[k:5]} {a none map[dim:7]  map[]}]")
}

// What is taken out goes with the mappings that held nothing else, and what stands beside stays.
func TestWithout(t *testing.T) {
	root, faults := parse("s", []byte("a: {b: {c: 1}}\nd: {e: 2, f: 3}\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	equal(t, "without a.b.c", root.without("a", "b", "c").plain(), "map[d:map[e:2 f:3]]")
	equal(t, "without d.e", root.without("d", "e").plain(), "map[a:map[b:map[c:1]] d:map[f:3]]")
	equal(t, "the tree", root.plain(), "map[a:map[b:map[c:1]] d:map[e:2 f:3]]")
}

// Iterations of a text that gives none, too many, or none as a number are none.
func TestIterations(t *testing.T) {
	for text, want := range map[string]int{"model: {train: {iterations: 30}}": 30, "model: {train: {iterations: 2147483647}}": 2147483647, "model: {train: {iterations: 2147483648}}": 0,
		"model: {train: {iterations: x}}": 0, "model: {train: {iterations: -3}}": 0, "model: 3": 0, "": 0} {
		equal(t, text, Iterations([]byte(text)), want)
	}
}

// Without a labelled domain, a counts as the source; a value that nobody gave is a default's.
func TestSourceAndOrigin(t *testing.T) {
	s := &Spec{Parameters: []Parameter{{Path: "x", Origin: "s.yaml:1"}, {Path: "y", Origin: "s.yaml:2"}}}
	equal(t, "source", s.LabelledSide(), "a")
	s.Domains[1].Labelled = true
	equal(t, "labelled source", s.LabelledSide(), "b")
	equal(t, "origins", s.Origin("y")+" "+s.Origin("z"), "s.yaml:2 default")
}
