package classification

import (
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/reference"
)

func TestReference(t *testing.T) {
	b := reference.Metrics(t)
	c, err := NewConfusion(b.Ints("ytrue"), b.Ints("ypred"), 3)
	if err != nil {
		t.Fatal(err)
	}
	var counts []float64
	for _, row := range c.Counts {
		for _, v := range row {
			counts = append(counts, float64(v))
		}
	}
	b.Check("classification", "confusion", counts...)
	b.Check("classification", "accuracy", c.Accuracy().Value)
	b.Check("classification", "balanced_accuracy", c.BalancedAccuracy().Value)
	b.Check("classification", "macro_f1", c.MacroF1().Value)
	b.Check("classification", "recall", c.Recall()...)
	share, ok, _, err := GapClosed(0.71, 0.62, 0.92)
	if !ok || err != nil {
		t.Fatal("gap closed of 0.71 is not reported")
	}
	b.Check("gap_closed", "", share)
}

// By hand: class 1 is absent but predicted once, class 3 neither.
func TestAbsentClasses(t *testing.T) {
	c, err := NewConfusion([]int{0, 0, 2, 2}, []int{0, 1, 2, 2}, 4)
	if err != nil {
		t.Fatal(err)
	}
	r, f := c.Recall(), c.F1()
	if r[0] != 0.5 || !math.IsNaN(r[1]) || r[2] != 1 || f[1] != 0 || !math.IsNaN(f[3]) {
		t.Errorf("recall %v, F1 %v", r, f)
	}
	if b := c.BalancedAccuracy(); b.Value != 0.75 || !strings.Contains(b.Warnings[0], "2 classes") {
		t.Errorf("balanced accuracy %+v", b)
	}
	if m := c.MacroF1(); !(math.Abs(m.Value-(2.0/3+0+1)/3) <= 1e-15) || !strings.Contains(m.Warnings[0], "1 classes") {
		t.Errorf("macro F1 %+v", m)
	}
	if a := c.Accuracy(); a.Value != 0.75 || a.Interval[0] >= 0.75 || a.Interval[1] <= 0.75 {
		t.Errorf("accuracy %+v", a)
	}
}

func TestErrors(t *testing.T) {
	for _, tt := range []struct {
		truth, predicted []int
		want             string
	}{
		{[]int{0}, nil, "0 predictions for 1 labels"},
		{nil, nil, "no rows"},
		{[]int{0, 2}, []int{0, 0}, "row 1: label 2 predicted as 0, want 0 to 1"},
		{[]int{0, 1}, []int{-1, 0}, "row 0"},
	} {
		if _, err := NewConfusion(tt.truth, tt.predicted, 2); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

func TestGapRules(t *testing.T) {
	for _, tt := range []struct {
		method, source, oracle, want float64
		ok                           bool
	}{
		{0.5, 0.6, 0.8, -0.5, true}, // negative transfer is not cut off
		{0.9, 0.6, 0.8, 1.5, true},
		{0.7, 0.6, 0.604, 0, false},
		{0.7, 0.6, 0.5, 0, false},
	} {
		got, ok, reason, err := GapClosed(tt.method, tt.source, tt.oracle)
		if err != nil || ok != tt.ok || !(math.Abs(got-tt.want) <= 1e-12) || ok == (reason != "") {
			t.Errorf("%+v: got %v, %v, %q, %v", tt, got, ok, reason, err)
		}
	}
	if _, _, _, err := GapClosed(math.NaN(), 0.5, 0.6); err == nil {
		t.Error("NaN: no error")
	}
}
