package domains

import (
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
