package figures

import (
	"cmp"
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
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
	reports.Figures.Add("ranks", reports.FigureInfo{Name: "ranks", Order: 7, Build: ranksFigure})
}

const (
	mostLabelled = 18 // ranks whose numbers all fit on the axis
	rankLevel    = 0.05
	fewTasks     = 5 // below which Nemenyi's test can hardly tell methods apart
)

// ranksFigure is the critical-difference diagram: the mean rank of each method over tasks, and bars over methods that
// Nemenyi's test does not tell apart.
func ranksFigure(runs []reports.Run) (*reports.Figure, string, error) {
	methods, tasks, scores, left := taskScores(runs)
	if len(tasks) < 2 || len(methods) < 3 {
		return nil, fmt.Sprintf("%d methods on %d tasks: ranks want three methods and two tasks", len(methods), len(tasks)), nil
	}
	test, err := inference.Friedman(scores, true, 0)
	if err != nil {
		return nil, "", fmt.Errorf("reports: ranks: %w", err)
	}
	critical, err := inference.CriticalDifference(len(methods), len(tasks), rankLevel)
	if err != nil {
		return nil, "", fmt.Errorf("reports: ranks: %w", err)
	}
	d := &rankDiagram{names: methods, ranks: test.Ranks, critical: critical, cliques: inference.Cliques(test.Ranks, critical)}
	f := &reports.Figure{Name: "ranks", Title: "Mean ranks of the methods over tasks", Columns: 1, Header: []string{"method", "mean rank", "tasks", "critical difference"},
		Panel: [2]vg.Length{vg.Points(460), vg.Points(70 + 13*float64((len(methods)+1)/2) + 7*float64(len(d.cliques)))}}
	f.Caption = fmt.Sprintf("Mean rank over %d tasks by accuracy on the target, 1 is best. Bars join methods that Nemenyi's test at %g does not tell apart (critical difference %.2f). "+
		"Friedman's test (%s): p %s.", len(tasks), rankLevel, critical, test.Method, pValueText(test.P))
	if left > 0 {
		f.Caption += fmt.Sprintf(" %d tasks are left out: a method is missing there.", left)
	}
	if len(tasks) < fewTasks {
		f.Caption += fmt.Sprintf(" %d tasks are few: read the ranks as a description.", len(tasks))
	}
	for i, name := range methods {
		f.Data = append(f.Data, []string{name, reports.Exact(test.Ranks[i]), fmt.Sprint(len(tasks)), reports.Exact(critical)})
	}
	p := newPlot("", "", "")
	p.HideAxes()
	p.Add(d)
	f.Panels = []*plot.Plot{p}
	return f, "", nil
}

func pValueText(p float64) string {
	if p < 0.001 {
		return "below 0.001"
	}
	return fmt.Sprintf("%.3f", p)
}

// taskScores is the mean over seeds of each method on each task; tasks on which a method is missing are left out and
// counted. Methods are the adaptation methods, named as in their table; where there are none, trained networks as in the
// table of these; where there are several of neither, the rows of the accuracy table but oracles.
func taskScores(runs []reports.Run) (methods, tasks []string, scores *mat.Dense, left int) {
	type key struct{ method, task string }
	sums, counts := map[key]float64{}, map[key]float64{}
	var all []string
	put := func(method, task string, v float64) {
		if !slices.Contains(methods, method) {
			methods = append(methods, method)
		}
		if !slices.Contains(all, task) {
			all = append(all, task)
		}
		sums[key{method, task}] += v
		counts[key{method, task}]++
	}
	adapted := slices.ContainsFunc(runs, func(r reports.Run) bool { return len(r.Results.Adaptation) > 0 })
	if trained, networks := reports.NetworksOver(runs); !adapted && len(networks) > 1 {
		putNetworks(put, trained, networks)
	} else {
		putRows(put, runs, adapted)
	}
	var rows [][]float64
	for _, task := range all {
		row := make([]float64, len(methods))
		whole := true
		for j, method := range methods {
			n := counts[key{method, task}]
			whole = whole && n > 0
			row[j] = sums[key{method, task}] / n
		}
		if whole {
			tasks, rows = append(tasks, task), append(rows, row)
		} else {
			left++
		}
	}
	if len(rows) == 0 {
		return methods, nil, nil, left
	}
	scores = mat.NewDense(len(rows), len(methods), slices.Concat(rows...))
	return methods, tasks, scores, left
}

func putNetworks(put func(method, task string, v float64), tasks []string, networks []*reports.NetworkScores) {
	for _, m := range networks {
		for _, task := range tasks {
			if !m.Oracle && len(m.ByTask[task]) > 0 {
				put(m.Name, task, m.Mean(task))
			}
		}
	}
}

func putRows(put func(method, task string, v float64), runs []reports.Run, adapted bool) {
	called := reports.MethodNames(runs)
	for _, r := range runs {
		task := r.Results.Task
		if task == "" {
			task = r.Results.DatasetPair()
		}
		for _, a := range r.Results.Adaptation {
			if s := rankedBy(a); s != nil {
				put(called(r.Results, a.Name), task, s.Accuracy)
			}
		}
		for _, a := range r.Results.Accuracy {
			if !adapted && !a.Oracle && !r.Results.LearntTarget() && a.Target != nil {
				put(a.Row+", "+a.Classifier, task, a.Target.Accuracy)
			}
		}
	}
}

// rankedBy is the score that methods are ranked by: of the rows that adaptation saw, or else of others.
func rankedBy(a reports.Adaptation) *reports.Score {
	if a.Transductive != nil {
		return a.Transductive
	}
	return a.Inductive
}

// A rankDiagram draws ranks on an axis, 1 at the left, the better half of the names at the left and the others at the
// right, and bars over cliques below the axis.
type rankDiagram struct {
	names    []string
	ranks    []float64
	critical float64
	cliques  [][]int
}

func (d *rankDiagram) DataRange() (xmin, xmax, ymin, ymax float64) { return 0, 1, 0, 1 }

// label is what stands beside a line.
func (d *rankDiagram) label(i int) string { return fmt.Sprintf("%s (%.2f)", d.names[i], d.ranks[i]) }

func (d *rankDiagram) Plot(c draw.Canvas, p *plot.Plot) {
	k := len(d.names)
	order := make([]int, k)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(d.ranks[a], d.ranks[b]) })
	margin := vg.Points(110)
	face := font.DefaultCache.Lookup(plotter.DefaultFont, vg.Points(8))
	for i := range d.names {
		margin = max(margin, face.Width(d.label(i))+vg.Points(12))
	}
	left, right := c.Min.X+margin, c.Max.X-margin
	x := func(rank float64) vg.Length { return left + (right-left)*vg.Length((rank-1)/float64(k-1)) }
	axis := c.Max.Y - vg.Points(34)
	line := func(width float64, points ...vg.Point) {
		c.StrokeLines(draw.LineStyle{Color: color.Black, Width: vg.Points(width)}, points)
	}
	text := func(size float64, align plottext.XAlignment, at vg.Point, s string) {
		c.FillText(plottext.Style{Color: color.Black, Font: font.From(plotter.DefaultFont, vg.Points(size)), XAlign: align, YAlign: plottext.YCenter, Handler: p.TextHandler}, at, s)
	}
	line(0.8, vg.Point{X: left, Y: axis}, vg.Point{X: right, Y: axis})
	for r := 1; r <= k; r++ {
		line(0.8, vg.Point{X: x(float64(r)), Y: axis}, vg.Point{X: x(float64(r)), Y: axis + vg.Points(4)})
		if len(d.ranks) <= mostLabelled || r == 1 || r%5 == 0 { // more labels would touch
			text(8, plottext.XCenter, vg.Point{X: x(float64(r)), Y: axis + vg.Points(10)}, fmt.Sprint(r))
		}
	}
	// The critical difference as a length at the left end of the axis, cut where the axis is shorter.
	top := axis + vg.Points(22)
	end := math.Min(1+d.critical, float64(k))
	line(1.2, vg.Point{X: x(1), Y: top}, vg.Point{X: x(end), Y: top})
	for _, r := range []float64{1, end} {
		line(1.2, vg.Point{X: x(r), Y: top - vg.Points(3)}, vg.Point{X: x(r), Y: top + vg.Points(3)})
	}
	text(8, plottext.XLeft, vg.Point{X: x(end) + vg.Points(5), Y: top}, fmt.Sprintf("critical difference %.2f", d.critical))
	bars := vg.Points(7 * float64(len(d.cliques)))
	for i, clique := range d.cliques {
		y := axis - vg.Points(6+7*float64(i))
		line(2.6, vg.Point{X: x(d.ranks[clique[0]]) - vg.Points(3), Y: y}, vg.Point{X: x(d.ranks[clique[len(clique)-1]]) + vg.Points(3), Y: y})
	}
	half := (k + 1) / 2
	for place, i := range order {
		depth, side := place, left-vg.Points(6)
		align := plottext.XRight
		if place >= half {
			depth, side, align = k-1-place, right+vg.Points(6), plottext.XLeft
		}
		y := axis - bars - vg.Points(12+13*float64(depth))
		line(0.6, vg.Point{X: x(d.ranks[i]), Y: axis}, vg.Point{X: x(d.ranks[i]), Y: y}, vg.Point{X: side, Y: y})
		label := vg.Point{X: side - vg.Points(3), Y: y}
		if align == plottext.XLeft {
			label.X = side + vg.Points(3)
		}
		text(8, align, label, d.label(i))
	}
}
