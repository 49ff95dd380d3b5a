package experiments

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports"
)

// halved makes a search of four trials with rungs at steps 2 and 4 of 6: those of late -1 and 1
// are right at step 2, that of 3 from step 4 on, that of 5 at the last alone.
var halved = []string{"domains.a.drawn=false", "domains.b.drawn=false", "model.method=known-network", "model.train.iterations=6", "adapt.along=2", "adapt.validators=[source-accuracy]",
	"search.trials=4", "search.by=source-accuracy", "search.over.model.late=[-1, 1, 3, 5]", "search.halving.first=2"}

func knownPlan(t *testing.T, over ...string) *spec.Plan {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: over})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// trialFiles are what a trial leaves that halving must not change.
func trialFiles(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"results.json", "metrics.jsonl", "data.lock.json", "predictions.csv.gz", "codes/*", "along/*", "checkpoints/step-000000006.safetensors"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: no %s, %v", dir, pattern, err)
		}
		for _, path := range found {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			out[strings.TrimPrefix(path, dir)] = string(data)
		}
	}
	return out
}

// The two trials that are right at the first rung go on, and of them, equal at the second, the
// earlier; it leaves the bytes of a training that nothing paused. The same trials end so where
// they are begun in parts, are done by their directories alone, or several at a time.
func TestKnownHalving(t *testing.T) {
	plan := knownPlan(t, halved...)
	want := make([]string, 4)
	var good []int
	for i, j := range plan.Jobs {
		want[i] = "stopped at rung 1 of 2 (step 2)"
		if j.Spec.Model.Options.Int("late") <= 1 {
			good = append(good, i)
		}
	}
	want[good[0]], want[good[1]] = "done ", "stopped at rung 2 of 2 (step 4)"
	states := func(out []runs.Outcome) (all []string) {
		for _, o := range out {
			if o.Err != nil {
				t.Fatal(o.Err)
			}
			all = append(all, fmt.Sprint(o.State, " ", o.Where))
		}
		return all
	}
	whole := runs.Run(context.Background(), knownPlan(t, append(slices.Clone(halved), "search.halving.first=0")...), runs.RunOptions{Runs: t.TempDir(), Job: RunJob})
	winner := trialFiles(t, whole[good[0]].Dir)
	same := func(what, dir string) {
		got := trialFiles(t, dir)
		equal(t, what+": files", len(got), len(winner))
		for name, data := range winner {
			if got[name] != data {
				t.Errorf("%s: %s has other bytes than without halving", what, name)
			}
		}
	}
	for _, parallel := range []int{1, 3} {
		told := 0
		out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: RunJob, Parallel: parallel, Ended: func(int, runs.Outcome) { told++ }})
		equal(t, "states", strings.Join(states(out), "; "), strings.Join(want, "; "))
		equal(t, "told", told, 4)
		same(fmt.Sprint(parallel, " at a time"), out[good[0]].Dir)
		if s, err := runs.ReadStatus(out[good[1]].Dir); err != nil || s.State != runs.Stopped || s.Cause != "at rung 2 of 2 (step 4)" {
			t.Errorf("status %+v, %v", s, err)
		}
	}
	// Two of them first: they wait, and say for how many.
	root := t.TempDir()
	part := *plan
	part.Jobs = plan.Jobs[:2]
	equal(t, "alone", strings.Join(states(runs.Run(context.Background(), &part, runs.RunOptions{Runs: root, Job: RunJob})), "; "),
		"waiting at rung 1 of 2 (step 2) for the scores of 2 trials; waiting at rung 1 of 2 (step 2) for the scores of 2 trials")
	// Scores that are damaged count as none, until their trial's turn comes.
	if err := os.WriteFile(filepath.Join(plan.Jobs[0].Dir(root), "along", "000000002.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	part.Jobs = plan.Jobs[1:2]
	equal(t, "beside a damaged one", strings.Join(states(runs.Run(context.Background(), &part, runs.RunOptions{Runs: root, Job: RunJob})), "; "), "waiting at rung 1 of 2 (step 2) for the scores of 3 trials")
	// The others by their directories, as other machines would, until nothing waits.
	runs.Run(cancelled(), plan, runs.RunOptions{Runs: root, Job: RunJob}) // queues them
	var last []string
	for range 4 {
		last = nil
		for _, j := range plan.Jobs {
			one, err := runs.ResumePlan(j.Dir(root))
			if err != nil {
				t.Fatal(err)
			}
			last = append(last, states(runs.Run(context.Background(), one, runs.RunOptions{Runs: root, Job: RunJob}))...)
		}
	}
	equal(t, "one by one", strings.Join(last, "; "), strings.Join(want, "; "))
	same("one by one", plan.Jobs[good[0]].Dir(root))
	// Reports are of the one that is done, and of what the others cost.
	var dirs []string
	for _, j := range plan.Jobs {
		dirs = append(dirs, j.Dir(root))
	}
	found, missing, err := runs.Collect(dirs)
	if err != nil || len(found) != 1 || len(missing) != 0 {
		t.Fatal(len(found), missing, err)
	}
	s := reports.SearchesOf(found)[0]
	seconds := found[0].Seconds
	for _, stopped := range s.Stopped {
		equal(t, "where", "stopped "+stopped.Where, want[stopped.Number-1])
		seconds += stopped.Seconds
	}
	sum, ok := s.Seconds()
	if len(s.Stopped) != 3 || !ok || sum != seconds || !(found[0].Seconds < seconds) {
		t.Errorf("%d stopped, %v of %v seconds, %v", len(s.Stopped), sum, seconds, ok)
	}
	row := cellsOf(t, "search", found)
	equal(t, "trials", row[0][7], "1 of 4")
}

// cancelled is a context that is.
func cancelled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// What cannot be scored at a rung fails with the reason, and so does what was trained before.
func TestHalvingUnscored(t *testing.T) {
	out := runs.Run(context.Background(), knownPlan(t, append(slices.Clone(halved[:2]), "model.method=known", "adapt.along=2", "adapt.validators=[dbi]", "search.trials=2", "search.by=dbi", "search.over.model.blur=[0, 0.5]", "search.halving.first=2")...), runs.RunOptions{Runs: t.TempDir(), Job: RunJob})
	for _, o := range out {
		if o.State != runs.Failed || !strings.Contains(fmt.Sprint(o.Err), "trained to step 2 and not scored at rung 1 of 4 (step 2): the method has no classifier of its own") {
			t.Errorf("%s: %v", o.State, o.Err)
		}
	}
}
