package figures

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("search-curve", reports.FigureInfo{Name: "search-curve", Order: 4, Trials: true, Build: searchCurve})
}

// searchCurve draws, a panel for what was searched, the accuracy that is to be expected of the
// choice among n trials over n: by the spec's validator, and grey by the target's labels.
func searchCurve(runs []reports.Run) (*reports.Figure, string, error) {
	searches := reports.SearchesOf(runs)
	if len(searches) == 0 {
		return nil, "no run is a trial of a search", nil
	}
	f := &reports.Figure{Name: "search-curve", Title: "What more trials of a search are worth", Columns: 4, Panel: [2]vg.Length{vg.Points(150), vg.Points(120)},
		Caption: "Accuracy on the target's test images that is to be expected of the best of n trials: of the one that the spec's validator chooses, and grey, of the one that the target's labels would choose, a bound. " +
			"Exact means over all sets of n of the trials that are done. Whiskers: 95% t-interval over seeds where there are several, cut at 0 and 1.",
		Header: []string{"search", "chosen by", "n", "accuracy", "low", "high"}}
	var names []string
	for _, s := range searches {
		names = with(names, s.SearchName(searches))
	}
	var reasons, chosenBy []string
	for _, name := range names {
		seeds := slices.DeleteFunc(slices.Clone(searches), func(s reports.Search) bool { return s.SearchName(searches) != name })
		p := newPlot(name, "trials", "target accuracy")
		drawn := false
		for _, by := range []string{reports.ByTruth, seeds[0].By} {
			curve, why, err := bestOf(seeds, by)
			if err != nil {
				return nil, "", err
			}
			if why != "" {
				reasons = with(reasons, name+": "+why)
				continue
			}
			beside := 0.0
			if by == reports.ByTruth {
				beside = 0.25 // its whiskers are not hidden by the others
			}
			if err := addCurve(p, curve, curveColour(by), beside); err != nil {
				return nil, "", err
			}
			drawn = true
			chosenBy = with(chosenBy, by)
			for k, i := range curve {
				f.Data = append(f.Data, []string{name, by, fmt.Sprint(k + 1), reports.Exact(i.Estimate), reports.Exact(i.Low), reports.Exact(i.High)})
			}
		}
		if drawn {
			p.Y.Min, p.Y.Max = max(0, p.Y.Min), min(1, p.Y.Max)
			p.Y.Tick.Marker, p.X.Tick.Marker = roundTicks{}, roundTicks{whole: true}
			f.Panels = append(f.Panels, p)
		}
	}
	if len(f.Panels) == 0 {
		return nil, reasons[0], nil
	}
	for _, reason := range reasons {
		f.Caption += " Left out: " + reason + "."
	}
	f.Columns = min(f.Columns, len(f.Panels))
	legend := legendPanel()
	for _, by := range chosenBy {
		legend.Legend.Add(by, sample{draw.LineStyle{Color: curveColour(by), Width: vg.Points(1)}})
	}
	setBeside(f, legend, legendWidth(chosenBy...))
	return f, "", nil
}

// curveColour is that of the curve of who chooses: a validator, or the target's labels.
func curveColour(by string) color.Color {
	if by == reports.ByTruth {
		return color.Gray{Y: 150}
	}
	return hue(0)
}

// bestOf is the expected choice among n trials with its interval over seeds, for every n that all
// seeds have.
func bestOf(seeds []reports.Search, by string) (out []inference.Interval, why string, err error) {
	var of [][]float64
	for _, s := range seeds {
		expected, why, err := s.BestOf(by)
		if err != nil || why != "" {
			return nil, why, err
		}
		of = append(of, expected)
	}
	for k := range slices.MinFunc(of, func(a, b []float64) int { return len(a) - len(b) }) {
		var values []float64
		for _, expected := range of {
			values = append(values, expected[k])
		}
		i, err := inference.OverSeeds(values, 0.95)
		if err != nil {
			return nil, "", fmt.Errorf("reports: search of %s: %w", seeds[0].Of, err)
		}
		out = append(out, i)
	}
	return out, "", nil
}

// addCurve draws a line with a dot at every n, and a whisker so far beside it where there is an
// interval.
func addCurve(p *plot.Plot, curve []inference.Interval, c color.Color, beside float64) error {
	var points plotter.XYs
	for k, i := range curve {
		points = append(points, plotter.XY{X: float64(k + 1), Y: i.Estimate})
		if !finite(i.Low) {
			continue
		}
		whisker, err := plotter.NewLine(plotter.XYs{{X: float64(k+1) + beside, Y: i.Low}, {X: float64(k+1) + beside, Y: i.High}})
		if err != nil {
			return fmt.Errorf("reports: search curve: %w", err)
		}
		whisker.Color, whisker.Width = c, vg.Points(0.5)
		p.Add(whisker)
	}
	line, dots, err := plotter.NewLinePoints(points)
	if err != nil {
		return fmt.Errorf("reports: search curve: %w", err)
	}
	line.LineStyle = draw.LineStyle{Color: c, Width: vg.Points(1)}
	dots.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(1.5), Shape: draw.CircleGlyph{}}
	p.Add(line, dots)
	return nil
}
