package figures

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("curves", reports.FigureInfo{Name: "curves", Order: 1, Build: curvesFigure})
}

// curvesFigure has one panel a quantity of the training, a line a run and, where the
// quantity is known for both domains, a domain. A value that is not finite leaves a
// gap. A quantity that falls by orders of magnitude has a logarithmic axis.
func curvesFigure(runs []reports.Run) (*reports.Figure, string, error) {
	var names []string
	bySide := map[string]bool{}
	for _, r := range runs {
		for _, c := range r.Curves {
			name, side := sideOf(c.Name)
			names = with(names, name)
			bySide[name] = bySide[name] || side > 0
		}
	}
	if len(names) == 0 {
		return nil, "no run has training records", nil
	}
	f := &reports.Figure{Name: "curves", Title: "Training curves", Columns: 3, Panel: [2]vg.Length{vg.Points(190), vg.Points(150)},
		Caption: "Losses and accuracies of the training steps as logged, before weights" + oneLineARun(runs) + ". Gradient norm before clipping.",
		Header:  []string{"job", "quantity", "step", "value"}}
	for _, name := range names {
		p := newPlot(name, "step", "")
		low, high := math.Inf(1), 0.0
		var named [3]bool // in the legend
		for i, r := range runs {
			for _, c := range r.Curves {
				quantity, side := sideOf(c.Name)
				if quantity != name {
					continue
				}
				for k, v := range c.Values {
					f.Data = append(f.Data, []string{r.Results.JobName(), c.Name, fmt.Sprint(c.Steps[k]), reports.Exact(v)})
					if finite(v) {
						low, high = math.Min(low, v), math.Max(high, v)
					}
				}
				style := lineOf(i, side, len(runs))
				if err := addSegments(p, c, style); err != nil {
					return nil, "", err
				}
				if bySide[name] && !named[side] {
					named[side] = true
					if len(runs) > 1 { // colours are the runs'
						style.Color = color.Gray{Y: 110}
					}
					p.Legend.Add(domains[side], sample{style})
				}
			}
		}
		p.X.Min = 0
		if low > 0 && high > manyfold*low {
			p.Y.Scale, p.Y.Tick.Marker = plot.LogScale{}, decadeTicks{}
		} else {
			p.Y.Tick.Marker = roundTicks{}
		}
		p.X.Tick.Marker = roundTicks{whole: true}
		f.Panels = append(f.Panels, p)
	}
	if len(runs) > 1 {
		nameRuns(f, runs)
	}
	return f, "", nil
}

// nameRuns sets a column with the runs' colours right of the panels.
func nameRuns(f *reports.Figure, runs []reports.Run) {
	names := legendPanel()
	labels := make([]string, len(runs))
	for i, r := range runs {
		labels[i] = r.Results.JobName()
		names.Legend.Add(labels[i], sample{lineOf(i, 0, len(runs))})
	}
	var wider []*plot.Plot
	for i, p := range f.Panels {
		wider = append(wider, p)
		if last := i == len(f.Panels)-1; i%f.Columns == f.Columns-1 || last {
			for (len(wider)+1)%(f.Columns+1) != 0 {
				wider = append(wider, nil)
			}
			wider = append(wider, names)
			names = nil
		}
	}
	f.Panels, f.Columns, f.Legend = wider, f.Columns+1, legendWidth(labels...)
}

// manyfold is the ratio of the largest to the smallest value from which an axis is
// logarithmic.
const manyfold = 100

// domains are the names of the curves' sides: neither, a, b.
var domains = []string{"", "a", "b"}

// sideOf splits zero/a into zero and 1, zero/b into zero and 2; another name has
// side 0.
func sideOf(name string) (quantity string, side int) {
	for side, letter := range domains[1:] {
		if quantity, ok := strings.CutSuffix(name, "/"+letter); ok {
			return quantity, side + 1
		}
	}
	return name, 0
}

// lineOf is the style of a run's curve: one run has a colour a domain; several have
// a colour each, and domain b is dashed.
func lineOf(run, side, runs int) draw.LineStyle {
	style := draw.LineStyle{Color: hue(run), Width: vg.Points(1)}
	switch {
	case runs == 1:
		style.Color = hue(max(0, side-1))
	case side == 2:
		style.Dashes = []vg.Length{vg.Points(3), vg.Points(2)}
	}
	return style
}

func oneLineARun(runs []reports.Run) string {
	if len(runs) == 1 {
		return ""
	}
	return ", one colour a run, domain b dashed"
}

// A sample is a line's entry in a legend.
type sample struct{ draw.LineStyle }

func (s sample) Thumbnail(c *draw.Canvas) {
	y := c.Center().Y
	c.StrokeLine2(s.LineStyle, c.Min.X, y, c.Max.X, y)
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// addSegments draws the finite stretches of a curve, one of a single value as a dot.
func addSegments(p *plot.Plot, c reports.Curve, style draw.LineStyle) error {
	var part plotter.XYs
	flush := func() error {
		defer func() { part = nil }()
		switch len(part) {
		case 0:
			return nil
		case 1: // a line of one point would not be seen
			dot, err := plotter.NewScatter(part)
			if err != nil {
				return fmt.Errorf("reports: curve %s: %w", c.Name, err)
			}
			dot.GlyphStyle = draw.GlyphStyle{Color: style.Color, Radius: style.Width, Shape: draw.CircleGlyph{}}
			p.Add(dot)
			return nil
		}
		l, err := plotter.NewLine(part)
		if err != nil {
			return fmt.Errorf("reports: curve %s: %w", c.Name, err)
		}
		l.LineStyle = style
		p.Add(l)
		return nil
	}
	for k, v := range c.Values {
		if !finite(v) {
			if err := flush(); err != nil {
				return err
			}
			continue
		}
		part = append(part, plotter.XY{X: float64(c.Steps[k]), Y: v})
	}
	return flush()
}
