package figures

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
)

// An axis turns places on the paper into data.
type axis func(vg.Length) float64

// scale is the axis on which the labels stand at their values; three labels or more must
// lie on one line.
func scale(t *testing.T, at map[float64]vg.Length) axis {
	t.Helper()
	low, high := math.Inf(1), math.Inf(-1)
	for v := range at {
		low, high = math.Min(low, v), math.Max(high, v)
	}
	if len(at) < 2 {
		t.Fatalf("%d labels on an axis, want two or more", len(at))
	}
	per := (high - low) / float64(at[high]-at[low])
	back := func(x vg.Length) float64 { return low + per*float64(x-at[low]) }
	for v, x := range at {
		if !(math.Abs(back(x)-v) <= 1e-6*(high-low)) {
			t.Errorf("the label %g stands at %g of its axis", v, back(x))
		}
	}
	return back
}

// numbered finds the axes from the numbers at their ticks: those of x have the lowest base line.
func (p drawnPanel) numbered(t *testing.T, transform func(float64) float64) (x, y axis) {
	t.Helper()
	type tick struct {
		v float64
		m inked
	}
	var ticks []tick
	lowest := vg.Length(math.Inf(1))
	for _, m := range p.kinds("text", "000000") {
		v, err := strconv.ParseFloat(strings.ReplaceAll(m.text, "−", "-"), 64)
		if err == nil && m.size == 8 && m.turned == 0 {
			ticks, lowest = append(ticks, tick{v, m}), min(lowest, m.bottom())
		}
	}
	xs, ys := map[float64]vg.Length{}, map[float64]vg.Length{}
	for _, k := range ticks {
		if k.m.bottom() < lowest+0.5 {
			xs[k.v] = k.m.centre().X
		} else {
			ys[transform(k.v)] = k.m.tick()
		}
	}
	return scale(t, xs), scale(t, ys)
}

func plain(v float64) float64 { return v }

// legend reads a legend: names in the order from top to bottom with the mark beside each.
func (p drawnPanel) legend(t *testing.T) (names []string, samples []inked) {
	t.Helper()
	texts := append([]inked{}, p.kinds("text", "")...)
	slices.SortStableFunc(texts, func(a, b inked) int { return int(math.Round(float64(b.bottom() - a.bottom()))) })
	for _, s := range texts {
		var beside []inked
		for _, m := range p.marks {
			if m.kind != "text" && m.middle().Y > s.bottom()-2 && m.middle().Y < s.bottom()+8 {
				beside = append(beside, m)
			}
		}
		if len(beside) != 1 {
			t.Fatalf("%d marks stand beside %q in the legend, want one", len(beside), s.text)
		}
		names, samples = append(names, s.text), append(samples, beside[0])
	}
	return names, samples
}

// built builds a figure and draws it.
func built(t *testing.T, name string, runs []reports.Run) (*reports.Figure, []drawnPanel) {
	t.Helper()
	info, err := reports.Figures.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	f, skip, err := info.Build(runs)
	if err != nil || f == nil {
		t.Fatalf("%s: %q, %v", name, skip, err)
	}
	return f, drawn(f)
}

// asserts that a figure's data are these lines, cells separated by a bar.
func wantData(t *testing.T, f *reports.Figure, header string, lines ...string) {
	t.Helper()
	if got := strings.Join(f.Header, "|"); got != header {
		t.Errorf("%s: header %q, want %q", f.Name, got, header)
	}
	var got []string
	for _, row := range f.Data {
		got = append(got, strings.Join(row, "|"))
	}
	if !slices.Equal(got, lines) {
		t.Errorf("%s: data\n%s\nwant\n%s", f.Name, strings.Join(got, "\n"), strings.Join(lines, "\n"))
	}
}
