package figures

import (
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A glyph's colour is see-through: alpha 170.
const soften = "aa"

// scattered is five images by hand: three of a, two of b, of classes p and q, one unknown.
func scattered(classes []string) reports.Run {
	return reports.Run{Results: reports.Results{Name: "hand", Job: "j1", Seed: 3, Classes: classes, Domains: [2]reports.Domain{{Dataset: "moons"}, {Dataset: "rotated"}},
		Scatter: &reports.Scatter{
			Before: []reports.Point{{X: -2, Y: 1, Domain: 0, Class: 0}, {X: 3, Y: 4, Domain: 0, Class: 1}, {X: 0, Y: -1, Domain: 0, Class: -1}, {X: 1, Y: 2, Domain: 1, Class: 1}, {X: 2, Y: 0, Domain: 1, Class: 0}},
			After:  []reports.Point{{X: 10, Y: -20, Domain: 0, Class: 0}, {X: 30, Y: 40, Domain: 0, Class: 1}, {X: 5, Y: 15, Domain: 0, Class: -1}, {X: 20, Y: 25, Domain: 1, Class: 1}, {X: 25, Y: 5, Domain: 1, Class: 0}},
		}}}
}

// wantDots asserts the dots of a colour in data units, in their order.
func (p drawnPanel) wantDots(t *testing.T, colour string, want ...[2]float64) {
	t.Helper()
	x, y := p.numbered(t, plain)
	dots := append([]inked{}, p.kinds("dot", colour+soften)...)
	if len(dots) != len(want) {
		t.Fatalf("%d dots of %s, want %d", len(dots), colour, len(want))
	}
	for i, d := range dots {
		reportstest.Near(t, "x of a dot", x(d.at[0].X), want[i][0])
		reportstest.Near(t, "y of a dot", y(d.at[0].Y), want[i][1])
		reportstest.Near(t, "size of a dot", d.width, 3.2)
	}
}

func TestScatterFigure(t *testing.T) {
	// The first run with both halves is shown: neither one without projections nor one with half of them.
	half := reports.Run{Results: reports.Results{Scatter: &reports.Scatter{Before: []reports.Point{{}}}}}
	other := reports.Run{Results: reports.Results{Scatter: &reports.Scatter{After: []reports.Point{{}}}}}
	f, panels := built(t, "scatter", []reports.Run{{}, half, other, scattered([]string{"p", "q"}), scattered(nil)})
	if len(panels) != 6 || f.Columns != 3 {
		t.Fatalf("%d panels in %d columns, want 6 in 3", len(panels), f.Columns)
	}
	for i, name := range map[int]string{0: "raw pixels", 1: "common code", 3: "raw pixels", 4: "common code"} {
		panels[i].text(t, name)
		panels[i].text(t, "component 1")
		if panels[i].text(t, "component 2").turned == 0 {
			t.Error("component 2 is the axis across")
		}
	}
	panels[0].wantDots(t, blue, [2]float64{-2, 1}, [2]float64{3, 4}, [2]float64{0, -1})
	panels[0].wantDots(t, vermillion, [2]float64{1, 2}, [2]float64{2, 0})
	panels[1].wantDots(t, blue, [2]float64{10, -20}, [2]float64{30, 40}, [2]float64{5, 15})
	panels[1].wantDots(t, vermillion, [2]float64{20, 25}, [2]float64{25, 5})
	panels[3].wantDots(t, blue, [2]float64{-2, 1}, [2]float64{2, 0})
	panels[3].wantDots(t, vermillion, [2]float64{3, 4}, [2]float64{1, 2})
	panels[4].wantDots(t, blue, [2]float64{10, -20}, [2]float64{25, 5})
	panels[4].wantDots(t, vermillion, [2]float64{30, 40}, [2]float64{20, 25})
	for i, want := range map[int][]string{2: {"a: moons", "b: rotated"}, 5: {"p", "q"}} {
		names, samples := panels[i].legend(t)
		if !slices.Equal(names, want) || samples[0].color != blue+soften || samples[1].color != vermillion+soften {
			t.Errorf("legend %q with %v, want %q", names, samples, want)
		}
	}
	reportstest.Equal(t, "caption", f.Caption, "The same held-out images of both domains in the plane of the first two principal components of raw pixels (left) and of the common code (right), coloured by domain (above) and by class (below). Job j1, seed 3.")
	wantData(t, f, "representation|domain|class|x|y",
		"raw pixels|a|0|-2|1", "raw pixels|a|1|3|4", "raw pixels|a|-1|0|-1", "raw pixels|b|1|1|2", "raw pixels|b|0|2|0",
		"common code|a|0|10|-20", "common code|a|1|30|40", "common code|a|-1|5|15", "common code|b|1|20|25", "common code|b|0|25|5")
}

// Without classes there is no lower row; a class of which nothing is held out has no dots
// and no name.
func TestScatterFigureWithoutClasses(t *testing.T) {
	f, panels := built(t, "scatter", []reports.Run{scattered(nil)})
	reportstest.Equal(t, "panels", len(panels), 3)
	if !strings.Contains(f.Caption, "coloured by domain. Job") {
		t.Errorf("caption %q", f.Caption)
	}
	f, panels = built(t, "scatter", []reports.Run{scattered([]string{"p", "q", "a class that nobody has in these images"})})
	if names, _ := panels[5].legend(t); !slices.Equal(names, []string{"p", "q"}) {
		t.Errorf("legend %q", names)
	}
	name := panels[2].text(t, "b: rotated")
	reportstest.Near(t, "width of the legends", float64(f.Legend), max(60, 35+float64(name.right()-name.left())))
	// The legend is of what the right half shows.
	third := scattered([]string{"p", "q", "r"})
	third.Results.Scatter.After[2].Class = 2
	_, panels = built(t, "scatter", []reports.Run{third})
	if names, _ := panels[5].legend(t); !slices.Equal(names, []string{"p", "q", "r"}) {
		t.Errorf("legend %q", names)
	}
	panels[4].wantDots(t, green, [2]float64{5, 15})
	// One image and one class are enough.
	lone := scattered([]string{"p"})
	lone.Results.Scatter.Before, lone.Results.Scatter.After = lone.Results.Scatter.Before[:1], lone.Results.Scatter.After[:1]
	f, panels = built(t, "scatter", []reports.Run{lone})
	if !strings.Contains(f.Caption, "by domain (above) and by class (below)") {
		t.Errorf("caption %q of one class", f.Caption)
	}
	reportstest.Equal(t, "panels", len(panels), 6)
	reportstest.Equal(t, "dots", len(panels[3].kinds("dot", blue+soften)), 1)
	if g, skip, err := scatterFigure([]reports.Run{{}}); g != nil || skip != "no run has projected codes" || err != nil {
		t.Errorf("%v, %q, %v", g, skip, err)
	}
}

// The ten colours are Okabe and Ito's eight and two more; after them they begin again.
func TestPalette(t *testing.T) {
	for i, want := range []string{blue, vermillion, green, "cc79a7", "e69f00", "56b4e9", "000000", "f0e442", "785e3e", "8c8c8c", blue, vermillion} {
		reportstest.Equal(t, "colour", hex(hue(i)), want)
	}
}

// Of several jobs each has a row under its name and that of what it shows, by domain and by
// class, below the raw pixels of the first.
func TestScatterFigureByJob(t *testing.T) {
	first, second := scattered([]string{"p", "q"}), scattered([]string{"p", "q"})
	first.Results.Label, second.Results.Label = "x=1", "x=2"
	second.Results.Scatter.Of = "features of the network"
	second.Results.Scatter.After = []reports.Point{{X: 7, Y: 8, Domain: 1, Class: 0}, {X: 9, Y: 1, Domain: 0, Class: 1}}
	second.Results.Scatter.Before = []reports.Point{{X: 100, Y: 100}}
	f, panels := built(t, "scatter", []reports.Run{first, second})
	if len(panels) != 8 || f.Columns != 3 {
		t.Fatalf("%d panels in %d columns, want three rows of two, and two legends, in 3", len(panels), f.Columns)
	}
	for i, name := range map[int]string{0: "raw pixels", 1: "raw pixels", 3: "x=1: common code", 4: "x=1: common code", 6: "x=2: features of the network", 7: "x=2: features of the network"} {
		panels[i].text(t, name)
	}
	panels[0].wantDots(t, blue, [2]float64{-2, 1}, [2]float64{3, 4}, [2]float64{0, -1})
	panels[1].wantDots(t, blue, [2]float64{-2, 1}, [2]float64{2, 0})
	panels[4].wantDots(t, vermillion, [2]float64{30, 40}, [2]float64{20, 25})
	panels[6].wantDots(t, vermillion, [2]float64{7, 8})
	panels[7].wantDots(t, blue, [2]float64{7, 8})
	for i, want := range map[int][]string{2: {"a: moons", "b: rotated"}, 5: {"p", "q"}} {
		if names, _ := panels[i].legend(t); !slices.Equal(names, want) {
			t.Errorf("legend %q, want %q", names, want)
		}
	}
	reportstest.Equal(t, "caption", f.Caption, "The same held-out images of both domains in the plane of the first two principal components of raw pixels (above) and of what each job made of them (below), coloured by domain (left) and by class (right). Job j1, x=1 seed 3; Job j1, x=2 seed 3.")
	reportstest.Equal(t, "last line", strings.Join(f.Data[len(f.Data)-1], "|"), "x=2: features of the network|a|1|9|1")
	first.Results.Classes, second.Results.Classes = nil, nil
	f, panels = built(t, "scatter", []reports.Run{first, second})
	if len(panels) != 4 || f.Columns != 2 {
		t.Errorf("without classes %d panels in %d columns, want three and a legend in 2", len(panels), f.Columns)
	}
	panels[2].text(t, "x=1: common code")
	panels[3].text(t, "x=2: features of the network")
	first.Results.Scatter.Of = "features of the network"
	f, panels = built(t, "scatter", []reports.Run{first})
	panels[1].text(t, "features of the network")
	if !strings.Contains(f.Caption, "(left) and of the features of the network (right)") {
		t.Errorf("caption %q", f.Caption)
	}
}
