package figures

import (
	"fmt"
	"image/color"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("along", reports.FigureInfo{Name: "along", Order: 3, Build: alongFigure})
}

// linesAPanel are as many as colours tell apart.
const linesAPanel = 6

// A scoredLine is the accuracy of a method over the steps of its training, a curve a task; of several seeds their mean
// at the steps that all have.
type scoredLine struct {
	name   string
	byTask map[string]reports.Curve
}

// alongFigure draws the accuracy on the target over the steps of the training, a line a method and a column a task. Many
// methods have several rows with one scale; the lines of the other rows are grey there.
func alongFigure(runs []reports.Run) (*reports.Figure, string, error) {
	tasks, lines, several := scoredLines(runs)
	if len(lines) == 0 {
		return nil, "no run was scored along its training (adapt.along)", nil
	}
	f := &reports.Figure{Name: "along", Title: "Target accuracy along the training", Columns: len(tasks) + 1, Panel: [2]vg.Length{vg.Points(260), vg.Points(180)},
		Caption: "Accuracy of the network's own classifier on the target's test images after so many steps",
		Header:  []string{"method", "task", "step", "accuracy"}}
	if several {
		f.Caption += ", mean over seeds at the steps that all have"
	}
	f.Caption += ". No training sees it."
	if len(lines) > linesAPanel {
		f.Caption += " Grey: the methods of the other rows."
	}
	for _, l := range lines {
		for _, task := range tasks {
			c := l.byTask[task]
			for k, v := range c.Values {
				f.Data = append(f.Data, []string{l.name, task, fmt.Sprint(c.Steps[k]), reports.Exact(v)})
			}
		}
	}
	for lo := 0; lo < len(lines); lo += linesAPanel {
		own := lines[lo:min(lo+linesAPanel, len(lines))]
		others := slices.Concat(lines[:lo], lines[lo+len(own):])
		for _, task := range tasks {
			p, err := alongPanel(task, own, others)
			if err != nil {
				return nil, "", err
			}
			if len(tasks) > 1 && lo == 0 {
				p.Title.Text = taskTitle(task)
			}
			f.Panels = append(f.Panels, p)
		}
		names := legendPanel()
		for i, l := range own {
			names.Legend.Add(l.name, sample{lineOf(i, 0, 2)})
			f.Legend = max(f.Legend, legendWidth(l.name))
		}
		f.Panels = append(f.Panels, names)
	}
	return f, "", nil
}

// alongPanel draws lines of a task over those of the other rows.
func alongPanel(task string, own, others []scoredLine) (*plot.Plot, error) {
	p := newPlot("", "step", "target accuracy")
	for _, l := range others {
		if err := addSegments(p, l.byTask[task], draw.LineStyle{Color: color.Gray{Y: 215}, Width: vg.Points(0.5)}); err != nil {
			return nil, err
		}
	}
	for i, l := range own {
		if err := addSegments(p, l.byTask[task], lineOf(i, 0, 2)); err != nil {
			return nil, err
		}
	}
	p.X.Min, p.Y.Tick.Marker, p.X.Tick.Marker = 0, roundTicks{}, roundTicks{whole: true}
	return p, nil
}

// scoredLines are those of the methods that were scored along their training.
func scoredLines(runs []reports.Run) (tasks []string, lines []scoredLine, several bool) {
	scored := slices.DeleteFunc(slices.Clone(runs), func(r reports.Run) bool { return len(alongOf(r).Steps) == 0 })
	for _, g := range reports.TrainedGroups(scored) {
		i := slices.IndexFunc(lines, func(l scoredLine) bool { return l.name == g.Name })
		if i < 0 {
			i = len(lines)
			lines = append(lines, scoredLine{g.Name, map[string]reports.Curve{}})
		}
		lines[i].byTask[g.Task] = meanAlong(g.Runs)
		tasks, several = with(tasks, g.Task), several || len(g.Runs) > 1
	}
	return tasks, lines, several
}

// meanAlong is the mean over runs at the steps that all have.
func meanAlong(runs []reports.Run) (mean reports.Curve) {
	sums, counts := map[int]float64{}, map[int]int{}
	first := alongOf(runs[0])
	for _, r := range runs {
		c := alongOf(r)
		for k, step := range c.Steps {
			sums[step], counts[step] = sums[step]+c.Values[k], counts[step]+1
		}
	}
	for _, step := range first.Steps {
		if counts[step] == len(runs) {
			mean.Steps, mean.Values = append(mean.Steps, step), append(mean.Values, sums[step]/float64(len(runs)))
		}
	}
	return mean
}

// alongOf is the true accuracy of the scored steps of a run.
func alongOf(r reports.Run) (c reports.Curve) {
	for _, s := range r.Results.Selection {
		for _, step := range s.Candidates {
			if step.Step > 0 && step.Oracle != nil {
				c.Steps, c.Values = append(c.Steps, step.Step), append(c.Values, *step.Oracle)
			}
		}
	}
	return c
}
