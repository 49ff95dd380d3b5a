package attributes

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
)

// files is a store in memory of which images alone are read.
type files struct {
	imageStore
	held map[string][]byte
}

func (f files) read(name string) ([]byte, error) { return f.held[name], nil }

// A crop is the middle square, whatever the picture's sides; what is left of it is cut to the shape; luma by hand.
func TestCropsByHand(t *testing.T) {
	// 8 columns and 6 rows: a square of 2 at column 3 and row 2 is red, about it green.
	img := image.NewRGBA(image.Rect(0, 0, 8, 6))
	for i := range 48 {
		c := color.RGBA{R: 0, G: 255, B: 0, A: 255}
		if x, y := i%8, i/8; x >= 3 && x < 5 && y >= 2 && y < 4 {
			c = color.RGBA{R: 255, G: 0, B: 0, A: 255}
		}
		img.SetRGBA(i%8, i/8, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	store := files{held: map[string][]byte{"a.png": file.Bytes()}}
	dst := make([]byte, 12)
	if err := decodeTo(dst, store, "a.png", domains.Shape{Channels: 3, Height: 2, Width: 2}, 2); err != nil || !bytes.Equal(dst, []byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("a crop of 2: %v, %v", dst, err)
	}
	if err := decodeTo(dst[:4], store, "a.png", domains.Shape{Channels: 1, Height: 2, Width: 2}, 2); err != nil || !bytes.Equal(dst[:4], []byte{76, 76, 76, 76}) { // 0.299 of 255
		t.Errorf("a grey crop: %v, %v", dst[:4], err)
	}
	if err := decodeTo(dst, store, "a.png", domains.Shape{Channels: 3, Height: 2, Width: 2}, 7); fmt.Sprint(err) != "a.png: 8x6 pixels, smaller than the crop of 7" {
		t.Errorf("a large crop: %v", err)
	}
	if err := decodeTo(dst, store, "a.png", domains.Shape{Channels: 3, Height: 2, Width: 2}, 6); err != nil {
		t.Errorf("a crop of all rows: %v", err)
	}
	for _, tt := range []struct {
		shape domains.Shape
		crop  int
		want  string
	}{
		{domains.Shape{Channels: 3, Height: 4, Width: 6}, 0, "over white, centre-cropped to 6:4, bilinear with antialiasing to 6x4, bytes, x/127.5-1 -> [-1, 1], split seeded"},
		{domains.Shape{Channels: 1, Height: 4, Width: 4}, 7, "over white, central 7x7, centre-cropped to 4:4, bilinear with antialiasing to 4x4, bytes, x/127.5-1 -> [-1, 1], luma 0.299 R + 0.587 G + 0.114 B, split seeded"},
	} {
		d := &tableDomain{request: domains.Request{Shape: tt.shape, Options: option.Values{"crop": tt.crop}}, split: "seeded"}
		if got := d.transform(); got != tt.want {
			t.Errorf("transform %q, want %q", got, tt.want)
		}
	}
}

// Which of two expressions is told to select what of the other.
func TestOverlapsAreTold(t *testing.T) {
	check := checkTablePair("folder")
	values := func(where, folder string) option.Values { return option.Values{"where": where, "folder": folder} }
	const advice = "; want expressions that exclude each other"
	for _, tt := range []struct{ a, b, want string }{
		{"A", "A", `"A" selects the images that "A" of domain a selects` + advice},
		{"A & B", "A", `"A" selects every image that "A & B" of domain a selects` + advice},
		{"A", "A & B", `"A" of domain a selects every image that "A & B" selects` + advice},
		{"A", "!A", ""},
	} {
		got := check(values(tt.a, "x"), values(tt.b, "x"))
		if tt.want == "" && got != nil || tt.want != "" && (len(got) != 1 || got[0] != option.Error{Option: "where", Problem: tt.want}) {
			t.Errorf("%q and %q: %v, want %q", tt.a, tt.b, got, tt.want)
		}
	}
	if got := check(values("A", "x"), values("A", "y")); got != nil {
		t.Errorf("images of two folders: %v", got)
	}
}
