package figures

import (
	"fmt"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("accuracy", reports.FigureInfo{Name: "accuracy", Order: 2, Build: accuracyFigure})
}

// accuracyFigure draws the target accuracy of every row of the table as a bar with
// its interval: over seeds where there are several, else over test rows.
func accuracyFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "accuracy", Title: "Target accuracy", Columns: 2,
		Caption: "Accuracy on the target's test images by feature row and classifier. Whiskers: 95% interval, over seeds where there are several, else over test images. Dashed: chance.",
		Header:  []string{"job", "features", "classifier", "accuracy", "low", "high"}}
	found, groups := false, reports.GroupsOf(runs)
	if len(groups) > mostPanels && allTrained(runs) {
		return nil, fmt.Sprintf("%d jobs are more than the panels of a page; figure methods shows them", len(groups)), nil
	}
	for _, g := range groups {
		p := newPlot("", "", "target accuracy")
		p.Title.Text = g.Label
		legend := legendPanel()
		var rows, classifiers []string
		bars := map[[2]string]inference.Interval{}
		for _, r := range reports.AccuracyRows(g) {
			found = true
			if len(r.Target) == 0 {
				continue
			}
			c, err := r.TargetInterval()
			if err != nil {
				return nil, "", err
			}
			rows, classifiers = with(rows, r.Row), with(classifiers, r.Classifier)
			bars[[2]string{r.Row, r.Classifier}] = c
			f.Data = append(f.Data, []string{g.Label, r.Row, r.Classifier, reports.Exact(c.Estimate), reports.Exact(c.Low), reports.Exact(c.High)})
		}
		if len(rows) == 0 {
			continue
		}
		width := vg.Points(min(24, 240/float64(len(rows)*len(classifiers))))
		for k, classifier := range classifiers {
			var sample plot.Thumbnailer
			for i, row := range rows {
				c, ok := bars[[2]string{row, classifier}]
				if !ok {
					continue
				}
				bar, err := addBar(p, c, i, beside(bars, row, classifiers, k, width), width)
				if err != nil {
					return nil, "", err
				}
				bar.Color, sample = hue(k), bar
			}
			legend.Legend.Add(classifier, sample)
			f.Legend = max(f.Legend, legendWidth(classifier))
		}
		p.NominalX(rows...)
		if n := len(g.Runs[0].Results.Classes); n > 1 {
			chance, err := plotter.NewLine(plotter.XYs{{X: -0.6, Y: 1 / float64(n)}, {X: float64(len(rows)) - 0.4, Y: 1 / float64(n)}})
			if err != nil {
				return nil, "", fmt.Errorf("reports: line of chance: %w", err)
			}
			chance.Width, chance.Dashes = vg.Points(0.8), []vg.Length{vg.Points(3), vg.Points(2)}
			p.Add(chance)
			legend.Legend.Add("chance", chance)
		}
		p.Y.Min, p.Y.Max, p.Y.Tick.Marker = 0, 1, shares
		p.X.Min, p.X.Max, p.X.Tick.Length = -0.6, float64(len(rows))-0.4, 0
		f.Panels = append(f.Panels, p, legend)
	}
	if !found {
		return nil, "no run has accuracies, which need a labelled domain", nil
	}
	f.Panel = [2]vg.Length{vg.Points(380), vg.Points(200)}
	return f, "", nil
}

// allTrained says whether figure methods shows every run.
func allTrained(runs []reports.Run) bool {
	_, methods := reports.NetworksOver(runs)
	return len(methods) >= fewestMethods && !slices.ContainsFunc(runs, func(r reports.Run) bool { return !r.Results.Classified() })
}

// beside is how far from the middle of its row the bar of classifier k stands: the bars that
// a row has stand side by side about its middle.
func beside(bars map[[2]string]inference.Interval, row string, classifiers []string, k int, width vg.Length) vg.Length {
	before, all := 0, 0
	for i, c := range classifiers {
		if _, ok := bars[[2]string{row, c}]; ok {
			all++
			if i < k {
				before++
			}
		}
	}
	return width * vg.Length(float64(before)-float64(all-1)/2)
}

// addBar draws an accuracy as the bar of row i with its interval.
func addBar(p *plot.Plot, c inference.Interval, i int, shift, width vg.Length) (*plotter.BarChart, error) {
	bar, err := plotter.NewBarChart(plotter.Values{c.Estimate}, width)
	if err != nil {
		return nil, fmt.Errorf("reports: accuracy bars: %w", err)
	}
	bar.XMin, bar.Offset, bar.LineStyle.Width = float64(i), shift, 0
	e, err := plotter.NewYErrorBars(struct {
		plotter.XYs
		plotter.YErrors
	}{plotter.XYs{{X: float64(i), Y: c.Estimate}}, plotter.YErrors{{Low: c.Estimate - c.Low, High: c.High - c.Estimate}}})
	if err != nil {
		return nil, fmt.Errorf("reports: accuracy intervals: %w", err)
	}
	e.LineStyle.Width, e.CapWidth = vg.Points(0.8), min(width/2, vg.Points(6))
	p.Add(bar, shifted{e, shift})
	return bar, nil
}

// shares are the ticks of an axis from 0 to 1.
var shares = plot.ConstantTicks{{Value: 0, Label: "0"}, {Value: 0.2, Label: "0.2"}, {Value: 0.4, Label: "0.4"},
	{Value: 0.6, Label: "0.6"}, {Value: 0.8, Label: "0.8"}, {Value: 1, Label: "1"}}

// with appends s unless it is there.
func with(list []string, s string) []string {
	for _, have := range list {
		if have == s {
			return list
		}
	}
	return append(list, s)
}
