package render

import (
	"bytes"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// A grid that is missing, cut or of another shape is damage that names its file and the
// way out, whatever the shape.
func TestDamagedGrid(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "grid.npy")
	g := reports.Grid{Name: "removal", File: "grid.npy", Rows: 2, Columns: 1}
	damaged := func(what string) {
		t.Helper()
		_, err := DrawGrid(reports.Run{Dir: dir}, g)
		var d *DamagedGridError
		if !errors.As(err, &d) || !d.Damaged() || !strings.Contains(err.Error(), path) || !strings.HasSuffix(err.Error(), "; `venn resume "+dir+"` makes it anew") {
			t.Errorf("%s: %v", what, err)
		}
	}
	damaged("missing")
	for _, shape := range [][]int{{2, 1, 3, 4}, {1, 1, 3, 4, 4}, {2, 2, 3, 4, 4}, {2, 1, 2, 4, 4}, {2, 1, 3, 0, 4}, {2, 1, 3, 4, 0}, {2, 1, 1, 4, 4, 1}, {0, 0, 0, 0, 0}} {
		n := 1
		for _, k := range shape {
			n *= k
		}
		if err := npy.Write(path, shape, make([]float32, n)); err != nil {
			t.Fatal(err)
		}
		damaged(fmt.Sprint(shape))
	}
	if err := npy.Write(path, []int{2, 1, 1, 4, 4}, make([]float32, 32)); err != nil {
		t.Fatal(err)
	}
	if _, err := DrawGrid(reports.Run{Dir: dir}, g); err != nil {
		t.Errorf("grey images: %v", err)
	}
	if err := npy.Write(path, []int{0, 0, 0, 0, 0}, nil); err != nil {
		t.Fatal(err)
	}
	_, err := DrawGrid(reports.Run{Dir: dir}, reports.Grid{Name: "g", File: "grid.npy", Rows: 5, Columns: 7})
	if want := "reports: grid g: " + path + " holds [0 0 0 0 0], want 5 x 7 images; `venn resume " + dir + "` makes it anew"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if err := npy.Write(path, []int{2, 1, 1, 1, 1}, make([]float32, 2)); err != nil {
		t.Fatal(err)
	}
	if _, err := DrawGrid(reports.Run{Dir: dir}, g); err != nil {
		t.Errorf("images of one pixel: %v", err)
	}
	if err := npy.Write(path, []int{2, 1, 3, 4, 4}, make([]float32, 96)); err != nil {
		t.Fatal(err)
	}
	if _, err := DrawGrid(reports.Run{Dir: dir}, g); err != nil {
		t.Errorf("a sound grid: %v", err)
	}
	if err := os.Truncate(path, 127); err != nil {
		t.Fatal(err)
	}
	damaged("cut in its header")
	for _, bad := range []struct{ c, h, w, n int }{{3, 4, 4, 95}, {3, 4, 4, 97}, {3, 0, 4, 0}, {3, 4, 0, 0}, {0, 4, 4, 0}} {
		if _, err := DrawImages(g, bad.c, bad.h, bad.w, make([]float32, bad.n)); err == nil {
			t.Errorf("%+v was drawn", bad)
		}
	}
	for _, none := range []reports.Grid{{Name: "n", Rows: 0, Columns: 2}, {Name: "n", Rows: 2, Columns: 0}} {
		if _, err := DrawImages(none, 1, 2, 3, nil); err == nil || err.Error() != fmt.Sprintf("reports: grid n: 0 values for %d x %d images of 1 x 2 x 3", none.Rows, none.Columns) {
			t.Errorf("%+v: %v", none, err)
		}
	}
}

func TestGrid(t *testing.T) {
	run := reportstest.OneRun(t, "", 0)
	drawn, err := DrawGrid(run, run.Results.Grids[0])
	if err != nil {
		t.Fatal(err)
	}
	data, err := drawn.PNG()
	if err != nil {
		t.Fatal(err)
	}
	// 300 dots an inch are 11811 a metre (0x2e23).
	if want := "pHYs\x00\x00\x2e\x23\x00\x00\x2e\x23\x01"; !bytes.Contains(data, []byte(want)) {
		t.Error("the picture does not state its density")
	}
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	// Tiles of 8 pixels are enlarged 12 times; a header adds a wider gap.
	if got, want := im.Bounds().Dx(), tileGap+2*(96+tileGap)+2*tileGap; got != want {
		t.Errorf("width %d, want %d", got, want)
	}
	if r, g, b, _ := im.At(tileGap+10, tileGap+10).RGBA(); r != 0xffff || g != 0xffff || b != 0xffff {
		t.Error("the corner of a grid with a header is not white")
	}
	bad := run.Results.Grids[0]
	bad.Rows = 4
	if _, err := DrawGrid(run, bad); err == nil {
		t.Error("a grid of another size was drawn")
	}
}
