package trees

import (
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Six points on a line in two classes: one split between 2 and 10 makes pure leaves.
func TestTreeByHand(t *testing.T) {
	x := mat.NewDense(6, 1, []float64{0, 1, 2, 10, 11, 12})
	targets := mat.NewDense(6, 2, []float64{1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1})
	g := &Grower{Bins: NewBins(x), Targets: targets, Weights: []float64{1, 1, 1, 1, 1, 1}, Depth: 5, MinLeaf: 1, Features: 1, Gain: []float64{0}}
	tree := g.Grow([]int{0, 1, 2, 3, 4, 5})
	if len(tree.Feature) != 3 || tree.Threshold[0] != 6 {
		t.Fatalf("%+v: want one split at 6", tree)
	}
	for _, v := range []float64{0, 6} {
		if leaf := tree.Leaf([]float64{v}); leaf[0] != 1 || leaf[1] != 0 {
			t.Errorf("%v falls into %v", v, leaf)
		}
	}
	if leaf := tree.Leaf([]float64{6.1}); leaf[1] != 1 {
		t.Errorf("6.1 falls into %v", leaf)
	}
	// Gini's criterion goes from 3²/6 + 3²/6 to 3²/3 + 3²/3.
	if g.Gain[0] != 3 {
		t.Errorf("gain %v, want 3", g.Gain[0])
	}
	// A regression stump with a ridge: leaves are S/(W+1) = 6/4 and -3/4.
	g.Targets = mat.NewDense(6, 1, []float64{2, 2, 2, -1, -1, -1})
	g.Ridge = 1
	tree = g.Grow([]int{0, 1, 2, 3, 4, 5})
	if a, b := tree.Leaf([]float64{0})[0], tree.Leaf([]float64{10})[0]; a != 1.5 || b != -0.75 {
		t.Errorf("leaves %v and %v, want 1.5 and -0.75", a, b)
	}
}

// Features of few values keep every cut between them.
func TestBins(t *testing.T) {
	x := mat.NewDense(5, 2, []float64{3, 7, 1, 7, 2, 7, 3, 7, 1, 7})
	b := NewBins(x)
	if len(b.cuts[0]) != 2 || b.cuts[0][0] != 1.5 || b.cuts[0][1] != 2.5 || len(b.cuts[1]) != 0 {
		t.Errorf("cuts %v", b.cuts)
	}
	if b.code[0] != 2 || b.code[1] != 0 || b.code[2] != 1 {
		t.Errorf("codes %v", b.code[:5])
	}
}
