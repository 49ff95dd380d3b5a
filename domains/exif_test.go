package domains

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"testing"
)

// tiff is a header with one directory that holds the orientation behind another tag.
func tiff(order binary.AppendByteOrder, orientation uint16) []byte {
	out := []byte("II")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		out = []byte("MM")
	}
	out = order.AppendUint16(out, 42)
	out = order.AppendUint32(out, 8)
	out = order.AppendUint16(out, 2)
	for _, e := range [][2]uint16{{0x0103, 6}, {0x0112, orientation}} {
		out = order.AppendUint16(order.AppendUint16(out, e[0]), 3)
		out = order.AppendUint32(out, 1)
		out = order.AppendUint16(order.AppendUint16(out, e[1]), 0)
	}
	return order.AppendUint32(out, 0)
}

// withEXIF puts EXIF into a file of the format.
func withEXIF(t testing.TB, format string, img image.Image, exif []byte) []byte {
	var b bytes.Buffer
	switch format {
	case "jpeg":
		if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 100}); err != nil {
			t.Fatal(err)
		}
		segment := append([]byte("Exif\x00\x00"), exif...)
		head := binary.BigEndian.AppendUint16([]byte("\xff\xd8\xff\xe0\x00\x04xx\xff\xe1"), uint16(len(segment)+2))
		return append(append(head, segment...), b.Bytes()[2:]...)
	case "png":
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		chunk := append(binary.BigEndian.AppendUint32(nil, uint32(len(exif))), "eXIf"...)
		chunk = append(chunk, exif...)
		chunk = binary.BigEndian.AppendUint32(chunk, pngCRC(chunk[4:]))
		return append(append(bytes.Clone(b.Bytes()[:33]), chunk...), b.Bytes()[33:]...)
	}
	t.Fatal(format)
	return nil
}

// pngCRC is the checksum of a chunk by its definition, bit by bit.
func pngCRC(data []byte) uint32 {
	c := ^uint32(0)
	for _, v := range data {
		c ^= uint32(v)
		for range 8 {
			c = c>>1 ^ 0xedb88320&-(c&1)
		}
	}
	return ^c
}

// The EXIF standard says of each orientation which visual side the first stored row
// and the first stored column are. From that an upright picture is stored, and must
// come back.
func TestOrientation(t *testing.T) {
	const w, h = 16, 24 // upright
	level := func(x, y int) uint8 { return uint8(8*x + 4*y) }
	for orientation, sides := range map[uint16][2]string{
		1: {"top", "left"}, 2: {"top", "right"}, 3: {"bottom", "right"}, 4: {"bottom", "left"},
		5: {"left", "top"}, 6: {"right", "top"}, 7: {"right", "bottom"}, 8: {"left", "bottom"},
	} {
		rows, columns := h, w
		if sides[0] == "left" || sides[0] == "right" {
			rows, columns = w, h
		}
		stored := image.NewGray(image.Rect(0, 0, columns, rows))
		for r := range rows {
			for c := range columns {
				var x, y int
				for k, side := range sides { // a row, then a column, counted from its side
					at := [2]int{r, c}[k]
					switch side {
					case "top":
						y = at
					case "bottom":
						y = h - 1 - at
					case "left":
						x = at
					case "right":
						x = w - 1 - at
					}
				}
				stored.SetGray(c, r, color.Gray{Y: level(x, y)})
			}
		}
		for _, format := range []string{"jpeg", "png"} {
			for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
				img, err := DecodeImage(withEXIF(t, format, stored, tiff(order, orientation)))
				if err != nil || img.Bounds().Dx() != w || img.Bounds().Dy() != h {
					t.Fatalf("%s, orientation %d: %v, %v", format, orientation, img, err)
				}
				for y := range h {
					for x := range w {
						got, _, _, _ := img.At(img.Bounds().Min.X+x, img.Bounds().Min.Y+y).RGBA()
						if d := int(got>>8) - int(level(x, y)); d < -3 || d > 3 { // JPEG's error
							t.Fatalf("%s, orientation %d, pixel %d %d: level %d, want %d", format, orientation, x, y, got>>8, level(x, y))
						}
					}
				}
			}
		}
	}
}

// WebP has the chunk after the image; the decoder below has no encoder, so the
// container alone is tested.
func TestWebPOrientation(t *testing.T) {
	chunk := func(name string, data []byte) []byte {
		out := append([]byte(name), binary.LittleEndian.AppendUint32(nil, uint32(len(data)))...)
		if out = append(out, data...); len(data)%2 == 1 {
			out = append(out, 0)
		}
		return out
	}
	for _, head := range []string{"", "Exif\x00\x00"} {
		body := append([]byte("WEBP"), chunk("VP8X", make([]byte, 10))...)
		body = append(body, chunk("VP8 ", make([]byte, 7))...)
		body = append(body, chunk("EXIF", append([]byte(head), tiff(binary.BigEndian, 6)...))...)
		if got := exifOrientation(chunk("RIFF", body)); got != 6 {
			t.Errorf("head %q: orientation %d, want 6", head, got)
		}
	}
}

func TestNoOrientation(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 4, 2))
	for name, exif := range map[string][]byte{
		"none": nil, "nine": tiff(binary.LittleEndian, 9), "zero": tiff(binary.LittleEndian, 0), "not TIFF": []byte("Hello, world"),
		"short": tiff(binary.BigEndian, 6)[:20], "directory outside": append([]byte("II*\x00"), 0xff, 0xff, 0xff, 0x7f),
	} {
		got, err := DecodeImage(withEXIF(t, "jpeg", img, exif))
		if err != nil || got.Bounds().Dx() != 4 {
			t.Errorf("%s: %v, %v; want it as it is stored", name, got.Bounds(), err)
		}
	}
}

// Whatever a file holds, an orientation from 1 to 8 comes out.
func FuzzOrientation(f *testing.F) {
	img := image.NewGray(image.Rect(0, 0, 4, 2))
	f.Add(withEXIF(f, "jpeg", img, tiff(binary.LittleEndian, 6)))
	f.Add(withEXIF(f, "png", img, tiff(binary.BigEndian, 3)))
	f.Add([]byte(fmt.Sprintf("RIFF\x00\x00\x00\x00WEBPEXIF\x20\x00\x00\x00%s", tiff(binary.LittleEndian, 8))))
	f.Fuzz(func(t *testing.T, file []byte) {
		if o := exifOrientation(file); o < 1 || o > 8 {
			t.Errorf("orientation %d", o)
		}
	})
}

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
