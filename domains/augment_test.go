package domains

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/stream"
)

// blob is an image, black but for a plane wave in its middle that fades to the sides.
func blob(s Shape) []float32 {
	out := make([]float32, s.Len())
	for i := range out {
		c, y, x := i/(s.Width*s.Height), float64(i/s.Width%s.Height), float64(i%s.Width)
		d := math.Hypot(x-float64(s.Width-1)/2, y-float64(s.Height-1)/2)
		out[i] = float32(2*math.Exp(-d*d/18)*(0.5+0.4*math.Sin(x/2+y/3+float64(c))) - 1)
	}
	return out
}

// centre is where the light of a plane lies, and what there is of it.
func centre(plane []float32, width int) (x, y, mass float64) {
	for i, v := range plane {
		x, y, mass = x+float64(v+1)*float64(i%width), y+float64(v+1)*float64(i/width), mass+float64(v+1)
	}
	return x / mass, y / mass, mass
}

func TestAugmentByNothing(t *testing.T) {
	s := Shape{Channels: 2, Height: 15, Width: 19}
	src, dst := blob(s), make([]float32, s.Len())
	Augment{}.Apply(dst, src, s, stream.New(1, "augment"))
	if !slices.Equal(dst, src) {
		t.Error("augmented by nothing is not the image")
	}
}

// Crops move by whole pixels, every offset about equally often, black where nothing was.
func TestAugmentCrop(t *testing.T) {
	s := Shape{Channels: 1, Height: 7, Width: 9}
	src, dst := make([]float32, s.Len()), make([]float32, s.Len())
	for i := range src {
		src[i] = float32(i) / 100
	}
	seen := map[[2]int]int{}
	for k := range 900 {
		Augment{Crop: 1}.Apply(dst, src, s, stream.New(uint64(k), "crop"))
		i := slices.IndexFunc(dst, func(v float32) bool { return v != -1 })
		dx, dy := int(math.Round(float64(dst[i])*100))%9-i%9, int(math.Round(float64(dst[i])*100))/9-i/9
		seen[[2]int{dx, dy}]++
		for i, v := range dst {
			x, y, want := i%9+dx, i/9+dy, float32(-1)
			if x >= 0 && x < 9 && y >= 0 && y < 7 {
				want = src[y*9+x]
			}
			if v != want {
				t.Fatalf("moved by %d, %d: pixel %d is %v, want %v", dx, dy, i, v, want)
			}
		}
	}
	for offset, n := range seen {
		if max(offset[0], -offset[0], offset[1], -offset[1]) > 1 || n < 60 || n > 140 {
			t.Errorf("moved by %v %d times of 900, want about 100", offset, n)
		}
	}
	if len(seen) != 9 {
		t.Errorf("%d offsets, want 9", len(seen))
	}
}

// A shift moves the light evenly within its bounds and keeps its amount; all channels move
// together.
func TestAugmentShift(t *testing.T) {
	s := Shape{Channels: 2, Height: 29, Width: 31}
	src, dst := blob(s), make([]float32, s.Len())
	area := s.Height * s.Width
	x0, y0, m0 := centre(src[:area], s.Width)
	u0, _, _ := centre(src[area:], s.Width)
	var far [4]float64
	for k := range 200 {
		Augment{Shift: 2}.Apply(dst, src, s, stream.New(uint64(k), "shift"))
		x, y, m := centre(dst[:area], s.Width)
		u, _, _ := centre(dst[area:], s.Width)
		if !(math.Abs(x-x0) <= 2.01) || !(math.Abs(y-y0) <= 2.01) || !(math.Abs(m/m0-1) <= 0.01) || !(math.Abs((u-u0)-(x-x0)) <= 0.01) {
			t.Fatalf("moved by %v, %v, and the second channel by %v; %v of the light is there", x-x0, y-y0, u-u0, m/m0)
		}
		far = [4]float64{min(far[0], x-x0), max(far[1], x-x0), min(far[2], y-y0), max(far[3], y-y0)}
	}
	if far[0] > -1.9 || far[1] < 1.9 || far[2] > -1.9 || far[3] < 1.9 {
		t.Errorf("moved between %v, want nearly 2 each way", far)
	}
}

// A turn takes a light beside the middle along a circle, as far as it may either way; the
// middle stays.
func TestAugmentRotate(t *testing.T) {
	s := Shape{Channels: 1, Height: 41, Width: 41}
	src, dst := make([]float32, s.Len()), make([]float32, s.Len())
	for i := range src {
		d := math.Hypot(float64(i%41)-32, float64(i/41)-20)
		src[i] = float32(2*math.Exp(-d*d/4) - 1)
	}
	low, high := 0.0, 0.0
	for k := range 100 {
		Augment{Rotate: 30}.Apply(dst, src, s, stream.New(uint64(k), "turn"))
		x, y, _ := centre(dst, 41)
		angle := math.Atan2(y-20, x-20) * 180 / math.Pi
		if r := math.Hypot(x-20, y-20); !(math.Abs(r-12) <= 0.1) || !(math.Abs(angle) <= 30.1) {
			t.Fatalf("at a distance of %v and an angle of %v degrees, want 12 and at most 30", r, angle)
		}
		low, high = min(low, angle), max(high, angle)
	}
	if low > -27 || high < 27 {
		t.Errorf("turned between %v and %v degrees, want nearly 30 either way", low, high)
	}
}

// The matrix of an image is the identity and independent normal noise of the deviation asked
// for: the inverse is seen in where lights beside the middle go.
func TestAugmentAffine(t *testing.T) {
	s := Shape{Channels: 2, Height: 41, Width: 41}
	src, dst := make([]float32, s.Len()), make([]float32, s.Len())
	for i := range src {
		at := [2][2]float64{{27, 20}, {20, 27}}[i/1681] // right of the middle, and below
		d := math.Hypot(float64(i%41)-at[0], float64(i/41%41)-at[1])
		src[i] = float32(2*math.Exp(-d*d/8) - 1)
	}
	const n = 400
	var sum, square [4]float64
	for k := range n {
		Augment{Affine: 0.1}.Apply(dst, src, s, stream.New(uint64(k), "affine"))
		ax, ay, _ := centre(dst[:1681], 41)
		bx, by, _ := centre(dst[1681:], 41)
		a, b, c, d := (ax-20)/7, (bx-20)/7, (ay-20)/7, (by-20)/7 // the inverse of the matrix
		det := a*d - b*c
		for i, v := range [4]float64{d/det - 1, -b / det, -c / det, a/det - 1} {
			sum[i], square[i] = sum[i]+v/n, square[i]+v*v/n
		}
	}
	for i := range sum {
		if dev := math.Sqrt(square[i]); !(math.Abs(sum[i]) <= 0.02) || dev < 0.085 || dev > 0.115 {
			t.Errorf("entry %d: mean %v and deviation %v, want 0 and 0.1", i, sum[i], dev)
		}
	}
}

// Noise has the deviation asked for, is cut at the ends of the range, and changes nothing of
// what else is drawn.
func TestAugmentNoise(t *testing.T) {
	s := Shape{Channels: 1, Height: 60, Width: 60}
	src, dst, moved := make([]float32, s.Len()), make([]float32, s.Len()), make([]float32, s.Len())
	Augment{Noise: 0.1}.Apply(dst, src, s, stream.New(5, "noise"))
	var sum, square float64
	for _, v := range dst {
		sum, square = sum+float64(v)/3600, square+float64(v*v)/3600
	}
	if !(math.Abs(sum) <= 0.01) || !(math.Abs(math.Sqrt(square)-0.1) <= 0.005) {
		t.Errorf("mean %v and deviation %v, want 0 and 0.1", sum, math.Sqrt(square))
	}
	copy(src, blob(s))
	turn := Augment{Crop: 2, Shift: 1, Rotate: 20, Affine: 0.05}
	turn.Apply(moved, src, s, stream.New(6, "noise"))
	turn.Noise = 1e-6
	turn.Apply(dst, src, s, stream.New(6, "noise"))
	for i, v := range dst {
		if !(math.Abs(float64(v-moved[i])) <= 1e-5) || v < -1 || v > 1 {
			t.Fatalf("pixel %d: %v with a little noise, %v without", i, v, moved[i])
		}
	}
}

func BenchmarkAugment(b *testing.B) {
	s := Shape{Channels: 1, Height: 28, Width: 28}
	src, dst := blob(s), make([]float32, s.Len())
	for i := range b.N {
		Augment{Shift: 2, Rotate: 10, Affine: 0.1, Noise: 0.1}.Apply(dst, src, s, stream.New(1, "bench", i))
	}
}
