package drawn

import (
	"context"
	"fmt"
	"image"
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

func printed(t testing.TB, r domains.Request) *domains.Domain {
	t.Helper()
	d, err := domains.Load(context.Background(), digitsName, r)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// typeset is a text in white on black by the drawer of golang.org/x/image, its digits as high
// as given in pixels, the middle of the bounds of its middle digit in the middle of the page.
func typeset(t *testing.T, file []byte, text string, size int, height float64) []float64 {
	t.Helper()
	f, err := opentype.Parse(file)
	if err != nil {
		t.Fatal(err)
	}
	middle := text[len(text)/2 : len(text)/2+1]
	open := func(points float64) font.Face {
		face, err := opentype.NewFace(f, &opentype.FaceOptions{Size: points, DPI: 72, Hinting: font.HintingNone})
		if err != nil {
			t.Fatal(err)
		}
		return face
	}
	b, _ := font.BoundString(open(1000), middle)
	face := open(1000 * height * 64 / float64(b.Max.Y-b.Min.Y))
	b, _ = font.BoundString(face, middle)
	before := font.MeasureString(face, text[:len(text)/2])
	page := image.NewAlpha(image.Rect(0, 0, size, size))
	half := fixed.I(size) / 2
	(&font.Drawer{Dst: page, Src: image.Opaque, Face: face, Dot: fixed.Point26_6{X: half - (b.Min.X+b.Max.X)/2 - before, Y: half - (b.Min.Y+b.Max.Y)/2}}).DrawString(text)
	out := make([]float64, size*size)
	for i, v := range page.Pix {
		out[i] = float64(v) / 255
	}
	return out
}

// inked is a number in white on black.
func inked(n number, f digitFont, size int) []float64 {
	c := newCanvas(size, size)
	n.ink = colour{1, 1, 1}
	n.paint(c, f)
	out := make([]float64, size*size)
	for i := range out {
		out[i] = c.pixels[3*i]
	}
	return out
}

func apart(a, b []float64) (mean float64) {
	for i := range a {
		mean += math.Abs(a[i]-b[i]) / float64(len(a))
	}
	return mean
}

// Every digit of every font is printed as the type-setter of another library prints it, alone
// and between others.
func TestDigitsAreTheFonts(t *testing.T) {
	fonts, err := digitFonts()
	if err != nil || len(fonts) != 24 {
		t.Fatalf("%d fonts, %v", len(fonts), err)
	}
	const size = 64
	for k, file := range fontFiles {
		for digit := range 10 {
			alone := inked(number{digits: [3]int{-1, digit, -1}, height: 1.2}, fonts[k], size)
			if d := apart(alone, typeset(t, file, fmt.Sprint(digit), size, 0.6*size)); d > 0.012 {
				t.Errorf("font %d: %d is %.4f a pixel from its type", k, digit, d)
			}
			if d := apart(alone, typeset(t, file, fmt.Sprint((digit+1)%10), size, 0.6*size)); d < 0.03 {
				t.Errorf("font %d: %d is %.4f a pixel from the type of %d", k, digit, d, (digit+1)%10)
			}
			three := [3]int{(digit + 3) % 10, digit, (digit + 7) % 10}
			text := strings.ReplaceAll(strings.Trim(fmt.Sprint(three), "[]"), " ", "")
			if d := apart(inked(number{digits: three, height: 0.6}, fonts[k], size), typeset(t, file, text, size, 0.3*size)); d > 0.012 {
				t.Errorf("font %d: %s is %.4f a pixel from its type", k, text, d)
			}
		}
	}
}

// What is drawn at random is as the options say.
func TestDigitsDrawn(t *testing.T) {
	o := option.Values{"turn": 20.0, "blur": 1.0, "neighbours": 0.25}
	const n = 4000
	var counts [10]int
	fonts := map[int]bool{}
	var left, right int
	var turns, blurs [2]float64
	for i := range n {
		d := drawNumber(o, 24, stream.New(0, "digits", i))
		counts[d.digits[1]]++
		fonts[d.font] = true
		if d.digits[0] >= 0 {
			left++
		}
		if d.digits[2] >= 0 {
			right++
		}
		if d.height < 1.1 || d.height > 1.7 || max(math.Abs(d.middle.x), math.Abs(d.middle.y)) > 0.08 {
			t.Fatalf("height %v at %v", d.height, d.middle)
		}
		if min(contrast(d.ink, d.above), contrast(d.ink, d.below)) < 0.25 {
			t.Fatalf("ink %v on %v and %v", d.ink, d.above, d.below)
		}
		turns = [2]float64{min(turns[0], d.turn), max(turns[1], d.turn)}
		blurs[1] = max(blurs[1], d.blur)
	}
	for digit, c := range counts {
		if c < 340 || c > 460 {
			t.Errorf("%d is drawn %d times of %d", digit, c, n)
		}
	}
	if len(fonts) != 24 || left < 900 || left > 1100 || right < 900 || right > 1100 || turns[0] > -19.9 || turns[0] < -20 || turns[1] < 19.9 || turns[1] > 20 || blurs[1] < 0.99 || blurs[1] > 1 {
		t.Errorf("%d fonts, %d and %d neighbours, turned by %v, blurred by at most %v", len(fonts), left, right, turns, blurs[1])
	}
}

// A turn is about the digit's own middle, clockwise: half a turn upside down is the page
// turned round.
func TestDigitsTurn(t *testing.T) {
	fonts, err := digitFonts()
	if err != nil {
		t.Fatal(err)
	}
	up := inked(number{digits: [3]int{-1, 7, 2}, height: 1.2}, fonts[9], 48)
	down := inked(number{digits: [3]int{-1, 7, 2}, height: 1.2, turn: 180}, fonts[9], 48)
	slices.Reverse(down)
	if d := apart(up, down); d > 0.002 {
		t.Errorf("a page turned round differs by %v a pixel", d)
	}
	quarter := inked(number{digits: [3]int{-1, 1, -1}, height: 1.6, turn: 90}, fonts[16], 48) // a 1 with its flag to the left
	var top, bottom float64
	for i, v := range quarter {
		if i < 24*48 {
			top += v
		} else {
			bottom += v
		}
	}
	if top <= bottom {
		t.Errorf("a 1 turned clockwise has %v of its ink above, %v below", top, bottom)
	}
}

// A blurred point has its light, and the variance asked for along either axis; a flat canvas
// stays.
func TestSmooth(t *testing.T) {
	c, s := newCanvas(41, 35), newSmoother(41, 35)
	for k, v := range []float64{1, 0.5, 0} {
		c.pixels[3*(17*41+20)+k] = v
	}
	s.smooth(c, 2)
	for k, light := range []float64{1, 0.5, 0} {
		var sum, x, y float64
		for i := range 41 * 35 {
			v := c.pixels[3*i+k]
			sum += v
			x += v * math.Pow(float64(i%41)-20, 2)
			y += v * math.Pow(float64(i/41)-17, 2)
		}
		if !(math.Abs(sum-light) <= 1e-9) || !(math.Abs(x-3.93*light) <= 0.06) || !(math.Abs(y-3.93*light) <= 0.06) { // 4 less what is cut off
			t.Errorf("channel %d: light %v with variances %v and %v, want %v of about 4", k, sum, x, y, light)
		}
	}
	for i := range c.pixels {
		c.pixels[i] = 0.25
	}
	s.smooth(c, 3)
	for _, v := range c.pixels {
		if !(math.Abs(v-0.25) <= 1e-12) {
			t.Fatalf("a flat canvas becomes %v", v)
		}
	}
}

// The set is one, whatever the job; a longer one begins with the shorter, grey is the luma.
func TestDigitsAreOneSet(t *testing.T) {
	request := func(channels int, o option.Values) domains.Request {
		return domains.Request{Shape: domains.Shape{Channels: channels, Height: 24, Width: 24}, Options: o}
	}
	long := printed(t, request(3, option.Values{"train": 60, "test": 8}))
	seeded := request(3, option.Values{"train": 60, "test": 8})
	seeded.Seed, seeded.Side, seeded.Limit = 5, domains.B, 20
	some := printed(t, seeded)
	rows := domains.Subset(5, digitsName, domains.B, 60, 20)
	for i, row := range rows {
		if !slices.Equal(some.Train.Images.At(i), long.Train.Images.At(row)) || some.Train.Truth.Reveal()[i] != long.Train.Truth.Reveal()[row] {
			t.Errorf("row %d is another image where 20 are drawn", row)
		}
	}
	short := printed(t, request(1, option.Values{"train": 10, "test": 8}))
	for i := range 10 {
		px, grey := long.Train.Images.At(i), short.Train.Images.At(i)
		for p, v := range grey {
			if want := 0.299*float64(px[p]) + 0.587*float64(px[576+p]) + 0.114*float64(px[2*576+p]); !(math.Abs(float64(v)-want) <= 1e-6) {
				t.Fatalf("image %d, pixel %d: %v, want %v", i, p, v, want)
			}
		}
	}
	if other := printed(t, request(3, option.Values{"train": 60, "test": 8, "data_seed": 1})); other.Lock.Samples["train"] == long.Lock.Samples["train"] {
		t.Error("another seed of the pictures draws the same")
	}
	if long.Lock.Samples["train"] == long.Lock.Samples["test"] || slices.Equal(long.Train.Images.At(0), long.Test.Images.At(0)) {
		t.Error("training and test images are the same")
	}
	sharp := printed(t, request(3, option.Values{"train": 60, "test": 8, "blur": 0.0}))
	steep := func(d *domains.Domain) (most float64) {
		for i := range 60 {
			x := d.Train.Images.At(i)
			for p := 1; p < len(x); p++ {
				if p%24 > 0 {
					most += math.Pow(float64(x[p]-x[p-1]), 2)
				}
			}
		}
		return most
	}
	if a, b := steep(sharp), steep(long); a < 1.1*b {
		t.Errorf("slopes of %v without blur, %v with", a, b)
	}
	for _, s := range []domains.Shape{{Channels: 2, Height: 24, Width: 24}, {Channels: 3, Height: 24, Width: 32}, {Channels: 3, Height: 7, Width: 7}} {
		if _, err := domains.Load(context.Background(), digitsName, domains.Request{Shape: s}); err == nil || !strings.Contains(err.Error(), "want squares of 8 pixels at least and 1 or 3 channels") {
			t.Errorf("%s: %v", s, err)
		}
	}
}
