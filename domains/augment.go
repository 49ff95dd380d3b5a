package domains

import (
	"math"
	"math/rand/v2"
)

// An Augment says how training images change at random whenever they are shown. The zero
// value leaves them as they are.
type Augment struct {
	Crop   int     // whole pixels that an image moves at most, each way: padding and cropping
	Shift  float64 // pixels that it moves at most, each way
	Rotate float64 // degrees that it turns at most, either way
	Affine float64 // standard deviation of each entry of its matrix about the identity
	Noise  float64 // standard deviation of normal noise on each value
}

// Apply fills dst with src, of shape s, changed by what is drawn from r: turned and sheared
// about its middle and moved in one linear interpolation, black (−1) where nothing was, then
// noise. Values stay in [-1, 1]. dst and src do not overlap. What one setting draws does not
// depend on the others.
func (a Augment) Apply(dst, src []float32, s Shape, r *rand.Rand) {
	both := func(most float64) float64 { return most * (2*r.Float64() - 1) }
	dx, dy := float64(r.IntN(2*a.Crop+1)-a.Crop), float64(r.IntN(2*a.Crop+1)-a.Crop)
	dx, dy = dx+both(a.Shift), dy+both(a.Shift)
	sin, cos := math.Sincos(both(a.Rotate) * math.Pi / 180)
	var m [4]float64 // the identity and noise
	for i := range m {
		m[i] = a.Affine * r.NormFloat64()
	}
	m[0]++
	m[3]++
	m = [4]float64{cos*m[0] - sin*m[2], cos*m[1] - sin*m[3], sin*m[0] + cos*m[2], sin*m[1] + cos*m[3]}
	cx, cy, area := float64(s.Width-1)/2, float64(s.Height-1)/2, s.Width*s.Height
	for y := range s.Height {
		for x := range s.Width {
			u, v := float64(x)-cx, float64(y)-cy
			p := point{m[0]*u + m[1]*v + cx + dx, m[2]*u + m[3]*v + cy + dy}
			for c := range s.Channels {
				dst[c*area+y*s.Width+x] = p.read(src[c*area:(c+1)*area], s)
			}
		}
	}
	if a.Noise > 0 {
		for i, v := range dst {
			dst[i] = min(max(v+float32(a.Noise*r.NormFloat64()), -1), 1)
		}
	}
}

// A point is a place in a plane, in pixels.
type point struct{ x, y float64 }

// read is the linear interpolation of a plane at the point, black outside.
func (p point) read(plane []float32, s Shape) float32 {
	left, top := math.Floor(p.x), math.Floor(p.y)
	fx, fy := float32(p.x-left), float32(p.y-top)
	at := func(x, y float64) float32 {
		if x < 0 || y < 0 || x >= float64(s.Width) || y >= float64(s.Height) {
			return -1
		}
		return plane[int(y)*s.Width+int(x)]
	}
	above := at(left, top)*(1-fx) + at(left+1, top)*fx
	below := at(left, top+1)*(1-fx) + at(left+1, top+1)*fx
	return min(max(above*(1-fy)+below*fy, -1), 1)
}
