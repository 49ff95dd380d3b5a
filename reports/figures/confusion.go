package figures

import (
	"fmt"
	"image/color"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("confusion", reports.FigureInfo{Name: "confusion", Order: 3, Build: confusionFigure})
}

// confusionFigure shows how the target's test images of each class were predicted, summed
// over seeds: by a network's own classifier, or else by the first classifier on the common
// code. More than a page of jobs have small panels without counts.
func confusionFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "confusion", Title: "Confusion matrix on the target", Panel: [2]vg.Length{vg.Points(270), vg.Points(260)},
		Header: []string{"job", "classifier", "true", "predicted", "count"}}
	var by []string // whose predictions the panels show
	groups := reports.GroupsOf(runs)
	small := len(groups) > mostPanels
	if small {
		groups = shortlyNamed(runs)
	}
	for _, g := range groups {
		sum, classes, row, classifier := confusion(g)
		if sum == nil {
			continue
		}
		if row == reports.NetworkRow {
			by = with(by, "the network's own classifier")
		} else {
			by = with(by, classifier+" on the common code")
		}
		for i, row := range sum {
			for j, n := range row {
				f.Data = append(f.Data, []string{strings.ReplaceAll(g.Label, "\n", ", "), classifier, className(classes, i), className(classes, j), fmt.Sprint(n)})
			}
		}
		f.Panels = append(f.Panels, confusionPanel(g.Label, sum, classes, small))
	}
	if len(f.Panels) == 0 {
		return nil, "no run has target predictions of a network or on a common code", nil
	}
	f.Caption = fmt.Sprintf("Target test images by true and predicted class, %s, summed over seeds. Shade: share of the true class.", strings.Join(by, " or "))
	f.Columns = min(2, len(f.Panels))
	if small {
		f.Columns, f.Panel = 6, [2]vg.Length{vg.Points(105), vg.Points(112)}
		f.Caption += " Rows are true classes, columns predicted ones; counts are in the numbers of the figure."
	}
	return f, "", nil
}

// shortlyNamed are the groups of trained methods, those of a task together, under names that small panels have room for.
func shortlyNamed(runs []reports.Run) (out []reports.Group) {
	trained := reports.TrainedGroups(runs)
	var tasks []string
	for _, g := range trained {
		tasks = with(tasks, g.Task)
	}
	for _, task := range tasks {
		for _, g := range trained {
			label := g.Name
			if len(tasks) > 1 {
				label += "\n" + taskTitle(task)
			}
			if g.Task == task {
				out = append(out, reports.Group{Label: label, Runs: g.Runs})
			}
		}
	}
	return out
}

func confusionPanel(title string, sum [][]int, classes []string, small bool) *plot.Plot {
	p := newPlot(title, "predicted", "true")
	p.Add(heat{counts: sum, bare: small})
	names := make([]string, len(sum))
	for i := range names {
		names[i] = className(classes, i)
	}
	p.X.Tick.Length, p.Y.Tick.Length, p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0, 0, 0
	p.X.Tick.Marker, p.Y.Tick.Marker = nameTicks(names, false), nameTicks(names, true)
	if longest(names) > 2 {
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 0.8, plottext.XRight, plottext.YCenter
	}
	if small {
		p.X.Label.Text, p.Y.Label.Text = "", ""
		p.Title.TextStyle.Font.Size, p.Title.Padding = font.Points(7), vg.Points(2)
		for _, a := range []*plot.Axis{&p.X, &p.Y} {
			a.Tick.Label.Font.Size, a.Padding = font.Points(5), vg.Points(1)
		}
	}
	return p
}

// confusion adds up the confusion matrices of a group's runs; nil where there is none.
func confusion(g reports.Group) (sum [][]int, classes []string, row, classifier string) {
	for _, want := range []string{reports.NetworkRow, "common"} {
		for _, r := range g.Runs {
			for _, a := range r.Results.Accuracy {
				if a.Row != want || a.Target == nil || (classifier != "" && a.Classifier != classifier) {
					continue
				}
				if sum == nil {
					row, classifier, classes = want, a.Classifier, r.Results.Classes
					sum = make([][]int, len(a.Target.Confusion))
					for i := range sum {
						sum[i] = make([]int, len(sum))
					}
				}
				for i, counts := range a.Target.Confusion {
					for j, n := range counts {
						sum[i][j] += n
					}
				}
			}
		}
		if sum != nil {
			break
		}
	}
	return sum, classes, row, classifier
}

func longest(names []string) int {
	n := 0
	for _, s := range names {
		n = max(n, len(s))
	}
	return n
}

func className(classes []string, i int) string {
	if i < len(classes) {
		return classes[i]
	}
	return fmt.Sprint(i)
}

// nameTicks places names at whole numbers, the first at the top when reversed.
func nameTicks(names []string, reversed bool) plot.ConstantTicks {
	var out plot.ConstantTicks
	for i, name := range names {
		at := float64(i)
		if reversed {
			at = float64(len(names) - 1 - i)
		}
		out = append(out, plot.Tick{Value: at, Label: name})
	}
	return out
}

// heat draws counts as shaded squares with their numbers, row 0 at the top.
type heat struct {
	counts [][]int
	bare   bool // without them
}

func (h heat) DataRange() (xmin, xmax, ymin, ymax float64) {
	n := float64(len(h.counts))
	return -0.5, n - 0.5, -0.5, n - 0.5
}

func (h heat) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	n := len(h.counts)
	style := plottext.Style{Font: font.From(plotter.DefaultFont, vg.Points(8)), XAlign: plottext.XCenter, YAlign: plottext.YCenter, Handler: p.TextHandler}
	for i, row := range h.counts {
		total := 0
		for _, v := range row {
			total += v
		}
		for j, v := range row {
			share := 0.0
			if total > 0 {
				share = float64(v) / float64(total)
			}
			at := float64(n - 1 - i)
			c.FillPolygon(shade(share), []vg.Point{
				{X: x(float64(j) - 0.5), Y: y(at - 0.5)}, {X: x(float64(j) + 0.5), Y: y(at - 0.5)},
				{X: x(float64(j) + 0.5), Y: y(at + 0.5)}, {X: x(float64(j) - 0.5), Y: y(at + 0.5)}})
			if v == 0 || h.bare {
				continue
			}
			style.Color = color.Black
			if share > 0.5 {
				style.Color = color.White
			}
			c.FillText(style, vg.Point{X: x(float64(j)), Y: y(at)}, fmt.Sprint(v))
		}
	}
}

// shade runs from white to the palette's blue.
func shade(share float64) color.Color {
	mix := func(to uint8) uint8 { return uint8(255 + share*(float64(to)-255)) }
	return color.RGBA{R: mix(0), G: mix(90), B: mix(150), A: 255}
}
