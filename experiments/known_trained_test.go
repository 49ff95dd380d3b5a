package experiments

import (
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/models"
)

func knownImages(side int, rows ...int) *domains.Images {
	out := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}
	for _, i := range rows {
		out.Data = append(out.Data, newKnownImage(side, testSplit, i).pixels()...)
	}
	return out
}

func samePixels(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d values, want %d", what, len(got), len(want))
		return
	}
	for p := range got {
		if !(math.Abs(float64(got[p]-want[p])) <= 1e-5) {
			t.Errorf("%s: pixel %d is %v, want %v", what, p, got[p], want[p])
			return
		}
	}
}

func openKnown(t *testing.T) *Trained {
	t.Helper()
	trained, err := OpenTrained(runUndrawn(t).dir)
	if err != nil {
		t.Fatal(err)
	}
	return trained
}

// The model of a run on images of one's own: every mode, from either side, image by image.
func TestKnownTranslate(t *testing.T) {
	trained := openKnown(t)
	equal(t, "trained", fmt.Sprint(trained.Step, trained.Steps, trained.Shape()), "20 20 1x8x8")
	contents := [2][]int{{3, 8, 1}, {2, 7, 4}}
	guides := [2][]int{{5, 9}, {6, 11}}
	for side := range 2 {
		for _, mode := range Modes {
			out, err := trained.Translate(mode, domains.Side(side), knownImages(side, contents[side]...), knownImages(1-side, guides[1-side]...))
			if err != nil {
				t.Fatal(err)
			}
			rows := []int{-1}
			if mode == Guided || mode == Union {
				rows = guides[1-side]
			}
			equal(t, "guides of "+string(mode), mode.TakesGuide(), len(rows) == 2)
			var want []float32
			for _, g := range rows {
				for _, c := range contents[side] {
					own := c
					if mode == Guided || mode == Removal {
						own = -1
					}
					a, b := own, g
					if side == 1 {
						a, b = g, own
					}
					want = append(want, drawn(newKnownImage(side, testSplit, c).pixels(), a, b)...)
				}
			}
			samePixels(t, fmt.Sprintf("%s from %s", mode, domains.Side(side)), out.Data, want)
		}
	}
}

// Parts that are absent, fixed or moving, a row and a plane.
func TestKnownInterpolate(t *testing.T) {
	trained := openKnown(t)
	at := func(side, i int) []float32 { return newKnownImage(side, testSplit, i).pixels() }
	mixed := func(x, y []float32, f float32) []float32 {
		out := make([]float32, len(x))
		for p := range out {
			out[p] = (1-f)*x[p] + f*y[p]
		}
		return out
	}
	out, rows, columns, err := trained.Interpolate(knownImages(1, 2), knownImages(0, 3, 5), nil, 5)
	if err != nil || rows != 1 || columns != 5 {
		t.Fatal(rows, columns, err)
	}
	var want []float32
	for j := range 5 {
		want = append(want, mixed(drawn(at(1, 2), 3, -1), drawn(at(1, 2), 5, -1), float32(j)/4)...)
	}
	samePixels(t, "a row", out.Data, want)
	out, rows, columns, err = trained.Interpolate(knownImages(1, 2, 9), knownImages(0, 4), knownImages(1, 6, 7), 3)
	if err != nil || rows != 3 || columns != 3 {
		t.Fatal(rows, columns, err)
	}
	want = nil
	for i := range 3 {
		content := mixed(at(1, 2), at(1, 9), float32(i)/2)
		for j := range 3 {
			want = append(want, mixed(drawn(content, 4, 6), drawn(content, 4, 7), float32(j)/2)...)
		}
	}
	samePixels(t, "a plane", out.Data, want)
	for _, parts := range [][3]*domains.Images{{knownImages(0, 1), knownImages(0, 1), nil}, {knownImages(0, 1, 2), knownImages(0, 1, 2), knownImages(1, 1, 2)}} {
		if _, _, _, err := trained.Interpolate(parts[0], parts[1], parts[2], 3); err == nil || !strings.Contains(err.Error(), "want one (a row) or two (a plane)") {
			t.Errorf("error %v", err)
		}
	}
}

// More images than are encoded at once give each its own codes.
func TestKnownEncodeInParts(t *testing.T) {
	m, err := models.Methods.Get("known")
	if err != nil {
		t.Fatal(err)
	}
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec)})
	if err != nil {
		t.Fatal(err)
	}
	model, err := m.New(models.Config{Options: plan.Jobs[0].Spec.Model.Options})
	if err != nil {
		t.Fatal(err)
	}
	model.Parameters().All()[0].Data[0] = 1
	images := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}}
	n := 2*models.AtOnce + 5
	for i := range n {
		images.Data = append(images.Data, newKnownImage(0, testSplit, i%72).pixels()...)
	}
	codes, err := models.EncodeAll(model.(models.Encoder), images)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "codes", fmt.Sprint(codes.Of(models.Common).N, codes.Of(models.Common).D, codes.Of(models.Common).Channels, codes.Of(models.SeparateA).N, codes.Of(models.SeparateA).D, codes.Of(models.SeparateA).Channels, codes.Of(models.SeparateB).N), fmt.Sprint(n, 11, 11, n, 3, 1, n))
	for i := range n {
		c, a, b, _ := newKnownImage(0, testSplit, i%72).codes("oracle")
		for k, pair := range []struct {
			block *models.Block
			want  []float64
		}{{codes.Of(models.Common), c}, {codes.Of(models.SeparateA), a}, {codes.Of(models.SeparateB), b}} {
			for j, v := range pair.block.Row(i) {
				if float64(v) != pair.want[j] {
					t.Fatalf("image %d, block %d, value %d: %v, want %v", i, k, j, v, pair.want[j])
				}
			}
		}
	}
}

// An evaluation of codes that an earlier one left gives what one of fresh codes gives; codes
// of another training are not taken.
func TestKnownCodesFromTheCache(t *testing.T) {
	root := t.TempDir()
	first := newKnownRun(t, root)
	second := newKnownRun(t, root, "adapt.classifiers=[centroid]", "metrics.discrepancy.permutations=11")
	if first.dir != second.dir || second.Evaluation == first.Evaluation || second.Job != first.Job {
		t.Fatal("the two evaluations are not of one training")
	}
	for i, a := range second.Accuracy {
		equal(t, a.Row, fmt.Sprint(a.Target.Accuracy, a.Target.Confusion), fmt.Sprint(first.Accuracy[i].Target.Accuracy, first.Accuracy[i].Target.Confusion))
	}
	for i := range second.Independence {
		closeTo(t, second.Independence[i].Of, second.Independence[i].Value, first.Independence[i].Value, 0)
	}
	equal(t, "leakage", second.Leakage, first.Leakage)
	log, err := os.ReadFile(filepath.Join(first.dir, "log.txt"))
	if err != nil || strings.Count(string(log), "codes taken from the cache") != 1 {
		t.Errorf("codes are to be taken from the cache once, %v:\n%s", err, log)
	}
	equal(t, "permutations", second.Discrepancy[0].Resamples, 11)
}

// A run without checkpoint, or of another program, has no model to use.
func TestKnownWithoutModel(t *testing.T) {
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec)})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: t.TempDir(), Job: func(context.Context, spec.Job, *runs.RunDir, runs.Progress) error { return nil }})[0]
	if _, err := OpenTrained(out.Dir); err == nil || !strings.Contains(err.Error(), "no checkpoint: it is not trained yet, or the setting limits.drop removed it; train with venn run or venn resume") {
		t.Errorf("%v", err)
	}
}

// A checkpoint that cannot be used is damage.
func TestDamagedCheckpointIsDamage(t *testing.T) {
	if err := error(damagedCheckpoint{models.ErrCheckpoint}); !runs.IsDamaged(err) || !errors.Is(err, models.ErrCheckpoint) {
		t.Errorf("%v is not damage", err)
	}
}
