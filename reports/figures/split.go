package figures

import (
	"fmt"
	"image/color"
	"math"
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
	reports.Figures.Add("split", reports.FigureInfo{Name: "split", Order: 0, Build: splitFigure})
}

// splitFigure draws the quantities of the split, a line a job and a strip a quantity: the mean
// with its interval, each seed, and what the theory wants. It is there where several jobs were
// probed for known factors.
func splitFigure(runs []reports.Run) (*reports.Figure, string, error) {
	rows, skip, err := reports.SplitRows(runs)
	if skip != "" || err != nil {
		return nil, skip, err
	}
	f := &reports.Figure{Name: "split", Title: "What each job's split is worth", Columns: 1,
		Panel:  [2]vg.Length{vg.Points(560), vg.Points(70 + stripRow*float64(len(rows)))},
		Header: []string{"job", "quantity", "wanted", "mean", "low", "high", "seeds", "worse"}}
	var docs []string
	for k, q := range reports.SplitQuantities {
		docs = append(docs, q.Name+": "+q.Doc)
		for _, row := range rows {
			if v := row.Values[k]; len(v.Values) > 0 {
				var seeds []string
				for _, x := range v.Values {
					seeds = append(seeds, reports.Exact(x))
				}
				f.Data = append(f.Data, []string{row.Label, q.Name, reports.Exact(q.Want), reports.Exact(v.Interval.Estimate), reports.Exact(v.Interval.Low), reports.Exact(v.Interval.High), strings.Join(seeds, " "), fmt.Sprint(v.Worse)})
			}
		}
	}
	for i, title := range []string{"what the codes hold", "what is made with them"} {
		s := &strips{rows: rows, first: i * reports.CodeQuantities, last: reports.CodeQuantities}
		if i == 1 {
			s.last = len(reports.SplitQuantities)
		}
		p := newPlot(title, "", "")
		p.HideAxes()
		p.Add(s)
		f.Panels = append(f.Panels, p)
	}
	f.Caption = fmt.Sprintf("Green line: what the theory wants. Large dots: means over seeds with the 95%% t-interval, cut at the strip's ends, where there are several; small dots: single seeds. "+
		"Grey line: the mean of %s. Red: farther from what is wanted than %s (%s). "+
		"Scores are of the best of several probes on held-out images, 0 at chance and 1 without a fault; errors are L1 against exact renders as a share of leaving the image as it is. %s.",
		rows[0].Label, rows[0].Label, reports.WorseTest, strings.Join(docs, "; "))
	return f, "", nil
}

// stripRow is the height of a job's line in points; stripGap is between strips.
const stripRow, stripGap = 15, 12

// strips draw the quantities [first, last) side by side.
type strips struct {
	rows        []reports.SplitRow
	first, last int
}

func (s *strips) DataRange() (xmin, xmax, ymin, ymax float64) { return 0, 1, 0, 1 }

// reach is the range of a strip's axis: from 0, or the least value, to as far as the quantity
// asks for, or the largest value.
func (s *strips) reach(k int) (low, high float64) {
	high = reports.SplitQuantities[k].Reach
	for _, row := range s.rows {
		for _, v := range row.Values[k].Values {
			low, high = math.Min(low, v), math.Max(high, v)
		}
	}
	return low, high
}

func (s *strips) Plot(c draw.Canvas, p *plot.Plot) {
	pen := stripPen{c, p}
	left := c.Min.X
	for _, row := range s.rows {
		left = max(left, c.Min.X+pen.width(8, row.Label)+vg.Points(8))
	}
	width := (c.Max.X - left) / reports.CodeQuantities // of a strip with its gap, in both panels
	top := c.Max.Y - vg.Points(22)
	at := func(i int) vg.Length { return top - vg.Points(stripRow*(float64(i)+0.5)) }
	for i, row := range s.rows {
		pen.text(8, plottext.XLeft, color.Black, vg.Point{X: c.Min.X, Y: at(i)}, row.Label)
	}
	bottom := at(len(s.rows)-1) - vg.Points(stripRow/2)
	for k := s.first; k < s.last; k++ {
		from := left + vg.Length(k-s.first)*width
		low, high := s.reach(k)
		pen.strip(s.rows, k, strip{from, from + width - vg.Points(stripGap), top, bottom, low, high}, at)
	}
	if at := s.last - s.first; at < reports.CodeQuantities {
		pen.legend(vg.Point{X: left + vg.Length(at)*width, Y: top - vg.Points(stripRow/2)}, s.rows)
	}
}

// A strip is where a quantity is drawn, and the range of its axis.
type strip struct {
	left, right, top, bottom vg.Length
	low, high                float64
}

// stripMargin keeps dots at the ends of a range whole.
const stripMargin = 4

func (s strip) x(v float64) vg.Length {
	v = math.Min(s.high, math.Max(s.low, v))
	inner := s.right - s.left - 2*vg.Points(stripMargin)
	return s.left + vg.Points(stripMargin) + inner*vg.Length((v-s.low)/(s.high-s.low))
}

type stripPen struct {
	draw.Canvas
	plot *plot.Plot
}

func (c stripPen) width(size float64, s string) vg.Length {
	face := font.DefaultCache.Lookup(plotter.DefaultFont, vg.Points(size))
	return face.Width(s)
}

func (c stripPen) text(size float64, align plottext.XAlignment, ink color.Color, at vg.Point, s string) {
	c.FillText(plottext.Style{Color: ink, Font: font.From(plotter.DefaultFont, vg.Points(size)), XAlign: align, YAlign: plottext.YCenter, Handler: c.plot.TextHandler}, at, s)
}

func (c stripPen) line(ink color.Color, width float64, from, to vg.Point) {
	c.StrokeLines(draw.LineStyle{Color: ink, Width: vg.Points(width)}, []vg.Point{from, to})
}

func (c stripPen) dot(ink color.Color, radius float64, at vg.Point) {
	c.DrawGlyph(draw.GlyphStyle{Color: ink, Radius: vg.Points(radius), Shape: draw.CircleGlyph{}}, at)
}

// The inks of strips: of the frame, of the measure, of single seeds.
var stripFrame, stripMeasure, stripSeed = color.Gray{Y: 215}, color.Gray{Y: 150}, color.Gray{Y: 120}

// inkOf is that of a mean: black of the measure, red where it is worse.
func inkOf(i int, v reports.SplitValue) color.Color {
	switch {
	case i == 0:
		return color.Black
	case v.Worse:
		return hue(1)
	}
	return hue(0)
}

// strip draws one quantity of all rows.
func (c stripPen) strip(rows []reports.SplitRow, k int, s strip, at func(int) vg.Length) {
	q := reports.SplitQuantities[k]
	c.text(8, plottext.XCenter, color.Black, vg.Point{X: (s.left + s.right) / 2, Y: s.top + vg.Points(16)}, q.Name)
	c.text(7, plottext.XCenter, stripSeed, vg.Point{X: (s.left + s.right) / 2, Y: s.top + vg.Points(7)}, q.Detail)
	for _, y := range []vg.Length{s.top, s.bottom} {
		c.line(stripFrame, 0.5, vg.Point{X: s.left, Y: y}, vg.Point{X: s.right, Y: y})
	}
	upright := func(ink color.Color, width, v float64) {
		c.line(ink, width, vg.Point{X: s.x(v), Y: s.bottom}, vg.Point{X: s.x(v), Y: s.top})
	}
	if m := rows[0].Values[k]; len(m.Values) > 0 {
		upright(stripMeasure, 0.6, m.Interval.Estimate)
	}
	upright(hue(2), 1.6, q.Want)
	ticks := roundTicks{}.Ticks(s.low, s.high)
	for _, t := range ticks {
		c.line(stripFrame, 0.5, vg.Point{X: s.x(t.Value), Y: s.bottom}, vg.Point{X: s.x(t.Value), Y: s.bottom - vg.Points(2)})
	}
	for _, t := range []plot.Tick{ticks[0], ticks[len(ticks)-1]} {
		c.text(7, plottext.XCenter, color.Black, vg.Point{X: s.x(t.Value), Y: s.bottom - vg.Points(8)}, t.Label)
	}
	for i, row := range rows {
		v, y := row.Values[k], at(i)
		if len(v.Values) == 0 {
			c.text(7, plottext.XCenter, stripSeed, vg.Point{X: (s.left + s.right) / 2, Y: y}, "none")
			continue
		}
		if len(v.Values) > 1 {
			c.line(inkOf(i, v), 0.8, vg.Point{X: s.x(v.Interval.Low), Y: y}, vg.Point{X: s.x(v.Interval.High), Y: y})
			for _, x := range v.Values {
				c.dot(stripSeed, 1.2, vg.Point{X: s.x(x), Y: y - vg.Points(4)})
			}
		}
		c.dot(inkOf(i, v), 2.5, vg.Point{X: s.x(v.Interval.Estimate), Y: y})
	}
}

// legend says what the marks are, in the place of a strip.
func (c stripPen) legend(at vg.Point, rows []reports.SplitRow) {
	for i, entry := range []struct {
		name string
		mark func(y vg.Length)
	}{
		{"wanted", func(y vg.Length) {
			c.line(hue(2), 1.6, vg.Point{X: at.X + 4, Y: y - 4}, vg.Point{X: at.X + 4, Y: y + 4})
		}},
		{rows[0].Label, func(y vg.Length) { c.dot(color.Black, 2.5, vg.Point{X: at.X + 4, Y: y}) }},
		{"not shown worse", func(y vg.Length) { c.dot(hue(0), 2.5, vg.Point{X: at.X + 4, Y: y}) }},
		{"worse", func(y vg.Length) { c.dot(hue(1), 2.5, vg.Point{X: at.X + 4, Y: y}) }},
		{"a single seed", func(y vg.Length) { c.dot(stripSeed, 1.2, vg.Point{X: at.X + 4, Y: y}) }},
	} {
		y := at.Y - vg.Points(11*float64(i))
		entry.mark(y)
		c.text(7, plottext.XLeft, color.Black, vg.Point{X: at.X + vg.Points(11), Y: y}, entry.name)
	}
}
