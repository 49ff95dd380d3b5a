package experiments

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/configs"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports/published"
)

// The real features: what should come back to the printed digit does, on the tasks that
// are quick; `venn compare office-caltech-surf` holds all twelve to all figures.
func TestOfficeCaltech(t *testing.T) {
	data, err := filepath.Abs("../../shared/data")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(data, "office-caltech")); err != nil {
		t.Skipf("the Office-Caltech features are not there: %v", err)
	}
	if testing.Short() {
		t.Skip("fits methods on real features")
	}
	text, err := configs.Files.ReadFile("office-caltech-surf.yaml")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := spec.NewPlan(spec.Request{Source: "office-caltech-surf.yaml", Text: text})
	if err != nil {
		t.Fatal(err)
	}
	// On all tasks only what takes no time; on the two between webcam and DSLR the rest.
	quick := map[string]bool{"source-only": true, "source-only-mean": true, "easytl-plain": true}
	short := map[string]bool{"D->W": true, "W->D": true}
	slow := map[string]bool{"pca-100": true, "pca-30": true, "gfk-10": true, "easytl": true, "jda": true, "jgsa": true, "meda": true, "tjm": true}
	for i := range plan.Jobs {
		s := &plan.Jobs[i].Spec
		var kept []spec.MethodSpec
		for _, m := range s.Adapt.Methods {
			if quick[m.Name] || short[s.Features.Task()] && slow[m.Name] {
				kept = append(kept, m)
			}
		}
		s.Adapt.Methods = kept
	}
	var dirs []string
	for _, o := range runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Data: data, Job: RunJob}) {
		if o.State != runs.Done {
			t.Fatalf("%s: %v", o.Job.Label(), o.Err)
		}
		dirs = append(dirs, o.Dir)
	}
	found, _, err := runs.Collect(dirs)
	if err != nil {
		t.Fatal(err)
	}
	compared, err := published.Compare(found)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, table := range compared {
		if table.Missed() {
			t.Errorf("%s of %s: published %v, here %v", table.Method, table.Source, table.Average.Claim.Percent, table.Average.Here)
		}
		for _, c := range table.Tasks {
			if !c.Verdict.Compared() {
				continue
			}
			seen[c.Name]++
			if difference := math.Abs(c.Here - c.Claim.Percent); c.Claim.Tolerance < 1 && c.Verdict != published.Reproduced || !(difference <= 5) {
				t.Errorf("%s as %s of %s on %s: published %v, here %v", c.Name, table.Method, table.Source, c.Claim.Task, c.Claim.Percent, c.Here)
			}
		}
	}
	// Two tables have nearest neighbours on twelve tasks; a method of two tasks has two.
	if seen["source-only"] != 24 || seen["easytl-plain"] != 12 || seen["easytl"] != 2 || seen["pca-100"] != 2 || seen["gfk-10"] < 2 || seen["meda"] != 2 {
		t.Errorf("comparisons by method: %v", seen)
	}
}
