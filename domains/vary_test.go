package domains

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/stream"
)

// Where the answer is plain: nothing changes by the amount 0, a constant image stays
// constant up to its tint, and the slope of a ramp says which way round it is shown.
func TestVary(t *testing.T) {
	s := Shape{Channels: 2, Height: 12, Width: 12}
	src, dst := make([]float32, s.Len()), make([]float32, s.Len())
	for p := range src {
		src[p] = 0.5
	}
	Vary(dst, src, s, 0, false, stream.New(1, "vary"))
	if !slices.Equal(dst, src) {
		t.Error("varied by nothing is not the image")
	}
	for k := range 20 {
		Vary(dst, src, s, 1, true, stream.New(uint64(k), "vary"))
		for c := range 2 {
			for _, v := range dst[c*144 : (c+1)*144] {
				if v != dst[c*144] || v < 0.5*(1-mostTint)-1e-6 || v > 0.5*(1+mostTint)+1e-6 {
					t.Fatalf("a constant image becomes %v and %v", dst[c*144], v)
				}
			}
		}
	}
	for p := range src { // a ramp from left to right: its slope says which way it is shown
		src[p] = float32(p%12) / 12
	}
	ways := map[bool]int{}
	for k := range 40 {
		Vary(dst, src, s, 1, true, stream.New(uint64(k), "vary"))
		ways[dst[6*12+9] > dst[6*12+2]]++
		Vary(dst, src, s, 1, false, stream.New(uint64(k), "vary"))
		if dst[6*12+9] <= dst[6*12+2] {
			t.Fatal("mirrored where it may not be")
		}
	}
	if ways[true] < 10 || ways[false] < 10 {
		t.Errorf("shown %v times this way and that", ways)
	}
}

// Vary in the plainest way, of images that are not square: each pixel is read where the doc comment says, edges repeated.
func TestVaryAgainstPlainReading(t *testing.T) {
	s := Shape{Channels: 2, Height: 7, Width: 11}
	src, dst := make([]float32, s.Len()), make([]float32, s.Len())
	r := stream.New(1, "source")
	for p := range src {
		src[p] = float32(2*r.Float64() - 1)
	}
	for seed := range uint64(8) {
		mirror, amount := seed%2 == 1, 0.5+float64(seed)
		Vary(dst, src, s, amount, mirror, stream.New(seed, "plain"))
		r := stream.New(seed, "plain")
		draw := func(most float64) float64 { return amount * most * (2*r.Float64() - 1) }
		turn := draw(10 * math.Pi / 180)
		zoom := 1 + draw(0.1)
		right, down := draw(0.04)*11, draw(0.04)*7
		flip := 1.0
		if mirror && r.Uint64()%2 == 1 {
			flip = -1
		}
		for c := range 2 {
			tint := 1 + draw(0.2)
			at := func(x, y int) float64 { return float64(src[c*77+min(max(y, 0), 6)*11+min(max(x, 0), 10)]) }
			for y := range 7 {
				for x := range 11 {
					u, v := zoom*(float64(x)-5), zoom*(float64(y)-3)
					column := math.Min(math.Max(flip*(math.Cos(turn)*u-math.Sin(turn)*v)+5+right, 0), 10)
					row := math.Min(math.Max(math.Sin(turn)*u+math.Cos(turn)*v+3+down, 0), 6)
					i, j := int(column), int(row)
					fx, fy := column-float64(i), row-float64(j)
					want := (1-fy)*((1-fx)*at(i, j)+fx*at(i+1, j)) + fy*((1-fx)*at(i, j+1)+fx*at(i+1, j+1))
					want = math.Min(math.Max(tint*want, -1), 1)
					if got := float64(dst[c*77+y*11+x]); !(math.Abs(got-want) <= 2e-6) {
						t.Fatalf("seed %d, channel %d, pixel %d, %d: %v, want %v", seed, c, x, y, got, want)
					}
				}
			}
		}
	}
}
