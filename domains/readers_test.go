package domains

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// A JPEG or PNG cut anywhere has its orientation from where the tag is whole, and none before; nothing panics.
func TestOrientationOfCutFiles(t *testing.T) {
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		header := tiff(order, 6)
		for _, format := range []string{"jpeg", "png"} {
			file := withEXIF(t, format, image.NewGray(image.Rect(0, 0, 4, 4)), header)
			begin := bytes.Index(file, header)
			for n := range file {
				want := 1
				if n >= begin+len(header) && (format == "jpeg" || n >= begin+len(header)+4) { // a chunk ends in its checksum
					want = 6
				}
				if got := exifOrientation(file[:n]); got != want {
					t.Fatalf("%s cut after %d of %d bytes: orientation %d, want %d", format, n, len(file), got, want)
				}
			}
		}
		for n := range len(header) {
			want := 1
			if n >= 8+2+24 { // two entries; the offset of the next directory is not asked for
				want = 6
			}
			if got := tiffOrientation(header[:n]); got != want {
				t.Errorf("header cut after %d bytes: %d, want %d", n, got, want)
			}
		}
		for value, want := range map[uint16]int{0: 1, 1: 1, 8: 8, 9: 1} {
			if got := tiffOrientation(tiff(order, value)); got != want {
				t.Errorf("a tag of %d: %d, want %d", value, got, want)
			}
		}
	}
	// Padding before a marker, a segment that is no EXIF, the end of the headers, and sizes that cannot be.
	exif := append([]byte("Exif\x00\x00"), tiff(binary.BigEndian, 8)...)
	segment := append(binary.BigEndian.AppendUint16([]byte{0xff, 0xe1}, uint16(len(exif)+2)), exif...)
	for name, tt := range map[string]struct {
		file []byte
		want int
	}{
		"padded":                {append([]byte{0xff, 0xd8, 0xff, 0xff}, segment...), 8},
		"behind a comment":      {append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, 4, 'h', 'i'}, segment...), 8},
		"behind an empty one":   {append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, 2}, segment...), 8},
		"a size of one":         {append([]byte{0xff, 0xd8, 0xff, 0xfe, 0, 1}, segment...), 1},
		"behind the scan":       {append([]byte{0xff, 0xd8, 0xff, 0xda, 0, 2}, segment...), 1},
		"behind the end":        {append([]byte{0xff, 0xd8, 0xff, 0xd9, 0, 2}, segment...), 1},
		"another APP1":          {append([]byte{0xff, 0xd8, 0xff, 0xe1, 0, 4, 'X', 'M'}, segment...), 8},
		"no marker":             {append([]byte{0xff, 0xd8, 0}, segment...), 1},
		"EXIF in another place": {append([]byte{0xff, 0xd8, 0xff, 0xe2, 0, byte(len(exif) + 2)}, exif...), 1},
	} {
		if got := exifOrientation(tt.file); got != tt.want {
			t.Errorf("%s: %d, want %d", name, got, tt.want)
		}
	}
}

// What is wrong with an IDX file, and where, byte by byte.
func TestIDXFaults(t *testing.T) {
	head := func(sizes ...uint32) []byte {
		out := []byte{0, 0, 8, byte(len(sizes))}
		for _, s := range sizes {
			out = binary.BigEndian.AppendUint32(out, s)
		}
		return out
	}
	for _, tt := range []struct {
		data []byte
		want string
	}{
		{head(1, 2)[:11], "11 bytes, too few for an IDX header of 12"},
		{append(head(1), make([]byte, 8)...), "byte 0: magic number 0x00000801, want 0x00000802"},
		{head(0, 2), "byte 4: size 0 of dimension 1 is out of range"},
		{head(3, 0), "byte 8: size 0 of dimension 2 is out of range"},
		{head(math.MaxUint32, math.MaxUint32), fmt.Sprintf("byte 4: size %d of dimension 1 is out of range", uint32(math.MaxUint32))},
		{head(65536, 1<<30), "byte 8: size 1073741824 of dimension 2 is out of range"},
		{append(head(2, 3), make([]byte, 5)...), "5 bytes after the header, which promises 6"},
		{append(head(2, 3), make([]byte, 7)...), "7 bytes after the header, which promises 6"},
	} {
		if _, err := parseIDX(tt.data, 2); fmt.Sprint(err) != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
	got, err := parseIDX(append(head(2, 3), 1, 2, 3, 4, 5, 6), 2)
	if err != nil || fmt.Sprint(got.sizes, got.values) != "[2 3] [1 2 3 4 5 6]" {
		t.Errorf("%v, %v", got, err)
	}
}

// A pixel that a row leaves out is 0, whatever row was laid before it.
func TestUSPSRowsOneAfterAnother(t *testing.T) {
	set, err := parseUSPS([]byte("1 1:0.5 256:-1\n10 2:0.25\n"))
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]float64, 256)
	set.image(0, dst)
	if dst[0] != 0.5 || dst[1] != 0 || dst[255] != -1 {
		t.Errorf("first row: %v, %v, %v", dst[0], dst[1], dst[255])
	}
	if set.image(1, dst); dst[0] != 0 || dst[1] != 0.25 || dst[255] != 0 || set.labels[1] != 9 {
		t.Errorf("second row: %v, %v, %v", dst[0], dst[1], dst[255])
	}
}

func TestLoadRefusesSizesAndSides(t *testing.T) {
	for _, s := range []Shape{{3, -16, 16}, {3, 16, -16}, {-3, 16, 16}, {-3, -16, 16}, {3, -16, -16}, {-3, 16, -16}, {0, 16, 16}} {
		want := fmt.Sprintf("domains: faces-schematic: images of %s, want positive sizes", s)
		if _, err := Load(context.Background(), facesName, Request{Shape: s}); fmt.Sprint(err) != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	if _, err := Load(context.Background(), facesName, Request{Shape: Shape{3, 16, 16}, Side: 2}); fmt.Sprint(err) != "domains: faces-schematic: side 2, want a or b" {
		t.Errorf("side: %v", err)
	}
	if !(&DamagedError{}).Damaged() {
		t.Error("a damaged file is not called damaged")
	}
}

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
		c := color.RGBA{0, 255, 0, 255}
		if x, y := i%8, i/8; x >= 3 && x < 5 && y >= 2 && y < 4 {
			c = color.RGBA{255, 0, 0, 255}
		}
		img.SetRGBA(i%8, i/8, c)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, img); err != nil {
		t.Fatal(err)
	}
	store := files{held: map[string][]byte{"a.png": file.Bytes()}}
	dst := make([]byte, 12)
	if err := decodeTo(dst, store, "a.png", Shape{3, 2, 2}, 2); err != nil || !bytes.Equal(dst, []byte{255, 255, 255, 255, 0, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("a crop of 2: %v, %v", dst, err)
	}
	if err := decodeTo(dst[:4], store, "a.png", Shape{1, 2, 2}, 2); err != nil || !bytes.Equal(dst[:4], []byte{76, 76, 76, 76}) { // 0.299 of 255
		t.Errorf("a grey crop: %v, %v", dst[:4], err)
	}
	if err := decodeTo(dst, store, "a.png", Shape{3, 2, 2}, 7); fmt.Sprint(err) != "a.png: 8x6 pixels, smaller than the crop of 7" {
		t.Errorf("a large crop: %v", err)
	}
	if err := decodeTo(dst, store, "a.png", Shape{3, 2, 2}, 6); err != nil {
		t.Errorf("a crop of all rows: %v", err)
	}
	for _, tt := range []struct {
		shape Shape
		crop  int
		want  string
	}{
		{Shape{3, 4, 6}, 0, "over white, centre-cropped to 6:4, bilinear with antialiasing to 6x4, bytes, x/127.5-1 -> [-1, 1], split seeded"},
		{Shape{1, 4, 4}, 7, "over white, central 7x7, centre-cropped to 4:4, bilinear with antialiasing to 4x4, bytes, x/127.5-1 -> [-1, 1], luma 0.299 R + 0.587 G + 0.114 B, split seeded"},
	} {
		d := &tableDomain{request: Request{Shape: tt.shape, Options: option.Values{"crop": tt.crop}}, split: "seeded"}
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
		if tt.want == "" && got != nil || tt.want != "" && (len(got) != 1 || got[0] != OptionError{"where", tt.want}) {
			t.Errorf("%q and %q: %v, want %q", tt.a, tt.b, got, tt.want)
		}
	}
	if got := check(values("A", "x"), values("A", "y")); got != nil {
		t.Errorf("images of two folders: %v", got)
	}
}
