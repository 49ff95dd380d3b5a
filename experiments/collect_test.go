package experiments

import (
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
)

// Runs come in the order of their spec's plan, and those that it does not list after
// them, whatever the order in which they were found.
func TestArrange(t *testing.T) {
	p := mustPlan(t, toyRequest(toy.Spec+"grid: {model.separate: [12, 5]}\n"))
	var runs []reports.Run
	add := func(name, label string, seed uint64, spec string) {
		dir := filepath.Join(t.TempDir(), "run")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "spec.yaml"), []byte(spec), 0o644); err != nil {
			t.Fatal(err)
		}
		runs = append(runs, reports.Run{Dir: dir, Results: reports.Results{Name: name, Label: label, Seed: seed}})
	}
	for _, j := range p.Jobs {
		add(p.Name, j.PointLabel(), j.Seed, toy.Spec+"grid: {model.separate: [12, 5]}\n")
	}
	// Another spec of the same name does not count: the first run's does.
	for _, r := range runs[2:] {
		if err := os.WriteFile(filepath.Join(r.Dir, "spec.yaml"), []byte(toy.Spec+"grid: {model.separate: [5, 12]}\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	add(p.Name, "model.separate=1", 7, "of: {another version}")
	add(p.Name, "model.separate=1", 30, "of: {another version}")
	zeta := strings.NewReplacer("name: toy", "name: zeta", "[0, 1]", "[3, 1]").Replace(toy.Spec) + "grid: {model.separate: [9, 4, 11]}\n"
	for _, j := range mustPlan(t, toyRequest(zeta)).Jobs {
		add("zeta", j.PointLabel(), j.Seed, zeta)
	}
	add("zz", "", 0, "gone")
	want := make([]string, len(runs))
	for i, r := range runs {
		want[i] = r.Dir
	}
	r := rand.New(rand.NewPCG(1, 1))
	for range 20 {
		r.Shuffle(len(runs), func(i, j int) { runs[i], runs[j] = runs[j], runs[i] })
		arrange(runs)
		got := make([]string, len(runs))
		for i, r := range runs {
			got[i] = r.Dir
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("order (-want +got):\n%s", d)
		}
	}
}

// Runs that are not done are named and left out, damaged ones and results of another format
// are refused.
func TestCollect(t *testing.T) {
	queued, _, _ := openToy(t)
	done := runUndrawn(t).dir
	runs, missing, err := Collect([]string{queued.Path, done})
	if err != nil || len(runs) != 1 || runs[0].Dir != done {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	equal(t, "missing", missing, "["+queued.Path+" is queued]")
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec)})
	if err != nil {
		t.Fatal(err)
	}
	writes := func(text string) JobFunc {
		return func(_ context.Context, _ spec.Job, dir *RunDir, _ Progress) error {
			if err := atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")); err != nil {
				return err
			}
			return atomicfile.WriteBytes(dir.File("results.json"), []byte(text))
		}
	}
	for text, want := range map[string]string{`{"format": 2}`: "results.json: format 2, want 1; evaluate the run anew", `{"format": 1`: "results.json: not the JSON of results: "} {
		out := Run(context.Background(), plan, RunOptions{Runs: t.TempDir(), Job: writes(text)})[0]
		if _, _, err := Collect([]string{out.Dir}); !IsDamaged(err) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
	out := Run(context.Background(), plan, RunOptions{Runs: t.TempDir(), Job: writes(`{"format": 1, "name": "known", "grids": [{"name": "g", "file": "grids/g.npy"}]}`)})[0]
	if _, _, err := Collect([]string{out.Dir}); !IsDamaged(err) || !strings.Contains(err.Error(), "grids/g.npy: is missing; `venn resume") {
		t.Errorf("a grid that is not there: %v", err)
	}
	if err := os.WriteFile(filepath.Join(out.Dir, "status.json"), []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Collect([]string{out.Dir}); !IsDamaged(err) || !strings.Contains(err.Error(), "status.json: ") {
		t.Errorf("a status that is damaged: %v", err)
	}
}

// Records become a curve a quantity, in the order in which they first appear, each with its
// own steps.
func TestCurves(t *testing.T) {
	got := curves([]Record{{1, []Value{{"y", 3}, {"x", 4}}}, {5, []Value{{"x", 6}}}, {7, []Value{{"z", 1}, {"y", 2}}}})
	if d := cmp.Diff([]reports.Curve{{Name: "y", Steps: []int{1, 7}, Values: []float64{3, 2}}, {Name: "x", Steps: []int{1, 5}, Values: []float64{4, 6}}, {Name: "z", Steps: []int{7}, Values: []float64{1}}}, got); d != "" {
		t.Error(d)
	}
}
