package drawn

import (
	"bytes"
	"flag"
	"image/png"
	"os"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

var redraw = flag.Bool("redraw", false, "draw testdata/faces.png anew, to be looked at before it is kept")

// The drawn faces are data on which published numbers stand: the first 30 of each side are those of testdata/faces.png,
// checked by eye when it was kept, to two levels of 255. go test ./domains -run FacesAreThose -redraw makes the file.
func TestFacesAreThoseKept(t *testing.T) {
	const path = "testdata/faces.png"
	set := option.Values{"train": 30, "test": 1}
	page := domains.Contact(domains.Sheet{Rows: 3, Columns: 10, Zoom: 1}, domains.Block{Title: "a", Split: faces(t, domains.A, 24, 3, set).Train}, domains.Block{Title: "b", Split: faces(t, domains.B, 24, 3, set).Train})
	if *redraw {
		var file bytes.Buffer
		if err := png.Encode(&file, page); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
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
					t.Fatalf("column %d, row %d of the page, channel %d: %d, want %d", x, y, k, pair[0], pair[1])
				}
			}
		}
	}
}

func TestFacesSayHowTheyWereDrawn(t *testing.T) {
	for _, tt := range []struct {
		channels int
		noise    float64
		want     string
	}{
		{3, 0, "drawn at 3x16x16 by exact area coverage, intensities in [-1, 1]"},
		{1, 0.1, "drawn at 1x16x16 by exact area coverage, intensities in [-1, 1], luma 0.299 R + 0.587 G + 0.114 B, Gaussian noise of deviation 0.1, clipped to [-1, 1]"},
	} {
		if d := faces(t, domains.A, 16, tt.channels, option.Values{"train": 2, "test": 1, "noise": tt.noise}); d.Lock.Transform != tt.want || d.Name != "faces-schematic/a" {
			t.Errorf("%s: %q, want %q", d.Name, d.Lock.Transform, tt.want)
		}
	}
}
