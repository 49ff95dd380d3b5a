package figures

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("along", reports.FigureInfo{Name: "along", Order: 3, Build: alongFigure})
}

// runsAPanel are as many lines as colours tell apart.
const runsAPanel = 6

// alongFigure draws the accuracy on the target over the steps of the training, a line a run.
// Many runs have several panels with one scale; the lines of the other panels are grey there.
func alongFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "along", Title: "Target accuracy along the training", Columns: 2, Panel: [2]vg.Length{vg.Points(260), vg.Points(180)},
		Caption: "Accuracy of the network's own classifier on the target's test images after so many steps" + oneLineARun(runs) + ". No training sees it.",
		Header:  []string{"job", "step", "accuracy"}}
	var shown []reports.Run
	for _, r := range runs {
		if c := alongOf(r); len(c.Steps) > 0 {
			shown = append(shown, r)
			for k, v := range c.Values {
				f.Data = append(f.Data, []string{r.Results.JobName(), fmt.Sprint(c.Steps[k]), reports.Exact(v)})
			}
		}
	}
	if len(shown) == 0 {
		return nil, "no run was scored along its training (adapt.along)", nil
	}
	if len(shown) > runsAPanel {
		f.Caption += " Grey: the runs of the other panels."
	}
	for lo := 0; lo < len(shown); lo += runsAPanel {
		p, names := newPlot("", "step", "target accuracy"), legendPanel()
		own := shown[lo:min(lo+runsAPanel, len(shown))]
		for _, r := range slices.Concat(shown[:lo], shown[lo+len(own):]) { // below the own ones
			if err := addSegments(p, alongOf(r), draw.LineStyle{Color: color.Gray{Y: 215}, Width: vg.Points(0.5)}); err != nil {
				return nil, "", err
			}
		}
		for i, r := range own {
			style := lineOf(i, 0, max(2, len(shown)))
			if err := addSegments(p, alongOf(r), style); err != nil {
				return nil, "", err
			}
			names.Legend.Add(r.Results.JobName(), sample{style})
			f.Legend = max(f.Legend, legendWidth(r.Results.JobName()))
		}
		p.X.Min, p.Y.Tick.Marker, p.X.Tick.Marker = 0, roundTicks{}, roundTicks{whole: true}
		f.Panels = append(f.Panels, p, names)
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
