package figures

import (
	"slices"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A null of 0, 1/30, ..., 29/30 and 1, of which each k-th third is there more often: bars
// are counts over thirty equal bins, the line the observed value.
func TestIndependenceFigure(t *testing.T) {
	var null []float64
	count := make([]int, 30)
	for k := range 30 {
		for range 1 + k%3 {
			null, count[k] = append(null, (float64(k)+0.5)/30), count[k]+1
		}
	}
	null, count[0], count[29] = append(null, 0, 1), count[0]+1, count[29]+1
	p := 0.0123
	r := reports.Results{Job: "j7", Seed: 5, Label: "x=1",
		Independence: []reports.Measured{{Of: "c and s", Result: metrics.Result{Name: "hsic", Value: 0.4, P: &p, Null: null}}, {Of: "none", Result: metrics.Result{Name: "hsic", Value: 1}},
			{Of: "collapsed", Result: metrics.Result{Name: "hsic", Degenerate: true, Null: null}}},
		Discrepancy: []reports.Measured{{Of: "a and b", Result: metrics.Result{Name: "mmd2", Value: 0.7, Null: []float64{0, 0.5, 0.5, 1}}}},
	}
	f, panels := built(t, "independence", []reports.Run{{Results: r}, {Results: reports.Results{Label: "x=1", Independence: []reports.Measured{{Result: metrics.Result{Null: null}}}}}})
	if len(panels) != 2 || f.Columns != 2 {
		t.Fatalf("%d panels in %d columns, want two in two", len(panels), f.Columns)
	}
	x, y := panels[0].numbered(t, plain)
	bars := panels[0].kinds("fill", "bebebe") // Gray{190}
	var drawn []inked
	for _, b := range bars {
		if len(b.at) > 0 && b.right()-b.left() < 11 { // but the legend's
			drawn = append(drawn, b)
		}
	}
	reportstest.Equal(t, "bars", len(drawn), 30)
	most := 0
	for k, b := range drawn {
		reportstest.Near(t, "left edge", x(b.left()), float64(k)/30)
		reportstest.Near(t, "right edge", x(b.right()), float64(k+1)/30)
		reportstest.Near(t, "foot", y(b.bottom()), 0)
		reportstest.Near(t, "height", y(b.top()), float64(count[k]))
		most = max(most, count[k])
	}
	reportstest.Equal(t, "the highest", most, 4)
	var upright []inked
	for _, m := range panels[0].kinds("line", vermillion) {
		if m.left() == m.right() {
			upright = append(upright, m)
		}
	}
	reportstest.Equal(t, "lines", len(upright), 1)
	reportstest.Near(t, "observed", x(upright[0].left()), 0.4)
	reportstest.Near(t, "foot of the line", y(upright[0].bottom()), 0)
	reportstest.Near(t, "top of the line", y(upright[0].top()), 4)
	reportstest.Equal(t, "width of the line", upright[0].width, 2)
	for i, want := range [][]string{{"hsic: c and s", "hsic", "permutations", "null", "observed, p = 0.0123"}, {"mmd2: a and b", "mmd2", "permutations", "null", "observed"}} {
		for _, s := range want {
			panels[i].text(t, s)
		}
		if slices.Contains(panels[i].texts(), "observed, p = 0") {
			t.Error("a p-value that is not there is shown")
		}
	}
	reportstest.Equal(t, "size of a title", panels[0].text(t, "hsic: c and s").size, 8)
	w, h := render.Draw(f).Size()
	reportstest.Equal(t, "size", [2]vg.Length{w, h}, [2]vg.Length{500, 160})
	// The legend stands above the bars: the axis ends at 1.35 times the highest bar.
	if top := y(panels[0].text(t, "null").bottom()); top < 4 || top > 4*1.35 {
		t.Errorf("the legend stands at %v, the highest bar ends at 4", top)
	}
	x, y = panels[1].numbered(t, plain)
	for _, m := range panels[1].kinds("line", vermillion) {
		if m.left() == m.right() {
			reportstest.Near(t, "observed", x(m.left()), 0.7)
			reportstest.Near(t, "top of the line", y(m.top()), 2)
		}
	}
	if n := len(f.Data); n != 1+len(null)+1+4 || !slices.Equal(f.Data[0], []string{"x=1", "c and s", "hsic", "observed", "0.4"}) ||
		!slices.Equal(f.Data[1], []string{"x=1", "c and s", "hsic", "null", "0.016666666666666666"}) || !slices.Equal(f.Data[n-1], []string{"x=1", "a and b", "mmd2", "null", "1"}) {
		t.Errorf("%d lines: %v", n, f.Data)
	}
	reportstest.Equal(t, "caption", f.Caption, "Bars: the statistic under permutations, when the blocks are independent (or the domains equal). Line: the value observed. Job j7, x=1 seed 5.")
	if g, skip, err := independenceFigure([]reports.Run{{}}); g != nil || skip != "no run has a permutation null" || err != nil {
		t.Errorf("%v, %q, %v", g, skip, err)
	}
}

// Of several jobs each has panels under its name, and the caption names the runs.
func TestIndependenceFigureByJob(t *testing.T) {
	run := func(label string, value float64) reports.Run {
		return reports.Run{Results: reports.Results{Job: "j" + label, Label: label, Discrepancy: []reports.Measured{{Of: "a and b", Result: metrics.Result{Name: "mmd2", Value: value, Null: []float64{0, 0.5, 1}}}}}}
	}
	f, panels := built(t, "independence", []reports.Run{run("x=1", 0.25), run("x=1", 0.5), {Results: reports.Results{Label: "none"}}, run("x=2", 0.75)})
	reportstest.Equal(t, "panels", len(panels), 2)
	for i, want := range []struct {
		label string
		value float64
	}{{"x=1", 0.25}, {"x=2", 0.75}} {
		panels[i].text(t, want.label)
		panels[i].text(t, "mmd2: a and b")
		x, _ := panels[i].numbered(t, plain)
		for _, m := range panels[i].kinds("line", vermillion) {
			if m.left() == m.right() {
				reportstest.Near(t, "observed", x(m.left()), want.value)
			}
		}
	}
	reportstest.Equal(t, "caption", f.Caption, "Bars: the statistic under permutations, when the blocks are independent (or the domains equal). Line: the value observed. Job jx=1, x=1 seed 0; Job jx=2, x=2 seed 0.")
	reportstest.Equal(t, "the last line's job", f.Data[len(f.Data)-1][0], "x=2")
}
