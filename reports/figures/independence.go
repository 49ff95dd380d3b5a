package figures

import (
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("independence", reports.FigureInfo{Name: "independence", Order: 5, Build: independenceFigure})
}

// nullBins is the number of bars of a null distribution.
const nullBins = 30

// axisMargin is what a panel shows on either side of its values, as a share of their range.
const axisMargin = 0.05

// independenceFigure sets each statistic of the first run of every group against its
// permutation null: far to the right of the bars means dependence.
func independenceFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "independence", Title: "Statistics against their permutation null", Columns: 2, Panel: [2]vg.Length{vg.Points(250), vg.Points(160)},
		Header: []string{"job", "between", "measure", "kind", "value"}}
	var jobs []string
	gs := reports.GroupsOf(runs)
	for _, g := range gs {
		r, panels := g.Runs[0], len(f.Panels)
		for _, m := range append(append([]reports.Measured{}, r.Results.Independence...), r.Results.Discrepancy...) {
			if len(m.Null) == 0 || m.Degenerate {
				continue
			}
			title := fmt.Sprintf("%s: %s", m.Name, m.Of)
			if gs.Several() {
				title = g.Label + "\n" + title
			}
			p := newPlot(title, m.Name, "permutations")
			p.Title.TextStyle.Font.Size = vg.Points(8)
			values := make(plotter.Values, len(m.Null))
			copy(values, m.Null)
			h, err := plotter.NewHist(values, nullBins)
			if err != nil {
				return nil, "", fmt.Errorf("reports: null of %s: %w", m.Name, err)
			}
			h.FillColor, h.LineStyle.Width = color.Gray{Y: 190}, 0
			p.Add(h)
			var top float64
			for _, b := range h.Bins {
				top = math.Max(top, b.Weight)
			}
			line, err := plotter.NewLine(plotter.XYs{{X: m.Value, Y: 0}, {X: m.Value, Y: top}})
			if err != nil {
				return nil, "", fmt.Errorf("reports: %s: %w", m.Name, err)
			}
			line.Color, line.Width = hue(1), vg.Points(2)
			p.Add(line)
			p.Legend.Add("null", h)
			observed := "observed"
			if m.P != nil {
				observed += fmt.Sprintf(", p = %.3g", *m.P)
			}
			p.Legend.Add(observed, line)
			// The line at its middle would be cut by the frame where the value is the largest or smallest.
			low, high := math.Min(m.Value, slices.Min(m.Null)), math.Max(m.Value, slices.Max(m.Null))
			margin := axisMargin * (high - low)
			if high == low {
				margin = math.Max(math.Abs(low), 1) * axisMargin
			}
			p.X.Min, p.X.Max = low-margin, high+margin
			p.Y.Min, p.Y.Max = 0, top*1.35
			p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{}, roundTicks{whole: true}
			f.Panels = append(f.Panels, p)
			f.Data = append(f.Data, []string{g.Label, m.Of, m.Name, "observed", reports.Exact(m.Value)})
			for _, v := range m.Null {
				f.Data = append(f.Data, []string{g.Label, m.Of, m.Name, "null", reports.Exact(v)})
			}
		}
		if len(f.Panels) > panels {
			jobs = append(jobs, fmt.Sprintf("Job %s, %s", r.Results.Job, r.Results.JobName()))
		}
	}
	if len(f.Panels) == 0 {
		return nil, "no run has a permutation null", nil
	}
	f.Caption = fmt.Sprintf("Bars: the statistic under permutations, when the blocks are independent (or the domains equal). Line: the value observed. %s.", strings.Join(jobs, "; "))
	return f, "", nil
}
