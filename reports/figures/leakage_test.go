package figures

import (
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics/disentanglement"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// Cells of two seeds, by hand: a factor that a block holds, one that leaks, one below
// chance and one above 1, a cell that the fit lacks and one that nobody measured.
func leaking() []reports.Run {
	cell := func(block, on, factor string, wish disentanglement.Wish, score, low, high float64) disentanglement.Cell {
		return disentanglement.Cell{Block: block, On: on, Factor: factor, Wish: wish, Score: score, Low: low, High: high}
	}
	absent := cell("separate a", "b", "skin_tone", disentanglement.Keep, 9, 0, 99)
	absent.Absent = true
	return []reports.Run{
		{Results: reports.Results{Name: "hand", Seed: 0, Leakage: []disentanglement.Cell{
			cell("common", "a", "skin_tone", disentanglement.Keep, 0.9, 0.8, 0.95),
			cell("common", "a", "eye_wear_shape", disentanglement.Empty, 0.3, 0.25, 0.35),
			cell("separate a", "b", "skin_tone", disentanglement.Open, 0.5, 0.45, 0.6),
			cell("separate a", "b", "tilt", disentanglement.Empty, -0.3, -0.4, -0.1), absent,
			cell("separate b", "b", "tilt", disentanglement.Keep, 1.4, 1.3, 1.5),
		}}},
		{Results: reports.Results{Name: "hand", Seed: 1, Leakage: []disentanglement.Cell{
			cell("common", "a", "skin_tone", disentanglement.Keep, 0.6, 0.4, 0.75),
			cell("common", "a", "eye_wear_shape", disentanglement.Empty, 0.5, 0.45, 0.55),
		}}},
	}
}

// Each cell has the mean score of its block, domain and factor on its shade, a green frame
// exactly where the factor should be, and grey where nothing was measured.
func TestLeakageFigure(t *testing.T) {
	f, panels := built(t, "leakage", leaking())
	rows, columns := []string{"common, on a", "separate a, on b", "separate b, on b"}, []string{"skin tone", "eye wear shape", "tilt"}
	m := matrixOf(t, panels[0], rows, columns)
	for _, c := range []struct {
		row, column      int
		shade, text, ink string
		framed           bool
	}{
		{0, 0, "3f83b0", "0.75", "ffffff", true},  // mean of 0.9 and 0.6
		{0, 1, "99bdd5", "0.40", "000000", false}, // 255-102, 255-66, 255-42
		{0, 2, "f2f2f2", "", "", false},
		{1, 0, "7facca", "0.50", "000000", false},
		{1, 1, "f2f2f2", "", "", false},
		{1, 2, "ffffff", "-0.30", "000000", false},
		{2, 0, "f2f2f2", "", "", false}, {2, 1, "f2f2f2", "", "", false},
		{2, 2, "005a96", "1.40", "ffffff", true},
	} {
		fills, lines, texts := m.at(rows[c.row], columns[c.column])
		name := rows[c.row] + ", " + columns[c.column]
		if len(fills) != 1 {
			t.Fatalf("%s: %d fills", name, len(fills))
		}
		reportstest.Equal(t, name+": shade", fills[0].color, c.shade)
		reportstest.Near(t, name+": width", float64(fills[0].right()-fills[0].left()), 0.96*float64(m.across))
		reportstest.Near(t, name+": height", float64(fills[0].top()-fills[0].bottom()), 0.96*float64(m.down))
		reportstest.Near(t, name+": area", fills[0].area(), 0.96*0.96*float64(m.across*m.down))
		var frames, edges []inked
		for _, l := range lines {
			if l.color == green {
				frames = append(frames, l)
			} else {
				edges = append(edges, l)
			}
		}
		reportstest.Equal(t, name+": framed", len(frames) == 1, c.framed)
		if c.framed {
			reportstest.Near(t, "width of a frame", float64(frames[0].right()-frames[0].left()), 0.88*float64(m.across))
			reportstest.Near(t, "height of a frame", float64(frames[0].top()-frames[0].bottom()), 0.88*float64(m.down))
			reportstest.Equal(t, "corners of a frame", len(frames[0].at), 5)
		}
		if c.text == "" {
			reportstest.Equal(t, name+": texts and lines", len(texts)+len(lines), 0)
			continue
		}
		if len(texts) != 1 || texts[0].text != c.text || texts[0].color != c.ink {
			t.Errorf("%s: %v, want %s in %s", name, texts, c.text, c.ink)
		}
		if len(edges) != 1 || edges[0].color != "d7d7d7" {
			t.Errorf("%s: edges %v", name, edges)
		}
	}
	reportstest.Equal(t, "frames", len(panels[0].kinds("line", green)), 2)
	wantData(t, f, "job|block|on|factor|wish|score|low|high|seeds",
		"|common|a|skin_tone|keep|0.75|0.6000000000000001|0.85|2", "|common|a|eye_wear_shape|empty|0.4|0.35|0.45|2",
		"|separate a|b|skin_tone|open|0.5|0.45|0.6|1", "|separate a|b|tilt|empty|-0.3|-0.4|-0.1|1", "|separate b|b|tilt|keep|1.4|1.3|1.5|1")
	// The widest interval is that of tilt, 0.3; the common code's is (0.85 - 0.6)/2.
	for _, want := range []string{"mean over 2 seeds; the 95% intervals over images are at most 0.15 to either side. Green frame"} {
		if !strings.Contains(f.Caption, want) {
			t.Errorf("caption %q lacks %q", f.Caption, want)
		}
	}
	w, h := render.Draw(f).Size()
	reportstest.Near(t, "width", float64(w), 90+3*32)
	reportstest.Near(t, "height", float64(h), 105+3*32)
}

// Each job has a map of its own; runs without factors have none.
func TestLeakageFigureByJob(t *testing.T) {
	runs := leaking()
	runs[0].Results.Label, runs[1].Results.Label = "x=1", "x=2"
	f, panels := built(t, "leakage", append(runs, reports.Run{Results: reports.Results{Name: "hand", Label: "x=3"}}))
	reportstest.Equal(t, "panels", len(panels), 2)
	reportstest.Equal(t, "columns", f.Columns, 1)
	panels[0].text(t, "x=1")
	panels[1].text(t, "x=2")
	panels[1].text(t, "0.60")
	if got := f.Data[len(f.Data)-1]; got[0] != "x=2" || got[8] != "1" {
		t.Errorf("last line %v", got)
	}
	if g, skip, err := leakageFigure([]reports.Run{{}}); g != nil || skip != "no run has known factors" || err != nil {
		t.Errorf("%v, %q, %v", g, skip, err)
	}
}
