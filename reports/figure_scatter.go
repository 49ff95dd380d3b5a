package reports

import (
	"fmt"
	"image/color"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

func init() {
	Figures.Add("scatter", FigureInfo{Name: "scatter", Order: 4, Build: scatterFigure})
}

// scatterFigure shows the first run's held-out images in the plane of their first
// two principal components: raw pixels and common codes, by domain and by class.
func scatterFigure(runs []Run) (*Figure, string, error) {
	var from *Run
	for i := range runs {
		if s := runs[i].Results.Scatter; s != nil && len(s.Before) > 0 && len(s.After) > 0 {
			from = &runs[i]
			break
		}
	}
	if from == nil {
		return nil, "no run has projected codes", nil
	}
	r := from.Results
	byClass := ""
	if len(r.Classes) > 0 {
		byClass = " (above) and by class (below)"
	}
	f := &Figure{Name: "scatter", Title: "Held-out images before and after", Columns: 3, Panel: [2]vg.Length{vg.Points(215), vg.Points(190)},
		Caption: fmt.Sprintf("The same held-out images of both domains in the plane of the first two principal components of raw pixels (left) and of the common code (right), coloured by domain%s. Job %s, %s.", byClass, r.Job, jobName(r)),
		Header:  []string{"representation", "domain", "class", "x", "y"}}
	type part struct {
		name   string
		points []Point
	}
	parts := []part{{"raw pixels", r.Scatter.Before}, {"common code", r.Scatter.After}}
	for _, byClass := range []bool{false, true} {
		if byClass && len(r.Classes) == 0 {
			continue
		}
		legend := legendPanel()
		for k, s := range parts {
			p := newPlot(s.name, "component 1", "component 2")
			groups := 2
			if byClass {
				groups = len(r.Classes)
			}
			for g := range groups {
				var xy plotter.XYs
				for _, q := range s.points {
					if (byClass && q.Class == g) || (!byClass && q.Domain == g) {
						xy = append(xy, plotter.XY{X: q.X, Y: q.Y})
					}
				}
				if len(xy) == 0 {
					continue
				}
				sc, err := plotter.NewScatter(xy)
				if err != nil {
					return nil, "", fmt.Errorf("reports: scatter: %w", err)
				}
				sc.GlyphStyle = draw.GlyphStyle{Color: soft(hue(g)), Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}
				p.Add(sc)
				if k == len(parts)-1 {
					name := className(r.Classes, g)
					if !byClass {
						name = []string{"a: ", "b: "}[g] + r.Domains[g].Dataset
					}
					legend.Legend.Add(name, sc)
					f.Legend = max(f.Legend, legendWidth(name))
				}
			}
			f.Panels = append(f.Panels, p)
		}
		f.Panels = append(f.Panels, legend)
	}
	for _, s := range parts {
		for _, q := range s.points {
			f.Data = append(f.Data, []string{s.name, []string{"a", "b"}[q.Domain], fmt.Sprint(q.Class), full(q.X), full(q.Y)})
		}
	}
	return f, "", nil
}

// soft makes a colour see-through, so that points below points show.
func soft(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{uint8(r >> 8), uint8(g >> 8), uint8(b >> 8), 170}
}
