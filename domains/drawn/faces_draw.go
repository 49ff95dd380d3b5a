package drawn

import "math"

// Where the parts of a face lie on the unit canvas.
var (
	headCentre = point{0, 0.10}
	neckPivot  = point{0, 0.55} // the head tilts about it
)

const (
	eyeLine   = -0.02
	noseLine  = 0.17
	mouthLine = 0.33 // middle of the upper lip of a smile
)

var (
	white = colour{1, 1, 1}
	dark  = colour{0.13, 0.10, 0.12}
	shirt = colour{0.27, 0.33, 0.42}
)

// draw paints the face, back to front. Glasses and smile are painted over, or in
// place of, what does not depend on them, so that a picture with and one without
// differ only where glasses or mouth are.
func (f *face) draw(c *canvas) {
	who := identities[f.identity]
	skin, hair := f.skinColour(), hairColours[who.hair]
	shade := mix(skin, colour{0.35, 0.12, 0.10}, 0.28)
	head := headOutline(who.head, 1)
	ground := mix(colour{}, grounds[f.background].colour, f.brightness)
	c.turn(0, neckPivot)
	c.gradient(mix(ground, white, 0.12), mix(ground, colour{}, 0.14))

	c.turn(f.tilt, neckPivot)
	hairBack(c, who, hair)
	c.turn(f.tilt/3, neckPivot)
	c.fill(shade, 1, superellipse(point{0, 0.80}, 0.20, 0.30, 4))
	c.turn(0, neckPivot)
	c.fill(shirt, 1, superellipse(point{0, 1.32}, 0.80, 0.48, 2.4))

	c.turn(f.tilt, neckPivot)
	ear := superellipse(point{headWidth(who.head) - 0.01, 0.06}, 0.075, 0.11, 2)
	c.fill(shade, 1, ear)
	c.fill(shade, 1, mirrored(ear))
	c.fill(skin, 1, head)
	f.drawEyes(c, mix(hair, dark, 0.45))
	c.fill(shade, 0.9, superellipse(point{0, noseLine}, 0.052, 0.034, 2))
	if f.smile == nil {
		c.fill(mix(shade, colour{0.30, 0.05, 0.08}, 0.65), 1, superellipse(point{0, 0.44}, 0.125, 0.021, 2.5))
	} else {
		f.smile.draw(c)
	}
	hairFront(c, who, hair)
	if f.glasses != nil {
		f.glasses.draw(c, f.eyes, headWidth(who.head))
	}
}

func (f *face) skinColour() colour {
	t := f.skin * float64(len(skins)-1)
	i := min(int(t), len(skins)-2)
	return mix(skins[i], skins[i+1], t-float64(i))
}

func (f *face) drawEyes(c *canvas, brow colour) {
	for _, side := range []float64{-1, 1} {
		at := point{side * f.eyes, eyeLine}
		c.fill(white, 1, superellipse(at, 0.105, 0.078, 2.2))
		c.fill(dark, 1, superellipse(at, 0.056, 0.064, 2))
		c.fill(white, 1, superellipse(point{at.x + 0.018, at.y - 0.024}, 0.017, 0.017, 2))
		c.fill(brow, 1, arc(point{at.x, eyeLine - 0.155}, 0.115, 0.028, 0.019))
	}
}

// arc is a bar bent upwards in the middle by bend, half wide and twice thick high.
func arc(at point, half, bend, thick float64) contour {
	edge := func(sign float64) func(float64) float64 {
		return func(u float64) float64 { return at.y - bend*(1-u*u) + sign*thick*math.Sqrt(1-u*u) }
	}
	out := between(half, edge(-1), edge(1))
	for i := range out {
		out[i].x += at.x
	}
	return out
}

// draw paints an open mouth: lips, then the opening, then teeth and tongue inside it.
func (s *smile) draw(c *canvas) {
	const lip = 0.055
	upper := func(u float64) float64 { return mouthLine - s.curvature*u*u }
	lower := func(u float64) float64 { return upper(u) + s.height*(1-u*u) }
	fraction := func(t float64) func(float64) float64 {
		return func(u float64) float64 { return upper(u) + t*(lower(u)-upper(u)) }
	}
	outside := func(sign float64, edge func(float64) float64) func(float64) float64 {
		return func(u float64) float64 { return edge(u) + sign*lip*math.Sqrt(1-u*u) }
	}
	c.fill(lips[s.colour].colour, 1, between(s.width+lip, outside(-1, upper), outside(1, lower)))
	c.fill(colour{0.26, 0.02, 0.06}, 1, between(s.width, upper, lower))
	switch s.teeth {
	case 0: // none: the tongue shows
		c.fill(colour{0.92, 0.36, 0.40}, 1, between(s.width*0.80, fraction(0.62), fraction(1)))
	case 1: // upper
		c.fill(white, 1, between(s.width, upper, fraction(0.42)))
	case 2: // full: closed rows with a line where they meet
		c.fill(white, 1, between(s.width, upper, lower))
		c.fill(colour{0.72, 0.70, 0.74}, 1, between(s.width, fraction(0.49), fraction(0.54)))
	}
}

// draw paints tinted lenses, frame, bridge and temples.
func (g *glasses) draw(c *canvas, spacing, headWidth float64) {
	paint := frames[g.colour].colour
	tint := mix(paint, white, 0.30)
	bar := g.thickness / 2
	gap := math.Max(0, spacing-g.size) + g.thickness // the bars end under the rims
	c.fill(paint, 1, box(-gap, gap, eyeLine-0.03-bar, eyeLine-0.03+bar))
	for _, side := range []float64{-1, 1} {
		out, in := side*(headWidth+0.02), side*(spacing+g.size-g.thickness)
		c.fill(paint, 1, box(math.Min(in, out), math.Max(in, out), eyeLine-0.06-bar, eyeLine-0.06+bar))
	}
	for _, side := range []float64{-1, 1} {
		inner, outer := g.lens(side, spacing, 0), g.lens(side, spacing, g.thickness)
		c.fill(tint, 0.8, inner)
		c.fill(paint, 1, outer, reversed(inner))
	}
}

// lens is the outline of one lens, grown by the thickness of the frame.
func (g *glasses) lens(side, spacing, grow float64) contour {
	at := point{side * spacing, eyeLine}
	a, b, n := g.size, g.size, 2.0
	switch g.shape {
	case 1: // square
		b, n = g.size*0.88, 6
	case 2: // cat-eye
		b, n = g.size*0.84, 2.6
	}
	out := superellipse(at, a-g.thickness+grow, b-g.thickness+grow, n)
	if g.shape != 2 {
		return out
	}
	for i, p := range out { // the upper outer corner is drawn up and out
		u, v := side*(p.x-at.x)/a, (at.y-p.y)/b
		if u > 0 && v > 0 {
			out[i] = point{p.x + side*0.45*a*u*v, p.y - 0.85*b*u*v}
		}
	}
	return out
}

func box(left, right, top, bottom float64) contour {
	return contour{{left, top}, {right, top}, {right, bottom}, {left, bottom}}
}
