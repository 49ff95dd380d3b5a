package judge

import (
	"math"
	"math/rand/v2"

	"github.com/venn-adapt/venn/domains"
)

// How far training images are changed, either way: what an attribute is does not depend
// on it.
const (
	mostTurn  = 10 * math.Pi / 180
	mostZoom  = 0.1
	mostShift = 0.04 // of the side
	mostTint  = 0.2  // of each channel's contrast
)

// vary fills dst with an image that is turned, enlarged or reduced, moved, coloured and,
// where mirror says so, mirrored half of the time, drawn from r: linear interpolation,
// edges repeated. dst and src do not overlap.
func vary(dst, src []float32, s domains.Shape, mirror bool, r *rand.Rand) {
	draw := func(most float64) float64 { return most * (2*r.Float64() - 1) }
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
				dst[c*area+y*s.Width+x] = gain * (above + fy*(below-above))
			}
		}
	}
}
