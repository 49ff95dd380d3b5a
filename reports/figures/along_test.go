package figures

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A line a run, in the order of the runs, through the true accuracies of the scored steps; a
// selection among settings is none, and a run without scores has no line.
func TestAlong(t *testing.T) {
	at := func(step int, oracle float64) reports.Candidate {
		return reports.Candidate{Step: step, Oracle: &oracle}
	}
	run := func(label string, c ...reports.Candidate) reports.Run {
		return reports.Run{Results: reports.Results{Label: label, Selection: []reports.Selection{{Name: "network", Candidates: c}}}}
	}
	grid := run("grid", at(0, 0.9))
	unknown := run("unknown", reports.Candidate{Step: 10})
	f, panels := built(t, "along", []reports.Run{run("one", at(10, 0.25), at(20, 0.75), at(30, 0.5)), grid, unknown, run("two", at(10, 0.5), at(30, 1), at(40, 0.125))})
	var rows []string
	for _, r := range f.Data {
		rows = append(rows, strings.Join(r, " "))
	}
	reportstest.Equal(t, "data", strings.Join(rows, "; "), "one seed 0 10 0.25; one seed 0 20 0.75; one seed 0 30 0.5; two seed 0 10 0.5; two seed 0 30 1; two seed 0 40 0.125")
	p := panels[0]
	x, y := p.numbered(t, plain)
	for colour, want := range map[string][][2]float64{blue: {{10, 0.25}, {20, 0.75}, {30, 0.5}}, vermillion: {{10, 0.5}, {30, 1}, {40, 0.125}}} {
		lines := p.curves(colour)
		reportstest.Equal(t, "lines", len(lines), 1)
		p.wantCurve(t, x, y, lines[0], want...)
	}
	// Eight runs: six colours and two greys, then two colours and six greys, in one scale.
	var many []reports.Run
	for i := range 8 {
		many = append(many, run(strings.Repeat("x", i+1), at(10, 0.1*float64(i)), at(20, 0.1*float64(i)), at(30, 0.1*float64(i)+0.2)))
	}
	f, panels = built(t, "along", many)
	reportstest.Equal(t, "panels and their legends", len(f.Panels), 4)
	for k, tt := range []struct {
		colours int
		blue    [][2]float64
	}{{6, [][2]float64{{10, 0}, {20, 0}, {30, 0.2}}}, {2, [][2]float64{{10, 0.6}, {20, 0.6}, {30, 0.8}}}} {
		p := panels[2*k]
		x, y := p.numbered(t, plain)
		lines := p.curves(blue)
		reportstest.Equal(t, "lines of the first colour", len(lines), 1)
		p.wantCurve(t, x, y, lines[0], tt.blue...)
		grey, coloured := 0, 0
		for _, m := range p.kinds("line", "") {
			switch {
			case len(m.at) == 3 && m.width == 0.5:
				grey++
			case len(m.at) == 3 && m.width == 1:
				coloured++
			}
		}
		reportstest.Equal(t, "coloured and grey lines", fmt.Sprint(coloured, " ", grey), fmt.Sprint(tt.colours, " ", 8-tt.colours))
	}
	info, err := reports.Figures.Get("along")
	if err != nil {
		t.Fatal(err)
	}
	if f, skip, err := info.Build([]reports.Run{grid, unknown}); f != nil || err != nil || skip != "no run was scored along its training (adapt.along)" {
		t.Errorf("without scores: %v, %q, %v", f, skip, err)
	}
}
