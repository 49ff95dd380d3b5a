package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// accuracies is a run with target accuracies by hand: rows by classifier, 0 for none.
func accuracies(label string, seed uint64, rows, classifiers []string, values [][]float64) reports.Run {
	r := reports.Run{Results: reports.Results{Name: "hand", Label: label, Seed: seed, Classes: []string{"p", "q", "r", "s"}}}
	for i, row := range rows {
		for k, c := range classifiers {
			a := reports.Accuracy{Row: row, Classifier: c}
			if v := values[i][k]; v > 0 {
				a.Target = &reports.Score{Accuracy: v, Interval: [2]float64{v - 0.07, v + 0.05}, N: 50}
			}
			r.Results.Accuracy = append(r.Results.Accuracy, a)
		}
	}
	return r
}

// The colours of the first three classifiers, runs or domains, by their names in Okabe and Ito's paper.
const (
	blue       = "0072b2"
	vermillion = "d55e00"
	green      = "009e73"
)

// Bars of one seed: each as high as its record's accuracy, under the name of its row, in
// the colour that the legend gives its classifier, with the interval of the record.
func TestAccuracyFigureDrawsTheRecord(t *testing.T) {
	rows, classifiers := []string{"common", "separate", "source-only"}, []string{"logistic", "knn"}
	values := [][]float64{{0.81, 0.62}, {0.33, 0.45}, {0.57, 0}}
	f, panels := built(t, "accuracy", []reports.Run{accuracies("width=3", 0, rows, classifiers, values)})
	if len(panels) != 2 || f.Columns != 2 {
		t.Fatalf("%d panels in %d columns, want one with its legend", len(panels), f.Columns)
	}
	p := panels[0]
	y := p.heights(t)
	// Bars stand about the middle of their row, as many as it has.
	places := [][]float64{{-12, 12}, {-12, 12}, {0, 0}}
	for k, colour := range []string{blue, vermillion} {
		bars := p.kinds("fill", colour)
		if len(bars) != 3-k {
			t.Fatalf("%d bars of %s, want %d", len(bars), classifiers[k], 3-k)
		}
		for i, row := range rows[:3-k] {
			reportstest.Near(t, row+" "+classifiers[k], y(bars[i].top()), values[i][k])
			reportstest.Near(t, "foot of "+row, y(bars[i].bottom()), 0)
			// 240 points for 3 x 2 bars are more than 24 a bar, the most.
			reportstest.Near(t, "width of a bar", float64(bars[i].right()-bars[i].left()), 24)
			reportstest.Near(t, "place of "+row, float64(bars[i].middle().X-p.text(t, row).centre().X), places[i][k])
		}
	}
	// Whiskers: an upright line and two caps a value, five values.
	uprights, caps := p.whiskers()
	if len(uprights) != 5 || len(caps) != 10 {
		t.Fatalf("%d whiskers and %d caps, want 5 and 10", len(uprights), len(caps))
	}
	n := 0
	for k := range classifiers {
		for i, row := range rows {
			v := values[i][k]
			if v == 0 {
				continue
			}
			w := uprights[n]
			n++
			reportstest.Near(t, "low end of "+row, y(w.bottom()), v-0.07)
			reportstest.Near(t, "high end of "+row, y(w.top()), v+0.05)
			reportstest.Near(t, "place of the whisker of "+row, float64(w.middle().X-p.text(t, row).centre().X), places[i][k])
			reportstest.Near(t, "width of the line", w.width, 0.8)
		}
	}
	for _, c := range caps {
		reportstest.Near(t, "width of a cap", float64(c.right()-c.left()), 6) // the most; half a bar is 12
	}
	p.wantChance(t, y, 0.25)
	names, samples := panels[1].legend(t)
	if !slices.Equal(names, []string{"logistic", "knn", "chance"}) || samples[0].color != blue || samples[1].color != vermillion || len(samples[2].dashes) != 2 {
		t.Errorf("legend %q with %v", names, samples)
	}
	p.text(t, "width=3")
	p.text(t, "target accuracy")
	wantData(t, f, "job|features|classifier|accuracy|low|high",
		"width=3|common|logistic|0.81|0.74|0.8600000000000001", "width=3|common|knn|0.62|0.55|0.67",
		"width=3|separate|logistic|0.33|0.26|0.38", "width=3|separate|knn|0.45|0.38|0.5",
		"width=3|source-only|logistic|0.57|0.49999999999999994|0.62")
	reportstest.Equal(t, "title", f.Title, "Target accuracy")
}

// heights is the axis of shares, whose six labels are known.
func (p drawnPanel) heights(t *testing.T) axis {
	t.Helper()
	at := map[float64]vg.Length{}
	for _, s := range []string{"0", "0.2", "0.4", "0.6", "0.8", "1"} {
		var v float64
		if _, err := fmt.Sscan(s, &v); err != nil {
			t.Fatal(err)
		}
		at[v] = p.text(t, s).tick()
	}
	return scale(t, at)
}

// whiskers are the black lines 0.8 points wide that are not dashed: upright ones and their caps.
func (p drawnPanel) whiskers() (uprights, caps []inked) {
	for _, m := range p.kinds("line", "000000") {
		switch {
		case !(math.Abs(m.width-0.8) <= 1e-9) || len(m.dashes) > 0:
		case m.left() == m.right():
			uprights = append(uprights, m)
		default:
			caps = append(caps, m)
		}
	}
	return uprights, caps
}

func (p drawnPanel) wantChance(t *testing.T, y axis, level float64) {
	t.Helper()
	var dashed []inked
	for _, m := range p.kinds("line", "000000") {
		if len(m.dashes) > 0 {
			dashed = append(dashed, m)
		}
	}
	if len(dashed) != 1 {
		t.Fatalf("%d dashed lines, want that of chance", len(dashed))
	}
	reportstest.Near(t, "chance at the left", y(dashed[0].at[0].Y), level)
	reportstest.Near(t, "chance at the right", y(dashed[0].at[1].Y), level)
	if across := float64(dashed[0].right() - dashed[0].left()); across < 300 {
		t.Errorf("the line of chance is %.0f points long, want the panel's width", across)
	}
}

// Over seeds a bar is the mean and its whisker the t-interval: of 0.70, 0.72, 0.77 the mean
// is 0.73, the variance 0.0013, the half-width 4.302653 sqrt(0.0013/3). Where a method has
// one seed only, its Wilson interval stays; where two values are equal there is no width.
func TestAccuracyFigureOverSeeds(t *testing.T) {
	rows, classifiers := []string{"common"}, []string{"logistic", "knn"}
	var runs []reports.Run
	for seed, v := range []float64{0.70, 0.72, 0.77} {
		second := 0.0
		if seed == 1 {
			second = 0.4
		}
		runs = append(runs, accuracies("", uint64(seed), rows, classifiers, [][]float64{{v, second}}))
	}
	_, panels := built(t, "accuracy", runs)
	y := panels[0].heights(t)
	reportstest.Near(t, "mean", y(panels[0].kinds("fill", blue)[0].top()), 0.73)
	uprights, _ := panels[0].whiskers()
	half := 4.302652729911275 * math.Sqrt(0.0013/3)
	reportstest.Near(t, "low end", y(uprights[0].bottom()), 0.73-half)
	reportstest.Near(t, "high end", y(uprights[0].top()), 0.73+half)
	reportstest.Near(t, "low end of one seed", y(uprights[1].bottom()), 0.33)
	reportstest.Near(t, "high end of one seed", y(uprights[1].top()), 0.45)
}

// Two jobs have a panel each, with their own rows; a job without target labels has none.
// Many bars get narrower and their caps with them; one class has no chance.
func TestAccuracyFigureByJob(t *testing.T) {
	var rows []string
	for i := range 8 {
		rows = append(rows, fmt.Sprintf("row%d", i))
	}
	classifiers := []string{"a", "b", "c", "d", "e"}
	values := make([][]float64, len(rows))
	for i := range values {
		values[i] = []float64{0.1, 0.2, 0.3, 0.4, 0.05 * float64(i+1)}
	}
	first, second := accuracies("x=1", 0, rows, classifiers, values), accuracies("x=2", 0, []string{"common"}, []string{"z"}, [][]float64{{0.9}})
	none := accuracies("x=3", 0, []string{"common"}, []string{"z"}, [][]float64{{0}})
	second.Results.Classes = []string{"only"}
	f, panels := built(t, "accuracy", []reports.Run{first, none, second})
	if len(panels) != 4 {
		t.Fatalf("%d panels, want two jobs with their legends", len(panels))
	}
	panels[0].text(t, "x=1")
	panels[2].text(t, "x=2")
	y := panels[0].heights(t)
	last := panels[0].kinds("fill", "e69f00") // the fifth colour
	for i, bar := range last {
		reportstest.Near(t, "height of e", y(bar.top()), 0.05*float64(i+1))
		reportstest.Near(t, "width", float64(bar.right()-bar.left()), 240.0/40)
		reportstest.Near(t, "place", float64(bar.middle().X-panels[0].text(t, rows[i]).centre().X), 2*6)
	}
	_, caps := panels[0].whiskers()
	reportstest.Near(t, "cap", float64(caps[0].right()-caps[0].left()), 3)
	reportstest.Near(t, "z", panels[2].heights(t)(panels[2].kinds("fill", blue)[0].top()), 0.9)
	for _, m := range panels[2].marks {
		if len(m.dashes) > 0 {
			t.Error("chance is drawn for one class")
		}
	}
	if names, _ := panels[3].legend(t); !slices.Equal(names, []string{"z"}) {
		t.Errorf("legend %q, want z alone", names)
	}
	if n := len(f.Data); n != 41 || f.Data[40][0] != "x=2" || f.Data[0][1] != "row0" {
		t.Errorf("%d lines, the last %v", n, f.Data[n-1])
	}
	if !strings.Contains(f.Caption, "95% interval") {
		t.Errorf("caption %q", f.Caption)
	}
}

// Without a line of chance too there is room beside the first row: 0.6 of the distance of two
// rows, and a little.
func TestAccuracyFigureWithoutChance(t *testing.T) {
	r := accuracies("", 0, []string{"common", "separate"}, []string{"knn"}, [][]float64{{0.9}, {0.8}})
	r.Results.Classes = nil
	_, panels := built(t, "accuracy", []reports.Run{r})
	first, second := panels[0].text(t, "common").centre().X, panels[0].text(t, "separate").centre().X
	for _, m := range panels[0].kinds("line", "000000") {
		if m.left() == m.right() && m.top()-m.bottom() > 100 && m.width == 0.5 { // the axis
			room := float64(first-m.left()) / float64(second-first)
			if room < 0.6 || room > 0.75 { // and what the plot itself leaves
				t.Errorf("the first row stands %.3f of a row from the axis", room)
			}
		}
	}
	for _, bar := range panels[0].kinds("fill", blue) {
		reportstest.Near(t, "width", float64(bar.right()-bar.left()), 24)
	}
}

// No accuracy at all is no figure, with the table's reason; none on the target too.
func TestAccuracyFigureOfNothing(t *testing.T) {
	if f, skip, err := accuracyFigure([]reports.Run{{}}); f != nil || !strings.Contains(skip, "no run has accuracies") || err != nil {
		t.Errorf("%v, %q, %v", f, skip, err)
	}
}
