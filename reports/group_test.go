package reports

import (
	"fmt"
	"slices"
	"testing"
)

// Runs under one label whose settings differ are no seeds of one job; their labels say what
// differs. Those of several versions of the program, whose settings do not differ, are told by their
// jobs, and what only logs tells nothing apart.
func TestApart(t *testing.T) {
	run := func(job string, seed uint64, spec string) Run {
		return Run{Spec: spec, Results: Results{Name: "n", Job: job, Seed: seed, Method: "m", Label: "x=1"}}
	}
	short, long := "title: a\nmodel:\n  train: {iterations: 10, log_every: 1, betas: [0.5, 0.9]}\n", "title: b\nmodel:\n  train: {iterations: 20, log_every: 2, betas: [0.5, 0.9]}\nadapt: {rows: 5}\n"
	other := run("o", 0, long)
	other.Results.Name = "o"
	for _, tt := range []struct {
		runs []Run
		want []string
	}{
		{[]Run{run("a", 0, short), run("b", 1, short), run("c", 0, long), other},
			[]string{"x=1 model.train.iterations=10", "x=1 model.train.iterations=10", "x=1 model.train.iterations=20", "x=1"}},
		{[]Run{run("a", 0, short), run("b", 1, short)}, []string{"x=1", "x=1"}},
		{[]Run{run("a", 0, ""), run("b", 0, ""), run("c", 1, "")}, []string{"x=1 job=a", "x=1 job=b", "x=1 job=c"}},
		{[]Run{run("a", 0, short), run("b", 0, short), run("c", 0, long)},
			[]string{"x=1 model.train.iterations=10 job=a", "x=1 model.train.iterations=10 job=b", "x=1 model.train.iterations=20"}},
	} {
		before := slices.Clone(tt.runs)
		var got []string
		for _, r := range Apart(tt.runs) {
			got = append(got, r.Results.Label)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%q, want %q", got, tt.want)
		}
		if before[0].Results.Label != tt.runs[0].Results.Label {
			t.Error("the runs that were given have changed")
		}
	}
}

// Trials of one search differ by what they drew alone; those with other settings are of another.
func TestTrialsApart(t *testing.T) {
	trial := func(job string, number, iterations int) Run {
		rate := fmt.Sprint("0.", number)
		return Run{Spec: fmt.Sprintf("model: {train: {iterations: %d, learning_rate: %s}}", iterations, rate), Results: Results{Name: "n", Job: job, Label: fmt.Sprint("x=1 trial=", number)},
			Trial: &Trial{Number: number, Of: "x=1", Values: []TrialValue{{Path: "model.train.learning_rate", Value: rate}}}}
	}
	runs := []Run{trial("a", 1, 10), trial("b", 2, 10), trial("c", 1, 20)}
	var got []string
	for _, s := range SearchesOf(Apart(runs)) {
		got = append(got, fmt.Sprint(s.Of, ": ", len(s.Runs)))
	}
	if want := []string{"x=1 model.train.iterations=10: 2", "x=1 model.train.iterations=20: 1"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	if same := Apart(runs[:2]); runs[0].Trial.Of != "x=1" || same[1].Trial.Of != "x=1" || same[1].Results.Label != "x=1 trial=2" {
		t.Errorf("%+v", same)
	}
}
