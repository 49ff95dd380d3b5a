package experiments

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/reports"
)

// Runs come in the order of their spec's plan, and those that it does not list after
// them, whatever the order in which they were found.
func TestArrange(t *testing.T) {
	p := mustPlan(t, toyRequest(toySpec+"grid: {model.separate: [12, 5]}\n"))
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
		add(p.Name, j.pointLabel(), j.Seed, toySpec+"grid: {model.separate: [12, 5]}\n")
	}
	add(p.Name, "model.separate=1", 7, "of: {another version}")
	add(p.Name, "model.separate=1", 30, "of: {another version}")
	add("z", "", 0, "gone")
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
