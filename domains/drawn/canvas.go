package drawn

import (
	"image"
	"math"
	"sync"

	"golang.org/x/image/vector"

	"github.com/venn-adapt/venn/domains"
)

// A point lies on the unit canvas: x to the right and y down, both from -1 to 1.
type point struct{ x, y float64 }

// A contour is a closed polygon. Two contours of opposite direction filled
// together make a ring.
type contour []point

type colour [3]float64 // red, green, blue in [0, 1]

// mix is a at t = 0 and b at t = 1.
func mix(a, b colour, t float64) colour {
	for k := range a {
		a[k] += (b[k] - a[k]) * t
	}
	return a
}

// A canvas paints filled contours with exact area coverage, so that a picture has
// the same look at every size. Colours blend as they are stored, without gamma.
type canvas struct {
	width, height int
	pixels        []float64 // height x width x 3, in [0, 1]
	raster        *vector.Rasterizer
	coverage      *image.Alpha
	sin, cos      float64 // turn of what is painted, about pivot
	pivot         point
}

func newCanvas(width, height int) *canvas {
	return &canvas{
		width: width, height: height,
		pixels:   make([]float64, width*height*3),
		raster:   vector.NewRasterizer(width, height),
		coverage: image.NewAlpha(image.Rect(0, 0, width, height)),
		cos:      1,
	}
}

// turn rotates everything painted from now on clockwise about the pivot.
func (c *canvas) turn(degrees float64, pivot point) {
	c.sin, c.cos = math.Sincos(degrees * math.Pi / 180)
	c.pivot = pivot
}

// gradient fills the canvas from top to bottom.
func (c *canvas) gradient(top, bottom colour) {
	for y := range c.height {
		row := mix(top, bottom, (float64(y)+0.5)/float64(c.height))
		for x := range c.width {
			copy(c.pixels[3*(y*c.width+x):], row[:])
		}
	}
}

// fill paints the contours in one colour with the given opacity.
func (c *canvas) fill(paint colour, opacity float64, contours ...contour) {
	c.raster.Reset(c.width, c.height)
	for _, outline := range contours {
		for i, p := range outline {
			x, y := c.place(p)
			if i == 0 {
				c.raster.MoveTo(x, y)
			} else {
				c.raster.LineTo(x, y)
			}
		}
		c.raster.ClosePath()
	}
	clear(c.coverage.Pix)
	c.raster.Draw(c.coverage, c.coverage.Bounds(), image.Opaque, image.Point{})
	for i, a := range c.coverage.Pix {
		if a == 0 {
			continue
		}
		t := opacity * float64(a) / 255
		px := c.pixels[3*i : 3*i+3]
		for k := range px {
			px[k] += (paint[k] - px[k]) * t
		}
	}
}

// place turns a point and brings it to pixels.
func (c *canvas) place(p point) (x, y float32) {
	dx, dy := p.x-c.pivot.x, p.y-c.pivot.y
	px := c.pivot.x + c.cos*dx - c.sin*dy
	py := c.pivot.y + c.sin*dx + c.cos*dy
	return float32((px + 1) / 2 * float64(c.width)), float32((py + 1) / 2 * float64(c.height))
}

// planes writes the picture as channels x height x width in [-1, 1]; one channel
// is the luma of ITU-R BT.601 (0.299, 0.587, 0.114).
func (c *canvas) planes(dst []float32, channels int) {
	n := c.width * c.height
	for i := range n {
		px := c.pixels[3*i : 3*i+3]
		if channels == 1 {
			dst[i] = float32(2*domains.Luma(px[0], px[1], px[2]) - 1)
			continue
		}
		for k, v := range px {
			dst[k*n+i] = float32(2*v - 1)
		}
	}
}

// corners is the number of corners of a round contour: at 512 pixels a polygon of
// so many stays within a tenth of a pixel of its curve.
const corners = 96

// superellipse is |x/a|^n + |y/b|^n = 1 about the centre: n = 2 is an ellipse,
// larger n a box with round corners.
func superellipse(centre point, a, b, n float64) contour {
	out := make(contour, corners)
	for i, p := range unitCorners(n) {
		out[i] = point{centre.x + a*p.x, centre.y + b*p.y}
	}
	return out
}

func onSuperellipse(centre point, a, b, n, angle float64) point {
	p := onUnit(n, angle)
	return point{centre.x + a*p.x, centre.y + b*p.y}
}

// onUnit is a point of |x|^n + |y|^n = 1.
func onUnit(n, angle float64) point {
	sin, cos := math.Sincos(angle)
	power := func(v float64) float64 { return math.Copysign(math.Pow(math.Abs(v), 2/n), v) }
	return point{power(cos), power(sin)}
}

// unitContours keeps the corners of |x|^n + |y|^n = 1 by n, of which faces have a dozen: their
// powers are half of the work of a face.
var unitContours sync.Map

func unitCorners(n float64) contour {
	if kept, ok := unitContours.Load(n); ok {
		return kept.(contour)
	}
	out := make(contour, corners)
	for i := range out {
		out[i] = onUnit(n, 2*math.Pi*float64(i)/corners)
	}
	unitContours.Store(n, out)
	return out
}

// reversed is the contour walked the other way, to cut a hole.
func reversed(c contour) contour {
	out := make(contour, len(c))
	for i, p := range c {
		out[len(c)-1-i] = p
	}
	return out
}

// mirrored is the contour on the other side of the vertical axis; its direction
// changes too.
func mirrored(c contour) contour {
	out := make(contour, len(c))
	for i, p := range c {
		out[i] = point{-p.x, p.y}
	}
	return out
}

// between is the region between two curves over x in [-half, half].
func between(half float64, upper, lower func(u float64) float64) contour {
	const steps = corners / 2
	out := make(contour, 0, 2*steps+2)
	for i := range steps + 1 {
		u := 2*float64(i)/steps - 1
		out = append(out, point{half * u, upper(u)})
	}
	for i := steps; i >= 0; i-- {
		u := 2*float64(i)/steps - 1
		out = append(out, point{half * u, lower(u)})
	}
	return out
}
