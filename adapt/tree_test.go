package adapt

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// Six points on a line in two classes: one split between 2 and 10 makes pure leaves.
func TestTreeByHand(t *testing.T) {
	x := mat.NewDense(6, 1, []float64{0, 1, 2, 10, 11, 12})
	targets := mat.NewDense(6, 2, []float64{1, 0, 1, 0, 1, 0, 0, 1, 0, 1, 0, 1})
	g := &grower{bins: newBins(x), targets: targets, weights: []float64{1, 1, 1, 1, 1, 1}, depth: 5, minLeaf: 1, features: 1}
	tree := g.grow([]int{0, 1, 2, 3, 4, 5})
	if len(tree.Feature) != 3 || tree.Threshold[0] != 6 {
		t.Fatalf("%+v: want one split at 6", tree)
	}
	for _, v := range []float64{0, 6} {
		if leaf := tree.leaf([]float64{v}); leaf[0] != 1 || leaf[1] != 0 {
			t.Errorf("%v falls into %v", v, leaf)
		}
	}
	if leaf := tree.leaf([]float64{6.1}); leaf[1] != 1 {
		t.Errorf("6.1 falls into %v", leaf)
	}
	// A regression stump with a ridge: leaves are S/(W+1) = 6/4 and -3/4.
	g.targets = mat.NewDense(6, 1, []float64{2, 2, 2, -1, -1, -1})
	g.ridge = 1
	tree = g.grow([]int{0, 1, 2, 3, 4, 5})
	if a, b := tree.leaf([]float64{0})[0], tree.leaf([]float64{10})[0]; a != 1.5 || b != -0.75 {
		t.Errorf("leaves %v and %v, want 1.5 and -0.75", a, b)
	}
}

// Features of few values keep every cut between them.
func TestBins(t *testing.T) {
	x := mat.NewDense(5, 2, []float64{3, 7, 1, 7, 2, 7, 3, 7, 1, 7})
	b := newBins(x)
	if len(b.cuts[0]) != 2 || b.cuts[0][0] != 1.5 || b.cuts[0][1] != 2.5 || len(b.cuts[1]) != 0 {
		t.Errorf("cuts %v", b.cuts)
	}
	if b.code[0] != 2 || b.code[1] != 0 || b.code[2] != 1 {
		t.Errorf("codes %v", b.code[:5])
	}
}

func TestNetworkGradients(t *testing.T) {
	data := blobs(1, 9, 4, 3, 1)
	r := &rows{x: data.X, labels: data.Labels, weights: []float64{1, 2, 0.5, 1, 1, 0.7, 0.8, 1, 1}}
	tr := newTrainer(methodSettings(t, "mlp", 5), r, 3, 7)
	for i := range tr.net.InBias {
		tr.net.InBias[i] = 0.1 * float64(i-2)
	}
	keep := mat.NewDense(9, 5, nil)
	for i := range 9 {
		for j := range 5 {
			keep.Set(i, j, float64((i+j)%3))
		}
	}
	gradients := tr.net.gradients(r, keep)
	loss := func() float64 {
		hidden, _ := tr.net.forward(r.x)
		hidden.MulElem(hidden, keep)
		p := tr.net.top(hidden)
		var sum float64
		for i, c := range r.labels {
			sum -= r.weights[i] * math.Log(p.At(i, c)) / 9
		}
		return sum
	}
	for k, p := range tr.parameters() {
		for i := range p {
			const h = 1e-6
			at := p[i]
			p[i] = at + h
			up := loss()
			p[i] = at - h
			down := loss()
			p[i] = at
			if want := (up - down) / (2 * h); math.Abs(gradients[k][i]-want) > 1e-7 {
				t.Errorf("parameter %d, entry %d: %v, want %v", k, i, gradients[k][i], want)
			}
		}
	}
}

func methodSettings(t *testing.T, classifier string, hidden int) map[string]any {
	h := headOf(t, classifier, nil)
	h.Settings["hidden"] = hidden
	return h.Settings
}
