package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("methods", reports.FigureInfo{Name: "methods", Order: 2, Build: methodsFigure})
}

// fewestMethods are compared by a figure of their own; fewer stand side by side in the panels
// of another.
const fewestMethods = 3

// mostPanels are as many jobs as the figure of accuracy has panels for, where methodsFigure
// shows them as well.
const mostPanels = 12

// A network is the accuracy of a job's own classifier.
type network struct {
	label    string
	oracle   bool
	accuracy inference.Interval
}

// methodsFigure draws the accuracy of each job's own classifier on the target as a point with
// its interval, a line a job, the best on top.
func methodsFigure(runs []reports.Run) (*reports.Figure, string, error) {
	networks, err := networksOf(runs)
	if err != nil {
		return nil, "", err
	}
	if len(networks) < fewestMethods {
		return nil, fmt.Sprintf("%d jobs have a classifier of their own, want %d", len(networks), fewestMethods), nil
	}
	slices.SortStableFunc(networks, func(a, b network) int { return cmp.Compare(b.accuracy.Estimate, a.accuracy.Estimate) })
	f := &reports.Figure{Name: "methods", Title: "Target accuracy of each network", Columns: 1, Header: []string{"job", "accuracy", "low", "high", "oracle"},
		Panel:   [2]vg.Length{vg.Points(420), vg.Points(44 + 13*float64(len(networks)))},
		Caption: "Accuracy of each job's own classifier on the target's test images at its last step. Whiskers: 95% interval, over seeds where there are several, else over test images, cut at 0 and 1. Grey: trained on the target's labels, a bound."}
	p := newPlot("", "target accuracy", "")
	names := make([]string, len(networks))
	for i, n := range networks {
		at := float64(len(networks) - 1 - i)
		names[len(networks)-1-i] = n.label
		f.Data = append(f.Data, []string{n.label, reports.Exact(n.accuracy.Estimate), reports.Exact(n.accuracy.Low), reports.Exact(n.accuracy.High), fmt.Sprint(n.oracle)})
		if err := addPoint(p, n, at); err != nil {
			return nil, "", err
		}
	}
	p.NominalY(names...)
	p.Y.Min, p.Y.Max, p.Y.Tick.Length = -0.6, float64(len(networks))-0.4, 0
	p.X.Tick.Marker = roundTicks{}
	f.Panels = []*plot.Plot{p}
	return f, "", nil
}

// networksOf are the groups whose jobs have a classifier of their own, in their order.
func networksOf(runs []reports.Run) (out []network, err error) {
	for _, g := range reports.GroupsOf(runs) {
		for _, r := range reports.AccuracyRows(g) {
			if r.Row != reports.NetworkRow || len(r.Target) == 0 {
				continue
			}
			n := network{label: strings.Replace(g.Label, "method=", "", 1)}
			if n.accuracy, err = r.TargetInterval(); err != nil {
				return nil, err
			}
			n.oracle = slices.ContainsFunc(g.Runs[0].Results.Accuracy, func(a reports.Accuracy) bool { return a.Row == r.Row && a.Oracle })
			out = append(out, n)
		}
	}
	return out, nil
}

// addPoint draws an accuracy with its interval at a height. That of two seeds may be wider than any
// accuracy can be, and would leave the others no room.
func addPoint(p *plot.Plot, n network, at float64) error {
	var c color.Color = hue(0)
	if n.oracle {
		c = color.Gray{Y: 150}
	}
	whisker, err := plotter.NewLine(plotter.XYs{{X: max(0, n.accuracy.Low), Y: at}, {X: min(1, n.accuracy.High), Y: at}})
	if err != nil {
		return fmt.Errorf("reports: interval of %s: %w", n.label, err)
	}
	whisker.Color, whisker.Width = c, vg.Points(0.8)
	point, err := plotter.NewScatter(plotter.XYs{{X: n.accuracy.Estimate, Y: at}})
	if err != nil {
		return fmt.Errorf("reports: accuracy of %s: %w", n.label, err)
	}
	point.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(2.5), Shape: draw.CircleGlyph{}}
	p.Add(whisker, point)
	return nil
}
