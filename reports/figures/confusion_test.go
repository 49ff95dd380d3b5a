package figures

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func confused(label string, seed uint64, classes []string, classifier string, matrix [][]int) reports.Run {
	return reports.Run{Results: reports.Results{Name: "hand", Label: label, Seed: seed, Classes: classes, Accuracy: []reports.Accuracy{
		{Row: "source-only", Classifier: classifier, Target: &reports.Score{Confusion: [][]int{{99, 99, 99}, {99, 99, 99}, {99, 99, 99}}}},
		{Row: "common", Classifier: classifier},
		{Row: "common", Classifier: classifier, Target: &reports.Score{Confusion: matrix}},
		{Row: "common", Classifier: "another", Target: &reports.Score{Confusion: [][]int{{77, 77, 77}, {77, 77, 77}, {77, 77, 77}}}},
	}}}
}

// A cell of a matrix figure, found by the labels of its row and its column alone.
type matrixFigure struct {
	panel   drawnPanel
	columns map[string]vg.Length
	rows    map[string]vg.Length
	across  vg.Length // from one column to the next
	down    vg.Length
}

// matrixOf reads the labels of a matrix off the paper: rows upright, columns turned or not.
func matrixOf(t *testing.T, p drawnPanel, rows, columns []string) matrixFigure {
	t.Helper()
	m := matrixFigure{panel: p, columns: map[string]vg.Length{}, rows: map[string]vg.Length{}}
	place := func(name string, row bool) (vg.Length, bool) {
		for _, k := range p.kinds("text", "000000") {
			if k.text != name || k.size != 8 {
				continue
			}
			switch {
			case !row && k.turned > 0 && k.turned < 1: // ends below its column
				return k.about(k.at[1]).X, true
			case !row && k.turned == 0 && k.bottom() < p.lowest(name)+0.1:
				return k.centre().X, true
			case row && k.turned == 0 && k.left() < p.leftmost(name)+0.1:
				return k.tick(), true
			}
		}
		return 0, false
	}
	for _, name := range columns {
		at, ok := place(name, false)
		if !ok {
			t.Fatalf("no column %q among %q", name, p.texts())
		}
		m.columns[name] = at
	}
	for _, name := range rows {
		at, ok := place(name, true)
		if !ok {
			t.Fatalf("no row %q among %q", name, p.texts())
		}
		m.rows[name] = at
	}
	m.across, m.down = m.columns[columns[1]]-m.columns[columns[0]], m.rows[rows[0]]-m.rows[rows[1]]
	if m.across <= 0 || m.down <= 0 {
		t.Errorf("columns run %v to the right and rows %v down", m.across, m.down)
	}
	for i, name := range columns {
		reportstest.Near(t, "column "+name, float64(m.columns[name]), float64(m.columns[columns[0]]+vg.Length(i)*m.across))
	}
	for i, name := range rows {
		reportstest.Near(t, "row "+name, float64(m.rows[name]), float64(m.rows[rows[0]]-vg.Length(i)*m.down))
	}
	return m
}

// lowest and leftmost of the texts that say so: one name may label a row and a column.
func (p drawnPanel) lowest(name string) vg.Length {
	best := vg.Length(1e9)
	for _, k := range p.marks {
		if k.kind == "text" && k.text == name {
			best = min(best, k.bottom())
		}
	}
	return best
}

func (p drawnPanel) leftmost(name string) vg.Length {
	best := vg.Length(1e9)
	for _, k := range p.marks {
		if k.kind == "text" && k.text == name && k.turned == 0 {
			best = min(best, k.left())
		}
	}
	return best
}

// at are the marks whose middle is that of a cell.
func (m matrixFigure) at(row, column string) (fills, lines, texts []inked) {
	want := vg.Point{X: m.columns[column], Y: m.rows[row]}
	for _, k := range m.panel.marks {
		at := k.middle()
		if k.kind == "text" {
			at = k.centre()
		}
		if !reportstest.SameNumber(float64(at.X), float64(want.X)) || !reportstest.SameNumber(float64(at.Y), float64(want.Y)) {
			continue
		}
		switch k.kind {
		case "fill":
			fills = append(fills, k)
		case "line":
			lines = append(lines, k)
		case "text":
			texts = append(texts, k)
		}
	}
	return fills, lines, texts
}

// area of a polygon, by its corners: where two change places it is smaller.
func (m inked) area() float64 {
	var twice vg.Length
	for i, p := range m.at {
		q := m.at[(i+1)%len(m.at)]
		twice += p.X*q.Y - q.X*p.Y
	}
	return math.Abs(float64(twice)) / 2
}

// The count of (true i, predicted j) stands in row i from the top and column j, on a
// shade by its share of the row: white at 0, (0, 90, 150) at 1, cut to whole levels.
func TestConfusionFigure(t *testing.T) {
	classes := []string{"ant", "bee", "cat"}
	first := confused("", 0, classes, "logistic", [][]int{{5, 2, 1}, {0, 0, 0}, {3, 0, 4}})
	second := confused("", 1, classes, "logistic", [][]int{{4, 0, 0}, {0, 0, 0}, {3, 7, 3}})
	f, panels := built(t, "confusion", []reports.Run{first, second})
	reportstest.Equal(t, "columns", f.Columns, 1)
	m := matrixOf(t, panels[0], classes, classes)
	reportstest.Equal(t, "fills", len(panels[0].kinds("fill", "")), 9)
	// Sums: ant 9 2 1 of 12, bee nothing, cat 6 7 7 of 20.
	for _, c := range []struct{ row, column, shade, text, ink string }{
		{"ant", "ant", "3f83b0", "9", "ffffff"}, // 0.75: 255-191.25, 255-123.75, 255-78.75
		{"ant", "bee", "d4e3ed", "2", "000000"}, // 1/6
		{"ant", "cat", "e9f1f6", "1", "000000"}, // 1/12
		{"bee", "ant", "ffffff", "", ""}, {"bee", "bee", "ffffff", "", ""}, {"bee", "cat", "ffffff", "", ""},
		{"cat", "ant", "b2cddf", "6", "000000"}, // 0.3
		{"cat", "bee", "a5c5da", "7", "000000"}, // 0.35
		{"cat", "cat", "a5c5da", "7", "000000"},
	} {
		fills, _, texts := m.at(c.row, c.column)
		if len(fills) != 1 {
			t.Fatalf("%s, %s: %d fills", c.row, c.column, len(fills))
		}
		reportstest.Equal(t, c.row+" as "+c.column+": shade", fills[0].color, c.shade)
		reportstest.Near(t, "width", float64(fills[0].right()-fills[0].left()), float64(m.across))
		reportstest.Near(t, "height", float64(fills[0].top()-fills[0].bottom()), float64(m.down))
		reportstest.Near(t, "area", fills[0].area(), float64(m.across*m.down))
		if c.text == "" {
			reportstest.Equal(t, c.row+" as "+c.column+": texts", len(texts), 0)
			continue
		}
		if len(texts) != 1 || texts[0].text != c.text || texts[0].color != c.ink {
			t.Errorf("%s as %s: %v, want %s in %s", c.row, c.column, texts, c.text, c.ink)
		}
	}
	across, up := panels[0].text(t, "predicted"), panels[0].text(t, "true")
	if across.turned != 0 || up.turned == 0 {
		t.Errorf("predicted is turned by %g and true by %g", across.turned, up.turned)
	}
	wantData(t, f, "job|classifier|true|predicted|count", "|logistic|ant|ant|9", "|logistic|ant|bee|2", "|logistic|ant|cat|1",
		"|logistic|bee|ant|0", "|logistic|bee|bee|0", "|logistic|bee|cat|0", "|logistic|cat|ant|6", "|logistic|cat|bee|7", "|logistic|cat|cat|7")
	if !strings.Contains(f.Caption, "logistic on the common code, summed over seeds") {
		t.Errorf("caption %q", f.Caption)
	}
	if len(panels[0].kinds("line", "")) != 0 {
		t.Error("the axes of a matrix are drawn")
	}
}

// A share of exactly one half is still black on its shade; above it white. Short names
// stand upright, names that results lack are numbers.
func TestConfusionFigureAtTheHalf(t *testing.T) {
	f, panels := built(t, "confusion", []reports.Run{confused("x=1", 0, []string{"a"}, "knn", [][]int{{50, 50}, {49, 51}}),
		confused("x=2", 0, []string{"a", "b"}, "knn", [][]int{{1, 0}, {0, 1}}), confused("x=3", 0, nil, "knn", [][]int{{1, 0}, {0, 1}})})
	reportstest.Equal(t, "columns", f.Columns, 2)
	reportstest.Equal(t, "panels", len(panels), 3)
	m := matrixOf(t, panels[0], []string{"a", "1"}, []string{"a", "1"})
	for _, c := range []struct{ row, column, shade, text, ink string }{
		{"a", "a", "7facca", "50", "000000"}, {"a", "1", "7facca", "50", "000000"},
		{"1", "a", "82aecb", "49", "000000"}, {"1", "1", "7caac9", "51", "ffffff"},
	} {
		fills, _, texts := m.at(c.row, c.column)
		if len(texts) != 1 || texts[0].text != c.text || texts[0].color != c.ink || fills[0].color != c.shade {
			t.Errorf("%s, %s: %v on %v, want %v", c.row, c.column, texts, fills, c)
		}
	}
	whole, _, _ := matrixOf(t, panels[1], []string{"a", "b"}, []string{"a", "b"}).at("a", "a")
	reportstest.Equal(t, "shade of one of one", whole[0].color, "005a96")
	reportstest.Equal(t, "the longest of none", longest(nil), 0)
	for i, label := range []string{"x=1", "x=2", "x=3"} {
		panels[i].text(t, label)
	}
	if !slices.Equal(f.Data[len(f.Data)-1], []string{"x=3", "knn", "1", "1", "1"}) {
		t.Errorf("last line %v", f.Data[len(f.Data)-1])
	}
	if longest([]string{"ab", "abcd", "c"}) != 4 {
		t.Error("the longest of ab, abcd and c is not 4")
	}
	// Two letters stay upright, three are turned.
	_, two := built(t, "confusion", []reports.Run{confused("", 0, []string{"aa", "bb"}, "knn", [][]int{{1, 0}, {0, 1}})})
	_, three := built(t, "confusion", []reports.Run{confused("", 0, []string{"aaa", "bb"}, "knn", [][]int{{1, 0}, {0, 1}})})
	for _, k := range two[0].marks {
		if k.text == "aa" && k.turned != 0 {
			t.Error("names of two letters are turned")
		}
	}
	if slope := three[0].marks; !slices.ContainsFunc(slope, func(k inked) bool { return k.text == "bb" && reportstest.SameNumber(k.turned, 0.8) }) {
		t.Error("names of three letters are not turned by 0.8")
	}
}

func TestConfusionFigureOfNothing(t *testing.T) {
	r := confused("", 0, nil, "knn", nil)
	r.Results.Accuracy = r.Results.Accuracy[:2]
	f, skip, err := confusionFigure([]reports.Run{r})
	if f != nil || skip != "no run has target predictions of a network or on a common code" || err != nil {
		t.Errorf("%v, %q, %v", f, skip, err)
	}
}

// Panels stand in rows from the top, each at its place with the same margins.
func TestPanelsAtTheirPlaces(t *testing.T) {
	f, panels := built(t, "confusion", []reports.Run{confused("1", 0, nil, "knn", [][]int{{1, 0}, {0, 1}}), confused("2", 0, nil, "knn", [][]int{{1, 0}, {0, 1}}), confused("3", 0, nil, "knn", [][]int{{1, 0}, {0, 1}})})
	w, h := render.Draw(f).Size()
	reportstest.Equal(t, "size", [2]vg.Length{w, h}, [2]vg.Length{540, 520})
	for i, want := range []vg.Rectangle{
		{Min: vg.Point{X: 5, Y: 265}, Max: vg.Point{X: 262, Y: 515}}, {Min: vg.Point{X: 275, Y: 265}, Max: vg.Point{X: 532, Y: 515}}, {Min: vg.Point{X: 5, Y: 5}, Max: vg.Point{X: 262, Y: 255}}} {
		reportstest.Equal(t, "place", panels[i].ground, want)
	}
	f, panels = built(t, "accuracy", []reports.Run{accuracies("x=1", 0, []string{"common"}, []string{"knn", "a classifier of a long name, longer"}, [][]float64{{0.5, 0.5}}), accuracies("x=2", 0, []string{"common"}, []string{"knn"}, [][]float64{{0.5}})})
	w, h = render.Draw(f).Size()
	name := panels[1].text(t, "a classifier of a long name, longer")
	legend := name.right() - name.left() + 35 // thumbnail and margins
	reportstest.Near(t, "width", float64(w), float64(380+legend))
	reportstest.Equal(t, "height", h, 400)
	for i, want := range []vg.Rectangle{{Min: vg.Point{X: 5, Y: 205}, Max: vg.Point{X: 372, Y: 395}}, {Min: vg.Point{X: 385, Y: 205}, Max: vg.Point{X: w - 8, Y: 395}},
		{Min: vg.Point{X: 5, Y: 5}, Max: vg.Point{X: 372, Y: 195}}, {Min: vg.Point{X: 385, Y: 5}, Max: vg.Point{X: w - 8, Y: 195}}} {
		reportstest.Equal(t, "place", panels[i].ground, want)
	}
	if name.right() > w || name.left() < 385+12 || name.top() > 395-18 {
		t.Errorf("the legend's name stands at %v", name.at)
	}
	reportstest.Equal(t, "the least width", legendWidth("a"), 60)
}

// A network's own classifier is shown before classifiers on codes; the caption names both
// kinds where panels differ.
func TestConfusionFigureOfNetworks(t *testing.T) {
	r := confused("net", 0, []string{"cat", "dog"}, "knn", [][]int{{1, 2}, {3, 4}})
	r.Results.Accuracy = append(r.Results.Accuracy, reports.Accuracy{Row: reports.NetworkRow, Classifier: reports.OwnClassifier, Target: &reports.Score{Confusion: [][]int{{5, 6}, {7, 8}}}})
	f, _, err := confusionFigure([]reports.Run{r, confused("code", 0, []string{"cat", "dog"}, "knn", [][]int{{1, 2}, {3, 4}})})
	if err != nil {
		t.Fatal(err)
	}
	reportstest.Equal(t, "first panel", fmt.Sprint(f.Data[1]), "[net own cat dog 6]")
	reportstest.Equal(t, "second panel", fmt.Sprint(f.Data[6]), "[code knn dog cat 3]")
	reportstest.Equal(t, "caption", f.Caption, "Target test images by true and predicted class, the network's own classifier or knn on the common code, summed over seeds. Shade: share of the true class.")
}

// More jobs than a page has room for have small panels, six in a row, those of a task together under their method and
// task, shaded as large ones and without counts, which the figure's numbers keep.
func TestConfusionFigureOfMany(t *testing.T) {
	var runs []reports.Run
	for i := range 14 {
		r := confused(fmt.Sprintf("method=m%d", i/2), 0, []string{"a", "b"}, "knn", [][]int{{50, 50}, {0, i + 1}})
		tasks := [2][2]string{{"p", "q"}, {"q", "p"}}
		runs = append(runs, on(tasks[i%2][0], tasks[i%2][1], r))
	}
	f, panels := built(t, "confusion", runs)
	reportstest.Equal(t, "columns", f.Columns, 6)
	reportstest.Equal(t, "panels", len(panels), 14)
	for k, want := range [][2]string{0: {"m0", "p to q"}, 6: {"m6", "p to q"}, 7: {"m0", "q to p"}, 13: {"m6", "q to p"}} {
		if want[0] == "" {
			continue
		}
		name, task := panels[k].text(t, want[0]), panels[k].text(t, want[1])
		if !(name.bottom() > task.bottom()) {
			t.Errorf("panel %d: %s stands below %s", k, want[0], want[1])
		}
		fills := panels[k].kinds("fill", "")
		reportstest.Equal(t, "fills", len(fills), 4)
		var shades []string
		for _, m := range fills {
			shades = append(shades, m.color)
		}
		slices.Sort(shades)
		reportstest.Equal(t, "shades", strings.Join(shades, " "), "005a96 7facca 7facca ffffff")
		reportstest.Equal(t, "texts", len(panels[k].texts()), 2+4) // no counts beside titles and classes
	}
	reportstest.Equal(t, "a number of panel 1", fmt.Sprint(f.Data[1*4+3]), "[m1, p to q knn b b 3]")
	reportstest.Equal(t, "a number of panel 7", fmt.Sprint(f.Data[7*4+3]), "[m0, q to p knn b b 2]")
	if !strings.Contains(f.Caption, "counts are in the numbers of the figure") {
		t.Errorf("caption %q", f.Caption)
	}
}
