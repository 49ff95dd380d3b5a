package drawn

import "math"

// headSize gives the half axes and the squareness of a head shape.
func headSize(shape string) (a, b, n float64) {
	switch shape {
	case "round":
		return 0.57, 0.58, 2
	case "oval":
		return 0.49, 0.66, 2.1
	}
	return 0.54, 0.61, 3.6 // square
}

func headWidth(shape string) float64 { a, _, _ := headSize(shape); return a }

func headOutline(shape string, scale float64) contour {
	a, b, n := headSize(shape)
	return superellipse(headCentre, a*scale, b*scale, n)
}

// hairBack paints the hair behind the head.
func hairBack(c *canvas, who identity, paint colour) {
	a, b, _ := headSize(who.head)
	deep := mix(paint, colour{}, 0.22)
	switch who.style {
	case "long": // falls on the shoulders
		c.fill(deep, 1, superellipse(point{0, 0.30}, a+0.20, b+0.38, 3.2))
	case "bob": // ends at the jaw
		c.fill(deep, 1, superellipse(point{0, 0.02}, a+0.20, b+0.04, 3.4))
	case "bun":
		c.fill(deep, 1, superellipse(point{0, headCentre.y - b - 0.12}, 0.25, 0.21, 2))
		c.fill(paint, 1, superellipse(point{0, headCentre.y - b - 0.14}, 0.20, 0.15, 2))
	case "curls":
		for i := range 13 { // a crown of locks from ear to ear
			angle := math.Pi * (0.90 + 1.20*float64(i)/12)
			at := onSuperellipse(point{0, headCentre.y - 0.02}, a+0.08, b+0.05, 2, angle)
			c.fill(deep, 1, superellipse(at, 0.20, 0.20, 2))
		}
	}
}

// hairFront paints the hair over the forehead: from a line round the skull down
// to the hairline.
func hairFront(c *canvas, who identity, paint colour) {
	a, b, n := headSize(who.head)
	top := headCentre.y - b
	skull := func(grow, from float64) contour { // over the top, from left to right
		out := make(contour, 0, corners)
		for i := range corners/2 + 1 {
			angle := math.Pi*(1-from) + math.Pi*(1+2*from)*float64(i)/(corners/2)
			out = append(out, onSuperellipse(headCentre, a+grow, b+grow, n, angle))
		}
		return out
	}
	cap := func(grow, from float64, hairline func(u float64) float64) contour {
		out := skull(grow, from)
		right := out[len(out)-1].x
		for i := range corners/2 + 1 { // back from right to left
			u := 1 - 4*float64(i)/corners
			out = append(out, point{right * u, hairline(u)})
		}
		return out
	}
	switch who.style {
	case "crop":
		c.fill(paint, 1, cap(0.045, -0.10, func(u float64) float64 { return top + 0.27 + 0.16*math.Pow(u, 8) }))
	case "long": // parted in the middle
		c.fill(paint, 1, cap(0.06, 0.06, func(u float64) float64 { return top + 0.12 + 0.62*math.Pow(math.Abs(u), 1.7) }))
	case "bob": // a straight fringe
		c.fill(paint, 1, cap(0.06, 0.04, func(u float64) float64 { return top + 0.36 + 0.30*math.Pow(u, 10) }))
	case "bun": // combed back
		c.fill(paint, 1, cap(0.03, -0.06, func(u float64) float64 { return top + 0.13 + 0.30*u*u }))
	case "curls":
		for i := range 7 {
			at := onSuperellipse(headCentre, a, b-0.03, 2, math.Pi*(1.14+0.72*float64(i)/6))
			c.fill(paint, 1, superellipse(at, 0.155, 0.155, 2))
		}
	case "spikes":
		c.fill(paint, 1, spikes(a, b))
	}
}

// spikes is a crest of seven points over a straight hairline.
func spikes(a, b float64) contour {
	const points = 7
	line := headCentre.y - 0.46*b
	half := 0.98 * a
	out := contour{{-half, line + 0.06}}
	for i := range points {
		u0 := 2*float64(i)/points - 1
		u1 := 2*(float64(i)+0.5)/points - 1
		lift := func(u float64) float64 { return math.Sqrt(math.Max(0, 1-0.80*u*u)) }
		if i > 0 {
			out = append(out, point{half * u0, headCentre.y - b*0.86*lift(u0)})
		}
		out = append(out, point{1.16 * half * u1, headCentre.y - (b+0.30)*lift(u1)})
	}
	out = append(out, point{half, line + 0.06})
	for i := range points - 1 { // the fringe: small points down the forehead
		u := 1 - 2*(float64(i)+1)/points
		y := line - 0.06
		if i%2 == 0 {
			y += 0.10
		}
		out = append(out, point{half * u, y})
	}
	return out
}
