package reports

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

func init() {
	Figures.Add("curves", FigureInfo{Name: "curves", Order: 1, Build: curvesFigure})
}

// curvesFigure has one panel a quantity of the training, a line a run. A value that
// is not finite leaves a gap.
func curvesFigure(runs []Run) (*Figure, string, error) {
	var names []string
	for _, r := range runs {
		for _, c := range r.Curves {
			if !slices.Contains(names, c.Name) {
				names = append(names, c.Name)
			}
		}
	}
	if len(names) == 0 {
		return nil, "no run has training records", nil
	}
	f := &Figure{Name: "curves", Title: "Training curves", Columns: 3, Panel: [2]vg.Length{vg.Points(190), vg.Points(145)},
		Caption: "Losses and accuracies of the training steps as logged, before weights, one line a run. Reconstruction, zero and confusion losses by domain; gradient norm before clipping.",
		Header:  []string{"job", "quantity", "step", "value"}}
	for _, name := range names {
		p := newPlot(name, "step", "")
		for i, r := range runs {
			for _, c := range r.Curves {
				if c.Name != name {
					continue
				}
				for k, v := range c.Values {
					f.Data = append(f.Data, []string{jobName(r.Results), name, fmt.Sprint(c.Steps[k]), full(v)})
				}
				if err := addSegments(p, c, i); err != nil {
					return nil, "", err
				}
			}
		}
		f.Panels = append(f.Panels, p)
	}
	return f, "", nil
}

// addSegments draws the finite stretches of a curve.
func addSegments(p *plot.Plot, c Curve, hueIndex int) error {
	var part plotter.XYs
	flush := func() error {
		if len(part) == 0 {
			return nil
		}
		l, err := plotter.NewLine(part)
		if err != nil {
			return fmt.Errorf("reports: curve %s: %w", c.Name, err)
		}
		l.Color, l.Width = hue(hueIndex), vg.Points(1)
		p.Add(l)
		part = nil
		return nil
	}
	for k, v := range c.Values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			if err := flush(); err != nil {
				return err
			}
			continue
		}
		part = append(part, plotter.XY{X: float64(c.Steps[k]), Y: v})
	}
	return flush()
}
