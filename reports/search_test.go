package reports_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// scored are what two validators say of a trial.
func scored(v, w float64) map[string]float64 { return map[string]float64{"v": v, "w": w} }

// Trials in disorder, of two methods and two seeds, beside a run of no search: each search has
// its own, by number.
func TestSearches(t *testing.T) {
	plain := reports.Run{Results: reports.Results{Name: "study", Label: "method=plain"}}
	runs := []reports.Run{
		reportstest.Trial("x", 0, 2, 3, scored(0.5, 3), 0.75, 7), plain,
		reportstest.Trial("x", 0, 1, 3, scored(0.25, 3), 0.25, 5),
		reportstest.Trial("y", 0, 1, 3, scored(0.25, 3), 0.5, 5),
		reportstest.Trial("x", 0, 3, 3, scored(0.5, 1), 0.5, 2),
		reportstest.Trial("x", 1, 3, 3, map[string]float64{"w": 2}, 0.125, 1),
		reportstest.Trial("x", 1, 2, 3, map[string]float64{"v": math.Inf(-1)}, 0.5, 0),
	}
	s := reports.SearchesOf(runs)
	var got string
	for _, s := range s {
		seconds, ok := s.Seconds()
		got += fmt.Sprint(s.Of, " ", s.Seed, " ", s.By, " ", s.Trials, " ", len(s.Runs), " ", seconds, " ", ok, "; ")
	}
	reportstest.Equal(t, "searches", got, "method=x 0 v 3 3 14 true; method=y 0 v 3 1 5 true; method=x 1 v 3 2 0 false; ")
	reportstest.Equal(t, "validators", fmt.Sprint(reports.Validators(s)), "[v w]")
	for _, tt := range []struct {
		of   int
		by   string
		want int // number of the trial
	}{{0, "v", 2}, {0, "w", 1}, {0, reports.ByTruth, 2}, {1, "v", 1}, {2, "w", 3}, {2, reports.ByTruth, 2}} {
		if i := s[tt.of].Choose(tt.by); i < 0 || s[tt.of].Runs[i].Trial.Number != tt.want {
			t.Errorf("search %d by %s: %d, want trial %d", tt.of, tt.by, i, tt.want)
		}
	}
	reportstest.Equal(t, "by nobody", s[0].Choose("z"), -1)
	// Of the accuracies 0.25, 0.75 and 0.5 the validator w prefers the first two, in this order.
	best, why, err := s[0].BestOf("w")
	if err != nil || why != "" || len(best) != 3 {
		t.Fatal(best, why, err)
	}
	for n, want := range []float64{0.5, (0.25 + 0.25 + 0.75) / 3, 0.25} {
		reportstest.Near(t, "expected", best[n], want)
	}
	_, why, _ = s[0].BestOf("z")
	reportstest.Equal(t, "by nobody", why, "no trial has a score of z")
	halved := s[0]
	halved.Stopped = []reports.StoppedTrial{{Number: 4, Seconds: 2}}
	_, why, _ = halved.BestOf("w")
	reportstest.Equal(t, "of a halved one", why, "trials were stopped by their scores against each other, so that none stands for a trial by itself")
	if seconds, ok := halved.Seconds(); seconds != 16 || !ok {
		t.Errorf("halved: %v seconds, %v", seconds, ok)
	}
	halved.Stopped[0].Seconds = 0
	if _, ok := halved.Seconds(); ok {
		t.Error("a time that is not on record counts as one")
	}
	unknown := reportstest.Trial("x", 0, 1, 1, scored(1, 2), 0.25, 5)
	unknown.Results.Selection[0].Candidates[1].Oracle = nil
	_, why, _ = reports.SearchesOf([]reports.Run{unknown})[0].BestOf("v")
	reportstest.Equal(t, "of nothing known", why, "the target's labels are not known")
	reportstest.Equal(t, "name", s[1].SearchName(s), "y")
	reportstest.Equal(t, "name of a study's only one", reports.Search{Study: "one"}.SearchName(nil), "one")
	reportstest.Equal(t, "name beside another study", reports.Search{Study: "one", Of: "method=x"}.SearchName(s), "one x")
}

// Of each search the chosen trial is left, under the method's label, in its place; runs without
// a search are as they were.
func TestChosen(t *testing.T) {
	plain := reports.Run{Results: reports.Results{Name: "study", Label: "method=plain"}}
	runs := []reports.Run{
		reportstest.Trial("x", 0, 1, 2, scored(0.25, 3), 0.5, 5), reportstest.Trial("x", 0, 2, 2, scored(0.5, 3), 0.25, 5), plain,
		reportstest.Trial("x", 1, 1, 2, scored(0.5, 3), 0.5, 5), reportstest.Trial("x", 1, 2, 2, scored(0.25, 3), 0.25, 5),
		reportstest.Trial("y", 0, 1, 2, map[string]float64{}, 0.5, 5),
	}
	got := ""
	for _, r := range reports.Chosen(runs) {
		number := 0
		if r.Trial != nil {
			number = r.Trial.Number
		}
		got += fmt.Sprint(r.Results.Label, " ", r.Results.Seed, " ", number, "; ")
	}
	reportstest.Equal(t, "chosen", got, "method=x 0 2; method=plain 0 0; method=x 1 1; ")
	reportstest.Equal(t, "label of a run", runs[1].Results.Label, "method=x trial=2 model.train.learning_rate=0.2")
	again := reportstest.Trial("y", 0, 1, 1, scored(0.5, 3), 0.5, 5) // of another version, which draws other values
	runs[5].Results.Job, again.Results.Job, again.Results.Label = "a", "b", "method=y trial=1 model.train.learning_rate=0.9"
	runs[5].Results.Selection[0].Candidates[1].Scores["v"] = 0.25
	if twice := reports.Chosen([]reports.Run{runs[5], again}); len(twice) != 1 || twice[0].Results.Job != "b" {
		t.Errorf("%d chosen of trials of one number", len(twice))
	}
	if same := reports.Chosen(runs[2:3]); len(same) != 1 || &same[0] != &runs[2] {
		t.Error("runs without a search were touched")
	}
}
