package experiments

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// A network that is one class off until step 3 is scored at steps 2, 4 and, the last, 5: by
// its accuracy on the target's test images, and by validators on the target's training images
// and the labels of the source's test images.
func TestKnownAlong(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		over := []string{"model.method=known-network", "model.late=3", "model.train.iterations=5", "adapt.along=2", "adapt.rows=25",
			"adapt.validators=[source-accuracy, entropy, circular, information-maximisation]"}
		if source == domains.B {
			over = append(over, "domains.a.labelled=false", "domains.b.labelled=true")
		}
		r := runUndrawn(t, over...)
		right := func(side int, off int) float64 {
			n := 0.0
			for _, k := range knownSet(side, testSplit) {
				if (k.told+off)%3 == k.class {
					n++
				}
			}
			return n / float64(len(knownSet(side, testSplit)))
		}
		// The logits 2, 1 and 0 of every image.
		total := math.Exp(2) + math.E + 1
		entropy := 0.0
		for _, v := range []float64{math.Exp(2), math.E, 1} {
			entropy -= v / total * math.Log(v/total)
		}
		if len(r.Selection) != 1 || r.Selection[0].Name != "known-network" || len(r.Selection[0].Candidates) != 3 {
			t.Fatalf("from %s: %+v", source, r.Selection)
		}
		held := 0.0
		for i, c := range r.Selection[0].Candidates {
			step, off := []int{2, 4, 5}[i], []int{1, 0, 0}[i]
			equal(t, "step", c.Step, step)
			closeTo(t, "accuracy", *c.Oracle, right(1-int(source), off), 1e-12)
			closeTo(t, "last step", c.Scores["last step"], float64(step), 0)
			closeTo(t, "entropy", c.Scores["entropy"], -entropy, 1e-6)
			if _, ok := c.Scores["circular"]; ok || len(c.Scores) != 4 {
				t.Errorf("step %d has the scores %v", step, c.Scores)
			}
			if i > 0 && c.Scores["source-accuracy"] <= held {
				t.Errorf("step %d: %v of the source right, %v before", step, c.Scores["source-accuracy"], held)
			}
			if i == 0 {
				held = c.Scores["source-accuracy"]
			}
			// 25 of the source's test images.
			if n := c.Scores["source-accuracy"] * 25; !(math.Abs(n-math.Round(n)) <= 1e-9) {
				t.Errorf("%v of 25 rows are right", n)
			}
		}
		equal(t, "rows of the table", r.Accuracy[0].Row, "network")
	}
	// The source's test images as a whole.
	r := runUndrawn(t, "model.method=known-network", "model.train.iterations=5", "adapt.along=3", "adapt.validators=[source-accuracy]")
	n, all := toldRight(0)
	closeTo(t, "source accuracy", r.Selection[0].Candidates[0].Scores["source-accuracy"], float64(n)/float64(all), 1e-12)
	if left := reasonOf(runUndrawn(t, "model.method=known-network"), "along"); left != "the spec asks for no scores along the training (adapt.along)" {
		t.Errorf("left out: %q", left)
	}
	if left := reasonOf(runUndrawn(t, "adapt.along=5"), "along"); left != "the model has no classifier of its own" {
		t.Errorf("left out: %q", left)
	}
}

func reasonOf(r knownRun, evaluation string) string {
	for _, s := range r.Skipped {
		if s.Evaluation == evaluation {
			return s.Reason
		}
	}
	return ""
}

// Scores that were not asked for in time are missed by name, and scores that are damaged are
// made anew with the training that they belong to: the same bytes.
func TestAlongTooLateOrDamaged(t *testing.T) {
	root := t.TempDir()
	over := []string{"domains.a.drawn=false", "domains.b.drawn=false", "model.method=known-network", "model.late=3"}
	first := newKnownRun(t, root, append(over, "adapt.along=3")...)
	late := newKnownRun(t, root, append(over, "adapt.along=2")...)
	equal(t, "one run", late.dir, first.dir)
	if left := reasonOf(late, "along"); !strings.Contains(left, "step 2 is gone; give the study another name to train anew") {
		t.Errorf("left out: %q", left)
	}
	if again := newKnownRun(t, root, append(over, "adapt.along=3")...); len(again.Selection) != 1 || len(again.Selection[0].Candidates) != 2 {
		t.Errorf("asked for again: %+v", again.Selection)
	}
	path := filepath.Join(first.dir, "along", "000000003.json")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte(" "), whole...), 0o644); err != nil {
		t.Fatal(err)
	}
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: append(over, "adapt.along=3")})
	if err != nil {
		t.Fatal(err)
	}
	if out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: root, Job: RunJob}); out[0].State != runs.Done {
		t.Fatalf("%s: %v", out[0].State, out[0].Err)
	}
	if now, err := os.ReadFile(path); err != nil || string(now) != string(whole) {
		t.Errorf("the scores are %s, %v, want %s", now, err, whole)
	}
}
