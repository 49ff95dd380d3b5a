package main

import (
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/reports"
)

func newInterpolate(a *app) *cobra.Command {
	var o modelOptions
	var steps int
	parts := []struct {
		flag, doc string
		paths     []string
	}{
		{flag: "content", doc: "image whose common part is used; two images: it moves from one to the other"},
		{flag: "a", doc: "image of domain a whose separate part is used; none: that part is empty"},
		{flag: "b", doc: "image of domain b likewise"},
	}
	cmd := &cobra.Command{
		Use:   "interpolate --model RUN --content IMAGE [--content IMAGE] [--a IMAGE ...] [--b IMAGE ...] --out FILE",
		Short: "move between the codes of your own images: a part with two images moves, two such parts make a plane",
		Example: "  venn interpolate --model quickstart --content face.jpg --a round.jpg --a square.jpg -o row.png\n" +
			"  venn interpolate --model quickstart --content face.jpg --a x.jpg --a y.jpg --b u.jpg --b v.jpg -o plane.pdf",
		Args: exactly(0, "none besides the flags"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			moving := 0
			for _, p := range parts {
				if len(p.paths) > 2 {
					return usage("interpolate: --%s is given %d times, want two at most", p.flag, len(p.paths))
				}
				if len(p.paths) == 2 {
					moving++
				}
			}
			switch {
			case moving < 1 || moving > 2:
				return usage("interpolate: %d of --content, --a and --b are given twice, want one (a row) or two (a plane)", moving)
			case steps < 2 || steps > 64:
				return usage("interpolate: --steps %d, want from 2 to 64", steps)
			}
			model, err := a.open(cmd, o, gridEndings...)
			if err != nil {
				return err
			}
			var sets [3]*domains.Images
			for i, p := range parts {
				images, _, err := domains.ReadPictures(p.paths, model.Shape())
				if err != nil {
					return err
				}
				if images.Len() != len(p.paths) {
					return usage("interpolate: --%s: %d images, want one a flag", p.flag, images.Len())
				}
				sets[i] = images
			}
			images, rows, columns, err := model.Interpolate(sets[0], sets[1], sets[2], steps)
			if err != nil {
				return err
			}
			return a.writeGrid(o.out, reports.Grid{Name: "interpolate", Rows: rows, Columns: columns}, images)
		},
	}
	o.flags(cmd, "file to write (.png, .svg, .pdf)")
	for i := range parts {
		cmd.Flags().StringArrayVar(&parts[i].paths, parts[i].flag, nil, parts[i].doc)
	}
	cmd.Flags().IntVar(&steps, "steps", 7, "images from one end to the other, both included")
	return cmd
}

// ending is the lower-case ending of a file's name.
func ending(path string) string { return strings.ToLower(filepath.Ext(path)) }
