package figures

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A line a method, in the order of the runs, through the true accuracies of the scored steps; a
// selection among settings is none, and a run without scores has no line.
func TestAlong(t *testing.T) {
	at := func(step int, oracle float64) reports.Candidate {
		return reports.Candidate{Step: step, Oracle: &oracle}
	}
	run := func(label string, c ...reports.Candidate) reports.Run {
		return on("p", "q", reports.Run{Results: reports.Results{Label: label, Selection: []reports.Selection{{Name: "network", Candidates: c}}}})
	}
	grid := run("grid", at(0, 0.9))
	unknown := run("unknown", reports.Candidate{Step: 10})
	f, panels := built(t, "along", []reports.Run{run("one", at(10, 0.25), at(20, 0.75), at(30, 0.5)), grid, unknown, run("two", at(10, 0.5), at(30, 1), at(40, 0.125))})
	var rows []string
	for _, r := range f.Data {
		rows = append(rows, strings.Join(r, " "))
	}
	reportstest.Equal(t, "data", strings.Join(rows, "; "), "one p->q 10 0.25; one p->q 20 0.75; one p->q 30 0.5; two p->q 10 0.5; two p->q 30 1; two p->q 40 0.125")
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

// Of several seeds the mean is drawn at the steps that all have; tasks stand in columns under their names, with the
// names of the methods beside them.
func TestAlongOfSeedsAndTasks(t *testing.T) {
	run := func(label string, seed uint64, steps []int, values ...float64) reports.Run {
		s := reports.Selection{Name: "network"}
		for i, step := range steps {
			s.Candidates = append(s.Candidates, reports.Candidate{Step: step, Oracle: &values[i]})
		}
		return reports.Run{Results: reports.Results{Label: label, Seed: seed, Selection: []reports.Selection{s}}}
	}
	f, panels := built(t, "along", []reports.Run{
		on("p", "q", run("method=one", 0, []int{10, 20, 30, 40}, 0.2, 0.4, 0.9, 0.75)), on("p", "q", run("method=one", 1, []int{10, 30, 40}, 0.4, 0.7, 0.25)),
		on("p", "q", run("method=two", 0, []int{10, 20, 40}, 0.5, 0.6, 0.7)),
		on("q", "p", run("method=two", 0, []int{10, 20, 40}, 0.1, 0.3, 0.2)), on("q", "p", run("method=one", 0, []int{10, 20, 40}, 0.7, 0.8, 0.6)),
	})
	wantData(t, f, "method|task|step|accuracy", "one|p->q|10|0.30000000000000004", "one|p->q|30|0.8", "one|p->q|40|0.5", "one|q->p|10|0.7", "one|q->p|20|0.8", "one|q->p|40|0.6",
		"two|p->q|10|0.5", "two|p->q|20|0.6", "two|p->q|40|0.7", "two|q->p|10|0.1", "two|q->p|20|0.3", "two|q->p|40|0.2")
	reportstest.Equal(t, "columns", f.Columns, 3)
	reportstest.Equal(t, "panels", len(panels), 3)
	for k, want := range []struct {
		title    string
		one, two [][2]float64
	}{{"p to q", [][2]float64{{10, 0.3}, {30, 0.8}, {40, 0.5}}, [][2]float64{{10, 0.5}, {20, 0.6}, {40, 0.7}}}, {"q to p", [][2]float64{{10, 0.7}, {20, 0.8}, {40, 0.6}}, [][2]float64{{10, 0.1}, {20, 0.3}, {40, 0.2}}}} {
		p := panels[k]
		p.text(t, want.title)
		x, y := p.numbered(t, plain)
		for colour, line := range map[string][][2]float64{blue: want.one, vermillion: want.two} {
			lines := p.curves(colour)
			reportstest.Equal(t, "lines", len(lines), 1)
			p.wantCurve(t, x, y, lines[0], line...)
		}
	}
	one, two := panels[2].text(t, "one"), panels[2].text(t, "two")
	for colour, name := range map[string]inked{blue: one, vermillion: two} {
		samples := panels[2].kinds("line", colour)
		if len(samples) != 1 || !(samples[0].right() < name.left()) || !(math.Abs(float64(samples[0].middle().Y-name.centre().Y)) < 3) {
			t.Errorf("the sample of %s is %v", name.text, samples)
		}
	}
	reportstest.Equal(t, "caption", f.Caption, "Accuracy of the network's own classifier on the target's test images after so many steps, mean over seeds at the steps that all have. No training sees it.")
}
