package deep

import (
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// viewOptions are how far two views of one image may differ, by default as given.
func viewOptions(translation, noise float64) []option.Option {
	return []option.Option{
		{Name: "translation", Kind: option.Float, Default: translation, Min: 0, Max: 64, Doc: "pixels by which an image is moved at most, either way"},
		{Name: "noise", Kind: option.Float, Default: noise, Min: 0, Max: 10, Doc: "standard deviation of what is added to each value, of a range of 2"},
	}
}

// A viewer changes images a little, each by a stream of its own: the same bytes for any number
// of threads, and another view for another name or step.
type viewer struct {
	seed               uint64
	translation, noise float64
}

func newViewer(seed uint64, o option.Values) viewer {
	return viewer{seed, o.Float("translation"), o.Float("noise")}
}

// view fills dst with views of the images: moved, edges repeated, with Gaussian noise. Values
// may leave [-1, 1] by the noise.
func (v viewer) view(dst []float32, x *domains.Images, name string, step int) {
	n := x.Shape.Len()
	parallel.For(x.Len(), func(i int) {
		r := stream.New(v.seed, "view", name, step, i)
		dx, dy := v.translation*(2*r.Float64()-1), v.translation*(2*r.Float64()-1)
		to := dst[i*n : (i+1)*n]
		move(to, x.At(i), x.Shape, dx, dy)
		if v.noise == 0 {
			return
		}
		for k := range to {
			to[k] += float32(v.noise * r.NormFloat64())
		}
	})
}

// move fills dst with src as it is at dx columns to the right and dy rows below of each place:
// linear interpolation, edges repeated.
func move(dst, src []float32, s domains.Shape, dx, dy float64) {
	area := s.Width * s.Height
	for y := range s.Height {
		row, below, fy := between(float64(y)+dy, s.Height)
		for x := range s.Width {
			column, next, fx := between(float64(x)+dx, s.Width)
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
