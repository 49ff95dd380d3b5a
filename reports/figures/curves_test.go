package figures

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func curve(name string, steps []int, values ...float64) reports.Curve {
	return reports.Curve{Name: name, Steps: steps, Values: values}
}

// wantCurve finds the one line of a colour and asserts its points in data units.
func (p drawnPanel) wantCurve(t *testing.T, x, y axis, line inked, points ...[2]float64) {
	t.Helper()
	if len(line.at) != len(points) {
		t.Fatalf("a curve of %d points, want %v", len(line.at), points)
	}
	for i, want := range points {
		reportstest.Near(t, "step", x(line.at[i].X), want[0])
		reportstest.Near(t, "value", y(line.at[i].Y), want[1])
	}
}

// curves of a panel: the lines one point wide that are not in its legend or its axes.
func (p drawnPanel) curves(colour string) []inked {
	var out []inked
	for _, m := range p.kinds("line", colour) {
		if m.width == 1 && len(m.at) > 2 { // legends have two points
			out = append(out, m)
		}
	}
	return out
}

// One run: a line a domain, blue for a and vermillion for b, each point at its step and
// its value; a value that is not finite is a gap.
func TestCurvesOfOneRun(t *testing.T) {
	steps := []int{10, 20, 40, 50, 70, 80, 100}
	run := reports.Run{Results: reports.Results{Seed: 7}, Curves: []reports.Curve{
		curve("zero/b", steps, 1, 4, 2, 3, 2.5, 2, 1.5), curve("zero/a", steps, 2, 1, 3, math.NaN(), 4, 5, 2), curve("loss", steps, -1, 0.5, math.Inf(1), 3, 2, 1, math.Inf(-1)),
	}}
	f, panels := built(t, "curves", []reports.Run{run})
	reportstest.Equal(t, "panels", len(panels), 2)
	reportstest.Equal(t, "columns", f.Columns, 3)
	p := panels[0]
	x, y := p.numbered(t, plain)
	b := p.curves(vermillion)
	reportstest.Equal(t, "curves of b", len(b), 1)
	p.wantCurve(t, x, y, b[0], [2]float64{10, 1}, [2]float64{20, 4}, [2]float64{40, 2}, [2]float64{50, 3}, [2]float64{70, 2.5}, [2]float64{80, 2}, [2]float64{100, 1.5})
	a := p.curves(blue)
	reportstest.Equal(t, "stretches of a", len(a), 2)
	p.wantCurve(t, x, y, a[0], [2]float64{10, 2}, [2]float64{20, 1}, [2]float64{40, 3})
	p.wantCurve(t, x, y, a[1], [2]float64{70, 4}, [2]float64{80, 5}, [2]float64{100, 2})
	for _, l := range append(a, b...) {
		reportstest.Equal(t, "dashes", len(l.dashes), 0)
	}
	// The legend names the domains in their colours.
	for name, colour := range map[string]string{"a": blue, "b": vermillion} {
		label := p.text(t, name)
		if !slices.ContainsFunc(p.kinds("line", colour), func(m inked) bool {
			return len(m.at) == 2 && m.at[0].Y == m.at[1].Y && m.at[0].Y > label.bottom() && m.at[0].Y < label.bottom()+8
		}) {
			t.Errorf("no line of colour %s stands beside %q", colour, name)
		}
	}
	p.text(t, "zero")
	p.text(t, "step")
	p = panels[1]
	p.text(t, "loss")
	if slices.Contains(p.texts(), "a") || slices.Contains(p.texts(), "") {
		t.Errorf("a quantity without domains has the legend %q", p.texts())
	}
	for _, m := range p.kinds("line", "") {
		if m.width == 1 && len(m.at) == 2 && m.at[0].Y == m.at[1].Y {
			t.Error("a quantity without domains has a sample in its legend")
		}
	}
	x, y = p.numbered(t, plain)
	c := p.curves(blue)
	reportstest.Equal(t, "stretches of the loss", len(c), 1)
	p.wantCurve(t, x, y, c[0], [2]float64{50, 3}, [2]float64{70, 2}, [2]float64{80, 1})
	wantData(t, f, "job|quantity|step|value", "seed 7|zero/b|10|1", "seed 7|zero/b|20|4", "seed 7|zero/b|40|2", "seed 7|zero/b|50|3", "seed 7|zero/b|70|2.5", "seed 7|zero/b|80|2", "seed 7|zero/b|100|1.5",
		"seed 7|zero/a|10|2", "seed 7|zero/a|20|1", "seed 7|zero/a|40|3", "seed 7|zero/a|50|", "seed 7|zero/a|70|4", "seed 7|zero/a|80|5", "seed 7|zero/a|100|2",
		"seed 7|loss|10|-1", "seed 7|loss|20|0.5", "seed 7|loss|40|+Inf", "seed 7|loss|50|3", "seed 7|loss|70|2", "seed 7|loss|80|1", "seed 7|loss|100|-Inf")
	reportstest.Equal(t, "caption", f.Caption, "Losses and accuracies of the training steps as logged, before weights. Gradient norm before clipping.")
}

// Several runs: a colour a run, b dashed; the runs are named once in a column at the right,
// the domains in grey in their panel.
func TestCurvesOfSeveralRuns(t *testing.T) {
	steps := []int{1, 2, 3}
	var runs []reports.Run
	for i := range 3 {
		v := float64(i)
		runs = append(runs, reports.Run{Results: reports.Results{Seed: uint64(i), Label: "x=1"}, Curves: []reports.Curve{
			curve("zero/a", steps, 1+v, 2+v, 3+v), curve("zero/b", steps, 2+v, 1+v, 4+v), curve("loss", steps, 1+v, 1, 1), curve("p", steps, 1, 1, 2), curve("q", steps, 1, 2, 1)}})
	}
	f, panels := built(t, "curves", runs)
	if len(panels) != 5 || len(f.Panels) != 8 || f.Columns != 4 {
		t.Fatalf("%d panels drawn of %d in %d columns, want 5 of 8 in 4", len(panels), len(f.Panels), f.Columns)
	}
	for i, want := range []bool{true, true, true, true, true, false, false, false} {
		reportstest.Equal(t, "a place is filled", f.Panels[i] != nil, want)
	}
	x, y := panels[0].numbered(t, plain)
	for i, colour := range []string{blue, vermillion, green} {
		v := float64(i)
		lines := panels[0].curves(colour)
		reportstest.Equal(t, "lines of a run", len(lines), 2)
		panels[0].wantCurve(t, x, y, lines[0], [2]float64{1, 1 + v}, [2]float64{2, 2 + v}, [2]float64{3, 3 + v})
		panels[0].wantCurve(t, x, y, lines[1], [2]float64{1, 2 + v}, [2]float64{2, 1 + v}, [2]float64{3, 4 + v})
		reportstest.Equal(t, "dashes of a", len(lines[0].dashes), 0)
		reportstest.Equal(t, "dashes of b", len(lines[1].dashes), 2)
	}
	grey := panels[0].kinds("line", "6e6e6e") // Gray{110}
	if len(grey) != 2 || len(grey[0].dashes) != 0 || len(grey[1].dashes) != 2 {
		t.Errorf("grey lines %v, want those of a and b in the legend", grey)
	}
	names, samples := panels[3].legend(t)
	if !slices.Equal(names, []string{"x=1 seed 0", "x=1 seed 1", "x=1 seed 2"}) {
		t.Errorf("runs %q", names)
	}
	for i, colour := range []string{blue, vermillion, green} {
		reportstest.Equal(t, "colour of a run", samples[i].color, colour)
		reportstest.Equal(t, "dashes in the legend", len(samples[i].dashes), 0)
		reportstest.Near(t, "length of a sample", float64(samples[i].right()-samples[i].left()), 12)
	}
	for i, name := range []string{"zero", "loss", "p", "", "q"} {
		if name != "" {
			panels[i].text(t, name)
		}
	}
	if !strings.Contains(f.Caption, "before weights, one colour a run, domain b dashed. Gradient") {
		t.Errorf("caption %q", f.Caption)
	}
	if got, want := float64(f.Legend), float64(samples[0].right()-samples[0].left()); got < want+40 {
		t.Errorf("the column of names is %g points wide", got)
	}
}

// More than a hundredfold is logarithmic, a hundredfold is not, nor is what is not positive.
func TestCurvesScale(t *testing.T) {
	steps := []int{0, 5, 10}
	for _, tt := range []struct {
		name   string
		values []float64
		log    bool
	}{{"not the last is the largest", []float64{0.1, 11, 1}, true}, {"with small labels", []float64{0.002, 1, 50}, true}, {"a little more", []float64{0.2, 1, 20.1}, true}, {"below 1", []float64{0.001, 0.002, 0.005}, false},
		{"of close labels", []float64{1.24, 1.3, 1.41}, false}, {"more than a hundredfold", []float64{0.1, 1, 11}, true}, {"a hundredfold", []float64{0.25, 1, 25}, false}, {"with zero", []float64{0, 1, 200}, false}, {"below zero", []float64{-1, 1, 200}, false}} {
		_, panels := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("loss", steps, tt.values...)}}})
		transform := plain
		if tt.log {
			transform = math.Log10
		}
		x, y := panels[0].numbered(t, transform)
		line := panels[0].curves(blue)[0]
		panels[0].wantCurve(t, x, y, line, [2]float64{0, transform(tt.values[0])}, [2]float64{5, transform(tt.values[1])}, [2]float64{10, transform(tt.values[2])})
	}
	// Values that are not finite leave the axis to the others.
	for _, gap := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		four := []int{1, 2, 3, 4}
		_, panels := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("wide", four, gap, 0.1, 1, 100), curve("narrow", four, gap, 1, 2, 3)}}})
		x, y := panels[0].numbered(t, math.Log10)
		panels[0].wantCurve(t, x, y, panels[0].curves(blue)[0], [2]float64{2, -1}, [2]float64{3, 0}, [2]float64{4, 2})
		x, y = panels[1].numbered(t, plain)
		panels[1].wantCurve(t, x, y, panels[1].curves(blue)[0], [2]float64{2, 1}, [2]float64{3, 2}, [2]float64{4, 3})
	}
	// One domain alone has its name too.
	_, alone := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("zero/a", steps, 1, 2, 3)}}})
	alone[0].text(t, "zero")
	alone[0].text(t, "a")
	// What another run has of no domain has none.
	_, both := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("zero", steps, 1, 2, 3), curve("zero/a", steps, 1, 2, 3)}}})
	samples := slices.DeleteFunc(both[0].kinds("line", ""), func(m inked) bool { return m.width != 1 || len(m.at) != 2 || m.at[0].Y != m.at[1].Y })
	reportstest.Equal(t, "lines in the legend", len(samples), 1)
	// The axis of steps begins at 0, even where the curve begins later.
	_, panels := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("loss", []int{50, 60, 100}, 1, 2, 3)}}})
	panels[0].text(t, "0")
	if f, skip, err := curvesFigure([]reports.Run{{}}); f != nil || skip != "no run has training records" || err != nil {
		t.Errorf("%v, %q, %v", f, skip, err)
	}
}

// Of seven quantities each third ends a row, whose last place is the runs' names at the top
// and empty below.
func TestCurvesInRows(t *testing.T) {
	var runs []reports.Run
	for i := range 2 {
		r := reports.Run{Results: reports.Results{Seed: uint64(i)}}
		for _, name := range []string{"q1", "q2", "q3", "q4", "q5", "q6", "q7"} {
			r.Curves = append(r.Curves, curve(name, []int{1, 2, 3}, 1, 2, 3))
		}
		runs = append(runs, r)
	}
	f, panels := built(t, "curves", runs)
	var titles []string
	for _, p := range f.Panels {
		title := "-"
		if p != nil {
			title = p.Title.Text
		}
		titles = append(titles, title)
	}
	reportstest.Equal(t, "places", strings.Join(titles, " "), "q1 q2 q3  q4 q5 q6 - q7 - - -")
	reportstest.Equal(t, "panels", len(panels), 8)
	w, h := render.Draw(f).Size()
	reportstest.Near(t, "width", float64(w), float64(3*190+f.Legend))
	reportstest.Near(t, "height", float64(h), 3*150)
}

// A single value between gaps, or a single step, is a dot.
func TestCurvesOfOneValue(t *testing.T) {
	gap := math.NaN()
	_, panels := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("loss", []int{1, 2, 3, 4, 5, 6}, 1, gap, 2, gap, 3, 4)}}})
	x, y := panels[0].numbered(t, plain)
	dots := panels[0].kinds("dot", blue)
	reportstest.Equal(t, "dots", len(dots), 2)
	for i, want := range [][2]float64{{1, 1}, {3, 2}} {
		reportstest.Near(t, "step", x(dots[i].at[0].X), want[0])
		reportstest.Near(t, "value", y(dots[i].at[0].Y), want[1])
	}
}

// A whole curve that is not finite draws nothing.
func TestCurvesOfNoNumber(t *testing.T) {
	_, panels := built(t, "curves", []reports.Run{{Curves: []reports.Curve{curve("loss", []int{1, 2}, math.NaN(), math.NaN()), curve("p", []int{1, 2, 3}, 1, 2, 3)}}})
	reportstest.Equal(t, "curves", len(panels[0].curves("")), 0)
	reportstest.Equal(t, "curves of the other", len(panels[1].curves("")), 1)
}

// Of more runs than there are colours each panel has those of its methods, named beside its curves, or grey where they
// are too many; steps end where the curves do, and names stand beyond.
func TestCurvesOfManyRuns(t *testing.T) {
	var runs []reports.Run
	steps := []int{0, 10, 20}
	for i := range 12 {
		v := float64(i)
		r := reports.Run{Results: reports.Results{Label: "method=" + string(rune('a'+i%11)), Seed: uint64(i / 11)}, Curves: []reports.Curve{curve("loss", steps, 1+v, 2+v, 3+v)}}
		if i%11 == 4 || i%11 == 0 {
			r.Curves = append(r.Curves, curve("own/a", steps, 5+v, 3+v, 2+v), curve("own/b", steps, 1+v, 1+v, 4+v))
		}
		runs = append(runs, r)
	}
	f, panels := built(t, "curves", runs)
	reportstest.Equal(t, "panels", len(panels), 2)
	reportstest.Equal(t, "columns", f.Columns, 3)
	lines := func(p drawnPanel, colour string) (out []inked) {
		for _, m := range p.kinds("line", colour) {
			if len(m.at) == 3 {
				out = append(out, m)
			}
		}
		return out
	}
	panels[0].text(t, "11 methods")
	grey := lines(panels[0], "969696")
	reportstest.Equal(t, "grey lines", len(grey), 12)
	x, y := panels[0].numbered(t, plain)
	panels[0].wantCurve(t, x, y, grey[11], [2]float64{0, 12}, [2]float64{10, 13}, [2]float64{20, 14})
	p := panels[1]
	x, y = p.numbered(t, plain)
	first, second := lines(p, blue), lines(p, vermillion)
	reportstest.Equal(t, "lines of the first method, two seeds and domains", len(first), 4)
	reportstest.Equal(t, "lines of the second", len(second), 2)
	p.wantCurve(t, x, y, first[2], [2]float64{0, 16}, [2]float64{10, 14}, [2]float64{20, 13})
	p.wantCurve(t, x, y, second[1], [2]float64{0, 5}, [2]float64{10, 5}, [2]float64{20, 8})
	reportstest.Equal(t, "dashes of a and b", [2]int{len(second[0].dashes), len(second[1].dashes)}, [2]int{0, 2})
	last := p.text(t, "20")
	for name, colour := range map[string]string{"a": blue, "e": vermillion} {
		label := p.lowestOf(name)
		if !(label.left() > last.right()) {
			t.Errorf("the name of %s stands over the curves", name)
		}
		if !slices.ContainsFunc(p.kinds("line", colour), func(m inked) bool {
			return len(m.at) == 2 && m.at[0].Y > label.bottom() && m.at[0].Y < label.bottom()+8
		}) {
			t.Errorf("no line of colour %s stands beside %q", colour, name)
		}
	}
	for _, m := range p.kinds("text", "") {
		if m.text == "30" {
			t.Error("steps go on under the names")
		}
	}
	reportstest.Equal(t, "lines of the numbers", len(f.Data), 12*3+3*6)
	reportstest.Equal(t, "caption", f.Caption, "Losses and accuracies of the training steps as logged, before weights, a line a run, domain b dashed. A panel has one colour a method, or grey where it has more than 10. Gradient norm before clipping.")
}

// Steps are whole numbers, however few.
func TestCurvesOfManyShortRuns(t *testing.T) {
	var runs []reports.Run
	for i := range 11 {
		runs = append(runs, reports.Run{Results: reports.Results{Label: "x", Seed: uint64(i)}, Curves: []reports.Curve{curve("loss", []int{0, 1, 2}, 10, 20, 30)}})
	}
	_, panels := built(t, "curves", runs)
	panels[0].text(t, "1")
	if texts := panels[0].texts(); slices.Contains(texts, "0.5") || slices.Contains(texts, "1.0") {
		t.Errorf("ticks %q", texts)
	}
}

// lowestOf is the lowest of the texts that say so: domains may have the name of a method.
func (p drawnPanel) lowestOf(name string) inked {
	var found inked
	for _, m := range p.kinds("text", "") {
		if m.text == name && (found.text == "" || m.bottom() < found.bottom()) {
			found = m
		}
	}
	return found
}
