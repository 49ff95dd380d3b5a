package evaluate

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "grids", doc: "image grids: guided translation, removal and union, interpolation",
		order: 90, version: 1, wants: wants(wantsTranslator, wantsGrid), do: (*Subject).grids})
}

func wantsGrid(w *Subject, _ *Codes) string {
	if w.Spec.Translate.Grid == 0 {
		return "translate.grid is 0"
	}
	return ""
}

// writeImages keeps images (nil: background) as one array below the run directory.
func (w *Subject) writeImages(file string, lead []int, images [][]float32) error {
	if err := w.mkdir("grids"); err != nil {
		return err
	}
	s := w.Spec.Image.Shape()
	if err := npy.Write(w.Dir.File(file), append(lead, s.Channels, s.Height, s.Width), w.joined(images)); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// joined puts images one after another; nil stands for white.
func (w *Subject) joined(images [][]float32) []float32 {
	size := w.Spec.Image.Shape().Len()
	data := make([]float32, 0, len(images)*size)
	for _, im := range images {
		if im == nil {
			im = make([]float32, size)
			for i := range im {
				im[i] = 1
			}
		}
		data = append(data, im...)
	}
	return data
}

// grids makes the image grids of the paper's figures from held-out images, drawn
// once a job: guided translation in both directions and, where codes are decoded, removal
// and union, and the three interpolations.
func (w *Subject) grids(c *Codes) error {
	picks := w.picks(w.Spec.Translate.Grid)
	for _, t := range translations[:2] {
		if !w.can(t.Edit) {
			w.skip("grid "+t.name, "the model cannot do it")
			continue
		}
		grid, images, err := w.guided(t, [2]*domains.Images{w.Domains[0].Test.Images, w.Domains[1].Test.Images}, [2]models.Codes{c[0][testSplit], c[1][testSplit]}, picks[t.Content], picks[1-t.Content])
		if err != nil {
			return err
		}
		if err := w.keepGrid(grid, images); err != nil {
			return err
		}
	}
	if _, ok := w.Model.(models.Decoder); !ok || !hasParts(c) {
		return nil
	}
	if err := w.partsGrid(c, picks); err != nil {
		return err
	}
	return w.interpolations(c, picks)
}

// picks are the held-out images of both sides that the grids show, k at most.
func (w *Subject) picks(k int) (out [2][]int) {
	for side, d := range w.Domains {
		p := stream.Permutation(stream.New(w.Seed, "grid", domains.Side(side)), d.Test.Images.Len())
		out[side] = p[:min(k, len(p))]
	}
	return out
}

// guided has the contents in the first row and the guides in the first column, as
// the paper's figures. The rows of the codes are those of the sets of images.
func (w *Subject) guided(t translation, sets [2]*domains.Images, codes [2]models.Codes, contents, guides []int) (reports.Grid, [][]float32, error) {
	images := [][]float32{nil}
	for _, i := range contents {
		images = append(images, sets[t.Content].At(i))
	}
	for _, g := range guides {
		images = append(images, sets[1-t.Content].At(g))
		out, err := w.made(t.Edit, sets, codes, contents, slices.Repeat([]int{g}, len(contents)))
		if err != nil {
			return reports.Grid{}, nil, err
		}
		for i := range contents {
			images = append(images, out.At(i))
		}
	}
	from, to := t.Content.String(), (1 - t.Content).String()
	return reports.Grid{Name: "translate-" + from + "-" + to, Title: fmt.Sprintf("Guided translation %s to %s", from, to),
		Caption: fmt.Sprintf("First row: held-out images of %s (contents). First column: held-out images of %s (guides). Each other image keeps its content's common part, drops what only %s has and takes what only %s has from its guide.", from, to, from, to),
		Rows:    len(guides) + 1, Columns: len(contents) + 1, Header: true}, images, nil
}

// partsGrid shows, for contents of either domain, the image, its reconstruction,
// the intersection (both slots empty) and the union with a guide of the other domain.
func (w *Subject) partsGrid(c *Codes, picks [2][]int) error {
	for side, own := range picks {
		content := domains.Side(side)
		if !w.can(union(content)) || !w.can(models.Edit{Content: content}) {
			w.skip("grid parts-"+content.String(), "the model cannot do it")
			continue
		}
		guides := make([]int, len(own))
		for i := range guides {
			guides[i] = picks[1-side][i%len(picks[1-side])]
		}
		kinds := []translation{
			identity(content),
			{"intersection", models.Edit{Content: content}},
			{"union", union(content)},
		}
		var images [][]float32
		for _, i := range own {
			images = append(images, w.Domains[side].Test.Images.At(i))
		}
		for _, t := range kinds {
			out, err := w.translated(t, c, own, guides)
			if err != nil {
				return err
			}
			for i := range own {
				images = append(images, out.At(i))
			}
		}
		for _, g := range guides {
			images = append(images, w.Domains[1-side].Test.Images.At(g))
		}
		if err := w.keepGrid(reports.Grid{Name: "parts-" + content.String(), Title: "Intersection and union from " + content.String(),
			Caption: fmt.Sprintf("Held-out images of %s, their reconstructions, the intersection (both separate slots empty: removal), and the union with the separate part of the guide below.", content),
			Rows:    5, Columns: len(own), RowLabels: []string{"input", "reconstruction", "intersection", "union", "guide of union"}}, images); err != nil {
			return err
		}
	}
	return nil
}

// union keeps what the content has of its own and takes the guide's beside it.
func union(content domains.Side) models.Edit {
	e := models.Reconstruction(content)
	e.Own[1-content] = models.OfGuide
	return e
}

// interpolations are the three of the paper: between two separate codes at a fixed
// common code, between two common codes, and the plane of separate A by separate B.
func (w *Subject) interpolations(c *Codes, picks [2][]int) error {
	if len(picks[0]) < 2 || len(picks[1]) < 2 {
		return nil
	}
	n, decoder := w.Spec.Translate.Steps, w.Model.(models.Decoder)
	a, b := c[0][testSplit], c[1][testSplit]
	a0, a1, b0, b1 := picks[0][0], picks[0][1], picks[1][0], picks[1][1]
	common := func(m models.Codes, i int) *models.Block { return m.Of(models.Common).Take([]int{i}) }
	contents := [2]int{min(len(picks[0]), 4), min(len(picks[1]), 4)}
	var separate, between, plane [][]float32
	put := func(dst *[][]float32, c, u, v *models.Block) error {
		im, err := decoder.Decode(1, models.Codes{c, u, v})
		if err == nil {
			*dst = append(*dst, im.Data)
		}
		return err
	}
	ua, ub := a.Of(models.SeparateA).Take([]int{a0}), a.Of(models.SeparateA).Take([]int{a1})
	va, vb := b.Of(models.SeparateB).Take([]int{b0}), b.Of(models.SeparateB).Take([]int{b1})
	for side := range 2 { // contents of the other domain, guides of this one
		for row := range contents[1-side] {
			for j := range n {
				f := models.Fraction(j, n)
				var err error
				if side == 0 {
					err = put(&separate, common(b, picks[1][row]), models.Mix(ua, ub, f), nil)
				} else {
					err = put(&separate, common(a, picks[0][row]), nil, models.Mix(va, vb, f))
				}
				if err != nil {
					return err
				}
			}
		}
	}
	for row := range contents[1] {
		next := picks[1][(row+1)%len(picks[1])]
		for j := range n {
			if err := put(&between, models.Mix(common(b, picks[1][row]), common(b, next), models.Fraction(j, n)), nil, va); err != nil {
				return err
			}
		}
	}
	down := n
	if !w.can(union(domains.B)) {
		w.skip("grid interpolate-plane", "the model cannot do it")
		down = 0
	}
	for i := range down {
		for j := range n {
			if err := put(&plane, common(b, b0), models.Mix(ua, ub, models.Fraction(i, n)), models.Mix(va, vb, models.Fraction(j, n))); err != nil {
				return err
			}
		}
	}
	for _, g := range []struct {
		grid   reports.Grid
		images [][]float32
	}{
		{reports.Grid{Name: "interpolate-separate", Title: "Between two separate codes",
			Caption:   "Each row keeps one common code. Upper rows: contents of b, the slot of a moves between the separate codes of two images of a, by the fraction above. Lower rows: contents of a, the slot of b likewise.",
			RowLabels: append(numbered("b", contents[1]), numbered("a", contents[0])...), ColumnLabels: fractions("", n)}, separate},
		{reports.Grid{Name: "interpolate-common", Title: "Between two common codes",
			Caption:   "Each row moves between the common codes of two images of b, by the fraction above; the slot of b holds one separate code throughout.",
			RowLabels: numbered("b", contents[1]), ColumnLabels: fractions("", n)}, between},
		{reports.Grid{Name: "interpolate-plane", Title: "Separate code of a by separate code of b",
			Caption:   "One common code of b. Down: between two separate codes of a. Across: between two separate codes of b. By the fractions beside and above. Every image is a union.",
			RowLabels: fractions("a ", n), ColumnLabels: fractions("b ", n)}, plane},
	} {
		if len(g.images) == 0 {
			continue
		}
		g.grid.Rows, g.grid.Columns = len(g.images)/n, n
		if err := w.keepGrid(g.grid, g.images); err != nil {
			return err
		}
	}
	return nil
}

// numbered labels n rows of contents.
func numbered(domain string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s %d", domain, i+1)
	}
	return out
}

// fractions labels n steps from one code to another.
func fractions(lead string, n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("%s%.2f", lead, models.Fraction(i, n))
	}
	return out
}
