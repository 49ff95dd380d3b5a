// Package views changes images a little, so that a network can be asked to say the same of
// two views of one. Each image of a batch is changed by a stream of its own: the same bytes
// for any number of threads, and another view for another name or step.
package views

import (
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// A Weak view is stretched, turned and slanted about its middle by a matrix whose entries have
// a standard deviation about those of the identity, moved by up to so many pixels either way,
// edges repeated, and has Gaussian noise of a standard deviation on every value, which may leave
// [-1, 1] by it.
type Weak struct {
	Seed                       uint64
	Translation, Noise, Affine float64
}

// Fill fills dst with views of the images.
func (v Weak) Fill(dst []float32, x *domains.Images, name string, step int) {
	n := x.Shape.Len()
	parallel.For(x.Len(), func(i int) {
		r := stream.New(v.Seed, "view", name, step, i)
		dx, dy := v.Translation*(2*r.Float64()-1), v.Translation*(2*r.Float64()-1)
		to, m := dst[i*n:(i+1)*n], matrix{1, 0, 0, 1}
		if v.Affine > 0 {
			for k := range m {
				m[k] += v.Affine * r.NormFloat64()
			}
		}
		warp(to, x.At(i), x.Shape, m, dx, dy)
		if v.Noise == 0 {
			return
		}
		for k := range to {
			to[k] += float32(v.Noise * r.NormFloat64())
		}
	})
}

// matrix maps places of a view, (x, y) from the centre, to places of the image: (m0·x + m1·y,
// m2·x + m3·y).
type matrix [4]float64

// warp fills dst with what src shows at the mapped places, dx columns to the right and dy rows
// below: linear interpolation, edges repeated. dst and src do not overlap.
func warp(dst, src []float32, s domains.Shape, m matrix, dx, dy float64) {
	area := s.Width * s.Height
	cx, cy := float64(s.Width-1)/2, float64(s.Height-1)/2
	for y := range s.Height {
		for x := range s.Width {
			u, v := float64(x)-cx, float64(y)-cy
			column, next, fx := between(m[0]*u+m[1]*v+cx+dx, s.Width)
			row, below, fy := between(m[2]*u+m[3]*v+cy+dy, s.Height)
			for c := range s.Channels {
				p := src[c*area : (c+1)*area]
				top := p[row*s.Width+column] + fx*(p[row*s.Width+next]-p[row*s.Width+column])
				bottom := p[below*s.Width+column] + fx*(p[below*s.Width+next]-p[below*s.Width+column])
				dst[c*area+y*s.Width+x] = top + fy*(bottom-top)
			}
		}
	}
}

// between are the two of n places on either side of one, which is held within them, and how
// far it is from the first to the second.
func between(at float64, n int) (lo, hi int, share float32) {
	at = min(max(at, 0), float64(n-1))
	lo = int(math.Floor(at))
	return lo, min(lo+1, n-1), float32(at - float64(lo))
}
