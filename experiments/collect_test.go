package experiments

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// Runs that are not done are named and left out, damaged ones and results of another format
// are refused.
func TestCollect(t *testing.T) {
	queued := openToy(t)
	done := runUndrawn(t).dir
	found, missing, err := runs.Collect([]string{queued.Path, done})
	if err != nil || len(found) != 1 || found[0].Dir != done {
		t.Errorf("%d runs, %v", len(found), err)
	}
	equal(t, "missing", missing, "["+queued.Path+" is queued]")
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec)})
	if err != nil {
		t.Fatal(err)
	}
	writes := func(text string) runs.JobFunc {
		return func(_ context.Context, _ spec.Job, dir *runs.RunDir, _ runs.Progress) error {
			if err := atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")); err != nil {
				return err
			}
			return atomicfile.WriteBytes(dir.File("results.json"), []byte(text))
		}
	}
	for text, want := range map[string]string{`{"format": 2}`: "results.json: format 2, want 1; evaluate the run anew", `{"format": 1`: "results.json: not the JSON of results: "} {
		out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: writes(text)})[0]
		if _, _, err := runs.Collect([]string{out.Dir}); !runs.IsDamaged(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: writes(`{"format": 1, "name": "known", "grids": [{"name": "g", "file": "grids/g.npy"}]}`)})[0]
	if _, _, err := runs.Collect([]string{out.Dir}); !runs.IsDamaged(err) || !strings.Contains(err.Error(), "grids/g.npy: is missing; `venn resume") {
		t.Errorf("a grid that is not there: %v", err)
	}
	if err := os.WriteFile(filepath.Join(out.Dir, "status.json"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := runs.Collect([]string{out.Dir}); !runs.IsDamaged(err) || !strings.Contains(err.Error(), "status.json: ") {
		t.Errorf("a status that is damaged: %v", err)
	}
}

// openToy is the queued run of a toy, open as long as the test lasts.
func openToy(t *testing.T) *runs.RunDir {
	t.Helper()
	plan := mustPlan(t, toyRequest(toy.Spec))
	dir, err := runs.OpenRun(t.TempDir(), plan.Jobs[0], plan.Text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}

// Reports get the texts of the run directory each in its place.
func TestCollectedTexts(t *testing.T) {
	run := runUndrawn(t).runs[0]
	for name, got := range map[string]string{"resolved.yaml": run.Spec, "env.json": run.Environment, "data.lock.json": run.Lock} {
		want, err := os.ReadFile(filepath.Join(run.Dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) || got == "" {
			t.Errorf("%s is %.40q", name, got)
		}
	}
}
