package runs

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
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

// Runs without a spec come in the order of their names, labels, seeds and directories.
func TestArrangeWithoutSpecs(t *testing.T) {
	named := func(name, label string, seed uint64) reports.Run {
		return reports.Run{Dir: "nowhere", Results: reports.Results{Name: name, Label: label, Seed: seed}}
	}
	list := []reports.Run{named("b", "x", 1), named("b", "x", 0), named("a", "y", 0), named("a", "x", 5), named("b", "a", 9), named("b", "x", 1), named("b", "x", 1)}
	list[0].Dir, list[6].Dir = "there", "elsewhere"
	arrange(list)
	var order []string
	for _, r := range list {
		order = append(order, fmt.Sprint(r.Results.Name, r.Results.Label, r.Results.Seed, r.Dir[0:1]))
	}
	equal(t, "order", order, "[ax5n ay0n ba9n bx0n bx1e bx1n bx1t]")
}

// Records become a curve a quantity, in the order in which they first appear, each with its
// own steps.
func TestCurves(t *testing.T) {
	got := Curves([]Record{{1, []Value{{"y", 3}, {"x", 4}}}, {5, []Value{{"x", 6}}}, {7, []Value{{"z", 1}, {"y", 2}}}})
	if d := cmp.Diff([]reports.Curve{{Name: "y", Steps: []int{1, 7}, Values: []float64{3, 2}}, {Name: "x", Steps: []int{1, 5}, Values: []float64{4, 6}}, {Name: "z", Steps: []int{7}, Values: []float64{1}}}, got); d != "" {
		t.Error(d)
	}
}

// Finished runs are collected in the order of their plan, whatever the order of their names.
func TestCollectedInOrder(t *testing.T) {
	plan := mustPlan(t, toyRequest(strings.Replace(toy.Spec, "seeds: [0, 1]", "seeds: [5, 1, 3, 0]", 1)))
	root := t.TempDir()
	Run(context.Background(), plan, RunOptions{Runs: root, Job: func(_ context.Context, j spec.Job, dir *RunDir, _ Progress) error {
		return errors.Join(atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")),
			atomicfile.WriteJSON(dir.File("results.json"), reports.Results{Format: ResultsFormat, Name: j.Spec.Name, Seed: j.Seed}))
	}})
	found, err := FindRuns(root)
	if err != nil {
		t.Fatal(err)
	}
	var dirs []string
	for _, r := range found {
		dirs = append(dirs, r.Path)
	}
	slices.Sort(dirs)
	collected, missing, err := Collect(dirs)
	if err != nil || len(missing) > 0 || len(collected) != 4 {
		t.Fatal(missing, err)
	}
	var seeds []uint64
	for _, r := range collected {
		seeds = append(seeds, r.Results.Seed)
	}
	equal(t, "seeds", seeds, "[5 1 3 0]")
}

// What an override makes is no further seed of the job that the spec has.
func TestCollectedApart(t *testing.T) {
	root := t.TempDir()
	for _, separate := range []string{"separate: 4", "separate: 5"} {
		plan := mustPlan(t, toyRequest(strings.Replace(toy.Spec, "separate: 4", separate, 1)))
		Run(context.Background(), plan, RunOptions{Runs: root, Job: func(_ context.Context, j spec.Job, dir *RunDir, _ Progress) error {
			return errors.Join(atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")),
				atomicfile.WriteJSON(dir.File("results.json"), reports.Results{Format: ResultsFormat, Name: j.Spec.Name, Job: j.ID, Seed: j.Seed}))
		}})
	}
	dirs, err := Dirs(root)
	if err != nil {
		t.Fatal(err)
	}
	collected, _, err := Collect(dirs)
	if err != nil {
		t.Fatal(err)
	}
	var groups []string
	for _, g := range reports.GroupsOf(collected) {
		groups = append(groups, fmt.Sprintf("%s: %d", g.Label, len(g.Runs)))
	}
	slices.Sort(groups)
	equal(t, "groups", groups, "[model.separate=4: 2 model.separate=5: 2]")
}
