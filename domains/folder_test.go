package domains

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/binary"
	"errors"
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
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/option"
)

// flat encodes an image of one colour.
func flat(t testing.TB, w, h int, c color.Color, encode func(io.Writer, image.Image) error) []byte {
	t.Helper()
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.Set(x, y, c)
		}
	}
	var b bytes.Buffer
	if err := encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func grey(v uint8) color.Color { return color.NRGBA{v, v, v, 255} }

func folder(root string, side Side, shape Shape, limit int) (*Domain, error) {
	return Load(context.Background(), "folder", Request{Side: side, Shape: shape, Limit: limit, Seed: 1, Options: option.Values{"path": root}})
}

func TestFolderAsThePaperHasIt(t *testing.T) {
	root := t.TempDir()
	for i, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for k := range 3 {
			writeFile(t, filepath.Join(root, split, fmt.Sprintf("%d.png", k)), flat(t, 9, 7, grey(uint8(60*i+k)), png.Encode))
		}
	}
	writeFile(t, filepath.Join(root, "trainA", ".hidden"), []byte("x"))
	for side, want := range map[Side]float32{A: 0, B: 60} {
		d, err := folder(root, side, Shape{3, 4, 4}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if d.Train.Images.Len() != 3 || d.Test.Images.Len() != 3 || d.Train.Truth.Known() {
			t.Errorf("%s: %d and %d images, labels %v", side, d.Train.Images.Len(), d.Test.Images.Len(), d.Train.Truth.Known())
		}
		for k := range 3 {
			if got, want := d.Train.Images.At(k)[5], (want+float32(k))/127.5-1; math.Abs(float64(got-want)) > 1e-6 {
				t.Errorf("%s: image %d is %g, want %g", side, k, got, want)
			}
		}
		if _, err := d.Train.Labelled(); err == nil {
			t.Errorf("%s: images without classes open as labelled", side)
		}
		if len(d.Lock.Files) != 6 || d.Lock.Files[5].SHA256 == "" || !strings.HasPrefix(d.Lock.Files[5].Name, "test") {
			t.Errorf("%s: locked %+v", side, d.Lock.Files)
		}
	}
}

// A class has one number in all splits of both sides, even where it is absent.
func TestFolderClasses(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"trainA/cat", "trainA/dog", "testA/dog", "trainB/dog", "trainB/emu", "testB/emu"} {
		writeFile(t, filepath.Join(root, name, "x.jpg"), flat(t, 8, 8, grey(99), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }))
	}
	for _, tt := range []struct {
		side        Side
		train, test []int
	}{{A, []int{0, 1}, []int{1}}, {B, []int{1, 2}, []int{2}}} {
		d, err := folder(root, tt.side, Shape{1, 8, 8}, 0)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Train.Truth.Reveal(), tt.train) || !slices.Equal(d.Test.Truth.Reveal(), tt.test) || !slices.Equal(d.Test.Truth.Classes(), []string{"cat", "dog", "emu"}) {
			t.Errorf("%s: labels %v and %v of %v", tt.side, d.Train.Truth.Reveal(), d.Test.Truth.Reveal(), d.Test.Truth.Classes())
		}
	}
}

func TestFolderHoldsOut(t *testing.T) {
	root := t.TempDir()
	for k := range 10 {
		writeFile(t, filepath.Join(root, "one", fmt.Sprintf("%d.gif", k)), flat(t, 4, 4, grey(uint8(k)), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }))
	}
	d, err := folder(filepath.Join(root, "one"), A, Shape{1, 4, 4}, 0)
	if err != nil || d.Lock.Splits["train"] != 8 || d.Lock.Splits["test"] != 2 {
		t.Fatalf("%v, %v; want 8 and 2", d, err)
	}
	few, err := folder(filepath.Join(root, "one"), A, Shape{1, 4, 4}, 3)
	if err != nil || few.Lock.Splits["train"] != 3 || few.Lock.Samples["test"] != d.Lock.Samples["test"] {
		t.Errorf("a limit of 3 gives %v (%v), or moves the test images", few.Lock.Splits, err)
	}
	if classes, err := folder(root, A, Shape{1, 4, 4}, 0); err != nil || !slices.Equal(classes.Train.Truth.Classes(), []string{"one"}) {
		t.Errorf("the folder above: %v, %v; want one class", classes, err)
	}
}

// Training images may be mirrored where the spec says so, test images never are.
func TestFolderMirror(t *testing.T) {
	root := t.TempDir()
	for _, split := range []string{"trainA", "testA"} {
		writeFile(t, filepath.Join(root, split, "a.png"), flat(t, 4, 4, grey(9), png.Encode))
	}
	for _, mirror := range []bool{false, true} {
		d, err := Load(context.Background(), "folder", Request{Shape: Shape{3, 4, 4}, Options: option.Values{"path": root, "mirror": mirror}})
		if err != nil || d.Train.Images.Mirror != mirror || d.Test.Images.Mirror {
			t.Errorf("mirror %v: %v", mirror, err)
		}
	}
}

func TestFolderRefuses(t *testing.T) {
	good := flat(t, 8, 8, grey(9), png.Encode)
	for _, tt := range []struct {
		name    string
		files   map[string][]byte
		err     string // %s is the root
		damaged bool
	}{
		{"empty file", map[string][]byte{"trainA/a.png": {}, "testA/a.png": good}, "domains: folder: %s/trainA/a.png is empty (0 bytes)", true},
		{"not an image", map[string][]byte{"trainA/a.png": []byte("hello"), "testA/a.png": good}, "domains: folder: %s/trainA/a.png (5 bytes): not a readable image: image: unknown format", true},
		{"truncated", map[string][]byte{"trainA/a.png": good[:60], "testA/a.png": good}, "domains: folder: %s/trainA/a.png (60 bytes): damaged png of 8x8 pixels: png: invalid format: unexpected EOF", true},
		{"text file", map[string][]byte{"trainA/notes.txt": good, "testA/a.png": good}, "domains: folder: %s/trainA/notes.txt is not an image (want .png .jpg .jpeg .gif .webp .bmp); move it elsewhere", false},
		{"no test", map[string][]byte{"trainA/a.png": good}, "domains: folder: %s has trainA but no testA", false},
		{"no training", map[string][]byte{"testA/a.png": good}, "domains: folder: %s has testA but no trainA", false},
		{"other side only", map[string][]byte{"trainB/a.png": good, "testB/a.png": good}, "domains: folder: %s has no trainA", false},
		{"mixed", map[string][]byte{"trainA/a.png": good, "trainA/cat/a.png": good, "testA/a.png": good}, "domains: folder: %s/trainA holds both images (a.png) and class folders (cat), want one or the other", false},
		{"half labelled", map[string][]byte{"trainA/cat/a.png": good, "testA/a.png": good}, "domains: folder: trainA/cat/a.png has a class, testA/a.png has none; want class folders in both splits or in neither", false},
		{"nothing", nil, "domains: folder: no images in %s", false},
	} {
		root := t.TempDir()
		for name, data := range tt.files {
			writeFile(t, filepath.Join(root, name), data)
		}
		_, err := folder(root, A, Shape{3, 8, 8}, 0)
		want := strings.ReplaceAll(tt.err, "%s", root)
		var damage *DamagedError
		if err == nil || err.Error() != want || errors.As(err, &damage) != tt.damaged {
			t.Errorf("%s: got %v, want %s (damaged: %v)", tt.name, err, want, tt.damaged)
		}
	}
	if _, err := folder("nowhere", A, Shape{3, 8, 8}, 0); err == nil || err.Error() != "domains: folder: nowhere is not a folder" {
		t.Errorf("absent: %v", err)
	}
	if _, err := folder("", A, Shape{3, 8, 8}, 0); err == nil || err.Error() != "domains: folder: option path is empty, want the folder of images" {
		t.Errorf("empty: %v", err)
	}
	_, err := Load(t.Context(), "folder", Request{Shape: Shape{3, 8, 8}})
	if want := "domains: folder: option path is not set: the folder; relative to where venn runs"; err == nil || err.Error() != want {
		t.Errorf("unset: %v, want %s", err, want)
	}
}

func TestFitImage(t *testing.T) {
	// Left third red, middle green, right blue: the central crop is all green.
	img := image.NewNRGBA(image.Rect(10, 20, 40, 30))
	for y := 20; y < 30; y++ {
		for x := 10; x < 40; x++ {
			img.Set(x, y, []color.Color{color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}, color.NRGBA{0, 0, 255, 255}}[(x-10)/10])
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
	if want := float32(2*0.587 - 1); math.Abs(float64(dst[3]-want)) > 1e-6 {
		t.Errorf("luma of green is %g, want %g", dst[3], want)
	}
	// A checkerboard of single pixels shrinks to an even grey, not to noise.
	board := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range board.Pix {
		board.Pix[i] = uint8(255 * ((i/64 + i) % 2))
	}
	FitImage(dst, board, Shape{1, 4, 4})
	for i, v := range dst[:16] {
		if math.Abs(float64(v)) > 0.02 {
			t.Errorf("pixel %d of the shrunken checkerboard is %g, want about 0", i, v)
		}
	}
	// Transparent black shows the white behind it.
	FitImage(dst, image.NewNRGBA(image.Rect(0, 0, 8, 8)), Shape{3, 4, 4})
	if dst[0] != 1 {
		t.Errorf("transparent pixels are %g, want 1", dst[0])
	}
}

// The smallest lossless WebP: one pixel, as published by the format's authors for
// feature detection.
const tinyWebP = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="

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
	}{{0, 0, color.RGBA{9, 8, 7, 255}}, {1, 0, color.RGBA{12, 11, 10, 255}}, {0, 1, color.RGBA{3, 2, 1, 255}}, {1, 1, color.RGBA{6, 5, 4, 255}}} {
		if got := color.RGBAModel.Convert(img.At(tt.x, tt.y)); got != tt.want {
			t.Errorf("pixel %d,%d is %v, want %v", tt.x, tt.y, got, tt.want)
		}
	}
	root := t.TempDir()
	for _, split := range []string{"trainA", "testA"} {
		writeFile(t, filepath.Join(root, split, "a.BMP"), tinyBMP())
	}
	if d, err := folder(root, A, Shape{3, 2, 2}, 0); err != nil || d.Train.Images.At(0)[0] != float32(9/127.5-1) {
		t.Errorf("a folder of BMP: %v", err)
	}
}

// A header that claims more pixels than the file can hold is refused before room is made.
func TestDecodeBoundsPixels(t *testing.T) {
	bmp := tinyBMP()
	bmp[19], bmp[23] = 2, 2 // 2 + 512 wide and high
	wide := flat(t, 1, 1, grey(7), png.Encode)
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
	f.Add(flat(f, 3, 2, grey(7), png.Encode))
	f.Add(flat(f, 3, 2, grey(7), func(w io.Writer, m image.Image) error { return jpeg.Encode(w, m, nil) }))
	f.Add(flat(f, 3, 2, grey(7), func(w io.Writer, m image.Image) error { return gif.Encode(w, m, nil) }))
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
