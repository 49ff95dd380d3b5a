package main

import (
	"fmt"
	"image/jpeg"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// modelOptions are the options of the commands that use a trained model.
type modelOptions struct{ model, out string }

func (o *modelOptions) flags(cmd *cobra.Command, out string) {
	cmd.Flags().StringVarP(&o.model, "model", "m", "", "run whose model is used: a run directory, or the name of a spec with one run")
	cmd.Flags().StringVarP(&o.out, "out", "o", "", out)
}

// open loads the model and checks what is written before any work.
func (a *app) open(cmd *cobra.Command, o modelOptions, endings ...string) (*experiments.Trained, error) {
	if o.model == "" {
		return nil, usage("%s: --model is missing; want a run, as in: %s", cmd.Name(), strings.TrimSpace(cmd.Example))
	}
	if !slices.Contains(endings, ending(o.out)) {
		return nil, usage("%s: --out %q, want a file that ends in %s", cmd.Name(), o.out, strings.Join(endings, ", "))
	}
	found, err := a.findRuns([]string{o.model})
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		var names []string
		for _, r := range found {
			names = append(names, fmt.Sprintf("%s (%s)", r.Path, r.Label))
		}
		return nil, usage("--model %s: %d runs, want one of them: %s", o.model, len(found), strings.Join(names, ", "))
	}
	t, err := experiments.OpenTrained(found[0].Path)
	if err == nil && t.Step < t.Steps {
		fmt.Fprintf(a.err, "venn: the model is that of step %d of %d\n", t.Step, t.Steps)
	}
	return t, err
}

// sideOf reads a domain's letter.
func sideOf(flag, letter string) (domains.Side, error) {
	for _, s := range []domains.Side{domains.A, domains.B} {
		if letter == s.String() {
			return s, nil
		}
	}
	return 0, usage("--%s: %q, want a or b", flag, letter)
}

// pictureEndings and gridEndings are the files that one image, and a grid of them,
// can be written to.
var (
	pictureEndings = []string{".png", ".jpg", ".jpeg"}
	gridEndings    = []string{".png", ".svg", ".pdf"}
)

// writeGrid writes images that follow one another row by row.
func (a *app) writeGrid(path string, g reports.Grid, images *domains.Images) error {
	s := images.Shape
	drawn, err := render.DrawImages(g, s.Channels, s.Height, s.Width, images.Data)
	if err != nil {
		return err
	}
	render := map[string]func() ([]byte, error){".png": drawn.PNG, ".svg": drawn.SVG, ".pdf": drawn.PDF}[ending(path)]
	if render == nil {
		return usage("--out %q: several images make a grid, want a file that ends in %s", path, strings.Join(gridEndings, ", "))
	}
	data, err := render()
	if err != nil {
		return err
	}
	return a.wrote(path, func(w io.Writer) error { _, err := w.Write(data); return err })
}

// writePicture writes one image at the model's size.
func (a *app) writePicture(path string, images *domains.Images) error {
	s := images.Shape
	page := render.Picture(images.At(0), s.Channels, s.Height, s.Width)
	return a.wrote(path, func(w io.Writer) error {
		if ending(path) == ".png" {
			return png.Encode(w, page)
		}
		return jpeg.Encode(w, page, &jpeg.Options{Quality: 95})
	})
}

// wrote writes a file, with its folder, and names it on stdout.
func (a *app) wrote(path string, fill func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if err := atomicfile.Write(path, fill); err != nil {
		return err
	}
	_, err := fmt.Fprintln(a.out, path)
	return err
}
