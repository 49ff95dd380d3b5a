package experiments

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports"
)

// searchOverrides make of the known study a search of two trials, of which one, that of late=100,
// is one class off at its last step too.
var searchOverrides = []string{"domains.a.drawn=false", "domains.b.drawn=false", "model.method=known-network", "model.train.iterations=5", "adapt.along=2", "adapt.validators=[source-accuracy, entropy]",
	"search.trials=2", "search.by=source-accuracy", "search.over.model.late=[-1, 100]"}

// From a spec to the report: of two trials the validator, which sees labels of the source alone,
// chooses the one that is right; the other validator sees no difference and takes the first. The
// accuracies are those of the known images.
func TestKnownSearch(t *testing.T) {
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: searchOverrides})
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	var dirs []string
	for _, o := range runs.Run(context.Background(), plan, runs.RunOptions{Runs: root, Job: RunJob}) {
		if o.State != runs.Done {
			t.Fatalf("%s: %v", o.State, o.Err)
		}
		dirs = append(dirs, o.Dir)
	}
	found, _, err := runs.Collect(dirs)
	if err != nil {
		t.Fatal(err)
	}
	right, off := 0.0, 0.0
	for _, k := range knownSet(1, testSplit) {
		if k.told == k.class {
			right++
		}
		if (k.told+1)%3 == k.class {
			off++
		}
	}
	n := float64(len(knownSet(1, testSplit)))
	good := 1 // the trial that is right
	if plan.Jobs[1].Spec.Model.Options.Int("late") == -1 {
		good = 2
	}
	searches := reports.SearchesOf(found)
	if len(searches) != 1 || len(searches[0].Runs) != 2 {
		t.Fatalf("%d searches", len(searches))
	}
	s := searches[0]
	for i, r := range s.Runs {
		late := plan.Jobs[i].Spec.Model.Options.Int("late")
		equal(t, "trial", fmt.Sprintf("%+v", *r.Trial), fmt.Sprintf("{Number:%d Trials:2 Of: By:source-accuracy Values:[{Path:model.late Value:%d}] Stopped:[]}", i+1, late))
		if !(r.Seconds > 0) {
			t.Errorf("trial %d took %v seconds", i+1, r.Seconds)
		}
	}
	values, _ := s.Accuracies()
	closeTo(t, "the right one's accuracy", values[good-1], right/n, 1e-12)
	closeTo(t, "the other's", values[2-good], off/n, 1e-12)
	row := cellsOf(t, "search", found)
	equal(t, "rows", len(row), 3)
	percent := func(v float64) string { return fmt.Sprintf("%.2f", 100*v) }
	mean := percent((right + off) / 2 / n)
	first := values[0]
	chosen := func(trial int) string {
		return fmt.Sprintf("%d: late=%d", trial, plan.Jobs[trial-1].Spec.Model.Options.Int("late"))
	}
	for i, want := range []string{
		strings.Join([]string{"known", "entropy", percent(first), percent(right/n - first), mean, "—", chosen(1), "2"}, " | "),
		strings.Join([]string{"known", "source-accuracy *", percent(right / n), "0.00", mean, "—", chosen(good), "2"}, " | "),
		strings.Join([]string{"known", "target labels", percent(right / n), "0.00", mean, "", chosen(good), "2"}, " | "),
	} {
		equal(t, "row", strings.Join(row[i][:8], " | "), want)
	}
	left := reports.Chosen(found)
	if len(left) != 1 || left[0].Results.Label != "" || left[0].Results.Job != plan.Jobs[good-1].ID {
		t.Errorf("%d runs are left", len(left))
	}
	// Another validator trains nothing anew, and the report follows it.
	for _, o := range runs.Run(context.Background(), knownPlan(t, append(slices.Clone(searchOverrides), "search.by=entropy")...), runs.RunOptions{Runs: root, Job: RunJob}) {
		if !o.Reused {
			t.Errorf("%s: %s anew", o.Job.Label(), o.State)
		}
	}
	if found, _, err = runs.Collect(dirs); err != nil || reports.Chosen(found)[0].Results.Job != plan.Jobs[0].ID {
		t.Errorf("by entropy the first is chosen: %v", err)
	}
	// A run knows which trial it is without the study's spec.
	again, err := runs.ResumePlan(dirs[1])
	if err != nil || again.Jobs[0].Spec.Search == nil || again.Jobs[0].Spec.Search.Trial != 2 || again.Jobs[0].Label() != plan.Jobs[1].Label() {
		t.Errorf("resumed: %+v, %v", again, err)
	}
}
