package figures

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/metrics/correctness"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// priced is a run of a system with a D, and the multiply-accumulates of a step that saw so many images.
func priced(name string, seed uint64, d float64, macs, images int) reports.Run {
	return reports.Run{Results: reports.Results{Name: "rivals", Label: "method=" + name, Method: name, Seed: seed,
		Correctness: []correctness.Score{{Name: "content", Value: reportstest.Pointer(9)}, {Name: "d", Value: &d}},
		System:      &reports.System{MACs: macs, Images: images}}}
}

// Each system is a dot at its cost, 1e6 multiply-accumulates for each of 2000 pairs, say, and its mean
// D, with the t-interval of its seeds and its name beside it.
func TestSystemsCostDrawsTheRecords(t *testing.T) {
	silent, blind := priced("silent", 0, 0.5, 0, 4000), priced("blind", 0, 0.5, 1e6, 4000)
	blind.Results.Correctness = nil
	blind.Results.Skipped = []reports.Skipped{{Evaluation: "correctness", Reason: "nothing is drawn"}}
	f, panels := built(t, "systems-cost", []reports.Run{priced("cheap", 0, 0.5, 1e6, 4000), priced("dear", 0, 0.7, 2e8, 10000), silent, blind, priced("dear", 1, 0.75, 2e8, 10000), priced("dear", 2, 0.8, 2e8, 10000)})
	if len(panels) != 1 || f.Columns != 1 {
		t.Fatalf("%d panels in %d columns", len(panels), f.Columns)
	}
	p := panels[0]
	half := 0.05 * 4.302652729749464 / math.Sqrt(3) // of the 95% t-interval of three seeds
	decades := map[float64]vg.Length{}
	for k := 10; k <= 12; k++ {
		decades[float64(k)] = p.text(t, fmt.Sprintf("1e+%02d", k)).centre().X
	}
	logs, heights := scale(t, decades), map[float64]vg.Length{}
	for _, v := range []float64{0.6, 0.8} {
		heights[v] = p.text(t, fmt.Sprint(v)).tick()
	}
	y := scale(t, heights)
	dots, whiskers := p.kinds("dot", blue), slices.DeleteFunc(p.kinds("line", blue), func(m inked) bool { return m.width != 0.8 })
	if len(dots) != 2 || len(whiskers) != 1 {
		t.Fatalf("%d dots and %d whiskers", len(dots), len(whiskers))
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if !(math.Abs(got-want) <= 2e-3) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	for i, want := range []struct {
		name    string
		macs, d float64
	}{{"cheap", 2e9, 0.5}, {"dear", 1e12, 0.75}} {
		near("cost", logs(dots[i].at[0].X), math.Log10(want.macs))
		near("D", y(dots[i].at[0].Y), want.d)
		reportstest.Near(t, "size", dots[i].width, 5)
		name := p.text(t, want.name)
		if i == 0 {
			reportstest.Near(t, "name, right of its point", float64(name.left()-dots[i].at[0].X), 6)
		} else { // where the panel ends
			reportstest.Near(t, "name, left of its point", float64(dots[i].at[0].X-name.right()), 6)
		}
		reportstest.Near(t, "name, above its point", float64(name.centre().Y-dots[i].at[0].Y), 0)
	}
	near("low", y(whiskers[0].bottom()), 0.75-half)
	near("high", y(whiskers[0].top()), 0.75+half)
	near("whisker's cost", logs(whiskers[0].middle().X), 12)
	for _, label := range []string{"multiply-accumulates of the training", "D"} {
		p.text(t, label)
	}
	if len(f.Data) != 2 || strings.Join(f.Header, "|") != "system|multiply-accumulates|D|low|high|seeds" || strings.Join(f.Data[0], "|") != "cheap|2e+09|0.5|||1" || !strings.HasPrefix(strings.Join(f.Data[1], "|"), "dear|1e+12|0.75|0.62") || f.Data[1][5] != "3" {
		t.Errorf("%q under %q", f.Data, f.Header)
	}
	reportstest.Equal(t, "caption", f.Caption, "D: mean of content and manipulation. Cost: multiply-accumulates of the whole training, those of a step for a pair of images times the pairs shown. "+
		"Whiskers: 95% t-interval over seeds where there are several, cut at the panel's ends. Not shown: silent (the model does not say what a step costs), blind (nothing is drawn).")
}

// Of two seeds that are far apart the whisker ends with the panel, at 0 and 1.
func TestSystemsCostWhiskersEnd(t *testing.T) {
	_, panels := built(t, "systems-cost", []reports.Run{priced("x", 0, 0.25, 1e6, 4000), priced("x", 1, 0.75, 1e6, 4000), priced("y", 0, 0.5, 1e7, 4000)})
	p := panels[0]
	heights := map[float64]vg.Length{}
	for label, v := range map[string]float64{"0": 0, "0.5": 0.5, "1.0": 1} {
		heights[v] = p.text(t, label).tick()
	}
	y := scale(t, heights)
	var whisker inked
	for _, m := range p.kinds("line", blue) {
		whisker = m
	}
	reportstest.Near(t, "low", y(whisker.bottom()), 0)
	reportstest.Near(t, "high", y(whisker.top()), 1)
}

// Systems that stand close together keep their names apart, off the dots and in the panel.
func TestSystemsCostNamesApart(t *testing.T) {
	var runs []reports.Run
	for i := range 11 {
		runs = append(runs, priced(fmt.Sprintf("a system with a long name %d", i), 0, 0.6+0.001*float64(i%3), 9e6+i*1000, 20000))
	}
	_, panels := built(t, "systems-cost", runs)
	p := panels[0]
	var boxes []vg.Rectangle
	for _, r := range runs {
		m := p.text(t, strings.TrimPrefix(r.Results.Label, "method="))
		b := vg.Rectangle{Min: vg.Point{X: m.left(), Y: m.centre().Y - 4}, Max: vg.Point{X: m.right(), Y: m.centre().Y + 4}}
		if !free(b, boxes) || !within(b, p.ground) {
			t.Errorf("%s at %v lies on another name or out of %v", m.text, b, p.ground)
		}
		boxes = append(boxes, b)
	}
	// A name that is not at the height of its dot has a line that comes from there and ends beside it.
	var lines, away int
	for _, m := range p.kinds("line", "969696") {
		lines++
		reportstest.Near(t, "width", m.width, 0.5)
	}
	for i, d := range p.kinds("dot", blue) {
		if !free(around(d.at[0], 2.5), boxes) {
			t.Errorf("a name lies on the dot at %v", d.at[0])
		}
		b := boxes[i]
		height := (b.Min.Y + b.Max.Y) / 2
		if math.Abs(float64(height-d.at[0].Y)) < 0.01 {
			continue
		}
		away++
		if !slices.ContainsFunc(p.kinds("line", "969696"), func(m inked) bool {
			end := m.at[1]
			return m.at[0] == d.at[0] && math.Abs(float64(end.Y-height)) < 0.01 && end.X >= b.Min.X-1.01 && end.X <= b.Max.X+1.01
		}) {
			t.Errorf("no line leads from %v to its name at %v", d.at[0], b)
		}
	}
	if away == 0 || lines != away {
		t.Errorf("%d lines to %d names", lines, away)
	}
}

// The axis of the cost reaches over half as much again on either side, of equal costs over ten times
// the least; of fewer than two decades it has more labels.
func TestSystemsCostAxis(t *testing.T) {
	at := func(macs ...float64) (s costs) {
		for _, m := range macs {
			s = append(s, pricedSystem{macs: m, d: inference.Interval{Estimate: 0.5, Low: math.NaN(), High: math.NaN()}})
		}
		return s
	}
	for _, tt := range []struct{ least, most, low, high float64 }{
		{6e9, 6e12, 4e9, 9e12}, {1e9, 1e9, 1e9 / math.Sqrt(10), 1e9 * math.Sqrt(10)}, {2e9, 4e9, 2e9 / math.Sqrt(5), 4e9 * math.Sqrt(5)},
	} {
		xmin, xmax, ymin, ymax := at(tt.most, tt.least).DataRange()
		reportstest.Near(t, "low", xmin, tt.low)
		reportstest.Near(t, "high", xmax, tt.high)
		reportstest.Near(t, "least D", ymin, 0.45)
		reportstest.Near(t, "most D", ymax, 0.55)
	}
	for _, tt := range []struct {
		low, high float64
		want      string
	}{{4e12, 5.5e13, "5e+12 1e+13 2e+13 5e+13"}, {2e9, 1.9e11, "2e+09 5e+09 1e+10 2e+10 5e+10 1e+11"}, {2e9, 2e11, "1e+10 1e+11"}} {
		var labels []string
		for _, tick := range (costTicks{}).Ticks(tt.low, tt.high) {
			if !tick.IsMinor() {
				labels = append(labels, tick.Label)
			}
		}
		slices.SortStableFunc(labels, func(a, b string) int { return cmp.Compare(number(t, a), number(t, b)) })
		reportstest.Equal(t, "labels", strings.Join(labels, " "), tt.want)
	}
}

func number(t *testing.T, s string) float64 {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// The place of a name by hand: right, left where the panel ends, above where both are taken, then
// below, and right again where nothing is free.
func TestPlacesOfNames(t *testing.T) {
	panel := vg.Rectangle{Max: vg.Point{X: 100, Y: 100}}
	at := vg.Point{X: 50, Y: 50}
	box := func(x0, y0, x1, y1 vg.Length) vg.Rectangle {
		return vg.Rectangle{Min: vg.Point{X: x0, Y: y0}, Max: vg.Point{X: x1, Y: y1}}
	}
	dot := around(at, 3.5)
	right, left, above := box(56, 45.5, 76, 54.5), box(24, 45.5, 44, 54.5), box(56, 54.5, 76, 63.5)
	for _, tt := range []struct {
		name  string
		at    vg.Point
		taken []vg.Rectangle
		want  vg.Rectangle
	}{
		{"right", at, []vg.Rectangle{dot}, right},
		{"at the end of the panel", vg.Point{X: 75, Y: 50}, []vg.Rectangle{around(vg.Point{X: 75, Y: 50}, 3.5)}, box(49, 45.5, 69, 54.5)},
		{"right taken", at, []vg.Rectangle{dot, right}, left},
		{"both taken", at, []vg.Rectangle{dot, right, left}, above},
		{"above taken too", at, []vg.Rectangle{dot, right, left, box(0, 54.5, 100, 63.5)}, box(56, 36.5, 76, 45.5)},
		{"all taken", at, []vg.Rectangle{dot, panel}, right},
		{"at the top", vg.Point{X: 50, Y: 97}, []vg.Rectangle{around(vg.Point{X: 50, Y: 97}, 3.5), dot}, box(56, 83.5, 76, 92.5)},
	} {
		reportstest.Equal(t, tt.name, placed(tt.at, 20, panel, tt.taken), tt.want)
	}
}

func TestSystemsCostSkips(t *testing.T) {
	for want, runs := range map[string][]reports.Run{
		"1 systems that make images, want 2 to compare":                {priced("x", 0, 0.5, 1e6, 4000), priced("x", 1, 0.5, 1e6, 4000)},
		"1 systems have a D and say what their training costs, want 2": {priced("x", 0, 0.5, 1e6, 4000), priced("y", 0, 0.5, 0, 4000)},
	} {
		if f, skip, err := systemsCostFigure(runs); f != nil || skip != want || err != nil {
			t.Errorf("%v, %q, %v; want %q", f, skip, err, want)
		}
	}
	if _, _, err := systemsCostFigure([]reports.Run{priced("x", 0, 0.5, 1e6, 4000), priced("y", 0, math.NaN(), 1e6, 4000)}); err == nil || !strings.HasPrefix(err.Error(), "reports: systems-cost: D of y: ") {
		t.Errorf("a D that is not a number: %v", err)
	}
}
