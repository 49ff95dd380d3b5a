package domains

import (
	"math"
	"math/rand/v2"
)

// How far Vary changes an image at the amount 1, either way: what a picture shows does
// not depend on it.
const (
	mostTurn  = 10 * math.Pi / 180
	mostZoom  = 0.1
	mostShift = 0.04 // of the side
	mostTint  = 0.2  // of each channel's contrast
)

// Vary fills dst with src, of shape s (two pixels high and wide at least), turned, enlarged or reduced, moved and coloured by
// what is drawn from r, and mirrored half of the time where mirror says so: linear
// interpolation, edges repeated. amount scales all changes: 1 is up to 10 degrees, a
// tenth, a twenty-fifth of the side and a fifth of the contrast. dst and src do not
// overlap. Values stay in [-1, 1].
func Vary(dst, src []float32, s Shape, amount float64, mirror bool, r *rand.Rand) {
	draw := func(most float64) float64 { return amount * most * (2*r.Float64() - 1) }
	angle, zoom := draw(mostTurn), 1+draw(mostZoom)
	dx, dy := draw(mostShift)*float64(s.Width), draw(mostShift)*float64(s.Height)
	flip := 1.0
	if mirror && r.Uint64()&1 == 1 {
		flip = -1
	}
	tint := make([]float32, s.Channels)
	for c := range tint {
		tint[c] = float32(1 + draw(mostTint))
	}
	sin, cos := math.Sincos(angle)
	cx, cy, area := float64(s.Width-1)/2, float64(s.Height-1)/2, s.Width*s.Height
	for y := range s.Height {
		for x := range s.Width {
			u, v := zoom*(float64(x)-cx), zoom*(float64(y)-cy)
			column := min(max(flip*(cos*u-sin*v)+cx+dx, 0), float64(s.Width-1))
			row := min(max(sin*u+cos*v+cy+dy, 0), float64(s.Height-1))
			x0, y0 := min(int(column), s.Width-2), min(int(row), s.Height-2)
			fx, fy := float32(column-float64(x0)), float32(row-float64(y0))
			for c, gain := range tint {
				p := src[c*area+y0*s.Width+x0:]
				above, below := p[0]+fx*(p[1]-p[0]), p[s.Width]+fx*(p[s.Width+1]-p[s.Width])
				dst[c*area+y*s.Width+x] = min(max(gain*(above+fy*(below-above)), -1), 1)
			}
		}
	}
}
