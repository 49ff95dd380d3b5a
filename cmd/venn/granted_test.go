package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/models"
)

// A witness is a model that knows from the pixels of a drawn face whether it is warm and
// smiles, and says how many of the attributes that it is granted say otherwise.
type witness struct{ ps *models.Parameters }

func init() {
	if os.Getenv("VENN_TEST_WITNESS") == "" {
		return
	}
	models.Methods.Add("witness", models.Method{Name: "witness", Doc: "for a test", Citation: "none", Version: 1, Needs: models.Needs{Attributes: true},
		Loop: models.Loop{Iterations: 10, Batch: 8, LogEvery: 1}, New: func(models.Config) (models.Model, error) {
			w := &witness{models.NewParameters()}
			w.ps.Add("nothing", false, 1)
			return w, nil
		}})
}

func (w *witness) Parameters() *models.Parameters  { return w.ps }
func (w *witness) Optimisers() []*models.Optimiser { return nil }

func (w *witness) Step(_ int, b *models.Batch) ([]models.Loss, error) {
	var wrong, warm, smiles float64
	for side, x := range b.Images {
		for i := range x.Len() {
			at := func(c, y, x0 int) float32 { return x.At(i)[(c*16+y)*16+x0] }
			given := b.Given[side].Row(i)
			isWarm, isSmiling := at(0, 0, 0) > at(2, 0, 0), at(1, 11, 6) > 0.99
			if (given[0] == 1) != isWarm || (given[1] == 1) != isSmiling {
				wrong++
			}
			warm += float64(given[0])
			smiles += float64(given[1])
		}
	}
	return []models.Loss{{Name: "wrong", Value: wrong}, {Name: "warm", Value: warm}, {Name: "smiles", Value: smiles}}, nil
}

// What a spec grants reaches the training beside the images that it is of; what a label reads
// does not.
func TestGrantedAttributes(t *testing.T) {
	dir := t.TempDir()
	drawnFaces(t, dir)
	text := facesSpec[:strings.Index(facesSpec, "model:")] + "model: {method: witness, attributes: [Warm, Smiling]}\nadapt: {classifiers: [centroid]}\n"
	write(t, filepath.Join(dir, "real.yaml"), text)
	env := []string{"XDG_CACHE_HOME=" + dir, "VENN_TEST_WITNESS=1"}
	finish(t, dir, env, exitOK, "run", "real.yaml")
	records, err := runs.ReadRecords(filepath.Join(runDir(t, dir), "metrics.jsonl"))
	if err != nil || len(records) != 10 {
		t.Fatalf("%d records, %v", len(records), err)
	}
	warm := 0.0
	for _, r := range records {
		if r.Values[0].Value != 0 || r.Values[2].Value != 8 {
			t.Errorf("step %d: %v of 16 images have attributes of others, %v smile, want 8", r.Step, r.Values[0].Value, r.Values[2].Value)
		}
		warm += r.Values[1].Value
	}
	if warm < 40 || warm > 120 {
		t.Errorf("%v of 160 are warm, want about a half", warm)
	}
	// The run is found again, done.
	if out := finish(t, dir, env, exitOK, "run", "real.yaml"); !strings.Contains(out, "done") {
		t.Errorf("a second run says %s", out)
	}
	for want, change := range map[string]string{
		`"Warm" is read by label "!Warm", and no training may see what a label reads`: `domains.b.label="!Warm"`,
		`unknown attribute "Warmth"`: "model.attributes=[Warmth]",
	} {
		code := exitUsage
		if strings.HasPrefix(want, "unknown") {
			code = exitFailed // the columns of a table are known when it is read
		}
		if out := finish(t, dir, env, code, "run", "real.yaml", change); !strings.Contains(out, want) {
			t.Errorf("%s: %s, want %s", change, out, want)
		}
	}
}
