package validators

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
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

// Every failure of a validator comes with its line and the score 0.
func TestValidatorFailures(t *testing.T) {
	fails := func(name string, e adapt.Evidence, want string) {
		t.Helper()
		v, err := adapt.Validators.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if score, err := v.Score(e); err == nil || err.Error() != want || score != 0 {
			t.Errorf("%s: %v, error %v, want %q", name, score, err, want)
		}
	}
	no := func(*mat.Dense) (*mat.Dense, error) { return nil, fmt.Errorf("no map") }
	e := handMade(t, []float64{0, 10}, nil)
	e.Fit.MapSource = nil
	fails("dev", e, "the method has no map for source rows")
	fails("source-accuracy", e, "adapt: none has no map for source rows that it did not see: use it transductively")
	fails("importance-weighted", e, "adapt: none has no map for source rows that it did not see: use it transductively")
	e.Fit.Probabilities = mat.NewDense(3, 3, []float64{1, math.NaN(), 2, 0, 1, 0, 0, 0, 1})
	fails("bnm", e, "the probabilities' singular values: the decomposition did not converge")
	e.Fit.MapSource = no
	fails("dev", e, "no map")
	e.Fit.MapSource = func(x *mat.Dense) (*mat.Dense, error) { return mat.NewDense(5, 2, nil), nil }
	fails("dev", e, "adapt: knn: 2 columns, the fit saw 1")
	e = handMade(t, []float64{0, 10}, nil)
	e.Fit.Source.X, e.Fit.Target = toy.Column(1, 1), toy.Column(1, 1)
	fails("dev", e, "none of 1 columns varies over both domains")
	e.Task.Source.X, e.Task.Target = toy.Column(1, 1), toy.Column(1, 1)
	fails("importance-weighted", e, "none of 1 columns varies over both domains")
	e = handMade(t, []float64{0, 10, 20}, nil)
	e.Fit.Target = mat.NewDense(3, 2, nil)
	fails("mixval", e, "adapt: knn: 2 columns, the fit saw 1")
	e.Method.Adapter.Adapt = func(adapt.Task, option.Values, adapt.Head) (*adapt.Adapted, error) {
		return nil, fmt.Errorf("not back")
	}
	fails("circular", e, "adapt: none: not back")
	e.Method.Adapter.Adapt = nil
	fails("circular", e, "what was fitted cannot be fitted again")
	e = handMade(t, []float64{0, 1}, nil) // one row alone has no partner
	e.Fit.Target, e.Fit.Probabilities = toy.Column(0), mat.NewDense(1, 3, []float64{1, 0, 0})
	fails("mixval", e, "no pair among 1 rows")
	one := mat.NewDense(2, 3, []float64{1, 0, 0, 0.9, 0.1, 0})
	fails("dbi", handMade(t, []float64{0, 1}, one), "1 classes predicted over 2 rows, want at least 2")
}
