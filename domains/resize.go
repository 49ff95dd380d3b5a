package domains

import "math"

// A Resampler brings square images from one side length to another by linear
// interpolation between pixel centres (x + 1/2). When it shrinks, the triangle
// that weighs the source pixels is widened to the ratio of the sizes, as Pillow's
// BILINEAR does, so that nothing aliases; when the sizes agree it copies.
type Resampler struct {
	from, to int
	first    []int       // of each output position: its first source position
	weights  [][]float64 // and the weights from there on, which add up to 1
	rows     []float64   // scratch, to x from
}

// NewResampler prepares the weights of a pair of sizes.
func NewResampler(from, to int) *Resampler {
	r := &Resampler{from: from, to: to, first: make([]int, to), weights: make([][]float64, to), rows: make([]float64, to*from)}
	scale := float64(from) / float64(to)
	support := max(1, scale)
	for o := range to {
		centre := (float64(o) + 0.5) * scale
		lo := max(0, int(math.Floor(centre-support+0.5)))
		hi := min(from, int(math.Floor(centre+support+0.5)))
		var sum float64
		weights := make([]float64, hi-lo)
		for k := range weights {
			w := 1 - math.Abs(float64(lo+k)+0.5-centre)/support
			weights[k] = max(0, w)
			sum += weights[k]
		}
		for k := range weights {
			weights[k] /= sum
		}
		r.first[o], r.weights[o] = lo, weights
	}
	return r
}

// Resize fills dst (to x to) from src (from x from).
func (r *Resampler) Resize(dst, src []float64) {
	for y := range r.from { // rows of src become columns of scratch: to x from
		row := src[y*r.from : (y+1)*r.from]
		for o, weights := range r.weights {
			var sum float64
			for k, w := range weights {
				sum += w * row[r.first[o]+k]
			}
			r.rows[o*r.from+y] = sum
		}
	}
	for x := range r.to {
		column := r.rows[x*r.from : (x+1)*r.from]
		for o, weights := range r.weights {
			var sum float64
			for k, w := range weights {
				sum += w * column[r.first[o]+k]
			}
			dst[o*r.to+x] = sum
		}
	}
}
