package evaluate

import (
	"bytes"
	"os"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/reports"
	_ "github.com/venn-adapt/venn/reports/figures" // the curves
	"github.com/venn-adapt/venn/reports/render"
)

// The pictures of a training are those of guided translation and of nothing else: the
// content's first two pixels, nothing of its own, and the guide's own.
func TestWatch(t *testing.T) {
	w := &Subject{Dir: openToy(t), Spec: &spec.Spec{}, Model: taker{}, Results: &reports.Results{}}
	w.Spec.Image, w.Spec.Translate = spec.ImageSpec{Size: 2, Channels: 1}, spec.TranslateSpec{Grid: 1}
	for side := range w.Domains {
		w.Domains[side] = &domains.Domain{Test: domains.Split{Images: shades(side, 1)}}
	}
	if err := w.Watch(12); err != nil {
		t.Fatal(err)
	}
	a, b := w.Domains[0].Test.Images.At(0), w.Domains[1].Test.Images.At(0)
	for name, images := range map[string][3][]float32{"translate-a-b": {a, b, {a[0], a[1], 0, b[3]}}, "translate-b-a": {b, a, {b[0], b[1], a[2], 0}}} {
		data := []float32{1, 1, 1, 1}
		for _, im := range images {
			data = append(data, im...)
		}
		drawn, err := render.DrawImages(reports.Grid{Rows: 2, Columns: 2, Header: true}, 1, 2, 2, data)
		if err != nil {
			t.Fatal(err)
		}
		want, err := drawn.PNG()
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(w.Dir.File("progress", name+"-000000012.png"))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s shows something else (%d bytes, want %d), %v", name, len(got), len(want), err)
		}
	}
}
