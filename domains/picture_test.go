package domains

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"math"
	"path/filepath"
	"testing"

	"github.com/venn-adapt/venn/domains/domainstest"
)

func TestFitImage(t *testing.T) {
	// Left third red, middle green, right blue: the central crop is all green.
	img := image.NewNRGBA(image.Rect(10, 20, 40, 30))
	for y := 20; y < 30; y++ {
		for x := 10; x < 40; x++ {
			img.Set(x, y, []color.Color{color.NRGBA{R: 255, G: 0, B: 0, A: 255}, color.NRGBA{R: 0, G: 255, B: 0, A: 255}, color.NRGBA{R: 0, G: 0, B: 255, A: 255}}[(x-10)/10])
		}
	}
	dst := make([]float32, 3*4*4)
	FitImage(dst, img, Shape{3, 4, 4})
	for i, v := range dst {
		if want := []float32{-1, 1, -1}[i/16]; v != want {
			t.Fatalf("value %d is %g, want %g: the crop is not central", i, v, want)
		}
	}
	FitImage(dst, img, Shape{1, 4, 4})
	if want := float32(2*0.587 - 1); !(math.Abs(float64(dst[3]-want)) <= 1e-6) {
		t.Errorf("luma of green is %g, want %g", dst[3], want)
	}
	// A checkerboard of single pixels shrinks to an even grey, not to noise.
	board := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range board.Pix {
		board.Pix[i] = uint8(255 * ((i/64 + i) % 2))
	}
	FitImage(dst, board, Shape{1, 4, 4})
	for i, v := range dst[:16] {
		if !(math.Abs(float64(v)) <= 0.02) {
			t.Errorf("pixel %d of the shrunken checkerboard is %g, want about 0", i, v)
		}
	}
	// Transparent black shows the white behind it.
	FitImage(dst, image.NewNRGBA(image.Rect(0, 0, 8, 8)), Shape{3, 4, 4})
	if dst[0] != 1 {
		t.Errorf("transparent pixels are %g, want 1", dst[0])
	}
}

func TestDecodeWebP(t *testing.T) {
	data, err := base64.StdEncoding.DecodeString(tinyWebP)
	if err != nil {
		t.Fatal(err)
	}
	img, err := DecodeImage(data)
	if err != nil || img.Bounds().Dx() != 1 || img.Bounds().Dy() != 1 {
		t.Errorf("got %v, %v; want one pixel", img, err)
	}
}

// tinyBMP is 2 x 2 pixels of 24 bits, put together by the format's description: rows from
// below, blue before green before red, each row filled up to 4 bytes.
func tinyBMP() []byte {
	b := []byte("BM\x46\x00\x00\x00\x00\x00\x00\x00\x36\x00\x00\x00")                                                    // 70 bytes, pixels from 54
	b = append(b, "\x28\x00\x00\x00\x02\x00\x00\x00\x02\x00\x00\x00\x01\x00\x18\x00\x00\x00\x00\x00\x10\x00\x00\x00"...) // 2 x 2, 24 bits
	b = append(b, make([]byte, 16)...)
	b = append(b, 1, 2, 3, 4, 5, 6, 0, 0)
	return append(b, 7, 8, 9, 10, 11, 12, 0, 0)
}

func TestDecodeBMP(t *testing.T) {
	img, err := DecodeImage(tinyBMP())
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		x, y int
		want color.RGBA
	}{{0, 0, color.RGBA{R: 9, G: 8, B: 7, A: 255}}, {1, 0, color.RGBA{R: 12, G: 11, B: 10, A: 255}}, {0, 1, color.RGBA{R: 3, G: 2, B: 1, A: 255}}, {1, 1, color.RGBA{R: 6, G: 5, B: 4, A: 255}}} {
		if got := color.RGBAModel.Convert(img.At(tt.x, tt.y)); got != tt.want {
			t.Errorf("pixel %d,%d is %v, want %v", tt.x, tt.y, got, tt.want)
		}
	}
	root := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(root, "a.BMP"), tinyBMP())
	if im, _, err := ReadPictures([]string{root}, Shape{3, 2, 2}); err != nil || im.At(0)[0] != float32(9/127.5-1) {
		t.Errorf("a folder of BMP: %v", err)
	}
}

// A header that claims more pixels than the file can hold is refused before room is made.
func TestDecodeBoundsPixels(t *testing.T) {
	bmp := tinyBMP()
	bmp[19], bmp[23] = 2, 2 // 2 + 512 wide and high
	wide := domainstest.Flat(t, 1, 1, domainstest.Grey(7), png.Encode)
	binary.BigEndian.PutUint32(wide[16:], 1<<13)
	binary.BigEndian.PutUint32(wide[20:], 1<<13)
	binary.BigEndian.PutUint32(wide[29:], crc32.ChecksumIEEE(wide[12:29]))
	for want, data := range map[string][]byte{
		"damaged bmp: 514x514 pixels in 70 bytes, which hold at most 560":                                               bmp,
		fmt.Sprintf("damaged png: 8192x8192 pixels in %d bytes, which hold at most %d", len(wide), 1<<20+len(wide)<<14): wide,
	} {
		if _, err := DecodeImage(data); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}

func FuzzDecodeImage(f *testing.F) {
	f.Add(domainstest.Flat(f, 3, 2, domainstest.Grey(7), png.Encode))
	f.Add(domainstest.Flat(f, 3, 2, domainstest.Grey(7), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }))
	f.Add(domainstest.Flat(f, 3, 2, domainstest.Grey(7), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }))
	webp, _ := base64.StdEncoding.DecodeString(tinyWebP)
	f.Add(webp)
	f.Add(tinyBMP())
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, _, err := image.DecodeConfig(bytes.NewReader(data)); err != nil || c.Width*c.Height > 1<<16 {
			return // large pictures decode, but not thousands of times a second
		}
		img, err := DecodeImage(data)
		if err != nil {
			return
		}
		dst := make([]float32, 3*4*5)
		FitImage(dst, img, Shape{3, 4, 5})
		for i, v := range dst {
			if !(v >= -1 && v <= 1) {
				t.Errorf("value %d is %g", i, v)
			}
		}
	})
}

// The smallest lossless WebP: one pixel, as published by the format's authors for
// feature detection.
const tinyWebP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
