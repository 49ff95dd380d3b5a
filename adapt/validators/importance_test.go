package validators

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/importance"
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
