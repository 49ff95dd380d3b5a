package experiments

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A faceSwitch takes off what a face has and puts on what the other domain has, of one kind, without
// a guide; it knows neither removal nor union.
type faceSwitch struct{ mover }

func (m *faceSwitch) Edits() []models.Edit {
	var out []models.Edit
	for _, side := range []domains.Side{domains.A, domains.B} {
		e := models.Edit{Content: side}
		e.Own[1-side] = models.Any
		out = append(out, e)
	}
	return out
}

func (m *faceSwitch) Translate(e models.Edit, contents, _ *domains.Images) (*domains.Images, error) {
	out := &domains.Images{Shape: contents.Shape}
	for i := range contents.Len() {
		f := readFace(contents.At(i))
		f.smile, f.glasses, f.red = e.Content == domains.B, e.Content == domains.A, 90
		out.Data = append(out.Data, f.pixels()...)
	}
	return out, nil
}

func init() {
	models.Methods.Add("known-face-switch", models.Method{Name: "known-face-switch", Version: 1, Loop: models.Loop{Iterations: 1, Batch: 4, LogEvery: 1},
		New: func(models.Config) (models.Model, error) { return &faceSwitch{mover{"", weightOfOne()}}, nil }})
}

// resultsOf reads those of a finished run.
func resultsOf(t *testing.T, dir string) (r reports.Results) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// judgedCapabilities: what judges see is what a system on photographs is said to do.
func judgedCapabilities(t *testing.T, r reports.Results) {
	t.Helper()
	run := knownRun{Results: &r}
	equal(t, "edits of a model without a fault", capable(t, run, "a->b", "b->a", "removal-a", "removal-b", "union"), "1 true, 1 true, 1 true, 1 true, 1 true")
	for _, row := range r.Faces.Rows {
		if c := r.System.Capability("guided " + row.Direction); row.System == r.Method && c != nil {
			closeTo(t, c.Name, *c.Value, row.Guide.Value, 0)
			equal(t, c.Name, c.Does, row.Guide.Interval[0] > 0.5)
			equal(t, c.Name, *c.Interval, row.Guide.Interval)
		}
		equal(t, row.System+" "+row.Direction+" without a guide", row.Unguided, false)
	}
}

// switchedFaces judges a system without guides by the judges of the run before: it is compared with
// guides that it has not seen, and what it cannot do has no row.
func switchedFaces(t *testing.T, dir string) {
	t.Helper()
	plan := facesPlan(t, dir, "model.method=known-face-switch")
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: filepath.Join(dir, "runs"), Job: RunJob})[0]
	if out.State != runs.Done {
		t.Fatal(out.Err)
	}
	r := resultsOf(t, out.Dir)
	equal(t, "a switch", capable(t, knownRun{Results: &r}, "a->b", "b->a", "guided a->b", "guided b->a", "removal-a", "union"),
		"1 true, 1 true, it takes no guide, it takes no guide, it has no such edit, it has no such edit")
	own := 0
	for _, row := range r.Faces.Rows {
		equal(t, row.System+" "+row.Direction+" without a guide", row.Unguided, row.System == r.Method)
		if row.System != r.Method {
			continue
		}
		own++
		closeTo(t, row.Direction+" target", row.Target.Value, 1, 0)
		closeTo(t, row.Direction+" source", row.Source.Value, 0, 0)
		if row.Guide == nil || row.Guides == 0 {
			t.Errorf("%s is compared with no guide: %+v", row.Direction, row)
		}
	}
	equal(t, "rows of the switch", own, 2)
}
