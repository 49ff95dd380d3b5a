package views

import (
	"math"
	"math/rand/v2"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// A Strong view has been through so many changes, each drawn from those below: what a person
// would still read, drawn otherwise. Values stay in [-1, 1].
type Strong struct {
	Seed    uint64
	Changes int
}

// changes are what may happen to an image; dst and src do not overlap.
var changes = []func(dst, src []float32, s domains.Shape, r *rand.Rand){
	shift, turn, slant, zoom, relight, blur, thicken, hide,
}

// Fill fills dst with views of the images.
func (v Strong) Fill(dst []float32, x *domains.Images, name string, step int) {
	n := x.Shape.Len()
	parallel.For(x.Len(), func(i int) {
		r := stream.New(v.Seed, "view", name, step, i)
		to, from := dst[i*n:(i+1)*n], make([]float32, n)
		copy(to, x.At(i))
		for range v.Changes {
			copy(from, to)
			changes[r.IntN(len(changes))](to, from, x.Shape, r)
		}
	})
}

// within draws from [-most, most).
func within(r *rand.Rand, most float64) float64 { return most * (2*r.Float64() - 1) }

// shift moves by up to a seventh of the side: 4 of 28 pixels.
func shift(dst, src []float32, s domains.Shape, r *rand.Rand) {
	dx, dy := within(r, float64(s.Width)/7), within(r, float64(s.Height)/7)
	warp(dst, src, s, matrix{1, 0, 0, 1}, dx, dy)
}

// turn turns by up to 20 degrees.
func turn(dst, src []float32, s domains.Shape, r *rand.Rand) {
	sin, cos := math.Sincos(within(r, 20*math.Pi/180))
	warp(dst, src, s, matrix{cos, -sin, sin, cos}, 0, 0)
}

// slant moves each row in proportion to its height, by a fifth at most.
func slant(dst, src []float32, s domains.Shape, r *rand.Rand) {
	warp(dst, src, s, matrix{1, within(r, 0.2), 0, 1}, 0, 0)
}

// zoom enlarges or reduces by up to a fifth.
func zoom(dst, src []float32, s domains.Shape, r *rand.Rand) {
	by := 1 / (1 + within(r, 0.2))
	warp(dst, src, s, matrix{by, 0, 0, by}, 0, 0)
}

// relight changes contrast by up to three tenths and brightness by up to a fifth.
func relight(dst, src []float32, _ domains.Shape, r *rand.Rand) {
	gain, add := float32(1+within(r, 0.3)), float32(within(r, 0.2))
	for i, v := range src {
		dst[i] = min(max(gain*v+add, -1), 1)
	}
}

// blur is the mean of 3 x 3 places, edges repeated, mixed with the image by a share.
func blur(dst, src []float32, s domains.Shape, r *rand.Rand) {
	share := float32(r.Float64())
	around(dst, src, s, func(at float32, near []float32) float32 {
		sum := float32(0)
		for _, v := range near {
			sum += v
		}
		return at + share*(sum/float32(len(near))-at)
	})
}

// thicken makes strokes of either brightness wider: the largest or the smallest of 3 x 3
// places, mixed with the image by a share.
func thicken(dst, src []float32, s domains.Shape, r *rand.Rand) {
	share, bright := float32(r.Float64()), r.Uint64()&1 == 1
	around(dst, src, s, func(at float32, near []float32) float32 {
		most := near[0]
		for _, v := range near {
			if (v > most) == bright {
				most = v
			}
		}
		return at + share*(most-at)
	})
}

// around fills dst with what f makes of each value and the nine about it, edges repeated.
func around(dst, src []float32, s domains.Shape, f func(at float32, near []float32) float32) {
	var near [9]float32
	area := s.Width * s.Height
	for c := range s.Channels {
		p := src[c*area : (c+1)*area]
		for y := range s.Height {
			for x := range s.Width {
				for k := range near {
					row, column := min(max(y+k/3-1, 0), s.Height-1), min(max(x+k%3-1, 0), s.Width-1)
					near[k] = p[row*s.Width+column]
				}
				dst[c*area+y*s.Width+x] = f(p[y*s.Width+x], near[:])
			}
		}
	}
}

// hide makes a square grey whose side is two sevenths of the image's: 8 of 28 pixels.
func hide(dst, src []float32, s domains.Shape, r *rand.Rand) {
	copy(dst, src)
	high, wide := 2*s.Height/7, 2*s.Width/7
	top, left := r.IntN(s.Height-high+1), r.IntN(s.Width-wide+1)
	for c := range s.Channels {
		for y := top; y < top+high; y++ {
			clear(dst[(c*s.Height+y)*s.Width+left:][:wide])
		}
	}
}
