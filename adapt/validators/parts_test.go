package validators

import (
	"fmt"
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/importance"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/toy"
)

// DEV of one held-out row has no variance: minus its weighted loss. Equal weights have no control variate either.
func TestDEVOfFewRows(t *testing.T) {
	e := handMade(t, []float64{0, 0.2, 0.4, 5, 9, 12}, nil)
	ratio, err := importance.Learn(e.Task.Source.X, e.Task.Target, 1e-2)
	if err != nil {
		t.Fatal(err)
	}
	loss := 12 * math.Log(10) // 3 looks like 0
	// Two rows of unlike weights and one loss, both of probability 0: cov(w l, w)/var(w) is the loss, so that eta is its
	// negative and l mean(w) + eta mean(w) - eta is the loss itself.
	unlike := loss
	for _, tt := range []struct {
		held adapt.Labelled
		want float64
	}{
		{adapt.Labelled{X: toy.Column(3), Labels: []int{1}, Classes: 3}, -ratio.Weights(toy.Column(3))[0] * loss},
		{adapt.Labelled{X: toy.Column(3, 3), Labels: []int{1, 0}, Classes: 3}, -ratio.Weights(toy.Column(3))[0] * loss / 2},
		{adapt.Labelled{X: toy.Column(3, 8), Labels: []int{1, 0}, Classes: 3}, -unlike},
	} {
		e.Held = tt.held
		if got := scoreOf(t, "dev", e); !(math.Abs(got-tt.want) <= 1e-9*math.Abs(tt.want)) || !(got < 0) {
			t.Errorf("%d rows: %v, want %v", len(tt.held.Labels), got, tt.want)
		}
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
	e = handMade(t, []float64{0, 1}, nil) // one row alone has no partner
	e.Fit.Target, e.Fit.Probabilities = toy.Column(0), mat.NewDense(1, 3, []float64{1, 0, 0})
	fails("mixval", e, "no pair among 1 rows")
	one := mat.NewDense(2, 3, []float64{1, 0, 0, 0.9, 0.1, 0})
	fails("dbi", handMade(t, []float64{0, 1}, one), "1 classes predicted over 2 rows, want at least 2")
}

// Of mixtures of rows of one class alone, or of pairs of different classes alone, the one share is the score.
func TestMixvalOfOneKind(t *testing.T) {
	if got := scoreOf(t, "mixval", handMade(t, []float64{0, 0.1, 0.2, 0.3, 0.4}, nil)); got != 1 {
		t.Errorf("one class: %v", got)
	}
	// 0 and 20 mix to 9 and 11, both class 1: never the larger part's.
	e := handMade(t, []float64{0, 20}, nil)
	for seed := range uint64(8) {
		e.Task.Seed = seed
		v, _ := adapt.Validators.Get("mixval")
		if got, err := v.Score(e); err == nil && got != 0 || err != nil && err.Error() != "no pair among 2 rows" {
			t.Errorf("seed %d: %v, %v", seed, got, err)
		}
	}
}

// Clusters at distances: s = 1, 2 and 0 around 0, 10 and 16 in the second column; class 2 is empty.
func TestDaviesBouldinByHand(t *testing.T) {
	x := mat.NewDense(5, 2, []float64{3, -1, 3, 1, 3, 8, 3, 12, 3, 16})
	got, err := daviesBouldin(x, []int{0, 0, 1, 1, 3}, 4)
	if want := (3./10 + 2./6 + 2./6) / 3; err != nil || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

// Distances are Euclidean: clusters of spreads 5 and 0, means (3, 4) and (3, 16).
func TestDaviesBouldinIsEuclidean(t *testing.T) {
	x := mat.NewDense(3, 2, []float64{0, 0, 6, 8, 3 + 5, 4 + 12})
	got, err := daviesBouldin(x, []int{0, 0, 1}, 2)
	if want := 5. / 13; err != nil || !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("%v, want %v (%v)", got, want, err)
	}
}

// Mixtures over many draws, among them some with a single pair of a kind.
func TestMixvalOverDraws(t *testing.T) {
	target := []float64{0, 1, 20, 9, 8}
	labels := []int{0, 0, 2, 1, 1}
	single := [2]bool{}
	for seed := range uint64(40) {
		e := handMade(t, target, nil)
		e.Task.Seed = seed
		partner := stream.Permutation(stream.New(seed, "mixval"), 5)
		var hits, pairs [2]float64
		for i, j := range partner {
			if i == j {
				continue
			}
			kind := 0
			if labels[i] == labels[j] {
				kind = 1
			}
			pairs[kind]++
			x := 0.55*target[i] + 0.45*target[j]
			class := 0
			if x > 15.5 {
				class = 2
			} else if x > 5.5 {
				class = 1
			}
			if class == labels[i] {
				hits[kind]++
			}
		}
		want, kinds := 0.0, 0.0
		for k := range pairs {
			single[k] = single[k] || pairs[k] == 1
			if pairs[k] > 0 {
				want, kinds = want+hits[k]/pairs[k], kinds+1
			}
		}
		if kinds == 0 {
			continue
		}
		if got := scoreOf(t, "mixval", e); !(math.Abs(got-want/kinds) <= 1e-12) {
			t.Errorf("seed %d: %v, want %v", seed, got, want/kinds)
		}
	}
	if !single[1] {
		t.Fatal("no draw has a single pair of equal labels")
	}
}
