package render

import (
	"bytes"
	"image/color"
	"image/png"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
)

// levelled is the value in [-1, 1] that is shown as a level.
func levelled(level int) float32 { return float32(level)/127.5 - 1 }

// gridOf is a grid of a run of 2 x 3 images of 1 x 2 pixels: value k of image i of channel c has the
// level 100c + 10i + k.
func gridOf(t testing.TB, channels int) (reports.Run, reports.Grid) {
	t.Helper()
	run := reports.Run{Dir: t.TempDir()}
	g := reports.Grid{Name: "strip-a-b", File: "strip.npy", Rows: 2, Columns: 3}
	var data []float32
	for i := range 6 {
		for c := range channels {
			data = append(data, levelled(100*c+10*i), levelled(100*c+10*i+1))
		}
	}
	if err := npy.Write(filepath.Join(run.Dir, g.File), []int{2, 3, channels, 1, 2}, data); err != nil {
		t.Fatal(err)
	}
	return run, g
}

// A packed grid is a picture of its images beside and below one another; what is read of it is what
// was packed, and it packs to the same bytes without the file.
func TestPackedGrid(t *testing.T) {
	for _, channels := range []int{1, 3} {
		run, g := gridOf(t, channels)
		packed, err := PackGrid(run, g)
		if err != nil {
			t.Fatal(err)
		}
		picture, err := png.Decode(bytes.NewReader(packed))
		if err != nil || picture.Bounds().Dx() != 6 || picture.Bounds().Dy() != 2 {
			t.Fatalf("%v, %v", picture.Bounds(), err)
		}
		for y := range 2 {
			for x := range 6 {
				first := uint8(10*(3*y+x/2) + x%2)
				want := color.RGBA{first, first, first, 255}
				if channels == 3 {
					want.G, want.B = first+100, first+200
				}
				if got := color.RGBAModel.Convert(picture.At(x, y)); got != want {
					t.Errorf("%d channels: pixel %d, %d is %v, want %v", channels, x, y, got, want)
				}
			}
		}
		wantShape, want, err := ReadGrid(run, g)
		if err != nil {
			t.Fatal(err)
		}
		kept := reports.Run{Pictures: map[string][]byte{g.Name: packed}}
		shape, got, err := ReadGrid(kept, g)
		if err != nil || shape != wantShape || !slices.Equal(got, want) {
			t.Errorf("%d channels: %v %v, %v, want %v %v", channels, shape, got, err, wantShape, want)
		}
		if again, err := PackGrid(kept, g); err != nil || !bytes.Equal(again, packed) {
			t.Errorf("%d channels: packed again it is another (%v)", channels, err)
		}
	}
}

func TestPackedGridRefuses(t *testing.T) {
	run, g := gridOf(t, 3)
	packed, err := PackGrid(run, g)
	if err != nil {
		t.Fatal(err)
	}
	other := func(rows, columns int) reports.Grid {
		g := g
		g.Rows, g.Columns = rows, columns
		return g
	}
	for _, c := range []struct {
		want string
		data []byte
		grid reports.Grid
	}{
		{"png: invalid format: not a PNG file", []byte("hello, world"), g},
		{"unexpected EOF", packed[:len(packed)-20], g},
		{"6 x 2 pixels, want 4 x 2 images of one size", packed, other(2, 4)},
		{"6 x 2 pixels, want 3 x 3 images of one size", packed, other(3, 3)},
		{"want 0 x 2 images", packed, other(2, 0)},
		{"want 3 x 0 images", packed, other(0, 3)},
	} {
		_, _, err := ReadGrid(reports.Run{Pictures: map[string][]byte{g.Name: c.data}}, c.grid)
		if err == nil || !strings.HasPrefix(err.Error(), "reports: grid strip-a-b of a reference: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%v, want %q", err, c.want)
		}
	}
	if _, err := PackGrid(reports.Run{Dir: t.TempDir()}, g); err == nil {
		t.Error("a grid without a file was packed")
	}
}

// Values are shown alike that round to the same of 256 levels.
func TestShown(t *testing.T) {
	a := []float32{-1, 0.2, levelled(77)}
	for want, b := range map[bool][]float32{true: {-1.3, 0.2, levelled(77) + 0.003}, false: {-1, 0.2, levelled(78)}} {
		if Shown(a, b) != want {
			t.Errorf("%v and %v: %v", a, b, !want)
		}
	}
	if Shown(a, a[:2]) || Shown(a[:2], a) {
		t.Error("values of other numbers are shown alike")
	}
}

// Whatever the bytes: an error, or as many values as the shape says.
func FuzzUnpackGrid(f *testing.F) {
	for _, channels := range []int{1, 3} {
		run, g := gridOf(f, channels)
		packed, err := PackGrid(run, g)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(packed, 2, 3)
		f.Add(packed[:len(packed)/2], 2, 3)
	}
	f.Fuzz(func(t *testing.T, data []byte, rows, columns int) {
		shape, values, err := unpackGrid(data, reports.Grid{Rows: rows, Columns: columns})
		if err == nil && len(values) != rows*columns*shape[0]*shape[1]*shape[2] {
			t.Errorf("%d values of %d x %d images of %v", len(values), rows, columns, shape)
		}
	})
}
