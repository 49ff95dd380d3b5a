package render

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// paper decodes the PNG of a grid.
func paper(t *testing.T, g *GridPicture, err error) image.Image {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	data, err := g.PNG()
	if err != nil {
		t.Fatal(err)
	}
	im, err := png.Decode(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// number is the pixel (i, j) of channel c of the image in row r and column k: every value of
// a grid is another, so that nothing can be exchanged unseen.
func levelAt(r, k, c, i, j int) uint8 {
	return uint8(10 + 100*r + 33*k + 11*c + 5*i + 2*j)
}

func numberedGrid(rows, columns, channels, h, w int) []float32 {
	var out []float32
	for r := range rows {
		for k := range columns {
			for c := range channels {
				for i := range h {
					for j := range w {
						out = append(out, float32(levelAt(r, k, c, i, j))/127.5-1)
					}
				}
			}
		}
	}
	return out
}

// wantTiles asserts the pixels of every tile, corner to corner, and the white about it.
func wantTiles(t *testing.T, im image.Image, g reports.Grid, channels, h, w, zoom, left, top, wider int) {
	t.Helper()
	white := color.RGBA{R: 255, G: 255, B: 255, A: 255}
	at := func(x, y int) color.RGBA { return color.RGBAModel.Convert(im.At(x, y)).(color.RGBA) }
	for r := range g.Rows {
		for k := range g.Columns {
			x0, y0 := left+k*(w*zoom+4), top+r*(h*zoom+4)
			if k > 0 {
				x0 += wider
			}
			if r > 0 {
				y0 += wider
			}
			for _, p := range []image.Point{{X: x0 - 1, Y: y0}, {X: x0, Y: y0 - 1}, {X: x0 + w*zoom, Y: y0 + 1}, {X: x0 + 1, Y: y0 + h*zoom}} {
				if got := at(p.X, p.Y); p.In(im.Bounds()) && got != white {
					t.Fatalf("%v beside the tile %d, %d is %v, want white", p, r, k, got)
				}
			}
			for i := range h {
				for j := range w {
					want := white
					if !g.Header || r > 0 || k > 0 {
						want = color.RGBA{R: levelAt(r, k, 0, i, j), G: levelAt(r, k, 0, i, j), B: levelAt(r, k, 0, i, j), A: 255}
						if channels == 3 {
							want.G, want.B = levelAt(r, k, 1, i, j), levelAt(r, k, 2, i, j)
						}
					}
					for _, d := range [][2]int{{0, 0}, {zoom - 1, 0}, {0, zoom - 1}, {zoom - 1, zoom - 1}} {
						if got := at(x0+j*zoom+d[0], y0+i*zoom+d[1]); got != want {
							t.Fatalf("pixel %d, %d of the image in row %d and column %d is %v, want %v", i, j, r, k, got, want)
						}
					}
				}
			}
		}
	}
}

// Each image of a grid stands upright in its row and its column, each pixel at its place,
// in the right channels, enlarged by a whole factor to 96 pixels at least.
func TestGridPixels(t *testing.T) {
	for _, tt := range []struct {
		name                     string
		rows, columns, c, h, w   int
		header                   bool
		zoom, width, height, gap int
	}{
		{"grey, wide", 2, 3, 1, 2, 3, false, 48, 4 + 3*(144+4), 4 + 2*(96+4), 0},
		{"colour, high, under a header", 2, 3, 3, 3, 2, true, 48, 4 + 3*(96+4) + 8, 4 + 2*(144+4) + 8, 8},
		{"not a divisor of 96", 1, 2, 3, 5, 5, false, 20, 4 + 2*(100+4), 4 + 100 + 4, 0},
		{"larger than a tile", 1, 1, 1, 97, 98, false, 1, 4 + 98 + 4, 4 + 97 + 4, 0},
		{"as large as a tile", 1, 1, 1, 96, 96, false, 1, 104, 104, 0},
		{"a little smaller", 1, 1, 1, 95, 96, false, 2, 4 + 192 + 4, 4 + 190 + 4, 0},
	} {
		g := reports.Grid{Name: "g", Rows: tt.rows, Columns: tt.columns, Header: tt.header}
		drawn, err := DrawImages(g, tt.c, tt.h, tt.w, numberedGrid(tt.rows, tt.columns, tt.c, tt.h, tt.w))
		im := paper(t, drawn, err)
		if got := im.Bounds(); got != image.Rect(0, 0, tt.width, tt.height) {
			t.Errorf("%s: %v, want %d x %d", tt.name, got, tt.width, tt.height)
		}
		wantTiles(t, im, g, tt.c, tt.h, tt.w, tt.zoom, 4, 4, tt.gap)
	}
}

// The file of a run is drawn as it lies there.
func TestGridOfAFile(t *testing.T) {
	dir := t.TempDir()
	if err := npy.Write(filepath.Join(dir, "g.npy"), []int{3, 2, 3, 4, 6}, numberedGrid(3, 2, 3, 4, 6)); err != nil {
		t.Fatal(err)
	}
	g := reports.Grid{Name: "g", File: "g.npy", Rows: 3, Columns: 2, Header: true}
	drawn, err := DrawGrid(reports.Run{Dir: dir}, g)
	wantTiles(t, paper(t, drawn, err), g, 3, 4, 6, 24, 4, 4, 8)
}

// Values from -1 to 1 are 0 to 255, rounded; what lies outside is cut.
func TestPictureLevels(t *testing.T) {
	im := Picture([]float32{-1, 1, 0, -3, 3, -1 + 2.0/255, 0.5, -0.5}, 1, 2, 4)
	for i, want := range []uint8{0, 255, 128, 0, 255, 1, 191, 64} {
		if got := im.RGBAAt(i%4, i/4); got != (color.RGBA{R: want, G: want, B: want, A: 255}) {
			t.Errorf("value %d became %v, want %d", i, got, want)
		}
	}
	colour := Picture([]float32{-1, 1, 0, 0, 1, -1}, 3, 1, 2)
	if colour.RGBAAt(0, 0) != (color.RGBA{R: 0, G: 128, B: 255, A: 255}) || colour.RGBAAt(1, 0) != (color.RGBA{R: 255, G: 128, B: 0, A: 255}) {
		t.Errorf("channels %v %v", colour.RGBAAt(0, 0), colour.RGBAAt(1, 0))
	}
}

// ink is the box of the pixels that pass.
func ink(im image.Image, within image.Rectangle, is func(color.RGBA) bool) image.Rectangle {
	var box image.Rectangle
	for y := within.Min.Y; y < within.Max.Y; y++ {
		for x := within.Min.X; x < within.Max.X; x++ {
			if is(color.RGBAModel.Convert(im.At(x, y)).(color.RGBA)) {
				box = box.Union(image.Rect(x, y, x+1, y+1))
			}
		}
	}
	return box
}

func dark(c color.RGBA) bool { return c.R < 100 && c.G < 100 && c.B < 100 }
func red(c color.RGBA) bool  { return c == color.RGBA{R: 255, G: 0, B: 0, A: 255} }

// Names of rows stand left of their rows at half their height, names of columns above their
// columns. In Go's sans serif of 20 pixels an H takes 14 pixels, of which its
// stems stand on 11 from the third, and is 14 high.
func TestGridLabels(t *testing.T) {
	pixel := []float32{1, -1, -1}
	var data []float32
	for range 6 {
		data = append(data, pixel...)
	}
	g := reports.Grid{Name: "g", Rows: 2, Columns: 3, RowLabels: []string{"H", "HHHH"}, ColumnLabels: []string{"HH", "H", "HHH"}}
	drawn, err := DrawImages(g, 3, 1, 1, data)
	im := paper(t, drawn, err)
	const left, top = 4*14 + 8 + 4, 20 + 8 + 4
	reportstest.Equal(t, "page", im.Bounds(), image.Rect(0, 0, left+3*100, top+2*100))
	reportstest.Equal(t, "tiles", ink(im, im.Bounds(), red), image.Rect(left, top, left+296, top+196))
	for i, want := range []image.Rectangle{image.Rect(6, 72, 17, 86), image.Rect(6, 172, 6+3*14+11, 186)} {
		reportstest.Equal(t, "name of a row", ink(im, image.Rect(0, 32+100*i, left, 132+100*i), dark), want)
	}
	for j, want := range []image.Rectangle{image.Rect(70, 10, 70+14+11, 24), image.Rect(170, 10, 181, 24), image.Rect(270, 10, 270+2*14+11, 24)} {
		reportstest.Equal(t, "name of a column", ink(im, image.Rect(left+100*j, 0, left+96+100*j, 28), dark), want)
	}
	// With names of one kind alone, even one, the other margin is not there.
	one, err := DrawImages(reports.Grid{Name: "g", Rows: 1, Columns: 1, RowLabels: []string{"HHHH"}}, 3, 1, 1, pixel)
	reportstest.Equal(t, "the tile", ink(paper(t, one, err), image.Rect(0, 0, 300, 300), red), image.Rect(left, 4, left+96, 100))
	one, err = DrawImages(reports.Grid{Name: "g", Rows: 1, Columns: 1, ColumnLabels: []string{"HHHH"}}, 3, 1, 1, pixel)
	reportstest.Equal(t, "the tile", ink(paper(t, one, err), image.Rect(0, 0, 300, 300), red), image.Rect(4, 32, 100, 128))
}

// 300 dots an inch: the PDF and the SVG have the picture's size in points, 72 an inch, and
// hold its pixels; neither knows the time.
func TestGridPages(t *testing.T) {
	g, err := DrawImages(reports.Grid{Name: "g", Rows: 1, Columns: 2}, 1, 96, 196, make([]float32, 2*96*196))
	if err != nil {
		t.Fatal(err)
	}
	w, h := g.size()
	reportstest.Near(t, "width", float64(w), 404*72/300.0)
	reportstest.Near(t, "height", float64(h), 104*72/300.0)
	svg, err := g.SVG()
	if err != nil || !strings.Contains(string(svg), `width="96.96pt" height="24.96pt"`) || !strings.Contains(string(svg), ";base64,iVBORw0KGgo") {
		t.Errorf("%v\n%.400s", err, svg)
	}
	pdf, err := g.PDF()
	if err != nil || !bytes.HasPrefix(pdf, []byte("%PDF-")) || !bytes.Contains(pdf, []byte("/MediaBox [0 0 96.96 24.96]")) || !bytes.Contains(pdf, []byte("/Width 404\n/Height 104")) {
		t.Errorf("%v\n%.700s", err, pdf)
	}
	dates := 0
	for _, part := range strings.Split(string(pdf), "(D:")[1:] {
		dates++
		reportstest.Equal(t, "date", part[:14], "20000101000000")
	}
	if dates == 0 {
		t.Error("the PDF holds no date")
	}
}
