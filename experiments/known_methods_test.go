package experiments

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// Adaptation methods see training rows of both domains and are scored on them and on the
// target's test rows. The class is told wrongly in 6 of 48 and 12 of 60.
func TestKnownMethods(t *testing.T) {
	run := runUndrawn(t, "adapt.methods={plain: {adapter: none}, propagation: {adapter: label-spreading}, much: {adapter: none, head: {k: 500}}}", "adapt.validators=[source-accuracy]", "domains.b.dataset=known-too")
	if len(run.Adaptation) != 3 {
		t.Fatalf("%d methods", len(run.Adaptation))
	}
	equal(t, "task", run.Task, "known->known-too")
	equal(t, "protocol", run.Protocol, "map[split:at most 2000 rows of the common code of each domain]")
	plain := run.Adaptation[0]
	equal(t, "plain", fmt.Sprint(plain.Name, plain.Adapter, plain.Classifier, plain.Selector, plain.Error), fmt.Sprint("plain", "none", "knn", "fixed settings", ""))
	closeTo(t, "transductive", plain.Transductive.Accuracy, 42./48, 1e-12)
	closeTo(t, "inductive", plain.Inductive.Accuracy, 48./60, 1e-12)
	equal(t, "rows", fmt.Sprint(plain.Transductive.N, plain.Inductive.N), "48 60")
	confusion := [2][3][3]int{}
	for split := range 2 {
		for _, k := range knownSet(1, split) {
			confusion[split][k.class][k.told]++
		}
	}
	equal(t, "transductive confusion", plain.Transductive.Confusion, confusion[trainSplit])
	equal(t, "inductive confusion", plain.Inductive.Confusion, confusion[testSplit])
	if p := run.Adaptation[1]; p.Inductive != nil || p.Transductive == nil {
		t.Errorf("a method that serves only the rows it was given: %+v", p)
	}
	if m := run.Adaptation[2]; m.Transductive != nil || !strings.Contains(m.Error, "k is 500, there are 60 training rows") || !strings.Contains(strings.Join(run.Warnings, "\n"), "much: "+m.Error) {
		t.Errorf("a method that cannot be fitted: %+v; warnings %q", m, run.Warnings)
	}
	for i, s := range run.Selection {
		equal(t, "selection", s.Name, run.Adaptation[i].Name)
	}
	c := run.Selection[0].Candidates
	if len(c) != 1 || c[0].Oracle == nil || len(c[0].Scores) != 1 {
		t.Fatalf("candidates %+v", c)
	}
	closeTo(t, "oracle", *c[0].Oracle, 42./48, 1e-12)
	closeTo(t, "source accuracy", c[0].Scores["source-accuracy"], 1, 1e-12)
	if c := run.Selection[2].Candidates[0]; c.Oracle != nil || c.Error == "" {
		t.Errorf("candidate that cannot be fitted: %+v", c)
	}
}

// Fewer rows than there are: at most so many of each domain, drawn by the seed.
func TestKnownMethodsOnSomeRows(t *testing.T) {
	run := runUndrawn(t, "adapt.methods={plain: {adapter: none}}", "adapt.rows=20")
	equal(t, "rows", fmt.Sprint(run.Adaptation[0].Transductive.N, run.Adaptation[0].Inductive.N), "20 60")
	equal(t, "protocol", run.Protocol, "map[split:at most 20 rows of the common code of each domain]")
}

// A job none of whose methods can be fitted fails, with the first reason.
func TestKnownMethodsThatAllFail(t *testing.T) {
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: []string{"adapt.methods={much: {adapter: none, head: {k: 500}}, more: {adapter: none, head: {k: 600}}}"}})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: RunJob})[0]
	if out.State != runs.Failed || !strings.Contains(out.Err.Error(), "none of 2 methods could be fitted; the first: adapt: none: adapt: knn: k is 500") {
		t.Errorf("%s: %v", out.State, out.Err)
	}
}

// What a method warns of stands in its record; a target without labels of its training
// images is scored on the others alone.
func TestKnownMethodsThatWarn(t *testing.T) {
	run := runUndrawn(t, "adapt.methods={geodesic: {adapter: gfk, dim: 60}}")
	if a := run.Adaptation[0]; len(a.Warnings) != 1 || !strings.Contains(a.Warnings[0], "60") {
		t.Errorf("dimensions beyond those of the code: %q", a.Warnings)
	}
	none := runUndrawn(t, "domains.b.labels=false", "adapt.methods={plain: {adapter: none}}", "adapt.validators=[source-accuracy]")
	if a, c := none.Adaptation[0], none.Selection[0].Candidates; a.Transductive != nil || a.Inductive != nil || a.Error != "" || len(c) != 1 || c[0].Oracle != nil || c[0].Error != "" {
		t.Errorf("without labels: %+v, %+v", a, c)
	}
}
