package figures

import (
	"fmt"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	plottext "gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Figures.Add("leakage", reports.FigureInfo{Name: "leakage", Order: 6, Build: leakageFigure})
}

// leakageFigure shows how well each known factor is read off each block of code, the mean over seeds, with frames
// around the cells that should be full.
func leakageFigure(runs []reports.Run) (*reports.Figure, string, error) {
	f := &reports.Figure{Name: "leakage", Title: "What each block of code tells of each factor", Columns: 1,
		Header: []string{"job", "block", "on", "factor", "wish", "score", "low", "high", "seeds"}}
	for _, g := range reports.GroupsOf(runs) {
		m := newLeakageMap(g.Runs)
		if m == nil {
			continue
		}
		for i, r := range m.rows {
			for j, name := range m.factors {
				if c := m.cells[i][j]; c.seeds > 0 {
					f.Data = append(f.Data, []string{g.Label, r[0], r[1], name, [...]string{"open", "keep", "empty"}[c.wish], reports.Exact(c.score), reports.Exact(c.low), reports.Exact(c.high), fmt.Sprint(c.seeds)})
				}
			}
		}
		p := newPlot(g.Label, "", "")
		p.Add(m)
		p.X.Tick.Length, p.Y.Tick.Length, p.X.LineStyle.Width, p.Y.LineStyle.Width = 0, 0, 0, 0
		var rows []string
		for _, r := range m.rows {
			rows = append(rows, r[0]+", on "+r[1])
		}
		var names []string
		for _, name := range m.factors {
			names = append(names, spaced(name))
		}
		p.X.Tick.Marker, p.Y.Tick.Marker = nameTicks(names, false), nameTicks(rows, true)
		p.X.Tick.Label.Rotation, p.X.Tick.Label.XAlign, p.X.Tick.Label.YAlign = 0.8, plottext.XRight, plottext.YCenter
		f.Panels = append(f.Panels, p)
		f.Panel = [2]vg.Length{vg.Points(90 + 32*float64(len(m.factors))), vg.Points(105 + 32*float64(len(m.rows)))}
		f.Caption = fmt.Sprintf("Score of the better of two probes on held-out images, 0 at chance and 1 when the factor is read off without a fault (balanced accuracy, "+
			"or R squared for a number), mean over %d seeds%s. Green frame: should be 1. All other cells should be 0.", len(g.Runs), m.halves())
	}
	if len(f.Panels) == 0 {
		return nil, "no run has known factors", nil
	}
	return f, "", nil
}

// spaced writes a factor's name as words.
func spaced(name string) string {
	out := []rune(name)
	for i, r := range out {
		if r == '_' {
			out[i] = ' '
		}
	}
	return string(out)
}

// A leakageMap draws the matrix; rows are blocks and the domain they are seen on.
type leakageMap struct {
	rows    [][2]string
	factors []string
	cells   [][]leakageCell
}

type leakageCell struct {
	wish             disentanglement.Wish
	score, low, high float64 // low and high of one seed: the interval over images
	seeds            int
}

// newLeakageMap averages the cells of runs that differ in their seed; nil where there are none.
func newLeakageMap(runs []reports.Run) *leakageMap {
	m := &leakageMap{}
	at := func(list []string, name string) ([]string, int) {
		if i := slices.Index(list, name); i >= 0 {
			return list, i
		}
		return append(list, name), len(list)
	}
	type key struct{ row, factor int }
	sums := map[key]*leakageCell{}
	for _, r := range runs {
		for _, c := range r.Results.Leakage {
			if c.Absent {
				continue
			}
			row := slices.Index(m.rows, [2]string{c.Block, c.On})
			if row < 0 {
				row, m.rows = len(m.rows), append(m.rows, [2]string{c.Block, c.On})
			}
			var j int
			m.factors, j = at(m.factors, c.Factor)
			s := sums[key{row, j}]
			if s == nil {
				s = &leakageCell{wish: c.Wish}
				sums[key{row, j}] = s
			}
			s.score, s.low, s.high, s.seeds = s.score+c.Score, s.low+c.Low, s.high+c.High, s.seeds+1
		}
	}
	if len(m.rows) == 0 {
		return nil
	}
	m.cells = make([][]leakageCell, len(m.rows))
	for i := range m.cells {
		m.cells[i] = make([]leakageCell, len(m.factors))
		for j := range m.cells[i] {
			if s := sums[key{i, j}]; s != nil {
				n := float64(s.seeds)
				m.cells[i][j] = leakageCell{s.wish, s.score / n, s.low / n, s.high / n, s.seeds}
			}
		}
	}
	return m
}

// halves says the largest half-width of the cells' intervals.
func (m *leakageMap) halves() string {
	var widest float64
	for _, row := range m.cells {
		for _, c := range row {
			widest = math.Max(widest, (c.high-c.low)/2)
		}
	}
	return fmt.Sprintf("; the 95%% intervals over images are at most %.2f to either side", widest)
}

func (m *leakageMap) DataRange() (xmin, xmax, ymin, ymax float64) {
	return -0.5, float64(len(m.factors)) - 0.5, -0.5, float64(len(m.rows)) - 0.5
}

func (m *leakageMap) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	style := plottext.Style{Font: font.From(plotter.DefaultFont, vg.Points(7)), XAlign: plottext.XCenter, YAlign: plottext.YCenter, Handler: p.TextHandler}
	for i, row := range m.cells {
		at := float64(len(m.rows) - 1 - i)
		for j, cell := range row {
			box := func(inset float64) []vg.Point {
				l, r, b, t := x(float64(j)-0.5+inset), x(float64(j)+0.5-inset), y(at-0.5+inset), y(at+0.5-inset)
				return []vg.Point{{X: l, Y: b}, {X: r, Y: b}, {X: r, Y: t}, {X: l, Y: t}, {X: l, Y: b}}
			}
			if cell.seeds == 0 {
				c.FillPolygon(color.Gray{Y: 242}, box(0.02))
				continue
			}
			share := math.Max(0, math.Min(1, cell.score))
			c.FillPolygon(shade(share), box(0.02))
			c.StrokeLines(draw.LineStyle{Color: color.Gray{Y: 215}, Width: vg.Points(0.4)}, box(0.02))
			if cell.wish == disentanglement.Keep {
				c.StrokeLines(draw.LineStyle{Color: hue(2), Width: vg.Points(1.6)}, box(0.06))
			}
			style.Color = color.Black
			if share > 0.5 {
				style.Color = color.White
			}
			c.FillText(style, vg.Point{X: x(float64(j)), Y: y(at)}, fmt.Sprintf("%.2f", cell.score))
		}
	}
}
