package reports

import (
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
	trial := run("t", 0, long)
	trial.Trial = &Trial{}
	for _, tt := range []struct {
		runs []Run
		want []string
	}{
		{[]Run{run("a", 0, short), run("b", 1, short), run("c", 0, long), other, trial},
			[]string{"x=1 model.train.iterations=10", "x=1 model.train.iterations=10", "x=1 model.train.iterations=20", "x=1", "x=1"}},
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
