package adapt

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// DEV of one held-out row has no variance: minus its weighted loss. Equal weights have no control variate either.
func TestDEVOfFewRows(t *testing.T) {
	e := handMade(t, []float64{0, 0.2, 0.4, 5, 9, 12}, nil)
	ratio, err := newDomainRatio(e.Task.Source.X, e.Task.Target, 1e-2)
	if err != nil {
		t.Fatal(err)
	}
	loss := 12 * math.Log(10) // 3 looks like 0
	for _, tt := range []struct {
		held Labelled
		want float64
	}{
		{Labelled{X: column(3), Labels: []int{1}, Classes: 3}, -ratio.weights(column(3))[0] * loss},
		{Labelled{X: column(3, 3), Labels: []int{1, 0}, Classes: 3}, -ratio.weights(column(3))[0] * loss / 2},
	} {
		e.Held = tt.held
		if got := scoreOf(t, "dev", e); !(math.Abs(got-tt.want) <= 1e-9*math.Abs(tt.want)) || !(got < 0) {
			t.Errorf("%d rows: %v, want %v", len(tt.held.Labels), got, tt.want)
		}
	}
}

// Every failure of a validator comes with its line and the score 0.
func TestValidatorFailures(t *testing.T) {
	fails := func(name string, e Evidence, want string) {
		t.Helper()
		v, err := Validators.Get(name)
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
	e.Fit.MapSource = no
	fails("dev", e, "no map")
	e.Fit.MapSource = func(x *mat.Dense) (*mat.Dense, error) { return mat.NewDense(5, 2, nil), nil }
	fails("dev", e, "adapt: knn: 2 columns, the fit saw 1")
	e = handMade(t, []float64{0, 10}, nil)
	e.Fit.Source.X, e.Fit.Target = column(1, 1), column(1, 1)
	fails("dev", e, "none of 1 columns varies over both domains")
	e.Task.Source.X, e.Task.Target = column(1, 1), column(1, 1)
	fails("importance-weighted", e, "none of 1 columns varies over both domains")
	e = handMade(t, []float64{0, 10, 20}, nil)
	e.Fit.Target = mat.NewDense(3, 2, nil)
	fails("mixval", e, "adapt: knn: 2 columns, the fit saw 1")
	e.Method.Adapter.Adapt = func(Task, option.Values, Head) (*Adapted, error) { return nil, fmt.Errorf("not back") }
	fails("circular", e, "adapt: none: not back")
	e = handMade(t, []float64{0, 1}, nil) // one row alone has no partner
	e.Fit.Target, e.Fit.Probabilities = column(0), mat.NewDense(1, 3, []float64{1, 0, 0})
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
		v, _ := Validators.Get("mixval")
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

// Try leaves the method's settings alone, so that one change does not reach the next, and keeps no score that is infinite.
func TestTryLeavesSettings(t *testing.T) {
	var seen []int
	m := handMade(t, []float64{0, 1}, nil).Method
	m.Settings = option.Values{"p": 1}
	adapt := m.Adapter.Adapt
	m.Adapter.Adapt = func(task Task, s option.Values, h Head) (*Adapted, error) {
		seen = append(seen, s.Int("p"))
		return adapt(task, s, h)
	}
	task := Task{Source: Labelled{X: column(0, 1, 2, 10, 11, 12), Labels: []int{0, 0, 0, 1, 1, 1}, Classes: 2}, Target: column(0, 10)}
	at := 0
	infinite := ValidatorInfo{Name: "v", Score: func(e Evidence) (float64, error) {
		rows := append(mat.Col(nil, 0, e.Task.Source.X), mat.Col(nil, 0, e.Held.X)...) // both parts make the whole
		slices.Sort(rows)
		if len(e.Held.Labels) != 2 || !slices.Equal(rows, []float64{0, 1, 2, 10, 11, 12}) {
			t.Errorf("kept %v, held %v", e.Task.Source.X, e.Held.X)
		}
		at++
		return []float64{math.Inf(1), math.Inf(-1), math.NaN(), 4}[at-1], nil
	}}
	tried, err := Try(m, []option.Values{{"p": 2}, {}, {"p": 3}, {}}, task, []ValidatorInfo{infinite})
	if err != nil || fmt.Sprint(seen) != "[2 1 3 1]" || m.Settings.Int("p") != 1 {
		t.Errorf("fitted with %v, left %v (%v)", seen, m.Settings, err)
	}
	for i, s := range tried {
		if v, ok := s.Scores["v"]; ok != (i == 3) || ok && v != 4 {
			t.Errorf("candidate %d: %v", i, s.Scores)
		}
	}
}

// Try's own errors.
func TestTryRefuses(t *testing.T) {
	m := handMade(t, []float64{0, 1}, nil).Method
	if _, err := Try(m, nil, Task{Source: Labelled{X: column(0, 1), Labels: []int{0, 1}, Classes: 2}, Target: column(0, 1)}, nil); err == nil || err.Error() != "adapt: none: domains: no class has the 2 images that a validation split needs" {
		t.Errorf("no class of two rows: %v", err)
	}
	if _, err := Try(m, nil, Task{Source: Labelled{X: column(0), Labels: []int{0}, Classes: 2}, Target: column(0, 1)}, nil); err == nil || err.Error() != "adapt: none: 1 source and 2 target rows, want at least 2 of each" {
		t.Errorf("one row: %v", err)
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
