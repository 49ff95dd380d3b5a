package experiments

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
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
	return []models.Edit{translations[0].Edit, translations[1].Edit, translations[2].Edit}
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
		if n := len(inOrder()); len(skipped) < n-2 || len(skipped) >= n { // all but those of tables, which are empty
			t.Errorf("%d of %d skipped: %q", len(skipped), n, skipped)
		}
		equal(t, "the first", skipped[0], "reconstruction: the model does not decode codes")
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
	equal(t, "grids", grids, "[translate-a-b translate-b-a]")
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

// Files at the top that were damaged are written anew where the job says what they hold, and
// a person is told.
func TestKeptFiles(t *testing.T) {
	dir, job, runs := openToy(t)
	if err := dir.Close(); err != nil {
		t.Fatal(err)
	}
	for name, says := range map[string]string{"resolved.yaml": ": written anew", "env.json": ": it says from now on where the run went on", "spec.yaml": ": written anew"} {
		want, err := os.ReadFile(dir.File(name))
		if err != nil {
			t.Fatal(err)
		}
		bend(t, dir.File(name), 2)
		again, err := OpenRun(runs, job, []byte(toy.Spec))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(dir.File(name))
		if err != nil || string(got) != string(want) || len(again.Notices) != 1 || !strings.HasPrefix(again.Notices[0], name+" was changed since it was written (") || !strings.HasSuffix(again.Notices[0], says) {
			t.Errorf("%s: %v, said %q", name, err, again.Notices)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
	}
	sound, err := OpenRun(runs, job, nil)
	if err != nil || len(sound.Notices) > 0 {
		t.Fatal(sound.Notices, err)
	}
	if err := sound.Close(); err != nil {
		t.Fatal(err)
	}
	if m, err := readManifest(dir.Path); err != nil || len(m.files) != 3 {
		t.Errorf("listed %v, %v", m.files, err)
	}
	log, err := os.ReadFile(dir.File("log.txt"))
	if err != nil || strings.Count(string(log), "resolved.yaml was changed") != 1 {
		t.Errorf("the log says %s, %v", log, err)
	}
	other := mustPlan(t, toyRequest(toy.Spec, "adapt.classifiers=[toy-neighbours]")).Jobs[0]
	again, err := OpenRun(runs, other, nil)
	if err != nil {
		t.Fatal(err)
	}
	resolved, err := os.ReadFile(dir.File("resolved.yaml"))
	if want, e := other.ResolvedYAML(); err != nil || e != nil || string(resolved) != string(want) || len(again.Notices) > 0 {
		t.Errorf("of another evaluation: %v, %v, said %q\n%s", err, e, again.Notices, resolved)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	e := &DamagedError{filepath.Join("a", "b.json"), "is bad"}
	equal(t, "damaged", fmt.Sprint(e, " ", e.Name(), " ", IsDamaged(e)), "experiments: a/b.json: is bad b.json true")
}

// Records rise, hold what a record holds and nothing else, and stand each on its line.
func TestRecordLines(t *testing.T) {
	dir, _, _ := openToy(t)
	w, err := dir.Recorder(0)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []Record{{3, []Value{{"x", 0.5}}}, {7, nil}} {
		if err := w.Append(r); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []int{7, 5} {
		equal(t, "falling", w.Append(Record{Step: step}), fmt.Sprintf("experiments: %s: record of step %d after step 7", dir.File(recordsName), step))
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	const lines = "{\"step\":3,\"values\":[{\"name\":\"x\",\"value\":0.5}]}\n{\"step\":7,\"values\":null}\n"
	data, err := os.ReadFile(dir.File(recordsName))
	equal(t, "file", fmt.Sprint(string(data), err), fmt.Sprint(lines, error(nil)))
	_, ends, err := scanRecords(dir.File(recordsName))
	equal(t, "ends", fmt.Sprint(ends, err), fmt.Sprint([]int64{int64(strings.Index(lines, "\n")) + 1, int64(len(lines))}, error(nil)))
	for _, text := range []string{`{"step":1,"values":[],"more":1}`, `{"step":1,"values":[]} {}`, `{"step":1,"values":[]}]`, `{"step":"1","values":[]}`} {
		if err := os.WriteFile(dir.File(recordsName), []byte(text+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		if _, err := ReadRecords(dir.File(recordsName)); !IsDamaged(err) || !strings.HasSuffix(err.Error(), "line 1 is not a record") {
			t.Errorf("%s: %v", text, err)
		}
	}
	if records, err := ReadRecords(dir.File("nowhere")); records != nil || err != nil {
		t.Errorf("no file: %v, %v", records, err)
	}
}

// Values of overrides and of other texts are read by the rules of a spec, at no line.
func TestParseValues(t *testing.T) {
	for text, want := range map[string]string{"7": "7 <nil>", "[1, {a: b}]": "[1 map[a:b]] <nil>", "x: 1\nx: 2": "<nil> s:2:1: x: given twice, first at line 1; want it once"} {
		v, err := spec.ParseValue("s", text)
		equal(t, text, fmt.Sprint(v, err), want)
	}
	for override, want := range map[string]string{
		"title=!x": `a text that begins with ! needs quotes of YAML's, as in 'key="!text"'`, "title= %x": `a text that begins with % needs quotes of YAML's, as in 'key="%text"'`,
		"model={separate: 3, separate: 4}": "separate: given twice, first at line 1; want it once", "title=[": "not YAML: ", "=3": "want key.sub=value", "a..b=3": "want key.sub=value",
	} {
		if _, err := spec.NewPlan(toyRequest(toy.Spec, override)); err == nil || !strings.HasPrefix(err.Error(), fmt.Sprintf("override %q: %s", override, want)) {
			t.Errorf("%s: %v, want %s", override, err, want)
		}
	}
	if p := mustPlan(t, toyRequest(toy.Spec, "title=  x y ")); p.Jobs[0].Spec.Title != "x y" {
		t.Errorf("title %q", p.Jobs[0].Spec.Title)
	}
	if _, err := spec.NewPlan(toyRequest(toy.Spec, "nonsense", "model.separate=5", "=")); fmt.Sprint(err) != "override \"=\": want key.sub=value\noverride \"nonsense\": want key.sub=value" {
		t.Errorf("%v", err)
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
	if out := Run(context.Background(), &spec.Plan{}, RunOptions{}); len(out) != 0 {
		t.Errorf("a plan of nothing: %v", out)
	}
}
