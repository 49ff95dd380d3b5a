package figures

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A drawnStrip is what a strip shows: its frame, its axis and its marks.
type drawnStrip struct {
	left, right vg.Length
	at          axis
	marks       []inked
	detail      string // below its name
}

// rowOf is the height of a job's line.
func (p drawnPanel) rowOf(t *testing.T, label string) vg.Length {
	t.Helper()
	for _, m := range p.kinds("text", "000000") {
		if m.text == label && m.size == 8 {
			return m.centre().Y
		}
	}
	t.Fatalf("no line of %q", label)
	return 0
}

// stripOf finds a strip by the name above it: the frame's upper line is the one below the name,
// and the numbers of the axis stand below the lower one.
func (p drawnPanel) stripOf(t *testing.T, name string) drawnStrip {
	t.Helper()
	head := p.text(t, name).middle()
	var frames []inked
	for _, l := range p.kinds("line", "d7d7d7") {
		if l.left() < head.X && head.X < l.right() && l.top() == l.bottom() {
			frames = append(frames, l)
		}
	}
	if len(frames) != 2 {
		t.Fatalf("%s: %d lines of a frame", name, len(frames))
	}
	s := drawnStrip{left: frames[0].left(), right: frames[0].right()}
	ticks := map[float64]vg.Length{}
	for _, m := range p.marks {
		if m.middle().X < s.left-4 || m.middle().X > s.right+4 {
			continue
		}
		if m.kind != "text" {
			s.marks = append(s.marks, m)
			continue
		}
		if m.size == 7 && m.bottom() > frames[0].top() {
			s.detail = m.text
		}
		if v, err := strconv.ParseFloat(m.text, 64); err == nil && m.size == 7 && m.top() < frames[1].bottom() {
			ticks[v] = m.middle().X
		}
	}
	s.at = scale(t, ticks)
	return s
}

// Of each quantity and job the large dot stands at the mean, red where it is worse than the first
// job's, which is black; small dots at the seeds; the line over the interval, cut at the axis; the
// green line at what is wanted and the grey one at the first job's mean.
func TestSplitFigure(t *testing.T) {
	f, panels := built(t, "split", reportstest.SplitRuns())
	reportstest.Equal(t, "panels", len(panels), 2)
	half := func(deviation float64) float64 { return 4.302652729749464 * deviation / math.Sqrt(3) }
	wants := [11]float64{1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 1}
	centres := [11]float64{0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.6, 0.5, 0.9, 0.8}
	highs := [11]float64{1, 1, 1, 1, 1, 1, 0.5, 1, 1, 1.1, 1} // ends of the axes: noisy unions reach 1.1, zero losses 0.5
	var names, details []string
	for k, q := range reports.SplitQuantities {
		p := panels[k/6]
		s := p.stripOf(t, q.Name)
		away := 1 - 2*wants[k]
		near := func(what string, got vg.Length, want float64) {
			t.Helper()
			if want = math.Max(0, math.Min(highs[k], want)); !(math.Abs(s.at(got)-want) <= 0.005) {
				t.Errorf("%s: %s at %v, want %v", q.Name, what, s.at(got), want)
			}
		}
		for _, row := range []struct {
			label  string
			seeds  []float64
			colour string
		}{
			{"whole", []float64{-0.1, 0, 0.1}, "000000"},
			{"off", []float64{away*[]float64{0.2, -0.1}[k%2] - 0.1, away * []float64{0.2, -0.1}[k%2], away*[]float64{0.2, -0.1}[k%2] + 0.1}, []string{vermillion, blue}[k%2]},
			{"noisy", []float64{0.3*away - 0.1, -0.1 * away, 0.1*away + 0.1}, blue},
			{"single", []float64{-0.1}, blue},
		} {
			y := p.rowOf(t, row.label)
			var means, seeds, whiskers []inked
			for _, m := range s.marks {
				switch d := math.Abs(float64(m.middle().Y - y)); {
				case m.kind == "dot" && m.width == 5 && d < 0.5:
					means = append(means, m)
				case m.kind == "dot" && m.width == 2.4 && math.Abs(d-4) < 0.5 && m.middle().Y < y:
					seeds = append(seeds, m)
				case m.kind == "line" && m.top() == m.bottom() && d < 0.5:
					whiskers = append(whiskers, m)
				}
			}
			if row.label == "single" && (k == 5 || k == 9) {
				reportstest.Equal(t, q.Name+": marks of none", len(means)+len(seeds)+len(whiskers), 0)
				continue
			}
			var mean, square float64
			for _, v := range row.seeds {
				mean += (centres[k] + v) / float64(len(row.seeds))
			}
			for _, v := range row.seeds {
				square += (centres[k] + v - mean) * (centres[k] + v - mean)
			}
			deviation := math.Sqrt(square / 2)
			if len(means) != 1 || means[0].color != row.colour {
				t.Fatalf("%s of %s: dots %v, want one in %s", q.Name, row.label, means, row.colour)
			}
			near("mean of "+row.label, means[0].middle().X, mean)
			if row.label == "single" {
				reportstest.Equal(t, q.Name+": marks of one seed", len(seeds)+len(whiskers), 0)
				continue
			}
			if len(seeds) != 3 || len(whiskers) != 1 || whiskers[0].color != row.colour {
				t.Fatalf("%s of %s: %d seeds and whiskers %v", q.Name, row.label, len(seeds), whiskers)
			}
			for i, m := range seeds {
				near(fmt.Sprint("seed ", i, " of ", row.label), m.middle().X, centres[k]+row.seeds[i])
			}
			near("lower end of "+row.label, whiskers[0].left(), mean-half(deviation))
			near("upper end of "+row.label, whiskers[0].right(), mean+half(deviation))
		}
		for colour, at := range map[string]float64{green: wants[k], "969696": centres[k]} {
			var upright []inked
			for _, m := range s.marks {
				if m.kind == "line" && m.color == colour && m.left() == m.right() {
					upright = append(upright, m)
				}
			}
			if len(upright) != 1 {
				t.Fatalf("%s: %d lines of %s", q.Name, len(upright), colour)
			}
			near("line of "+colour, upright[0].left(), at)
		}
		details = append(details, s.detail)
		names = append(names, q.Name)
	}
	reportstest.Equal(t, "quantities", strings.Join(names, ", "), "common keeps, common free, domain hidden, separate keeps, separate free, dependence, zero loss, translation, intersection, union, accuracy")
	reportstest.Equal(t, "details", strings.Join(details, ", "), "common factors, of separate factors, in the common code, separate factors, of common factors, of the two codes, of held-out images, error, 1: as it was, error, 1: as it was, error, 1: as it was, on the target")
	reportstest.Equal(t, "header", strings.Join(f.Header, "|"), "job|quantity|wanted|mean|low|high|seeds|worse")
	reportstest.Equal(t, "lines", len(f.Data), 4*11-2)
	if got := strings.Join(f.Data[3], "|"); got != "single|common keeps|1|0.7000000000000001|||0.7000000000000001|false" {
		t.Errorf("line %q", got)
	}
	if got := f.Data[1]; got[0] != "off" || got[7] != "true" || len(strings.Fields(got[6])) != 3 {
		t.Errorf("line %q", got)
	}
}

// An axis begins below 0 where a value does.
func TestSplitFigureBelowZero(t *testing.T) {
	of := func(label string, dependence float64) reports.Run {
		return reportstest.SplitRun(label, 0, [11]float64{5: dependence})
	}
	_, panels := built(t, "split", []reports.Run{of("one", 0.25), of("other", -0.25)})
	s := panels[0].stripOf(t, "dependence")
	for label, want := range map[string]float64{"one": 0.25, "other": -0.25} {
		found := 0
		for _, m := range s.marks {
			if m.kind == "dot" && math.Abs(float64(m.middle().Y-panels[0].rowOf(t, label))) < 0.5 {
				found++
				reportstest.Near(t, label, s.at(m.middle().X), want)
			}
		}
		reportstest.Equal(t, "dots of "+label, found, 1)
	}
}

// The legend, in the place that the second panel has free, names the first job.
func TestSplitLegend(t *testing.T) {
	_, panels := built(t, "split", reportstest.SplitRuns())
	last := panels[1].stripOf(t, "accuracy").right
	for _, want := range []struct{ name, kind, colour string }{{"wanted", "line", green}, {"whole", "dot", "000000"}, {"not shown worse", "dot", blue}, {"worse", "dot", vermillion}, {"a single seed", "dot", "787878"}} {
		var found []string
		for _, m := range panels[1].kinds("text", "000000") {
			if m.text != want.name || m.size != 7 {
				continue
			}
			for _, mark := range panels[1].marks {
				if mark.kind != "text" && mark.left() > last && math.Abs(float64(mark.middle().Y-m.centre().Y)) < 1 {
					found = append(found, mark.kind+" "+mark.color)
				}
			}
		}
		if !slices.Equal(found, []string{want.kind + " " + want.colour}) {
			t.Errorf("beside %q: %v", want.name, found)
		}
	}
	if len(panels[0].kinds("dot", "")) != 6*(3*4+1)-1 || len(panels[0].texts()) != 1+4+6*4+1 {
		t.Errorf("%d dots and %d texts in the first panel", len(panels[0].kinds("dot", "")), len(panels[0].texts()))
	}
}

// The caption says what is compared with what, and by which test.
func TestSplitCaption(t *testing.T) {
	f, _ := built(t, "split", reportstest.SplitRuns())
	for _, want := range []string{"Grey line: the mean of whole. Red: farther from what is wanted than whole (by 0.05 at least and by a one-sided t-test of the differences, seed by seed, at 0.05, corrected by Holm for the rows of a quantity).", "zero loss: mean absolute separate code of the other domain's held-out images, sum of both; "} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("caption %q lacks %q", f.Caption, want)
		}
	}
	info, err := reports.Figures.Get("split")
	if err != nil {
		t.Fatal(err)
	}
	if f, skip, err := info.Build(reportstest.SplitRuns()[:3]); f != nil || err != nil || skip != "1 jobs have codes that were probed for known factors, want 2 to compare" {
		t.Errorf("of one job: %v, %q, %v", f, skip, err)
	}
}
