package experiments

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
)

// A learner is a model without codes and images that learns from the labels of the source:
// where it is told that the domains are the known ones, it refuses a batch whose labels are
// not those of its rows.
type learner struct {
	weights *models.Parameters
	known   bool
}

func (m *learner) Step(_ int, b *models.Batch) ([]models.Loss, error) {
	for i, row := range b.Rows[b.Source] {
		if !m.known {
			break
		}
		k := newKnownImage(int(b.Source), trainSplit, row)
		if b.Labels[i] != k.class || !slices.Equal(b.Images[b.Source].At(i), k.pixels()) || !slices.Equal(b.Images[1-b.Source].At(i), newKnownImage(1-int(b.Source), trainSplit, b.Rows[1-b.Source][i]).pixels()) {
			return nil, fmt.Errorf("row %d of %s has label %d or other pixels", row, b.Source, b.Labels[i])
		}
	}
	return []models.Loss{{Name: "class", Value: 1}, {Name: "other", Value: 2}}, nil
}
func (m *learner) Parameters() *models.Parameters  { return m.weights }
func (m *learner) Optimisers() []*models.Optimiser { return nil }

// A stylist is a model without codes that exchanges what hats and scarves are.
type stylist struct{ learner }

func (m *stylist) Step(int, *models.Batch) ([]models.Loss, error) {
	return []models.Loss{{Name: "style", Value: 1}}, nil
}

func (m *stylist) Edits() []models.Edit {
	return []models.Edit{Guided.edit(domains.A), Guided.edit(domains.B), Removal.edit(domains.A)}
}

func (m *stylist) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	if (guides != nil) != e.Guided() || guides != nil && guides.Len() != contents.Len() {
		return nil, fmt.Errorf("%v: guides %v", e, guides)
	}
	out := &domains.Images{Shape: contents.Shape}
	for i := range contents.Len() {
		px := slices.Clone(contents.At(i))
		for side, slot := range e.Own {
			part := px[10+3*side : 13+3*side]
			switch slot {
			case models.Empty:
				clear(part)
			case models.OfGuide:
				copy(part, guides.At(i)[10+3*side:])
			}
		}
		out.Data = append(out.Data, px...)
	}
	return out, nil
}

func init() {
	models.Methods.Add("known-stylist", models.Method{Name: "known-stylist", Version: 1, Loop: models.Loop{Iterations: 2, Batch: 4, LogEvery: 1}, New: func(models.Config) (models.Model, error) {
		return &stylist{learner{weights: weightOfOne()}}, nil
	}})
	method := models.Method{Name: "known-learner", Version: 1, Loop: models.Loop{Iterations: 5, Batch: 4, LogEvery: 1}, Options: []option.Option{
		{Name: "known", Kind: option.Bool, Default: false}}, New: func(c models.Config) (models.Model, error) {
		m := &learner{models.NewParameters(), c.Options.Bool("known")}
		if m.known && c.Classes != 3 {
			return nil, fmt.Errorf("%d classes, want 3", c.Classes)
		}
		m.weights.Add("weight", false, 2)
		m.weights.Add("state", true, 5)
		return m, nil
	}}
	method.Needs.Labels = true
	models.Methods.Add("known-learner", method)
}

// A method that learns from labels is given those of the source, whichever domain that is; a
// model without codes and images is evaluated by nothing, and says what it cannot do.
func TestLearner(t *testing.T) {
	for _, overrides := range [][]string{{}, {"domains.a.labelled=false", "domains.b.labelled=true"}} {
		run := newKnownRun(t, t.TempDir(), append(overrides, "model.method=known-learner", "model.known=true")...)
		var skipped []string
		for _, s := range run.Skipped {
			skipped = append(skipped, s.Evaluation+": "+s.Reason)
		}
		names, _ := evaluate.List()
		if n := len(names); len(skipped) < n-2 || len(skipped) >= n { // all but those of tables, which are empty
			t.Errorf("%d of %d skipped: %q", len(skipped), n, skipped)
		}
		equal(t, "the first", skipped[0], "reconstruction: the model does not make images")
		equal(t, "parameters but for the state", fmt.Sprint(run.Parameters, " ", run.Steps, " ", len(run.runs[0].Curves)), "2 5 2")
		trained, err := OpenTrained(run.dir)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "trained", fmt.Sprint(trained.Classes, trained.Step, trained.Steps), "[zero one two] 5 5")
		_, encode := trained.Encode(knownImages(0, 1))
		_, translate := trained.Translate(Removal, domains.B, knownImages(1, 1), nil)
		_, _, _, interpolate := trained.Interpolate(knownImages(0, 1, 2), nil, nil, 3)
		for want, err := range map[string]error{"encode images": encode, "remove images of b": translate, "decode codes, which interpolation needs": interpolate} {
			equal(t, want, err, "experiments: known-learner cannot "+want+"; `venn list methods` says which can")
		}
	}
}

// A model that translates without codes is scored and shown in what it can do, guide by guide.
func TestStylist(t *testing.T) {
	run := newKnownRun(t, t.TempDir(), "model.method=known-stylist")
	var scored []string
	for _, d := range run.Translation {
		scored = append(scored, d.Direction)
		closeTo(t, d.Direction, d.Ratio, 0, 1e-6)
		if d.Guide != nil {
			closeTo(t, d.Direction+" guide", *d.Guide, 1, 0)
		}
	}
	equal(t, "scored", scored, "[a->b b->a removal-a]")
	var grids, skipped []string
	for _, g := range run.Grids {
		grids = append(grids, g.Name)
	}
	equal(t, "grids", grids, "[translate-a-b translate-b-a strip-a-b strip-b-a]")
	for _, s := range run.Skipped {
		if s.Reason == "the model cannot do it" {
			skipped = append(skipped, s.Evaluation)
		}
	}
	equal(t, "skipped", skipped, "[translation removal-b translation union]")
	_, data, err := npy.Read(filepath.Join(run.dir, run.Grids[0].File))
	if err != nil {
		t.Fatal(err)
	}
	picks := [2][]int{}
	for side, letter := range []string{"a", "b"} {
		picks[side] = stream.Permutation(stream.New(0, "grid", letter), knownSizes[side][testSplit])[:3]
	}
	for row := range 3 {
		for column := range 3 {
			samePixels(t, fmt.Sprint("tile ", row, column), data[(4*(row+1)+column+1)*knownPixels:][:knownPixels], drawn(newKnownImage(0, testSplit, picks[0][column]).pixels(), -1, picks[1][row]))
		}
	}
}

// The modes as edits: what stays of the content's own and what comes of the guide's.
func TestModesAsEdits(t *testing.T) {
	for _, from := range []domains.Side{domains.A, domains.B} {
		for mode, want := range map[Mode][2]models.Slot{Guided: {models.Empty, models.OfGuide}, Removal: {}, Union: {models.OfContent, models.OfGuide}, Reconstruction: {models.OfContent, models.Empty}} {
			e := mode.edit(from)
			equal(t, fmt.Sprint(mode, " from ", from), fmt.Sprint(e.Content, e.Own[from], e.Own[1-from]), fmt.Sprint(from, want[0], want[1]))
		}
	}
	if out := runs.Run(context.Background(), &spec.Plan{}, runs.RunOptions{}); len(out) != 0 {
		t.Errorf("a plan of nothing: %v", out)
	}
}

// The files of a run and of a report are everybody's to read and their owner's to write, as
// far as the process lets them.
func TestModes(t *testing.T) {
	umask := fs.FileMode(syscall.Umask(0))
	syscall.Umask(int(umask))
	run := newKnownRun(t, t.TempDir(), "domains.a.drawn=false", "domains.b.drawn=false", "report.watch=10", "adapt.classifiers=[centroid]")
	release, err := runs.LockReport(filepath.Dir(run.dir))
	if err == nil {
		err = errors.Join(release(), runs.BeginReport(filepath.Dir(run.dir), nil, nil))
	}
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	err = filepath.WalkDir(filepath.Dir(run.dir), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		want := fs.FileMode(0o644)
		if e.IsDir() {
			want = 0o755
		}
		if got := info.Mode().Perm(); got != want&^umask {
			t.Errorf("%s is %v, want %v", path, got, want&^umask)
		}
		seen++
		return nil
	})
	if err != nil || seen < 30 {
		t.Errorf("%d files, %v", seen, err)
	}
}
