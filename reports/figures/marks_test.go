package figures

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image/color"
	"image/png"
	"io"
	"math"
	"strings"
	"testing"

	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// layouts are figures by hand, one or two of each kind.
func layouts(t *testing.T) map[string]*reports.Figure {
	t.Helper()
	figures := map[string]*reports.Figure{}
	put := func(key, name string, runs []reports.Run) { figures[key], _ = built(t, name, runs) }
	put("1 accuracy", "accuracy", []reports.Run{accuracies("x=1", 0, []string{"common", "source-only"}, []string{"logistic", "knn"}, [][]float64{{0.8, 0.6}, {0.5, 0}})})
	put("2 confusion", "confusion", []reports.Run{confused("", 0, []string{"ant", "bee", "cat"}, "knn", [][]int{{5, 2, 1}, {0, 0, 0}, {3, 0, 4}})})
	put("3 confusion, short names", "confusion", []reports.Run{confused("", 0, []string{"a", "b"}, "knn", [][]int{{1, 0}, {1, 1}})})
	var runs []reports.Run
	for i := range 2 {
		v := float64(i)
		runs = append(runs, reports.Run{Results: reports.Results{Seed: uint64(i)}, Curves: []reports.Curve{curve("zero/a", []int{5, 10, 20}, 1, 2+v, 3), curve("zero/b", []int{5, 10, 20}, 2, 1+v, 1), curve("loss", []int{5, 10, 20}, 0.03, 0.5, 90)}})
	}
	put("4 curves", "curves", runs)
	put("5 leakage", "leakage", leaking())
	put("6 ranks", "ranks", ranked([]string{"gamma", "alpha", "delta", "beta"}, 5))
	put("7 scatter", "scatter", []reports.Run{scattered([]string{"p", "q"})})
	put("8 methods", "methods", []reports.Run{networkRun("low", 0, 0.5, false), networkRun("best", 0, 0.86, false), networkRun("oracle", 0, 0.96, true)})
	put("9 split", "split", reportstest.SplitRuns())
	return figures
}

// Where everything stands, in points, against what a person looked at and kept: sizes,
// margins, widths, colours and places of labels. What the marks mean is proven in the tests
// of each figure.
func TestDrawnMarks(t *testing.T) {
	var b bytes.Buffer
	figures := layouts(t)
	for key := range 9 {
		for name, f := range figures {
			if !strings.HasPrefix(name, fmt.Sprint(key+1)) {
				continue
			}
			w, h := render.Draw(f).Size()
			fmt.Fprintf(&b, "%s: %.1f x %.1f\n", name, w, h)
			for _, p := range drawn(f) {
				fmt.Fprintf(&b, "  panel %s\n", places([]vg.Point{p.ground.Min, p.ground.Max}))
				for _, m := range p.marks {
					fmt.Fprintf(&b, "    %s %s", m.kind, m.color)
					switch m.kind {
					case "text":
						fmt.Fprintf(&b, " size %g", m.size)
						if m.turned != 0 {
							fmt.Fprintf(&b, " turned %.2f", m.turned)
						}
						fmt.Fprintf(&b, " %q at %s\n", m.text, places(m.at[:1]))
						continue
					case "line":
						fmt.Fprintf(&b, " width %g", m.width)
						if len(m.dashes) > 0 {
							fmt.Fprintf(&b, " dashes %v", m.dashes)
						}
					case "dot":
						fmt.Fprintf(&b, " width %g", m.width)
					}
					fmt.Fprintf(&b, " %s\n", places(m.at))
				}
			}
		}
	}
	reportstest.Golden(t, "marks.txt", b.Bytes())
}

// places writes points to a tenth, without a minus before nought.
func places(points []vg.Point) string {
	var out []string
	for _, p := range points {
		round := func(v vg.Length) float64 { return math.Round(10*float64(v))/10 + 0 }
		out = append(out, fmt.Sprintf("%.1f,%.1f", round(p.X), round(p.Y)))
	}
	return strings.Join(out, " ")
}

// The three forms hold the figure at its size: a PNG of 300 dots an inch with the bars at
// their places, an SVG and a PDF of its width and height in points.
func TestFigureForms(t *testing.T) {
	f, panels := built(t, "accuracy", []reports.Run{accuracies("x=1", 0, []string{"common", "source-only"}, []string{"logistic", "knn"}, [][]float64{{0.8, 0.6}, {0.5, 0.3}})})
	w, h := render.Draw(f).Size()
	data, err := render.Draw(f).PNG()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(data[33:33+21], []byte("\x00\x00\x00\x09pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01\x78\xa5\x3f\x76")) { // 11811 dots a metre; CRC 78a53f76 as other programs write it
		t.Errorf("density %x", data[33:54])
	}
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if got := im.Bounds().Size(); !(math.Abs(float64(got.X)-float64(w)*300/72) <= 1) || !(math.Abs(float64(got.Y)-float64(h)*300/72) <= 1) {
		t.Errorf("%v pixels for %v x %v points", got, w, h)
	}
	for _, m := range append(panels[0].kinds("fill", blue), panels[0].kinds("fill", vermillion)...) {
		at := vg.Point{X: m.left() + 2, Y: m.bottom() + 2} // a corner that no whisker touches
		got := color.RGBAModel.Convert(im.At(int(at.X*300/72), im.Bounds().Dy()-1-int(at.Y*300/72))).(color.RGBA)
		reportstest.Equal(t, "colour of a bar", hex(got), m.color)
	}
	svg, err := render.Draw(f).SVG()
	if err != nil || !strings.Contains(string(svg), fmt.Sprintf(`<svg width="%.4gpt" height="%.4gpt"`, w, h)) {
		t.Errorf("%v\n%.300s", err, svg)
	}
	for _, want := range []string{"fill:#0072B2", "fill:#D55E00", ">logistic</text>", ">x=1</text>"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("the SVG lacks %q", want)
		}
	}
	pdf, err := render.Draw(f).PDF()
	if err != nil || !bytes.Contains(pdf, []byte(fmt.Sprintf("/MediaBox [0 0 %.2f %.2f]", w, h))) {
		t.Errorf("%v\n%.900s", err, pdf)
	}
	page := inflated(t, pdf)
	for _, want := range []string{"0.000 0.447 0.698 rg", "(logistic)", "(x=1)", "(0.8)"} {
		if !strings.Contains(page, want) {
			t.Errorf("the PDF lacks %q", want)
		}
	}
}

// inflated are the compressed streams of a PDF.
func inflated(t *testing.T, pdf []byte) string {
	t.Helper()
	var out strings.Builder
	for _, part := range bytes.Split(pdf, []byte("stream\n"))[1:] {
		r, err := zlib.NewReader(bytes.NewReader(part))
		if err != nil {
			continue // a font or what stands between two streams
		}
		data, err := io.ReadAll(r)
		if err == nil {
			out.Write(data)
		}
	}
	return out.String()
}
