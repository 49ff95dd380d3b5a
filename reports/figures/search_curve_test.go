package figures

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// Of x two seeds: the first has the accuracies 0.6, 0.64 and 0.62 and is chosen from in the order
// 1, 3, 2: 0.62, (0.6 + 0.6 + 0.62)/3 and 0.6 are expected of 1, 2 and 3; by the truth 0.62,
// (0.64 + 0.64 + 0.62)/3 and 0.64. The second has 0.61 twice, so that its curve ends at 2. Of y
// one seed. A panel each; dots of both lines stand at their n and value, whiskers at n.
func TestSearchCurveDrawsTheRecords(t *testing.T) {
	score := func(v float64) map[string]float64 { return map[string]float64{"v": v} }
	f, panels := built(t, "search-curve", []reports.Run{
		reportstest.Trial("x", 0, 1, 3, score(3), 0.6, 1), reportstest.Trial("x", 0, 2, 3, score(1), 0.64, 1), reportstest.Trial("x", 0, 3, 3, score(2), 0.62, 1),
		reportstest.Trial("x", 1, 1, 3, score(1), 0.61, 1), reportstest.Trial("x", 1, 2, 3, score(1), 0.61, 1),
		reportstest.Trial("y", 0, 1, 2, score(1), 0.6, 1), reportstest.Trial("y", 0, 2, 2, score(2), 0.7, 1),
	})
	if len(panels) != 3 || f.Columns != 3 {
		t.Fatalf("%d panels in %d columns", len(panels), f.Columns)
	}
	names, samples := panels[2].legend(t)
	reportstest.Equal(t, "legend", strings.Join(names, ", "), reports.ByTruth+", v")
	reportstest.Equal(t, "its colours", samples[0].color+" "+samples[1].color, grey+" "+blue)
	half := func(a, b float64) float64 { return 12.706204736432095 * math.Abs(a-b) / 2 } // t of one degree · sd/√2
	type point struct{ mean, half float64 }
	want := []struct {
		name          string
		chosen, truth []point
		low, high     string // labelled ticks
	}{
		{"x", []point{{0.615, half(0.62, 0.61)}, {(1.82/3 + 0.61) / 2, half(1.82/3, 0.61)}}, []point{{0.615, half(0.62, 0.61)}, {(1.9/3 + 0.61) / 2, half(1.9/3, 0.61)}}, "0.5", "0.7"},
		{"y", []point{{0.65, 0}, {0.7, 0}}, []point{{0.65, 0}, {0.7, 0}}, "0.66", "0.68"},
	}
	row := 0
	for k, w := range want {
		p := panels[k]
		p.text(t, w.name)
		from, to := p.text(t, w.low), p.text(t, w.high)
		low, _ := strconv.ParseFloat(w.low, 64)
		high, _ := strconv.ParseFloat(w.high, 64)
		y := func(v float64) vg.Length {
			return from.tick() + (to.tick()-from.tick())*vg.Length((v-low)/(high-low))
		}
		one, two := p.text(t, "1").middle().X, p.text(t, "2").middle().X
		for _, line := range []struct {
			colour, by string
			points     []point
			beside     vg.Length
		}{{"969696", reports.ByTruth, w.truth, (two - one) / 4}, {blue, "v", w.chosen, 0}} {
			var dots, whiskers []inked
			for _, m := range p.marks {
				if m.color == line.colour && m.kind == "dot" {
					dots = append(dots, m)
				}
				if m.color == line.colour && m.kind == "line" && m.left() == m.right() {
					whiskers = append(whiskers, m)
				}
			}
			if len(dots) != len(line.points) {
				t.Fatalf("%s by %s: %d dots, want %d", w.name, line.by, len(dots), len(line.points))
			}
			for i, at := range line.points {
				if d := float64(dots[i].middle().Y - y(at.mean)); !(math.Abs(d) <= 0.6) {
					t.Errorf("%s by %s: dot %d is %v points off", w.name, line.by, i, d)
				}
				if x := []vg.Length{one, two}[i]; !(math.Abs(float64(dots[i].middle().X-x)) <= 0.6) {
					t.Errorf("%s by %s: dot %d is not at its n", w.name, line.by, i)
				}
				if at.half > 0 {
					if b, o := float64(whiskers[i].bottom()-y(at.mean-at.half)), float64(whiskers[i].top()-y(at.mean+at.half)); !(math.Abs(b) <= 0.8) || !(math.Abs(o) <= 0.8) || !(math.Abs(float64(whiskers[i].left()-dots[i].middle().X-line.beside)) <= 0.6) {
						t.Errorf("%s by %s: whisker %d is %v and %v off", w.name, line.by, i, b, o)
					}
				}
				data := f.Data[row]
				row++
				reportstest.Equal(t, "line", strings.Join(data[:3], " "), fmt.Sprint(w.name, " ", line.by, " ", i+1))
				v, err := strconv.ParseFloat(data[3], 64)
				if err != nil || !(math.Abs(v-at.mean) <= 1e-12) {
					t.Errorf("%s by %s of %d: %s, want %v", w.name, line.by, i+1, data[3], at.mean)
				}
				if at.half == 0 {
					reportstest.Equal(t, "interval of one seed", data[4]+data[5], "")
					continue
				}
				l, _ := strconv.ParseFloat(data[4], 64)
				h, _ := strconv.ParseFloat(data[5], 64)
				reportstest.Near(t, "low", l, at.mean-at.half)
				reportstest.Near(t, "high", h, at.mean+at.half)
			}
		}
	}
	reportstest.Equal(t, "lines of the CSV", len(f.Data), row)
}

// What is not searched, not scored or not known is not drawn, and the caption says what is missing.
func TestSearchCurveLeavesOut(t *testing.T) {
	build := func(runs ...reports.Run) (*reports.Figure, string) {
		f, skip, err := searchCurve(runs)
		if err != nil {
			t.Fatal(err)
		}
		return f, skip
	}
	_, skip := build(networkRun("x", 0, 0.5, false))
	reportstest.Equal(t, "no search", skip, "no run is a trial of a search")
	none := reportstest.Trial("x", 0, 1, 1, map[string]float64{"w": 1}, 0.5, 1)
	hidden := reportstest.Trial("y", 0, 1, 1, map[string]float64{"v": 1}, 0.5, 1)
	hidden.Results.Selection[0].Candidates[1].Oracle = nil
	_, skip = build(hidden)
	reportstest.Equal(t, "no truth", skip, "y: no trial has a score of target labels")
	f, _ := build(none, hidden)
	if len(f.Panels) != 2 || len(f.Data) != 1 || !strings.HasSuffix(f.Caption, " Left out: x: no trial has a score of v. Left out: y: no trial has a score of target labels. Left out: y: the target's labels are not known.") {
		t.Errorf("%d panels, %q, %q", len(f.Panels), f.Data, f.Caption)
	}
}

// An interval that leaves the accuracies that there are is cut at 0 and 1.
func TestSearchCurveIsCut(t *testing.T) {
	score := map[string]float64{"v": 1}
	_, panels := built(t, "search-curve", []reports.Run{reportstest.Trial("x", 0, 1, 1, score, 0.25, 1), reportstest.Trial("x", 1, 1, 1, score, 0.75, 1)})
	from, to := panels[0].text(t, "0").tick(), panels[0].text(t, "1.0").tick()
	for _, m := range panels[0].marks {
		if m.color == blue && m.kind == "line" && m.left() == m.right() && !(math.Abs(float64(m.bottom()-from)) <= 0.6 && math.Abs(float64(m.top()-to)) <= 0.6) {
			t.Errorf("a whisker from %v to %v, want %v to %v", m.bottom(), m.top(), from, to)
		}
	}
}
