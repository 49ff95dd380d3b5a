package domains

import (
	"image"
	"image/color"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// Pixels by hand of images that are wider than high: 0 is 128 of 255, values outside are clipped, one channel is grey.
func TestToImageByHand(t *testing.T) {
	s := Shape{3, 2, 3}
	values := make([]float32, s.Len())
	for i := range values {
		values[i] = float32(i)/17*2 - 1 // channel k of pixel i: 15 (6k + i)
	}
	got := ToImage(values, s)
	if got.Bounds() != image.Rect(0, 0, 3, 2) {
		t.Fatalf("bounds %v", got.Bounds())
	}
	for i := range 6 {
		if want := (color.RGBA{R: uint8(15 * i), G: uint8(15 * (6 + i)), B: uint8(15 * (12 + i)), A: 255}); got.RGBAAt(i%3, i/3) != want {
			t.Errorf("pixel %d: %v, want %v", i, got.RGBAAt(i%3, i/3), want)
		}
	}
	grey := ToImage([]float32{0, -2, 3, 0.5}, Shape{1, 1, 4})
	for x, want := range []uint8{128, 0, 255, 191} {
		if grey.RGBAAt(x, 0) != (color.RGBA{R: want, G: want, B: want, A: 255}) {
			t.Errorf("grey pixel %d: %v, want %d", x, grey.RGBAAt(x, 0), want)
		}
	}
}

// printed is text drawn in black on white where a baseline begins.
func printed(bounds image.Rectangle, lines map[image.Point]string) *image.Gray {
	out := image.NewGray(bounds)
	for at, text := range lines {
		d := font.Drawer{Dst: out, Src: image.White, Face: basicfont.Face7x13, Dot: fixed.P(at.X, at.Y)}
		d.DrawString(text)
	}
	return out
}

// A page of two blocks by hand: where titles, captions and images stand, and how long a text may be.
func TestContactPageByHand(t *testing.T) {
	s := Shape{1, 10, 20}
	black := func(n int) *Images {
		im := &Images{Shape: s, Data: make([]float32, n*s.Len())}
		for i := range im.Data {
			im.Data[i] = 1 // white: text alone is dark
		}
		return im
	}
	named := Split{Images: black(4), Truth: NewTruth([]int{0, 1, 0, 1}, []string{"ab", "class of a name"})}
	page := Contact(Sheet{Rows: 2, Columns: 3, Captions: true}, Block{"title", named}, Block{"bare", Split{Images: black(1)}})
	// 64/20 rounds to 3: cells of 60 and a gap, 30 and a gap and a caption; columns are three, rows two and one.
	width, first, second := 3*64+4, 15+2*(34+15)+4, 15+34+4
	if page.Bounds() != image.Rect(0, 0, width, first+second) {
		t.Fatalf("page of %v, want %d x %d", page.Bounds(), width, first+second)
	}
	lines := map[image.Point]string{
		{X: 4, Y: 12}: "title", {X: 4, Y: first + 12}: "bare",
		{X: 4, Y: 15 + 4 + 30 + 11}: "ab", {X: 68, Y: 15 + 4 + 30 + 11}: "class of", // eight letters of seven pixels in 60
		{X: 132, Y: 15 + 4 + 30 + 11}: "ab", {X: 4, Y: 15 + 4 + 49 + 30 + 11}: "class of",
	}
	want := printed(page.Bounds(), lines)
	for y := range page.Bounds().Dy() {
		for x := range page.Bounds().Dx() {
			if ink := page.RGBAAt(x, y) != (color.RGBA{R: 255, G: 255, B: 255, A: 255}); ink != (want.GrayAt(x, y).Y > 0) {
				t.Fatalf("pixel %d, %d: ink %v", x, y, ink)
			}
			if ink := page.RGBAAt(x, y); ink.R != 255 && ink != (color.RGBA{R: 40, G: 40, B: 40, A: 255}) {
				t.Fatalf("pixel %d, %d: ink of %v", x, y, ink)
			}
		}
	}
	plain := Contact(Sheet{}, Block{"title", named})
	if plain.Bounds() != image.Rect(0, 0, 68, 38) {
		t.Errorf("a sheet of nothing asked for is %v, want one image", plain.Bounds())
	}
	tiny := Contact(Sheet{Rows: 1, Columns: 1}, Block{"", Split{Images: &Images{Shape: Shape{1, 2, 200}, Data: make([]float32, 400)}}})
	if tiny.Bounds() != image.Rect(0, 0, 208, 10) {
		t.Errorf("an image of 200 pixels is shown in %v, want as it is", tiny.Bounds())
	}
}
