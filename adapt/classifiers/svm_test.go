package classifiers

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/svm"
	"github.com/venn-adapt/venn/internal/toy"
)

// Gamma 0 is 1 over the columns times the variance of all values, of rows that are not centred too.
func TestKernelWidth(t *testing.T) {
	info, _ := adapt.Classifiers.Get("svm")
	train := adapt.Labelled{X: mat.NewDense(4, 2, []float64{1, 2, 2, 3, 7, 6, 9, 8}), Labels: []int{0, 0, 1, 1}, Classes: 2}
	var sum, square float64
	for i := range 4 {
		for j := range 2 {
			sum += train.X.At(i, j) / 8
			square += train.X.At(i, j) * train.X.At(i, j) / 8
		}
	}
	c := fitted(t, info, train, 2, option.Values{"standardise": "none"}).(*kernelMachine)
	if want := 1 / (2 * (square - sum*sum)); !(math.Abs(c.fitted.gamma-want) <= 1e-12) {
		t.Errorf("gamma %v, want %v", c.fitted.gamma, want)
	}
	if c := fitted(t, info, train, 2, option.Values{"standardise": "none", "gamma": 0.25}).(*kernelMachine); c.fitted.gamma != 0.25 {
		t.Errorf("gamma %v", c.fitted.gamma)
	}
	s := option.Defaults(info.Options)
	s["standardise"] = "none"
	flat := adapt.Labelled{X: mat.NewDense(3, 2, []float64{4, 4, 4, 4, 4, 4}), Labels: []int{0, 1, 1}, Classes: 2}
	if err := info.New(s).Fit(flat); err == nil || err.Error() != "adapt: svm: all 3 x 2 values are equal" {
		t.Errorf("equal values: %v", err)
	}
	s["kernel"] = "linear"
	if err := info.New(s).Fit(flat); err != nil {
		t.Errorf("the linear kernel has no width: %v", err)
	}
}

// Votes of three pairs and a third of s/(|s|+1) of the margins, by hand, over more rows than a strip.
func TestPairVotes(t *testing.T) {
	// The linear kernel of one column and one support row of 1: decisions of pairs (0,1), (0,2), (1,2) are x - 1, 2x + 1 and -x.
	m := pairMachine{classes: 3, linear: true, vectors: toy.Column(1), coefficients: mat.NewDense(1, 3, []float64{1, 2, -1}), rho: []float64{1, -1, 0}}
	x := mat.NewDense(queryStrip+3, 1, nil)
	for i := range queryStrip + 3 {
		x.Set(i, 0, float64(i%7)-3)
	}
	third := func(s float64) float64 { return s / (3 * (math.Abs(s) + 1)) }
	got := m.decisions(x)
	for i := range queryStrip + 3 {
		v := x.At(i, 0)
		a, b, c := v-1, 2*v+1, -v
		want := []float64{third(a + b), third(c - a), third(-b - c)}
		for _, pair := range []struct {
			v      float64
			up, of int
		}{{a, 0, 1}, {b, 0, 2}, {c, 1, 2}} {
			if pair.v > 0 {
				want[pair.up]++
			} else {
				want[pair.of]++
			}
		}
		toy.Close(t, "decisions", got.RawRowView(i), want, 1e-12)
	}
	if whole := m.decisions(mat.DenseCopyOf(x.Slice(0, queryStrip, 0, 1))); !mat.Equal(whole, got.Slice(0, queryStrip, 0, 3)) {
		t.Error("other decisions of a whole strip")
	}
}

// Classes of 2, 6 and 3 rows far apart: every row is of its own class, whichever of a pair is larger.
func TestMachinesOfUnequalClasses(t *testing.T) {
	info, _ := adapt.Classifiers.Get("svm")
	train := adapt.Labelled{X: toy.Column(0, 1, 20, 21, 22, 23, 24, 25, 50, 51, 52), Labels: []int{0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2}, Classes: 3}
	c := info.New(option.Defaults(info.Options))
	if err := c.Fit(train); err != nil {
		t.Fatal(err)
	}
	p, err := c.Probabilities(train.X)
	if err != nil || !slices.Equal(adapt.Predict(p), train.Labels) {
		t.Errorf("%v, %v, want %v", adapt.Predict(p), err, train.Labels)
	}
}

// One machine a class against the others, each row's cost times its weight.
func TestPlanesOfLinearMachine(t *testing.T) {
	info, _ := adapt.Classifiers.Get("svm-linear")
	train := blobs(3, 30, 2, 3, 1)
	train.Weights = make([]float64, 30)
	for i := range 30 {
		train.Weights[i] = 0.5 + float64(i%2) // mean 1
	}
	c := fitted(t, info, train, 3, option.Values{"c": 0.3, "standardise": "none"}).(*linearMachine)
	for k := range 3 {
		y, cost := make([]float64, 30), make([]float64, 30)
		for i := range 30 {
			y[i], cost[i] = -1, 0.3*train.Weights[i]
			if train.Labels[i] == k {
				y[i] = 1
			}
		}
		want, err := svm.FitLinear(train.X, y, cost)
		if err != nil {
			t.Fatal(err)
		}
		toy.Close(t, "plane", append(c.fitted[k].Weights, c.fitted[k].Bias), append(want.Weights, want.Bias), 1e-12)
	}
}
