package validators

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/importance"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// handMade is a fitted method of which everything is plain: rows are numbers, the classifier
// tells 0 below 5, 1 from 5 to 15 and 2 above, and the target's probabilities are given.
func handMade(t *testing.T, target []float64, probabilities *mat.Dense) adapt.Evidence {
	t.Helper()
	adapter, err := adapt.Adapters.Get("none")
	if err != nil {
		t.Fatal(err)
	}
	head, err := adapt.Classifiers.Get("knn")
	if err != nil {
		t.Fatal(err)
	}
	m := adapt.Method{Adapter: adapter, Settings: option.Defaults(adapter.Options), Head: adapt.Head{Info: head, Settings: option.Defaults(head.Options)}}
	task := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 10, 11, 20, 21), Labels: []int{0, 0, 1, 1, 2, 2}, Classes: 3}, Target: toy.Column(target...), Seed: 7}
	fit, err := m.Fit(task)
	if err != nil {
		t.Fatal(err)
	}
	if probabilities != nil {
		fit.Probabilities = probabilities
	}
	return adapt.Evidence{Method: m, Task: task, Held: adapt.Labelled{X: toy.Column(0.5, 10.5, 20.5, 3, 12), Labels: []int{0, 1, 2, 1, 0}, Classes: 3}, Fit: fit}
}

func scoreOf(t *testing.T, name string, e adapt.Evidence) float64 {
	t.Helper()
	v, err := adapt.Validators.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	s, err := v.Score(e)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return s
}

// four rows of predictions over three classes, the last one certain.
var four = mat.NewDense(4, 3, []float64{0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.2, 0.2, 0.6, 1, 0, 0})

// The validators that look at predictions alone, worked out in logarithms and singular values.
func TestValidatorsOfPredictions(t *testing.T) {
	e := handMade(t, []float64{0, 10, 20, 2}, four)
	h := func(p ...float64) (s float64) {
		for _, v := range p {
			if v > 0 {
				s -= v * math.Log(v)
			}
		}
		return s
	}
	mean := (h(0.7, 0.2, 0.1) + h(0.1, 0.8, 0.1) + h(0.2, 0.2, 0.6) + 0) / 4
	var svd mat.SVD
	svd.Factorize(four, mat.SVDNone)
	nuclear := 0.0
	for _, v := range svd.Values(nil) {
		nuclear += v / 4
	}
	// Soft neighbourhoods: of each row, the entropy of exp(cosine/0.05) over the others.
	cosine := func(i, j int) float64 {
		xy, xx, yy := 0.0, 0.0, 0.0
		for k := range 3 {
			x, y := four.At(i, k), four.At(j, k)
			xy, xx, yy = xy+x*y, xx+x*x, yy+y*y
		}
		return xy / math.Sqrt(xx*yy)
	}
	snd := 0.0
	for i := range 4 {
		var w []float64
		sum := 0.0
		for j := range 4 {
			if j != i {
				w = append(w, math.Exp(cosine(i, j)/0.05))
				sum += w[len(w)-1]
			}
		}
		for j := range w {
			w[j] /= sum
		}
		snd += h(w...) / 4
	}
	for name, want := range map[string]float64{
		"entropy": -mean, "information-maximisation": h(0.5, 0.3, 0.2) - mean, "bnm": nuclear, "snd": snd,
	} {
		if got := scoreOf(t, name, e); !(math.Abs(got-want) <= 1e-9) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
}

// Of the held-out rows 0.5, 10.5 and 20.5 are told right, 3 (which looks like 0) and 12 wrong.
func TestSourceAccuracy(t *testing.T) {
	if got := scoreOf(t, "source-accuracy", handMade(t, []float64{0, 10}, nil)); !(math.Abs(got-0.6) <= 1e-12) {
		t.Errorf("%v, want 0.6", got)
	}
}

// Predicted clusters {0, 2}, {10}, {20}: means 1, 10, 20, spreads 1, 0, 0. The largest ratios
// are 1/9 for the first two and 1/19 for the third.
func TestDaviesBouldin(t *testing.T) {
	want := -(1./9 + 1./9 + 1./19) / 3
	if got := scoreOf(t, "dbi", handMade(t, []float64{0, 10, 20, 2}, four)); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v", got, want)
	}
	one := mat.NewDense(2, 3, []float64{1, 0, 0, 0.9, 0.1, 0})
	v, _ := adapt.Validators.Get("dbi")
	if _, err := v.Score(handMade(t, []float64{0, 1}, one)); err == nil || err.Error() != "1 classes predicted over 2 rows, want at least 2" {
		t.Errorf("one cluster: %v", err)
	}
}

// Backwards from the target rows 0, 10 and 2, predicted 0, 1 and 0: the source rows 0 and 1
// come back as 0, all others as 1, so recalls are 1, 1 and 0. Of one class alone all come back
// as that one.
func TestCircular(t *testing.T) {
	p := mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 1, 0, 0})
	if got := scoreOf(t, "circular", handMade(t, []float64{0, 10, 2}, p)); !(math.Abs(got-2./3) <= 1e-12) {
		t.Errorf("%v, want 2/3", got)
	}
	p = mat.NewDense(3, 3, []float64{0, 0, 1, 0, 0, 1, 0, 0, 1})
	if got := scoreOf(t, "circular", handMade(t, []float64{0, 10, 2}, p)); !(math.Abs(got-1./3) <= 1e-12) {
		t.Errorf("one class: %v, want 1/3", got)
	}
	e := handMade(t, []float64{0, 10, 2}, p)
	e.Task.Source.Labels = []int{1, 1, 1, 1, 2, 2} // the class that is predicted alone is one of two
	if got := scoreOf(t, "circular", e); !(math.Abs(got-1./2) <= 1e-12) {
		t.Errorf("one class of two: %v, want 1/2", got)
	}
}

func TestBalancedAccuracy(t *testing.T) {
	// Class 0: 2 of 3, class 1: 1 of 1, class 2 has no rows.
	if got := balancedAccuracy([]int{0, 0, 1, 1}, []int{0, 0, 0, 1}, 3); !(math.Abs(got-5./6) <= 1e-12) {
		t.Errorf("%v, want 5/6", got)
	}
}

// Domains that a line parts are at distance 2, equal ones near 0: the score is its negative.
func TestADistanceScore(t *testing.T) {
	e := handMade(t, []float64{0, 10}, nil)
	e.Fit.Source.X, e.Fit.Target = toy.Normal(200, 0, "a"), toy.Normal(200, 30, "b")
	if got := scoreOf(t, "a-distance", e); !(math.Abs(got+2) <= 0.02) {
		t.Errorf("far domains: %v, want -2", got)
	}
	e.Fit.Target = toy.Normal(200, 0, "b")
	if got := scoreOf(t, "a-distance", e); !(math.Abs(got) <= 0.4) {
		t.Errorf("equal domains: %v, want about 0", got)
	}
}

// Held-out rows count by the ratio at their features: here those that look like the target
// are told right, so that the score is above the plain accuracy, and it is the weighted share.
func TestImportanceWeighted(t *testing.T) {
	e := handMade(t, []float64{0, 0.2, 0.4, 0.6, 0.8, 1}, nil)
	ratio, err := importance.Learn(e.Task.Source.X, e.Task.Target, 1e-2)
	if err != nil {
		t.Fatal(err)
	}
	w := ratio.Weights(e.Held.X) // right: 0.5, 10.5, 20.5; wrong: 3, 12
	want := (w[0] + w[1] + w[2]) / (w[0] + w[1] + w[2] + w[3] + w[4])
	if got := scoreOf(t, "importance-weighted", e); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v", got, want)
	}
	if !(w[0] > w[3] && w[3] > w[1] && w[1] > w[2]) {
		t.Errorf("weights %v do not fall away from the target", w)
	}
}

// DEV by its formula: the mean of w l with w as control variate, negative.
func TestDEV(t *testing.T) {
	e := handMade(t, []float64{0, 0.2, 0.4, 5, 9, 12}, nil)
	ratio, err := importance.Learn(e.Task.Source.X, e.Task.Target, 1e-2)
	if err != nil {
		t.Fatal(err)
	}
	w := ratio.Weights(e.Held.X)
	// Neighbours tell with certainty: cross-entropy 0 where right, log 1e12 where wrong.
	loss := []float64{0, 0, 0, 12 * math.Log(10), 12 * math.Log(10)}
	var mw, mwl float64
	for i := range w {
		mw, mwl = mw+w[i]/5, mwl+w[i]*loss[i]/5
	}
	var cov, variance float64
	for i := range w {
		cov, variance = cov+(w[i]*loss[i]-mwl)*(w[i]-mw)/4, variance+(w[i]-mw)*(w[i]-mw)/4
	}
	eta := -cov / variance
	if want, got := -(mwl + eta*mw - eta), scoreOf(t, "dev", e); !(math.Abs(got-want) <= 1e-9*math.Abs(want)) {
		t.Errorf("%v, want %v", got, want)
	}
	e.Fit.MapSource = nil
	v, _ := adapt.Validators.Get("dev")
	if _, err := v.Score(e); err == nil {
		t.Error("a method without a map for source rows has a score")
	}
}

// Mixtures of 0.55 of a row and 0.45 of its partner, told by the nearest of 0 to 21, pair by pair.
func TestMixval(t *testing.T) {
	target := []float64{0, 1, 10, 11, 20, 21, 0.5, 10.5, 20.5}
	e := handMade(t, target, nil)
	label := func(x float64) int {
		best, at := math.Inf(1), 0
		for i, s := range []float64{0, 1, 10, 11, 20, 21} {
			if d := math.Abs(x - s); d < best {
				best, at = d, i/2
			}
		}
		return at
	}
	partner := stream.Permutation(stream.New(7, "mixval"), len(target))
	var hits, pairs [2]float64
	for i, j := range partner {
		if i == j {
			continue
		}
		kind := 0
		if label(target[i]) == label(target[j]) {
			kind = 1
		}
		pairs[kind]++
		if label(0.55*target[i]+0.45*target[j]) == label(target[i]) {
			hits[kind]++
		}
	}
	if pairs[0] == 0 || pairs[1] == 0 || hits[0] == hits[1] {
		t.Fatalf("the draw is too plain: %v of %v", hits, pairs)
	}
	want := (hits[0]/pairs[0] + hits[1]/pairs[1]) / 2
	if got := scoreOf(t, "mixval", e); !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v of %v)", got, want, hits, pairs)
	}
}
