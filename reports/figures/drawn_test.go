package figures

import (
	"fmt"
	"image/color"
	"math"
	"testing"

	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// An inked mark is what reached the paper: a filled polygon, a stroked line, a dot or a text, in
// points from the figure's lower left corner.
type inked struct {
	kind   string // "fill", "line", "dot", "text"
	at     []vg.Point
	color  string // rrggbb, and aa where it can be seen through
	width  float64
	dashes []vg.Length
	text   string
	size   float64
	turned float64 // radians
}

// A drawnPanel is one panel's marks. Panels begin with their white ground.
type drawnPanel struct {
	ground vg.Rectangle
	marks  []inked
}

// drawn plays a figure back as marks, panel by panel.
func drawn(f *reports.Figure) []drawnPanel {
	w, h := render.Draw(f).Size()
	c := &reportstest.SizedRecorder{W: w, H: h}
	render.Draw(f).Paint(c)
	var panels []drawnPanel
	type state struct {
		color  color.Color
		width  vg.Length
		dashes []vg.Length
		turned float64
	}
	var now state
	var kept []state
	put := func(m inked) {
		m.color, m.turned = hex(now.color), now.turned
		last := &panels[len(panels)-1]
		last.marks = append(last.marks, m)
	}
	for _, a := range c.Actions {
		switch a := a.(type) {
		case *recorder.SetColor:
			now.color = a.Color
		case *recorder.SetLineWidth:
			now.width = a.Width
		case *recorder.SetLineDash:
			now.dashes = a.Dashes
		case *recorder.Push:
			kept = append(kept, now)
		case *recorder.Pop:
			now, kept = kept[len(kept)-1], kept[:len(kept)-1]
		case *recorder.Rotate:
			now.turned += a.Angle
		case *recorder.Fill:
			points, round := corners(a.Path)
			switch {
			case now.color == color.White: // plot's own white; shades are color.RGBA
				panels = append(panels, drawnPanel{ground: vg.Rectangle{Min: points[0], Max: points[2]}})
			case round > 0:
				put(inked{kind: "dot", at: points, width: 2 * float64(round)})
			default:
				put(inked{kind: "fill", at: points})
			}
		case *recorder.Stroke:
			if now.width > 0 {
				points, _ := corners(a.Path)
				put(inked{kind: "line", at: points, width: float64(now.width), dashes: now.dashes})
			}
		case *recorder.FillString:
			face := font.DefaultCache.Lookup(a.Font, a.Size)
			end := vg.Point{X: a.Point.X + face.Width(a.String), Y: a.Point.Y}
			put(inked{kind: "text", at: []vg.Point{turned(a.Point, now.turned), turned(end, now.turned)}, text: a.String, size: float64(a.Size)})
		}
	}
	return panels
}

func turned(p vg.Point, by float64) vg.Point {
	sin, cos := math.Sincos(by)
	return vg.Point{X: p.X*vg.Length(cos) - p.Y*vg.Length(sin), Y: p.X*vg.Length(sin) + p.Y*vg.Length(cos)}
}

// corners are the points of a path; of a circle its centre and its radius.
func corners(path vg.Path) (points []vg.Point, radius vg.Length) {
	for _, c := range path {
		switch c.Type {
		case vg.MoveComp, vg.LineComp:
			points = append(points, c.Pos)
		case vg.ArcComp:
			return []vg.Point{c.Pos}, c.Radius
		}
	}
	return points, 0
}

func hex(c color.Color) string {
	if c == nil {
		return ""
	}
	n := color.NRGBAModel.Convert(c).(color.NRGBA)
	s := fmt.Sprintf("%02x%02x%02x", n.R, n.G, n.B)
	if n.A != 255 {
		s += fmt.Sprintf("%02x", n.A)
	}
	return s
}

// left, right, bottom, top and the centre of a mark; of a text's height they know the base line alone.
func (m inked) left() vg.Length   { return m.extreme(func(p vg.Point) vg.Length { return -p.X }, -1) }
func (m inked) right() vg.Length  { return m.extreme(func(p vg.Point) vg.Length { return p.X }, 1) }
func (m inked) bottom() vg.Length { return m.extreme(func(p vg.Point) vg.Length { return -p.Y }, -1) }
func (m inked) top() vg.Length    { return m.extreme(func(p vg.Point) vg.Length { return p.Y }, 1) }

func (m inked) extreme(of func(vg.Point) vg.Length, sign vg.Length) vg.Length {
	best := vg.Length(math.Inf(-1))
	for _, p := range m.at {
		best = max(best, of(p))
	}
	return sign * best
}

func (m inked) middle() vg.Point {
	return vg.Point{X: (m.left() + m.right()) / 2, Y: (m.bottom() + m.top()) / 2}
}

// centre is the point about which a text was set that is centred up and down.
func (m inked) centre() vg.Point { return m.about(m.middle()) }

// about moves a point of a text's base line to the middle of its height.
func (m inked) about(at vg.Point) vg.Point {
	face := font.DefaultCache.Lookup(sans, vg.Length(m.size))
	e := face.Extents()
	up := turned(vg.Point{Y: 1.5*e.Ascent + 0.5*e.Descent - vg.Length(m.size)}, m.turned)
	return at.Add(up)
}

// tick is the height that a label of an upright axis marks: plots set it higher by the font's
// descent, so that figures, which have none, look centred.
func (m inked) tick() vg.Length {
	face := font.DefaultCache.Lookup(sans, vg.Length(m.size))
	return m.centre().Y - face.Extents().Descent
}

var sans = font.Font{Typeface: "Liberation", Variant: "Sans"}

// kinds are the panel's marks of a kind and, unless they are "", a colour or a text.
func (p drawnPanel) kinds(kind, colour string) []inked {
	var out []inked
	for _, m := range p.marks {
		if m.kind == kind && (colour == "" || m.color == colour) {
			out = append(out, m)
		}
	}
	return out
}

func (p drawnPanel) texts() []string {
	var out []string
	for _, m := range p.marks {
		if m.kind == "text" {
			out = append(out, m.text)
		}
	}
	return out
}

// text finds the one text of the panel that says so.
func (p drawnPanel) text(t *testing.T, s string) inked {
	t.Helper()
	var found []inked
	for _, m := range p.marks {
		if m.kind == "text" && m.text == s {
			found = append(found, m)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%q stands %d times in the panel, want once; texts %q", s, len(found), p.texts())
	}
	return found[0]
}
