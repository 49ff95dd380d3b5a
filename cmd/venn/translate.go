package main

import (
	"slices"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/reports"
)

func newTranslate(a *app) *cobra.Command {
	var o modelOptions
	var contents, guides []string
	var from, mode string
	cmd := &cobra.Command{
		Use:     "translate --model RUN --content IMAGE|FOLDER [--guide IMAGE|FOLDER] --out FILE",
		Short:   "bring your own images to the other domain, each guide's part into each content",
		Example: "  venn translate --model quickstart --content me.jpg --guide you.jpg -o both.png",
		Args:    exactly(0, "none besides the flags"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			m := experiments.Mode(mode)
			if !slices.Contains(experiments.Modes, m) {
				return usage("--mode: %q, want one of %s", mode, joined(experiments.Modes))
			}
			side, err := sideOf("from", from)
			if err != nil {
				return err
			}
			switch {
			case len(contents) == 0:
				return usage("translate: --content is missing; want an image or a folder of images")
			case m.TakesGuide() && len(guides) == 0:
				return usage("translate: --guide is missing; mode %s takes what domain %s has from it", m, 1-side)
			case !m.TakesGuide() && len(guides) > 0:
				return usage("translate: mode %s takes no --guide", m)
			}
			model, err := a.open(cmd, o, append(slices.Clone(pictureEndings), ".svg", ".pdf")...)
			if err != nil {
				return err
			}
			return a.translate(model, m, side, contents, guides, o.out)
		},
	}
	o.flags(cmd, "file to write: one image (.png, .jpg), or a grid of all pairs (.png, .svg, .pdf)")
	cmd.Flags().StringArrayVar(&contents, "content", nil, "image or folder whose common part stays; may be repeated")
	cmd.Flags().StringArrayVar(&guides, "guide", nil, "image or folder of the other domain whose separate part is taken; may be repeated")
	cmd.Flags().StringVar(&from, "from", "a", "domain of the contents: a or b")
	cmd.Flags().StringVar(&mode, "mode", string(experiments.Guided), "translate; remove (the intersection), union, reconstruct")
	return cmd
}

func joined(modes []experiments.Mode) string {
	text := ""
	for i, m := range modes {
		if i > 0 {
			text += ", "
		}
		text += string(m)
	}
	return text
}

// translate writes one image where there is one pair, else a grid with the contents
// in the first row and the guides in the first column, as the paper's figures.
func (a *app) translate(model *experiments.Trained, m experiments.Mode, from domains.Side, contents, guides []string, out string) error {
	c, _, err := domains.ReadPictures(contents, model.Shape())
	if err != nil {
		return err
	}
	var g *domains.Images
	rows := 1
	if m.TakesGuide() {
		if g, _, err = domains.ReadPictures(guides, model.Shape()); err != nil {
			return err
		}
		rows = g.Len()
	}
	made, err := model.Translate(m, from, c, g)
	if err != nil {
		return err
	}
	n := c.Len()
	if n == 1 && rows == 1 && slices.Contains(pictureEndings, ending(out)) {
		return a.writePicture(out, made)
	}
	page := &domains.Images{Shape: model.Shape()}
	grid := reports.Grid{Name: string(m), Rows: rows + 1, Columns: n, RowLabels: []string{"input", string(m)}}
	if g == nil {
		page.Data = append(append(page.Data, c.Data...), made.Data...)
		return a.writeGrid(out, grid, page)
	}
	grid.Columns, grid.Header, grid.RowLabels = n+1, true, nil
	size := model.Shape().Len()
	page.Data = append(make([]float32, size), c.Data...)
	for r := range rows {
		page.Data = append(append(page.Data, g.At(r)...), made.Data[r*n*size:(r+1)*n*size]...)
	}
	return a.writeGrid(out, grid, page)
}
