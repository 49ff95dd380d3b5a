package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	plottext "gonum.org/v1/plot/text"
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

// methodsFigure draws the accuracy on the target of every trained method as a line of points, the best on top: the
// mean with its interval and, lighter, every seed; tasks stand side by side, each on an axis of its own.
func methodsFigure(runs []reports.Run) (*reports.Figure, string, error) {
	tasks, methods := reports.NetworksOver(runs)
	if len(methods) < fewestMethods {
		return nil, fmt.Sprintf("%d methods have a classifier of their own, want %d", len(methods), fewestMethods), nil
	}
	sortMethods(tasks, methods)
	f := &reports.Figure{Name: "methods", Title: "Target accuracy of each method", Columns: 1, Header: []string{"method", "task", "accuracy", "low", "high", "seeds", "oracle"},
		Panel: [2]vg.Length{vg.Points(180 + 240*float64(len(tasks))), vg.Points(44 + 13*float64(len(methods)))},
		Caption: "Accuracy on the target's test images at the last step: of each network's own classifier, or where a name has a code and a classifier, of that one on that code. " +
			"Light: single seeds. Whiskers: 95% interval, over seeds where there are several, else over test images, cut where the axis ends. Grey: trained on the target's labels, a bound."}
	if len(tasks) > 1 {
		f.Caption += " Each task has an axis of its own. Best in the mean over tasks on top; methods without all tasks below the others."
	}
	axes := newLanes(tasks, methods)
	p := newPlot("", "target accuracy", "")
	p.Add(frames{tasks, axes, len(methods)})
	names := make([]string, len(methods))
	for i, m := range methods {
		names[len(methods)-1-i] = m.Name
		for k, task := range tasks {
			if len(m.ByTask[task]) == 0 {
				continue
			}
			accuracy, err := m.Interval(task)
			if err != nil {
				return nil, "", err
			}
			f.Data = append(f.Data, []string{m.Name, task, reports.Exact(accuracy.Estimate), reports.Exact(accuracy.Low), reports.Exact(accuracy.High), exactly(m.ByTask[task]), fmt.Sprint(m.Oracle)})
			if err := addPoint(p, axes, k, float64(len(methods)-1-i), m, task, accuracy); err != nil {
				return nil, "", err
			}
		}
	}
	p.NominalY(names...)
	p.Y.Min, p.Y.Max, p.Y.Tick.Length, p.Y.LineStyle.Width = -0.6, float64(len(methods))-0.4, 0, 0
	p.X.Min, p.X.Max, p.X.Tick.Marker, p.X.LineStyle.Width = 0, axes.at(len(tasks)-1, 1), axes.ticks(), 0
	if len(tasks) > 1 {
		p.Title.Text = " " // room for the tasks' names
	}
	f.Panels = []*plot.Plot{p}
	return f, "", nil
}

// sortMethods puts the best first: methods that have all tasks, then the others, both by their mean.
func sortMethods(tasks []string, methods []*reports.NetworkScores) {
	mean := func(m *reports.NetworkScores) float64 {
		sum, n := 0.0, 0
		for _, task := range tasks {
			if len(m.ByTask[task]) > 0 {
				sum, n = sum+m.Mean(task), n+1
			}
		}
		return sum / float64(n)
	}
	slices.SortStableFunc(methods, func(a, b *reports.NetworkScores) int {
		if whole := a.Complete(tasks); whole != b.Complete(tasks) {
			if whole {
				return -1
			}
			return 1
		}
		return cmp.Compare(mean(b), mean(a))
	})
}

func exactly(values []float64) string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = reports.Exact(v)
	}
	return strings.Join(out, " ")
}

// lanes are the axes of accuracies of the tasks, side by side so that their lines are level: each is one long, starts at a
// tenth below the task's least accuracy and ends at 1.
type lanes struct{ low []float64 }

// laneGap is the room between two.
const laneGap = 0.08

func newLanes(tasks []string, methods []*reports.NetworkScores) (l lanes) {
	for _, task := range tasks {
		low := 0.9
		for _, m := range methods {
			for _, v := range m.ByTask[task] {
				low = min(low, v)
			}
		}
		l.low = append(l.low, math.Floor(10*low+1e-9)/10)
	}
	return l
}

// at is where a value of task k stands, cut where its axis ends.
func (l lanes) at(k int, v float64) float64 {
	return float64(k)*(1+laneGap) + (min(max(v, l.low[k]), 1)-l.low[k])/(1-l.low[k])
}

func (l lanes) ticks() (out plot.ConstantTicks) {
	for k, low := range l.low {
		step := 2 // tenths
		if low >= 0.5 {
			step = 1
		}
		for tenths := 10; tenths >= int(math.Round(10*low)); tenths -= step {
			out = append(out, plot.Tick{Value: l.at(k, float64(tenths)/10), Label: fmt.Sprintf("%.1f", float64(tenths)/10)})
		}
	}
	return out
}

// frames draw under the points: a faint line a method, the axis of each task and, of several tasks, their names.
type frames struct {
	tasks   []string
	axes    lanes
	methods int
}

func (f frames) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := plottext.Style{Color: color.Black, Font: font.From(plotter.DefaultFont, vg.Points(9)), XAlign: plottext.XCenter, YAlign: plottext.YBottom, Handler: p.TextHandler}
	for k, task := range f.tasks {
		left, right := x(f.axes.at(k, 0)), x(f.axes.at(k, 1))
		for i := range f.methods {
			c.StrokeLine2(draw.LineStyle{Color: color.Gray{Y: 232}, Width: vg.Points(0.5)}, left, y(float64(i)), right, y(float64(i)))
		}
		c.StrokeLine2(draw.LineStyle{Color: color.Black, Width: vg.Points(0.5)}, left, c.Min.Y, right, c.Min.Y)
		if len(f.tasks) > 1 {
			c.FillText(style, vg.Point{X: (left + right) / 2, Y: c.Max.Y + vg.Points(3)}, taskTitle(task))
		}
	}
}

// addPoint draws the accuracies of a method on a task at a height.
func addPoint(p *plot.Plot, l lanes, k int, at float64, m *reports.NetworkScores, task string, accuracy inference.Interval) error {
	dark, light := hue(0), color.Color(color.RGBA{R: 140, G: 190, B: 222, A: 255})
	if m.Oracle {
		dark, light = color.Gray{Y: 150}, color.Gray{Y: 205}
	}
	whisker, err := plotter.NewLine(plotter.XYs{{X: l.at(k, accuracy.Low), Y: at}, {X: l.at(k, accuracy.High), Y: at}})
	if err != nil {
		return fmt.Errorf("reports: interval of %s: %w", m.Name, err)
	}
	whisker.Color, whisker.Width = dark, vg.Points(0.8)
	p.Add(whisker)
	dots := func(values []float64, c color.Color, radius float64) error {
		points := make(plotter.XYs, len(values))
		for i, v := range values {
			points[i] = plotter.XY{X: l.at(k, v), Y: at}
		}
		of, err := plotter.NewScatter(points)
		if err != nil {
			return fmt.Errorf("reports: accuracy of %s: %w", m.Name, err)
		}
		of.GlyphStyle = draw.GlyphStyle{Color: c, Radius: vg.Points(radius), Shape: draw.CircleGlyph{}}
		p.Add(of)
		return nil
	}
	if seeds := m.ByTask[task]; len(seeds) > 1 {
		if err := dots(seeds, light, 1.8); err != nil {
			return err
		}
	}
	return dots([]float64{accuracy.Estimate}, dark, 2.5)
}
