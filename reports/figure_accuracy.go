package reports

import (
	"fmt"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
)

func init() {
	Figures.Add("accuracy", FigureInfo{Name: "accuracy", Order: 2, Build: accuracyFigure})
}

// accuracyFigure draws the target accuracy of every row of the table as a bar with
// its interval: over seeds where there are several, else over test rows.
func accuracyFigure(runs []Run) (*Figure, string, error) {
	gs := groups(runs)
	table, skip, err := accuracyTable(runs)
	if table == nil || err != nil {
		return nil, skip, err
	}
	f := &Figure{Name: "accuracy", Title: "Target accuracy", Columns: 2,
		Caption: "Accuracy on the target's test images by feature row and classifier. Whiskers: 95% interval, over seeds where there are several, else over test images. Dashed: chance.",
		Header:  []string{"job", "features", "classifier", "accuracy", "low", "high"}}
	for _, g := range gs {
		p := newPlot("", "", "target accuracy")
		p.Title.Text = g.label
		legend := legendPanel()
		var rows, classifiers []string
		bars := map[[2]string]Cell{}
		for _, row := range table.Rows {
			if labelled(gs) {
				if row[0].Text != g.label {
					continue
				}
				row = row[1:]
			}
			c := row[3]
			if !c.Number {
				continue
			}
			rows, classifiers = with(rows, row[0].Text), with(classifiers, row[1].Text)
			bars[[2]string{row[0].Text, row[1].Text}] = c
			f.Data = append(f.Data, []string{g.label, row[0].Text, row[1].Text, full(c.Value), full(c.Low), full(c.High)})
		}
		if len(rows) == 0 {
			continue
		}
		width := vg.Points(min(24, 240/float64(len(rows)*len(classifiers))))
		for k, classifier := range classifiers {
			values := make(plotter.Values, len(rows))
			var points plotter.XYs
			var errs plotter.YErrors
			shift := width * vg.Length(float64(k)-float64(len(classifiers)-1)/2)
			for i, row := range rows {
				c, ok := bars[[2]string{row, classifier}]
				if !ok {
					continue
				}
				values[i] = c.Value
				points = append(points, plotter.XY{X: float64(i), Y: c.Value})
				errs = append(errs, struct{ Low, High float64 }{c.Value - c.Low, c.High - c.Value})
			}
			bar, err := plotter.NewBarChart(values, width)
			if err != nil {
				return nil, "", fmt.Errorf("reports: accuracy bars: %w", err)
			}
			bar.Color, bar.Offset, bar.LineStyle.Width = hue(k), shift, 0
			p.Add(bar)
			legend.Legend.Add(classifier, bar)
			f.Legend = max(f.Legend, legendWidth(classifier))
			e, err := plotter.NewYErrorBars(struct {
				plotter.XYs
				plotter.YErrors
			}{points, errs}) // a number of this column has an interval, over seeds or over rows
			if err != nil {
				return nil, "", fmt.Errorf("reports: accuracy intervals: %w", err)
			}
			e.LineStyle.Width, e.CapWidth = vg.Points(0.8), min(width/2, vg.Points(6))
			p.Add(shifted{e, shift})
		}
		p.NominalX(rows...)
		if n := len(g.runs[0].Results.Classes); n > 1 {
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
	f.Panel = [2]vg.Length{vg.Points(380), vg.Points(200)}
	return f, "", nil
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
