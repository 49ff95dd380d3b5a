package figures

import (
	"fmt"
	"math"
	"strconv"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
)

// networkRun is a job whose own classifier has an accuracy on the target, with an interval from
// 0.07 below to 0.05 above.
func networkRun(label string, seed uint64, accuracy float64, oracle bool) reports.Run {
	r := accuracies("method="+label, seed, []string{"features", reports.NetworkRow}, []string{reports.OwnClassifier}, [][]float64{{0.31}, {accuracy}})
	r.Results.Accuracy[1].Oracle = oracle
	return r
}

const (
	lightBlue = "8cbede"
	grey      = "969696"
)

// Points stand by accuracy from left to right and, best on top, at the height of their name, with
// the interval of the record; the oracle's is grey. Of several seeds the mean is drawn, and lighter each seed.
func TestMethodsFigureDrawsTheRecords(t *testing.T) {
	f, panels := built(t, "methods", []reports.Run{
		networkRun("low", 0, 0.5, false), networkRun("best", 0, 0.86, false), networkRun("oracle", 0, 0.96, true),
		networkRun("seeds", 0, 0.6, false), networkRun("seeds", 1, 0.7, false), networkRun("seeds", 2, 0.8, false),
		networkRun("wide", 0, 0.2, false), networkRun("wide", 1, 0.7, false),
	})
	if len(panels) != 1 || f.Columns != 1 {
		t.Fatalf("%d panels in %d columns", len(panels), f.Columns)
	}
	half := 0.1 * 4.302652729749464 / math.Sqrt(3) // of the 95% t-interval of three seeds
	wide := 0.25 * 12.706204736432095              // of two seeds: drawn as far as the axis goes, which is from 0.2
	want := []shownMethod{{"oracle", 0.89, 0.96, 1.01, grey, nil}, {"best", 0.79, 0.86, 0.91, blue, nil}, {"seeds", 0.7 - half, 0.7, 0.7 + half, blue, []float64{0.6, 0.7, 0.8}},
		{"low", 0.43, 0.5, 0.55, blue, nil}, {"wide", 0.45 - wide, 0.45, 0.45 + wide, blue, []float64{0.2, 0.7}}}
	p := panels[0]
	tick, other := p.text(t, "0.4").middle().X, p.text(t, "1.0").middle().X
	at := func(v float64) vg.Length { return tick + (other-tick)*vg.Length((v-0.4)/0.6) }
	above := vg.Length(math.Inf(1))
	for i, w := range want {
		row := p.text(t, w.name).tick()
		if !(row < above) {
			t.Errorf("%s stands above the one before it", w.name)
		}
		above = row
		p.wantMethod(t, w, row, at(0.2), at(1), at)
		for k, v := range []float64{w.mean, w.low, w.top} {
			if got, err := strconv.ParseFloat(f.Data[i][2+k], 64); err != nil || !(math.Abs(got-v) <= 1e-9) {
				t.Errorf("%s: number %d is %s, want %v", w.name, k, f.Data[i][2+k], v)
			}
		}
		if f.Data[i][0] != w.name || f.Data[i][6] != fmt.Sprint(w.name == "oracle") {
			t.Errorf("row %d of the numbers: %q", i, f.Data[i])
		}
	}
	if got := f.Data[2][5] + ", " + f.Data[3][5]; got != "0.6 0.7 0.8, 0.5" {
		t.Errorf("numbers of seeds: %s", got)
	}
}

// A shownMethod is what a line of the figure is to show.
type shownMethod struct {
	name           string
	low, mean, top float64
	colour         string
	seeds          []float64
}

// wantMethod looks for a method's marks at the height of its row between two ends of an axis.
func (p drawnPanel) wantMethod(t *testing.T, w shownMethod, row, left, right vg.Length, at func(float64) vg.Length) {
	t.Helper()
	var dots, seeds, whiskers []inked
	for _, m := range p.marks {
		if math.Abs(float64(m.middle().Y-row)) >= 0.5 || m.left() < left-1 || m.right() > right+1 {
			continue
		}
		switch {
		case m.kind == "dot" && m.color == w.colour:
			dots = append(dots, m)
		case m.kind == "dot" && m.color == lightBlue:
			seeds = append(seeds, m)
		case m.kind == "line" && m.color == w.colour:
			whiskers = append(whiskers, m)
		}
	}
	if len(dots) != 1 || len(whiskers) != 1 || len(seeds) != len(w.seeds) {
		t.Fatalf("%s: %d points, %d whiskers and %d seeds", w.name, len(dots), len(whiskers), len(seeds))
	}
	if d := float64(dots[0].middle().X - at(w.mean)); !(math.Abs(d) <= 0.6) {
		t.Errorf("%s: the point is %v points off its accuracy", w.name, d)
	}
	if l, r := float64(whiskers[0].left()-max(left, at(w.low))), float64(whiskers[0].right()-min(right, at(w.top))); !(math.Abs(l) <= 0.8) || !(math.Abs(r) <= 0.8) {
		t.Errorf("%s: the whisker's ends are %v and %v points off", w.name, l, r)
	}
	for i, v := range w.seeds {
		if d := float64(seeds[i].middle().X - at(v)); !(math.Abs(d) <= 0.6) || !(seeds[i].width < dots[0].width) {
			t.Errorf("%s: seed %d is %v points off, %v wide", w.name, i, d, seeds[i].width)
		}
	}
}

// on puts a run's source and target.
func on(source, target string, r reports.Run) reports.Run {
	r.Results.Name = source + "-" + target
	r.Results.Domains = [2]reports.Domain{{Dataset: source, Labelled: true}, {Dataset: target}}
	return r
}

// Two tasks stand side by side, each on its own axis under its name, a method on one line; who lacks a task stands below
// the others though its mean is higher; who has a code alone is named by it and its classifier.
func TestMethodsOfTwoTasks(t *testing.T) {
	code := func(accuracy float64) reports.Run {
		return accuracies("method=code", 0, []string{"common"}, []string{"knn"}, [][]float64{{accuracy}})
	}
	f, panels := built(t, "methods", []reports.Run{
		on("p", "q", networkRun("half", 0, 0.95, false)),
		on("p", "q", networkRun("first", 0, 0.7, false)), on("q", "p", networkRun("first", 0, 0.9, false)),
		on("q", "p", networkRun("second", 0, 0.61, false)), on("p", "q", networkRun("second", 0, 0.95, false)),
		on("p", "q", code(0.73)), on("q", "p", code(0.55)),
	})
	p := panels[0]
	left, right := p.text(t, "p to q"), p.text(t, "q to p")
	if !(left.right() < right.left()) {
		t.Errorf("p to q ends at %v, q to p begins at %v", left.right(), right.left())
	}
	// The axis of p to q has ticks from 0.7, that of q to p from 0.5: the last tick of each is 1.0, its name in its middle.
	var ends []vg.Length
	for _, m := range p.kinds("text", "") {
		if m.text == "1.0" {
			ends = append(ends, m.middle().X)
		}
	}
	if len(ends) != 2 {
		t.Fatalf("ticks %q", p.texts())
	}
	lows := []float64{0.7, 0.5}
	var starts [2]vg.Length
	for k, name := range []inked{left, right} {
		starts[k] = 2*name.middle().X - ends[k]
	}
	above := vg.Length(math.Inf(1))
	for _, w := range []struct {
		name  string
		means [2]float64
	}{{"first", [2]float64{0.7, 0.9}}, {"second", [2]float64{0.95, 0.61}}, {"code, common, knn", [2]float64{0.73, 0.55}}, {"half", [2]float64{0.95}}} {
		row := p.text(t, w.name).tick()
		if !(row < above) {
			t.Errorf("%s stands above the one before it", w.name)
		}
		above = row
		for k, mean := range w.means {
			if mean == 0 {
				for _, m := range p.kinds("dot", "") {
					if math.Abs(float64(m.middle().Y-row)) < 0.5 && m.left() > starts[k]-3 {
						t.Errorf("%s has a point at %v, in a task that it lacks", w.name, m.at)
					}
				}
				continue
			}
			at := func(v float64) vg.Length {
				return starts[k] + (ends[k]-starts[k])*vg.Length((v-lows[k])/(1-lows[k]))
			}
			p.wantMethod(t, shownMethod{w.name, mean - 0.07, mean, mean + 0.05, blue, nil}, row, starts[k], ends[k], at)
		}
	}
	wantData(t, f, "method|task|accuracy|low|high|seeds|oracle", "first|p->q|0.7|0.6299999999999999|0.75|0.7|false", "first|q->p|0.9|0.8300000000000001|0.9500000000000001|0.9|false",
		"second|p->q|0.95|0.8799999999999999|1|0.95|false", "second|q->p|0.61|0.54|0.66|0.61|false",
		"code, common, knn|p->q|0.73|0.6599999999999999|0.78|0.73|false", "code, common, knn|q->p|0.55|0.48000000000000004|0.6000000000000001|0.55|false",
		"half|p->q|0.95|0.8799999999999999|1|0.95|false")
}

// Two jobs make no figure of their own; of thirteen the panels are left to it, of twelve not, nor
// where one has no classifier.
func TestMethodsOrPanels(t *testing.T) {
	var runs []reports.Run
	for i := range 13 {
		runs = append(runs, networkRun(fmt.Sprint("m", i), 0, 0.5, false))
	}
	build := func(name string, runs []reports.Run) string {
		info, err := reports.Figures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		f, skip, err := info.Build(runs)
		if err != nil || (f == nil) != (skip != "") {
			t.Fatalf("%s: %q, %v", name, skip, err)
		}
		return skip
	}
	if got := build("methods", runs[:2]); got != "2 methods have a classifier of their own, want 3" {
		t.Errorf("two jobs: %q", got)
	}
	if got := build("methods", runs[:3]); got != "" {
		t.Errorf("three jobs: %q", got)
	}
	if got := build("accuracy", runs); got != "13 jobs are more than the panels of a page; figure methods shows them" {
		t.Errorf("thirteen jobs: %q", got)
	}
	if got := build("accuracy", runs[:12]); got != "" {
		t.Errorf("twelve jobs: %q", got)
	}
	runs[4].Results.Accuracy = runs[4].Results.Accuracy[:1]
	if got := build("accuracy", runs); got != "" {
		t.Errorf("thirteen jobs, one without a classifier: %q", got)
	}
}
