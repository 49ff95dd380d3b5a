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

// Points stand by accuracy from left to right and, best on top, at the height of their name, with
// the interval of the record; the oracle's is grey. Of several seeds the mean is drawn.
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
	wide := 0.25 * 12.706204736432095              // of two seeds: drawn as far as accuracies go
	want := []struct {
		name           string
		low, mean, top float64
		colour         string
	}{{"oracle", 0.89, 0.96, 1.01, "969696"}, {"best", 0.79, 0.86, 0.91, blue}, {"seeds", 0.7 - half, 0.7, 0.7 + half, blue}, {"low", 0.43, 0.5, 0.55, blue}, {"wide", 0.45 - wide, 0.45, 0.45 + wide, blue}}
	p := panels[0]
	tick, other := p.text(t, "0.5").middle().X, p.text(t, "1.0").middle().X
	at := func(v float64) vg.Length { return tick + (other-tick)*vg.Length((v-0.5)/0.5) }
	above := vg.Length(math.Inf(1))
	for i, w := range want {
		row := p.text(t, w.name).tick()
		if !(row < above) {
			t.Errorf("%s stands above the one before it", w.name)
		}
		above = row
		dots, whiskers := 0, 0
		for _, m := range p.marks {
			if m.color != w.colour || math.Abs(float64(m.middle().Y-row)) >= 0.5 {
				continue
			}
			switch m.kind {
			case "dot":
				dots++
				if d := float64(m.middle().X - at(w.mean)); !(math.Abs(d) <= 0.6) {
					t.Errorf("%s: the point is %v points off its accuracy", w.name, d)
				}
			case "line":
				whiskers++
				if l, r := float64(m.left()-at(max(0, w.low))), float64(m.right()-at(min(1, w.top))); !(math.Abs(l) <= 0.8) || !(math.Abs(r) <= 0.8) {
					t.Errorf("%s: the whisker's ends are %v and %v points off", w.name, l, r)
				}
			}
		}
		if dots != 1 || whiskers != 1 {
			t.Errorf("%s: %d points and %d whiskers", w.name, dots, whiskers)
		}
		for k, v := range []float64{w.mean, w.low, w.top} {
			if got, err := strconv.ParseFloat(f.Data[i][1+k], 64); err != nil || !(math.Abs(got-v) <= 1e-9) {
				t.Errorf("%s: number %d is %s, want %v", w.name, k, f.Data[i][1+k], v)
			}
		}
		if f.Data[i][0] != w.name || f.Data[i][4] != fmt.Sprint(w.name == "oracle") {
			t.Errorf("row %d of the numbers: %q", i, f.Data[i])
		}
	}
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
	if got := build("methods", runs[:2]); got != "2 jobs have a classifier of their own, want 3" {
		t.Errorf("two jobs: %q", got)
	}
	if got := build("methods", runs[:3]); got != "" {
		t.Errorf("three jobs: %q", got)
	}
	if got := build("accuracy", runs); got != "13 jobs are more than the panels of a page; figure methods shows their networks" {
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
