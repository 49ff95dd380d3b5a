package experiments

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// faceNumber is face i of the population: every combination of attributes equally often.
func faceNumber(i int) plainFace {
	return plainFace{grey: uint8(120 + i%40), warm: i&4 != 0, smile: i&1 != 0, glasses: i&2 != 0, red: uint8(i % 60)}
}

// writePopulation writes 240 faces with a table of their attributes, and of some that tell
// nobody apart.
func writePopulation(t *testing.T, dir string) {
	t.Helper()
	table := "file,Smiling,Eyeglasses,Warm,Rare,Usual,Hidden\n"
	if err := os.MkdirAll(filepath.Join(dir, "own"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i := range 240 {
		f := faceNumber(i)
		im := image.NewRGBA(image.Rect(0, 0, 16, 16))
		for p := range 256 {
			im.SetRGBA(p%16, p/16, f.at(p%16, p/16))
		}
		name := fmt.Sprintf("%03d.png", i)
		file, err := os.Create(filepath.Join(dir, "own", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(file, im); err != nil {
			t.Fatal(err)
		}
		file.Close()
		table += fmt.Sprintf("%s,%t,%t,%t,%t,%t,false\n", name, f.smile, f.glasses, f.warm, i < 4, i >= 4)
	}
	if err := os.WriteFile(filepath.Join(dir, "own.csv"), []byte(table), 0o644); err != nil {
		t.Fatal(err)
	}
}

// facesPlan is a study of the population in a folder.
func facesPlan(t *testing.T, dir string, overrides ...string) *spec.Plan {
	t.Helper()
	text := fmt.Sprintf(`name: faces
domains:
  a: {dataset: image-table, images: %[1]s/own, attributes: %[1]s/own.csv, where: "Smiling & !Eyeglasses & !Hidden", labelled: false, test_fraction: 0.3}
  b: {dataset: image-table, images: %[1]s/own, attributes: %[1]s/own.csv, where: "!Smiling & Eyeglasses & !Hidden", labelled: false, test_fraction: 0.3}
image: {size: 16, channels: 3}
model: {method: plain-faces}
adapt: {classifiers: [centroid]}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 30, grid: 2, steps: 2, judge: {steps: 80, batch: 16}}
report: {formats: []}
`, dir)
	plan, err := spec.NewPlan(spec.Request{Source: "faces.yaml", Text: []byte(text), Overrides: overrides})
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// loadFaces reads both domains of a study as its job does.
func loadFaces(t *testing.T, plan *spec.Plan) (sets [2]*domains.Domain) {
	t.Helper()
	for i, s := range plan.Jobs[0].Spec.Domains {
		var err error
		if sets[i], err = domains.Load(context.Background(), s.Dataset, domains.Request{Side: domains.Side(i), Options: s.Options, Shape: plan.Jobs[0].Spec.Image.Shape()}); err != nil {
			t.Fatal(err)
		}
	}
	return sets
}

// Attributes that a spec grants are those of the training images, a row each in their order, and
// go to the domain that the images are of.
func TestGrantedAttributes(t *testing.T) {
	dir := t.TempDir()
	writePopulation(t, dir)
	plan := facesPlan(t, dir)
	sets := loadFaces(t, plan)
	w := &job{domains: sets, method: models.Method{Needs: models.Needs{Attributes: true}}}
	w.Spec.Model.Options = option.Values{"attributes": []string{"Rare", "Warm"}}
	data, err := w.data()
	if err != nil {
		t.Fatal(err)
	}
	for side, d := range sets {
		given := data.Given[side]
		if given.N != len(d.Train.Names) || given.N == 0 || given.N == len(d.Test.Names) {
			t.Fatalf("side %d: rows of %d images of %d in training and %d in test", side, given.N, len(d.Train.Names), len(d.Test.Names))
		}
		both := [2]int{}
		for i, name := range d.Train.Names {
			n, err := strconv.Atoi(strings.TrimSuffix(name, ".png"))
			if err != nil {
				t.Fatal(err)
			}
			warm := float32(0)
			if faceNumber(n).warm {
				warm = 1
			}
			both[int(warm)]++
			rare := float32(0)
			if n < 4 {
				rare = 1
			}
			if row := given.Row(i); row[0] != rare || row[1] != warm {
				t.Errorf("side %d, %s: given %v, want rare %v and warm %v", side, name, row, rare, warm)
			}
		}
		if both[0] == 0 || both[1] == 0 {
			t.Errorf("side %d: %v faces cold and warm: they tell nothing apart", side, both)
		}
	}
	w.domains[1] = &domains.Domain{Name: "folder"}
	if _, err := w.data(); oneLine(err) != "experiments: folder lists no attributes of its images" {
		t.Error(err)
	}
}
