package reports

import (
	"math"
	"strings"
	"testing"
)

func TestCells(t *testing.T) {
	if c := Number(1.005, 1); c.Text != "1.0" || !c.Number || c.Count || c.Value != 1.005 || !math.IsNaN(c.Low) || !math.IsNaN(c.High) || c.N != 1 || c.Note != 0 {
		t.Errorf("%+v", c)
	}
	if c := Count(3); c.Text != "3" || !c.Count || c.Number {
		t.Errorf("%+v", c)
	}
	table := &Table{}
	if a, b, c := table.Note("x"), table.Note("y"), table.Note("x"); a != 1 || b != 2 || c != 1 || len(table.Notes) != 2 {
		t.Errorf("marks %d, %d, %d of %q", a, b, c, table.Notes)
	}
	if c := table.Missing("y"); c.Text != "—" || c.Number || c.Note != 2 {
		t.Errorf("%+v", c)
	}
	for v, want := range map[float64]string{0.1: "0.1", math.Inf(1): "+Inf", 1e-20: "1e-20", -2: "-2"} {
		if got := Exact(v); got != want {
			t.Errorf("in full %q, want %q", got, want)
		}
	}
	if got := Exact(math.NaN()); got != "" {
		t.Errorf("not a number: %q", got)
	}
	if _, err := table.OverSeeds(nil, 2); err == nil {
		t.Error("a mean of nothing")
	}
	if _, err := table.OverSeeds([]float64{1, math.NaN()}, 2); err == nil || !strings.HasPrefix(err.Error(), "reports: ") {
		t.Errorf("a mean of what is not a number: %v", err)
	}
}

func TestJobNames(t *testing.T) {
	for want, r := range map[string]Results{"seed 12": {Seed: 12}, "x=1 seed 0": {Label: "x=1"}} {
		if got := r.JobName(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// Of runs of several studies the names say which, in copies; of one they do not.
func TestTold(t *testing.T) {
	runs := []Run{{Results: Results{Name: "mine", Label: "method=dann", Seed: 2}}, {Results: Results{Name: "digits (reference)", Label: "method=dann"}}}
	told := Told(runs)
	for i, want := range []string{"mine method=dann seed 2", "digits (reference) method=dann seed 0"} {
		if got := told[i].Results.JobName(); got != want {
			t.Errorf("run %d of two studies is %q, want %q", i, got, want)
		}
	}
	if got := runs[0].Results.JobName(); got != "method=dann seed 2" {
		t.Errorf("the run that was given is now %q", got)
	}
	if got := Told(runs[:1])[0].Results.JobName(); got != "method=dann seed 2" {
		t.Errorf("the run of one study is %q", got)
	}
}
