package evaluate

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

// watch writes pictures of the guided translations as the model makes them at a step
// of its training, of the images that the grids of the report show at its end:
// progress/translate-a-b-000001000.png, and the curves so far: progress/curves.png. It
// looks at the model and leaves no trace in what is trained.
func (w *Subject) Watch(step int) error {
	if err := w.mkdir("progress"); err != nil {
		return err
	}
	if w.translator() == nil {
		return w.watchCurves()
	}
	picks := w.picks(w.Spec.Translate.Grid)
	var sets [2]*domains.Images
	var c [2]models.Codes
	for side := range sets {
		sets[side] = w.Domains[side].Test.Images.Take(picks[side])
		if e, ok := w.Model.(models.Encoder); ok {
			var err error
			if c[side], err = models.EncoderOf(e, domains.Side(side)).Encode(sets[side]); err != nil {
				return err
			}
		}
	}
	for _, t := range translations[:2] {
		if !w.can(t.Edit) {
			continue
		}
		grid, images, err := w.guided(t, sets, c, counted(len(picks[t.Content])), counted(len(picks[1-t.Content])))
		if err != nil {
			return err
		}
		drawn, err := render.DrawImages(grid, sets[0].Shape.Channels, sets[0].Shape.Height, sets[0].Shape.Width, w.joined(images))
		if err != nil {
			return err
		}
		data, err := drawn.PNG()
		if err != nil {
			return err
		}
		if err := atomicfile.WriteBytes(w.Dir.File("progress", fmt.Sprintf("%s-%09d.png", grid.Name, step)), data); err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
	}
	return w.watchCurves()
}

// watchCurves draws the report's figure of the curves from the records so far.
func (w *Subject) watchCurves() error {
	records, err := runs.ReadRecords(w.Dir.File("metrics.jsonl"))
	if err != nil {
		return err
	}
	info, err := reports.Figures.Get("curves")
	if err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	figure, skip, err := info.Build([]reports.Run{{Curves: runs.Curves(records)}})
	if err != nil || skip != "" {
		return err
	}
	data, err := render.Draw(figure).PNG()
	if err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(w.Dir.File("progress", "curves.png"), data); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}
