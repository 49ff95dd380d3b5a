package evaluate

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/models"
)

// single is a taker of one slot: it has codes for what is of one domain alone.
type single struct{ taker }

func (single) CanEdit(e models.Edit) bool {
	return (e.Own[0] == models.Empty) != (e.Own[1] == models.Empty)
}

// Domains of two and of three held-out images: grids have as many rows and columns as there
// are, guides begin again where there are fewer of them, and contents of both are numbered.
func TestGridsOfFewImages(t *testing.T) {
	var model models.Model = taker{}
	made := func(sizes [2]int) (map[string]string, *Subject) {
		t.Helper()
		w, _ := bareJob()
		w.Dir.Path = t.TempDir()
		w.Spec.Image, w.Spec.Translate = spec.ImageSpec{Size: 2, Channels: 1}, spec.TranslateSpec{Grid: 3, Steps: 2}
		w.Model = model
		var c Codes
		for side, n := range sizes {
			images := shades(side, n)
			w.Domains[side] = &domains.Domain{Test: domains.Split{Images: images}}
			c[side][testSplit], _ = taker{}.Encode(images)
		}
		if err := w.grids(&c); err != nil {
			t.Fatal(err)
		}
		shapes := map[string]string{}
		for _, g := range w.Results.Grids {
			shapes[g.Name] = fmt.Sprint(g.Rows, "x", g.Columns, " ", g.RowLabels)
		}
		return shapes, w
	}
	shapes, w := made([2]int{2, 3})
	for name, want := range map[string]string{"translate-a-b": "4x3 []", "translate-b-a": "3x4 []", "interpolate-separate": "5x2 [b 1 b 2 b 3 a 1 a 2]", "interpolate-common": "3x2 [b 1 b 2 b 3]",
		"interpolate-plane": "2x2 [a 0.00 a 1.00]", "parts-a": "5x2 [input reconstruction intersection union guide of union]", "parts-b": "5x3 [input reconstruction intersection union guide of union]"} {
		equal(t, name, shapes[name], want)
	}
	shape, data, err := npy.Read(filepath.Join(w.Dir.Path, "grids", "parts-b.npy"))
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "parts of b", shape, "[5 3 1 2 2]")
	picks := w.picks(3)
	for j := range 3 {
		equal(t, fmt.Sprint("guide ", j), data[(4*3+j)*4:][:4], w.Domains[0].Test.Images.At(picks[0][j%2]))
	}
	// A model that makes neither unions nor intersections has the grids without them.
	model = single{}
	shapes, w = made([2]int{2, 3})
	equal(t, "grids of one slot", len(shapes), 4)
	equal(t, "interpolate-common of one slot", shapes["interpolate-common"], "3x2 [b 1 b 2 b 3]")
	var skipped []string
	for _, s := range w.Results.Skipped {
		skipped = append(skipped, s.Evaluation+": "+s.Reason)
	}
	equal(t, "skipped", fmt.Sprint(skipped), "[grid parts-a: the model cannot do it grid parts-b: the model cannot do it grid interpolate-plane: the model cannot do it]")
	model = taker{}
	for _, sizes := range [][2]int{{1, 3}, {3, 1}} {
		shapes, _ := made(sizes)
		if _, there := shapes["interpolate-plane"]; there || shapes["parts-a"] == "" {
			t.Errorf("%v images: %v", sizes, shapes)
		}
	}
}
