package figures

import (
	"fmt"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("along", reports.FigureInfo{Name: "along", Order: 3, Build: alongFigure})
}

// alongFigure draws the accuracy on the target over the steps of the training, a line a run.
func alongFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "along", Title: "Target accuracy along the training", Columns: 1, Panel: [2]vg.Length{vg.Points(300), vg.Points(220)},
		Caption: "Accuracy of the network's own classifier on the target's test images after so many steps" + oneLineARun(runs) + ". No training sees it.",
		Header:  []string{"job", "step", "accuracy"}}
	p := newPlot("", "step", "target accuracy")
	var shown []reports.Run
	for _, r := range runs {
		if len(alongOf(r).Steps) > 0 {
			shown = append(shown, r)
		}
	}
	if len(shown) == 0 {
		return nil, "no run was scored along its training (adapt.along)", nil
	}
	for i, r := range shown {
		c := alongOf(r)
		for k, v := range c.Values {
			f.Data = append(f.Data, []string{r.Results.JobName(), fmt.Sprint(c.Steps[k]), reports.Exact(v)})
		}
		if err := addSegments(p, c, lineOf(i, 0, len(shown))); err != nil {
			return nil, "", err
		}
	}
	p.X.Min, p.Y.Tick.Marker, p.X.Tick.Marker = 0, roundTicks{}, roundTicks{whole: true}
	f.Panels = append(f.Panels, p)
	if len(shown) > 1 {
		nameRuns(f, shown)
	}
	return f, "", nil
}

// alongOf is the true accuracy of the scored steps of a run.
func alongOf(r reports.Run) (c reports.Curve) {
	for _, s := range r.Results.Selection {
		for _, step := range s.Candidates {
			if step.Step > 0 && step.Oracle != nil {
				c.Steps, c.Values = append(c.Steps, step.Step), append(c.Values, *step.Oracle)
			}
		}
	}
	return c
}
