package experiments

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/models"
)

// Arrays of codes are taken as blocks, each split's in its place, or refused with what they
// are not.
func TestReadCodes(t *testing.T) {
	w, log := bareJob()
	w.dir.Path = t.TempDir()
	if err := w.mkdir("codes"); err != nil {
		t.Fatal(err)
	}
	sizes := [2][2]int{{2, 3}, {4, 5}}
	write := func(name string, shape ...int) {
		t.Helper()
		n := 1
		for _, s := range shape {
			n *= s
		}
		data := make([]float32, n)
		for i := range data {
			data[i] = float32(n)
		}
		if err := npy.Write(filepath.Join(w.dir.Path, "codes", name), shape, data); err != nil {
			t.Fatal(err)
		}
	}
	for side := range sizes {
		images := func(n int) *domains.Images {
			return &domains.Images{Shape: domains.Shape{Channels: 1, Height: 1, Width: 1}, Data: make([]float32, n)}
		}
		w.domains[side] = &domains.Domain{Train: domains.Split{Images: images(sizes[side][0])}, Test: domains.Split{Images: images(sizes[side][1])}}
		for split := range sizes[side] {
			write(codeFile(side, evaluate.SplitNames[split], models.Common), sizes[side][split], 2, 3)
		}
	}
	c, err := w.readCodes([]models.Role{models.Common})
	if err != nil {
		t.Fatal(err)
	}
	for side := range sizes {
		for split, n := range sizes[side] {
			b := c[side][split].Of(models.Common)
			equal(t, fmt.Sprint("block of ", side, split), fmt.Sprint(b.N, b.Channels, b.D, len(b.Data), b.Data[0]), fmt.Sprint(n, 2, 6, 6*n, 6*n))
		}
	}
	if !strings.Contains(log.String(), "codes taken from the cache") {
		t.Errorf("the log says %s", log)
	}
	for name, shape := range map[string][]int{"fewer": {1, 2, 3}, "more": {4, 2, 3}, "flat": {3, 6}, "deep": {3, 2, 3, 1}} {
		write(codeFile(0, "test", models.Common), shape...)
		if _, err := w.readCodes([]models.Role{models.Common}); !runs.IsDamaged(err) || !strings.HasSuffix(err.Error(), "a-test-common.npy: not the codes of 3 images (<nil>); remove the folder to encode anew") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := w.readCodes([]models.Role{models.SeparateA}); !runs.IsDamaged(err) || !strings.Contains(err.Error(), "a-train-separate-a.npy: not the codes of 2 images (") {
		t.Errorf("missing: %v", err)
	}
}

// Codes of another job or of another length of training, or with a stamp that cannot be
// read, are made anew; those of this very training are not.
func TestCodesOfAnotherTraining(t *testing.T) {
	run := newKnownRun(t, t.TempDir(), "domains.a.drawn=false", "domains.b.drawn=false", "adapt.classifiers=[centroid]", "translate.grid=1")
	var sound codesStamp
	path := filepath.Join(run.dir, "codes", runs.CodesStamp)
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, &sound)
	}
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "stamp", sound, fmt.Sprintf("{%s 20 [common separate-a separate-b]}", run.Job))
	plan, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: []string{"domains.a.drawn=false", "domains.b.drawn=false"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, text string
		encoded    bool
	}{
		{"this", string(data), false},
		{"another job", strings.Replace(string(data), run.Job, "another", 1), true},
		{"longer", strings.Replace(string(data), "20", "21", 1), true},
		{"torn", string(data[:len(data)/2]), true},
	} {
		if err := os.WriteFile(path, []byte(tt.text), 0o644); err != nil {
			t.Fatal(err)
		}
		w, _ := bareJob()
		shown := &told{}
		w.Job, w.dir.Path, w.progress = plan.Jobs[0], run.dir, shown
		if w.method, err = models.Methods.Get("known"); err != nil {
			t.Fatal(err)
		}
		for side := range w.domains {
			w.domains[side] = &domains.Domain{Train: knownSplit(side, trainSplit, true), Test: knownSplit(side, testSplit, true)}
		}
		w.model = &knownModel{options: w.Spec.Model.Options, weights: weightOfOne()}
		if _, err := w.codes(); err != nil {
			t.Fatal(err)
		}
		equal(t, tt.name, shown.lines() != "", tt.encoded)
		if got, err := os.ReadFile(path); err != nil || strings.Join(strings.Fields(string(got)), "") != strings.Join(strings.Fields(string(data)), "") {
			t.Errorf("%s: the stamp is now %s, %v", tt.name, got, err)
		}
	}
}
