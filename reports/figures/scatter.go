package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("scatter", reports.FigureInfo{Name: "scatter", Order: 4, Build: scatterFigure})
}

// A cloud is the held-out images of a run in one representation.
type cloud struct {
	name   string
	points []reports.Point
	of     reports.Results
}

// scatterFigure shows held-out images in the plane of their first two principal
// components, by domain and by class: raw pixels, and what the first run of every group made
// of them. Of one group the representations stand side by side, of several one below another.
func scatterFigure(runs []reports.Run) (*reports.Figure, string, error) {
	clouds, jobs, several := cloudsOf(runs)
	if clouds == nil {
		return nil, "no run has projected codes", nil
	}
	f := &reports.Figure{Name: "scatter", Title: "Held-out images before and after", Columns: 3, Panel: [2]vg.Length{vg.Points(215), vg.Points(190)},
		Header: []string{"representation", "domain", "class", "x", "y"}}
	classes := clouds[0].of.Classes
	of, left, by := clouds[1].name, "(left)", ""
	if len(classes) > 0 {
		by = " (above) and by class (below)"
	}
	if several {
		of, left = "what each job made of them", "(above)"
		if by != "" {
			by = " (left) and by class (right)"
		}
	}
	right := map[string]string{"(left)": " (right)", "(above)": " (below)"}[left]
	f.Caption = fmt.Sprintf("The same held-out images of both domains in the plane of the first two principal components of raw pixels %s and of %s%s, coloured by domain%s. %s.", left, the(of), right, by, strings.Join(jobs, "; "))
	panels, legends, err := scatterPanels(f, clouds, len(classes) > 0)
	if err != nil {
		return nil, "", err
	}
	placeScatter(f, panels, legends, several)
	for _, s := range clouds {
		for _, q := range s.points {
			f.Data = append(f.Data, []string{s.name, []string{"a", "b"}[q.Domain], fmt.Sprint(q.Class), reports.Exact(q.X), reports.Exact(q.Y)})
		}
	}
	return f, "", nil
}

// the puts the article before a representation.
func the(of string) string {
	if strings.HasPrefix(of, "what ") {
		return of
	}
	return "the " + of
}

// cloudsOf are the raw pixels of the first run that has a projection, and the projected
// codes of the first such run of every group.
func cloudsOf(runs []reports.Run) (out []cloud, jobs []string, several bool) {
	var of []reports.Run
	gs := reports.GroupsOf(runs)
	var labels []string
	for _, g := range gs {
		for _, r := range g.Runs {
			if s := r.Results.Scatter; s != nil && len(s.Before) > 0 && len(s.After) > 0 {
				of, labels = append(of, r), append(labels, g.Label)
				break
			}
		}
	}
	if several = len(of) > 1; len(of) == 0 {
		return nil, nil, false
	}
	out = append(out, cloud{"raw pixels", of[0].Results.Scatter.Before, of[0].Results})
	for i, r := range of {
		name := cmp.Or(r.Results.Scatter.Of, reports.CommonCode)
		if several {
			name = labels[i] + ": " + name
		}
		out = append(out, cloud{name, r.Results.Scatter.After, r.Results})
		jobs = append(jobs, fmt.Sprintf("Job %s, %s", r.Results.Job, r.Results.JobName()))
	}
	return out, jobs, several
}

// scatterPanels are a panel a cloud, by domain and, where there are classes, by class; and
// the legend of each.
func scatterPanels(f *reports.Figure, clouds []cloud, classes bool) (panels [2][]*plot.Plot, legends [2]*plot.Plot, err error) {
	for mode := range 2 {
		byClass := mode == 1
		if byClass && !classes {
			continue
		}
		legends[mode] = legendPanel()
		for k, s := range clouds {
			p := newPlot(s.name, "component 1", "component 2")
			p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{}, roundTicks{}
			n := 2
			if byClass {
				n = len(s.of.Classes)
			}
			for g := range n {
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
					return panels, legends, fmt.Errorf("reports: scatter: %w", err)
				}
				sc.GlyphStyle = draw.GlyphStyle{Color: soft(hue(g)), Radius: vg.Points(1.6), Shape: draw.CircleGlyph{}}
				p.Add(sc)
				if k == len(clouds)-1 {
					name := className(s.of.Classes, g)
					if !byClass {
						name = []string{"a: ", "b: "}[g] + s.of.Domains[g].Dataset
					}
					legends[mode].Legend.Add(name, sc)
					f.Legend = max(f.Legend, legendWidth(name))
				}
			}
			panels[mode] = append(panels[mode], p)
		}
	}
	return panels, legends, nil
}

// placeScatter puts the clouds of one job side by side, a row a colouring; of several one
// below another, a column a colouring, with the legends at the right of the first rows.
func placeScatter(f *reports.Figure, panels [2][]*plot.Plot, legends [2]*plot.Plot, several bool) {
	if !several {
		for mode, row := range panels {
			if row != nil {
				f.Panels = append(append(f.Panels, row...), legends[mode])
			}
		}
		return
	}
	f.Columns = 2
	if panels[1] != nil {
		f.Columns = 3
	}
	for k := range panels[0] {
		f.Panels = append(f.Panels, panels[0][k])
		if panels[1] != nil {
			f.Panels = append(f.Panels, panels[1][k])
		}
		var legend *plot.Plot
		if k < 2 {
			legend = legends[k]
		}
		f.Panels = append(f.Panels, legend)
	}
}

// soft makes a colour see-through, so that points below points show.
func soft(c color.Color) color.Color {
	r, g, b, _ := c.RGBA()
	return color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: 170}
}
