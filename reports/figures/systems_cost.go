package figures

import (
	"fmt"
	"image/color"
	"math"
	"strconv"
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
	reports.Figures.Add("systems-cost", reports.FigureInfo{Name: "systems-cost", Order: 2, Build: systemsCostFigure})
}

// A pricedSystem is a system by what its training cost and what came of it.
type pricedSystem struct {
	name string
	macs float64
	d    inference.Interval
}

// systemsCostFigure draws correctness against the cost of training, a point a system.
func systemsCostFigure(runs []reports.Run) (*reports.Figure, string, error) {
	rows, skip := reports.SystemRows(runs)
	if skip != "" {
		return nil, skip, nil
	}
	score := reports.SystemScores[0]
	var shown costs
	var left []string
	for _, row := range rows {
		values, why := row.Values(score)
		macs := row.Runs[0].Results.System.TrainingMACs()
		if len(values) > 0 && macs == 0 {
			why = "the model does not say what a step costs"
		} else if len(values) > 0 {
			d, err := inference.OverSeeds(values, 0.95)
			if err != nil {
				return nil, "", fmt.Errorf("reports: systems-cost: %s of %s: %w", score.Name, row.Name, err)
			}
			shown = append(shown, pricedSystem{row.Name, macs, d})
			continue
		}
		left = append(left, fmt.Sprintf("%s (%s)", row.Name, why))
	}
	if len(shown) < 2 {
		return nil, fmt.Sprintf("%d systems have a %s and say what their training costs, want 2", len(shown), score.Name), nil
	}
	f := &reports.Figure{Name: "systems-cost", Title: "Correctness against the cost of training", Columns: 1, Panel: [2]vg.Length{vg.Points(430), vg.Points(270)},
		Header: []string{"system", "multiply-accumulates", score.Name, "low", "high", "seeds"},
		Caption: fmt.Sprintf("%s: %s. Cost: multiply-accumulates of the whole training, those of a step for a pair of images times the pairs shown. "+
			"Whiskers: 95%% t-interval over seeds where there are several, cut at the panel's ends.", score.Name, score.Doc)}
	if len(left) > 0 {
		f.Caption += " Not shown: " + strings.Join(left, ", ") + "."
	}
	for _, s := range shown {
		f.Data = append(f.Data, []string{s.name, reports.Exact(s.macs), reports.Exact(s.d.Estimate), reports.Exact(s.d.Low), reports.Exact(s.d.High), fmt.Sprint(s.d.N)})
	}
	p := newPlot("", "multiply-accumulates of the training", score.Name)
	p.Add(shown)
	p.X.Scale, p.X.Tick.Marker, p.Y.Tick.Marker = plot.LogScale{}, costTicks{}, roundTicks{}
	f.Panels = []*plot.Plot{p}
	return f, "", nil
}

// costs draw systems as points with whiskers and names.
type costs []pricedSystem

const (
	costSlack  = 0.05 // of D that is left free above and below what is drawn
	costBeside = 1.5  // times the cost left free beside it
	costReach  = 10   // the largest cost of the axis over the least, at least
)

// DataRange reaches over what of the whiskers D can take.
func (s costs) DataRange() (xmin, xmax, ymin, ymax float64) {
	xmin, xmax, ymin, ymax = math.Inf(1), 0, 1, 0
	for _, v := range s {
		xmin, xmax = math.Min(xmin, v.macs/costBeside), math.Max(xmax, v.macs*costBeside)
		for _, y := range []float64{v.d.Low, v.d.Estimate, v.d.High} {
			if !math.IsNaN(y) {
				ymin, ymax = math.Min(ymin, y-costSlack), math.Max(ymax, y+costSlack)
			}
		}
	}
	wider := math.Sqrt(math.Max(1, costReach*xmin/xmax))
	return xmin / wider, xmax * wider, math.Max(0, ymin), math.Min(1, ymax)
}

// costTicks are decadeTicks, or of fewer than two decades 1, 2 and 5 times each power of ten.
type costTicks struct{}

func (costTicks) Ticks(low, high float64) []plot.Tick {
	ticks := decadeTicks{}.Ticks(low, high)
	if high/low >= 100 {
		return ticks
	}
	for i, t := range ticks {
		if text := strconv.FormatFloat(t.Value, 'g', 4, 64); strings.HasPrefix(text, "2") || strings.HasPrefix(text, "5") {
			ticks[i].Label = text
		}
	}
	return ticks
}

const (
	costDot   = 2.5 // radius, points
	costName  = 8   // size of names
	costAside = 6   // from a point to its name
)

func (s costs) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	at := make([]vg.Point, len(s))
	var taken []vg.Rectangle
	for i, v := range s {
		at[i] = vg.Point{X: x(v.macs), Y: y(v.d.Estimate)}
		taken = append(taken, around(at[i], costDot+1))
		if v.d.N > 1 {
			low, high := vg.Point{X: at[i].X, Y: max(c.Min.Y, y(v.d.Low))}, vg.Point{X: at[i].X, Y: min(c.Max.Y, y(v.d.High))}
			c.StrokeLines(draw.LineStyle{Color: hue(0), Width: vg.Points(0.8)}, []vg.Point{low, high})
			taken = append(taken, vg.Rectangle{Min: low, Max: vg.Point{X: high.X + vg.Points(0.8), Y: high.Y}})
		}
	}
	face := font.DefaultCache.Lookup(plotter.DefaultFont, vg.Points(costName))
	style := plottext.Style{Color: color.Black, Font: font.From(plotter.DefaultFont, vg.Points(costName)), YAlign: plottext.YCenter, Handler: p.TextHandler}
	for i, v := range s {
		box := placed(at[i], face.Width(v.name), c.Rectangle, taken)
		taken = append(taken, box)
		name := vg.Point{X: box.Min.X, Y: (box.Min.Y + box.Max.Y) / 2}
		if name.Y != at[i].Y { // a line says whose name it is
			end := vg.Point{X: max(box.Min.X-1, min(at[i].X, box.Max.X+1)), Y: name.Y}
			c.StrokeLines(draw.LineStyle{Color: color.Gray{Y: 150}, Width: vg.Points(0.5)}, []vg.Point{at[i], end})
		}
		c.DrawGlyph(draw.GlyphStyle{Color: hue(0), Radius: vg.Points(costDot), Shape: draw.CircleGlyph{}}, at[i])
		c.FillText(style, name, v.name)
	}
}

// around is a square about a point.
func around(p vg.Point, half float64) vg.Rectangle {
	d := vg.Point{X: vg.Points(half), Y: vg.Points(half)}
	return vg.Rectangle{Min: p.Sub(d), Max: p.Add(d)}
}

// placed finds room for a name beside a point: to the right or the left of it, at its height or as
// little above or below as keeps it off what is taken and in the panel. Where there is no room it
// stands to the right.
func placed(at vg.Point, width vg.Length, panel vg.Rectangle, taken []vg.Rectangle) vg.Rectangle {
	const height = costName + 1
	box := func(left bool, up vg.Length) vg.Rectangle {
		from := at.X + costAside
		if left {
			from = at.X - costAside - width
		}
		return vg.Rectangle{Min: vg.Point{X: from, Y: at.Y + up - height/2.0}, Max: vg.Point{X: from + width, Y: at.Y + up + height/2.0}}
	}
	for step := range len(taken) {
		for _, up := range []vg.Length{vg.Length(step) * height, -vg.Length(step) * height} {
			for _, left := range []bool{false, true} {
				if b := box(left, up); within(b, panel) && free(b, taken) {
					return b
				}
			}
		}
	}
	return box(false, 0)
}

func within(b, panel vg.Rectangle) bool {
	return b.Min.X >= panel.Min.X && b.Max.X <= panel.Max.X && b.Min.Y >= panel.Min.Y && b.Max.Y <= panel.Max.Y
}

// free says whether a box touches none of others.
func free(b vg.Rectangle, others []vg.Rectangle) bool {
	for _, o := range others {
		if b.Min.X < o.Max.X && o.Min.X < b.Max.X && b.Min.Y < o.Max.Y && o.Min.Y < b.Max.Y {
			return false
		}
	}
	return true
}
