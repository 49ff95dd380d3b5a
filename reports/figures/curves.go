package figures

import (
	"fmt"
	"image/color"
	"math"
	"slices"
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
	many := len(runs) > len(palette)
	f := &reports.Figure{Name: "curves", Title: "Training curves", Columns: 3, Panel: [2]vg.Length{vg.Points(190), vg.Points(150)},
		Caption: "Losses and accuracies of the training steps as logged, before weights" + linesSaid(len(runs), many) + ". Gradient norm before clipping.",
		Header:  []string{"job", "quantity", "step", "value"}}
	for _, name := range names {
		p, err := curvesPanel(f, name, runs, bySide[name], many)
		if err != nil {
			return nil, "", err
		}
		f.Panels = append(f.Panels, p)
	}
	switch {
	case many:
		f.Panel[0] = vg.Points(260)
	case len(runs) > 1:
		nameRuns(f, runs)
	}
	return f, "", nil
}

// curvesPanel draws a quantity of all runs that have it and puts its values with the figure's.
func curvesPanel(f *reports.Figure, name string, runs []reports.Run, bySide, many bool) (*plot.Plot, error) {
	p := newPlot(name, "step", "")
	low, high, last := math.Inf(1), 0.0, 0
	var named [3]bool // in the legend
	methods := methodColours(name, runs)
	for i, r := range runs {
		for _, c := range r.Curves {
			quantity, side := sideOf(c.Name)
			if quantity != name {
				continue
			}
			for k, v := range c.Values {
				f.Data = append(f.Data, []string{r.Results.JobName(), c.Name, fmt.Sprint(c.Steps[k]), reports.Exact(v)})
				last = max(last, c.Steps[k])
				if finite(v) {
					low, high = math.Min(low, v), math.Max(high, v)
				}
			}
			style := lineOf(i, side, len(runs))
			if many {
				style = methods.style(r, style)
			}
			if err := addSegments(p, c, style); err != nil {
				return nil, err
			}
			if bySide && side > 0 && !named[side] {
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
	if many {
		p.X.Max, p.X.Tick.Marker = legendRoom*float64(last), ticksTo{roundTicks{whole: true}, float64(last)}
		methods.name(p)
	}
	return p, nil
}

// legendRoom is how much longer than its curves a panel is that has its legend beside them.
const legendRoom = 1.6

// ticksTo are those of another up to an end.
type ticksTo struct {
	plot.Ticker
	end float64
}

func (t ticksTo) Ticks(low, _ float64) []plot.Tick { return t.Ticker.Ticks(low, t.end) }

// methodNames are those of the methods whose runs have a quantity, in the order of their colours.
type methodNames struct {
	names []string
	of    func(reports.Results) string
}

func methodColours(quantity string, runs []reports.Run) methodNames {
	m := methodNames{of: reports.TrainedNames(runs)}
	for _, r := range runs {
		for _, c := range r.Curves {
			if of, _ := sideOf(c.Name); of == quantity {
				m.names = with(m.names, m.of(r.Results))
			}
		}
	}
	return m
}

// style is that of a run's curve: thin, of its method's colour where the methods have enough of them.
func (m methodNames) style(r reports.Run, style draw.LineStyle) draw.LineStyle {
	style.Width, style.Color = vg.Points(0.6), color.Gray{Y: 150}
	if len(m.names) <= len(palette) {
		style.Color = hue(slices.Index(m.names, m.of(r.Results)))
	}
	return style
}

// name adds the methods to the panel's legend, or how many they are.
func (m methodNames) name(p *plot.Plot) {
	if len(m.names) > len(palette) {
		p.Legend.Add(fmt.Sprintf("%d methods", len(m.names)), sample{draw.LineStyle{Color: color.Gray{Y: 150}, Width: vg.Points(1)}})
		return
	}
	for i, name := range m.names {
		p.Legend.Add(name, sample{lineOf(i, 0, 2)})
	}
}

// nameRuns sets a column with the runs' colours right of the panels.
func nameRuns(f *reports.Figure, runs []reports.Run) {
	names := legendPanel()
	labels := make([]string, len(runs))
	for i, r := range runs {
		labels[i] = r.Results.JobName()
		names.Legend.Add(labels[i], sample{lineOf(i, 0, len(runs))})
	}
	setBeside(f, names, legendWidth(labels...))
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

// linesSaid is what a caption says of the lines of so many runs.
func linesSaid(runs int, many bool) string {
	switch {
	case many:
		return fmt.Sprintf(", a line a run, domain b dashed. A panel has one colour a method, or grey where it has more than %d", len(palette))
	case runs > 1:
		return ", one colour a run, domain b dashed"
	}
	return ""
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
