package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// Pixels that differ by more than the bound, either way, and the mean difference over them.
func TestDifferences(t *testing.T) {
	x, y := []float32{0, 0.5, -0.5, 1}, []float32{0.25, 0.25, 0.5, 1}
	equal(t, "by more than a quarter", different(x, y, 0.25), "[false false true false]")
	equal(t, "by more than a fifth", different(x, y, 0.2), "[true true true false]")
	closeTo(t, "over two", maskedL1(x, y, []bool{false, true, true, false}), (0.25+1)/2, 1e-12)
	closeTo(t, "over one", maskedL1(x, y, []bool{false, false, true, false}), 1, 1e-12)
	closeTo(t, "over none", maskedL1(x, y, make([]bool, 4)), 0, 0)
	equal(t, "count", count([]bool{true, false, true}), 2)
	for by, want := range map[float64]int{0.021: 1, 0.019: 0} { // the least change that counts is 0.02
		equal(t, fmt.Sprint("change of ", by), count(different([]float32{0.5}, []float32{float32(0.5 + by)}, changedPixel)), want)
	}
}

// A grid is kept as its rows and columns say, white where there is no image, and refused
// with another number of images.
func TestKeepGrid(t *testing.T) {
	dir := t.TempDir()
	w, _ := bareJob()
	w.Dir.Path = dir
	w.Spec.Image = spec.ImageSpec{Size: 2, Channels: 1}
	image := func(v float32) []float32 { return []float32{v, v, v, v} }
	images := [][]float32{image(0), image(0.1), nil, image(0.3), image(0.4), image(0.5)}
	err := w.keepGrid(reports.Grid{Name: "g", Rows: 2, Columns: 4}, images)
	equal(t, "too few", err, "experiments: grid g has 6 images for 2 x 4")
	if _, err := os.Stat(filepath.Join(dir, "grids")); !errors.Is(err, fs.ErrNotExist) || w.Results.Grids != nil {
		t.Errorf("a grid that was refused is kept: %v, %v", err, w.Results.Grids)
	}
	if err := w.keepGrid(reports.Grid{Name: "g", Rows: 2, Columns: 3}, images); err != nil {
		t.Fatal(err)
	}
	shape, data, err := npy.Read(filepath.Join(dir, "grids", "g.npy"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "shape", shape, "[2 3 1 2 2]")
	equal(t, "first pixels", fmt.Sprint(data[0], data[4], data[8], data[11], data[20]), "0 0.1 1 1 0.5")
	equal(t, "files", w.Results.Grids[0].File, "grids/g.npy")
}

// What a model cannot do is skipped with a reason, and the rest is done.
func TestTranslationsThatCannotBe(t *testing.T) {
	w, _ := bareJob()
	w.Model = cannot{}
	for side := range w.Domains {
		w.Domains[side] = &domains.Domain{Test: domains.Split{Images: shades(side, 2)}}
	}
	if err := errors.Join(w.exact(nil), w.grids(&Codes{})); err != nil {
		t.Fatal(err)
	}
	var skipped []string
	for _, s := range w.Results.Skipped {
		equal(t, s.Evaluation, s.Reason, "the model cannot do it")
		skipped = append(skipped, s.Evaluation)
	}
	equal(t, "skipped", strings.Join(skipped, ", "), "translation a->b, translation b->a, translation removal-a, translation removal-b, translation union, grid a->b, grid b->a")
}

// cannot is a translator without any edit.
type cannot struct{ models.Model }

func (cannot) Edits() []models.Edit { return nil }
func (cannot) Translate(models.Edit, *domains.Images, *domains.Images) (*domains.Images, error) {
	return nil, context.Canceled
}
