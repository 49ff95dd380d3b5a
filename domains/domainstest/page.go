package domainstest

import (
	"bytes"
	"flag"
	"image"
	"image/png"
	"os"
	"testing"
)

var redraw = flag.Bool("redraw", false, "draw the pages of testdata anew, to be looked at before they are kept")

// Page fails the test where a page is not that of the file, which a person looked at when it
// was kept, to two levels of 255.
func Page(t testing.TB, path string, page *image.RGBA) {
	t.Helper()
	if *redraw {
		var file bytes.Buffer
		if err := png.Encode(&file, page); err != nil {
			t.Fatal(err)
		}
		WriteFile(t, path, file.Bytes())
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := png.Decode(bytes.NewReader(file))
	if err != nil || kept.Bounds() != page.Bounds() {
		t.Fatalf("%v, %v, want %v", kept.Bounds(), err, page.Bounds())
	}
	for y := range page.Bounds().Dy() {
		for x := range page.Bounds().Dx() {
			r, g, b, _ := kept.At(x, y).RGBA()
			got := page.RGBAAt(x, y)
			for k, pair := range [3][2]int{{int(got.R), int(r >> 8)}, {int(got.G), int(g >> 8)}, {int(got.B), int(b >> 8)}} {
				if d := pair[0] - pair[1]; d < -2 || d > 2 {
					t.Fatalf("%s, column %d, row %d, channel %d: %d, want %d", path, x, y, k, pair[0], pair[1])
				}
			}
		}
	}
}
