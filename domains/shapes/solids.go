package shapes

import "math"

// A vector is a point or a direction: x to the right and y away from the camera of the middle
// orientation, z up.
type vector struct{ x, y, z float64 }

func (v vector) plus(s float64, w vector) vector {
	return vector{v.x + s*w.x, v.y + s*w.y, v.z + s*w.z}
}
func (v vector) dot(w vector) float64 { return v.x*w.x + v.y*w.y + v.z*w.z }
func (v vector) unit() vector         { return vector{}.plus(1/math.Sqrt(v.dot(v)), v) }
func (v vector) cross(w vector) vector {
	return vector{v.y*w.z - v.z*w.y, v.z*w.x - v.x*w.z, v.x*w.y - v.y*w.x}
}

// A solid stands on the floor in the middle of the room. Its half width is that of the cube or
// the radius of a round one.
type solid struct{ half, height float64 }

// The levels of the shape.
const (
	cube = iota
	cylinder
	sphere
	capsule
)

// Half widths and heights at size 1.
var solids = [...]solid{cube: {0.72, 1.44}, cylinder: {0.72, 1.58}, sphere: {0.86, 1.72}, capsule: {0.58, 2.1}}

// solidOf is the solid of a room.
func solidOf(r room) solid {
	s, by := solids[r[shape]], between(r[size], len(levels[size]), 0.75, 1.25)
	return solid{s.half * by, s.height * by}
}

// ball is the middle and the radius of a ball that holds the solid of a shape.
func (s solid) ball(kind int) (middle vector, radius float64) {
	middle = vector{0, 0, s.height / 2}
	reach := middle.z
	switch kind {
	case cube:
		return middle, math.Sqrt(2*s.half*s.half + reach*reach)
	case cylinder:
		return middle, math.Sqrt(s.half*s.half + reach*reach)
	}
	return middle, reach
}

// hit is where a ray first meets the solid of a shape from outside: at from + t d, where the
// normal points out; t is +Inf where it does not. Only t > 0 counts.
func (s solid) hit(kind int, from, d vector) (t float64, normal vector) {
	switch kind {
	case cube:
		return s.hitBox(from, d)
	case cylinder:
		return s.hitCylinder(from, d)
	case sphere:
		return hitBall(vector{0, 0, s.half}, s.half, from, d)
	}
	return s.hitCapsule(from, d)
}

// hitBox meets the box by its slabs: the last entered is met where none was left before.
func (s solid) hitBox(from, d vector) (float64, vector) {
	enter, leave := slab(-s.half, s.half, from.x, d.x)
	normal := vector{-math.Copysign(1, d.x), 0, 0}
	near, far := slab(-s.half, s.half, from.y, d.y)
	if leave = min(leave, far); near > enter {
		enter, normal = near, vector{0, -math.Copysign(1, d.y), 0}
	}
	near, far = slab(0, s.height, from.z, d.z)
	if leave = min(leave, far); near > enter {
		enter, normal = near, vector{0, 0, -math.Copysign(1, d.z)}
	}
	if !(enter <= leave) || enter <= 0 {
		return math.Inf(1), vector{}
	}
	return enter, normal
}

// slab is where a ray enters and leaves what lies between two planes. Along the planes it is
// between them always or never.
func slab(low, high, from, d float64) (enter, leave float64) {
	if d == 0 {
		if from < low || from > high {
			return math.Inf(1), math.Inf(-1)
		}
		return math.Inf(-1), math.Inf(1)
	}
	enter, leave = (low-from)/d, (high-from)/d
	if enter > leave {
		return leave, enter
	}
	return enter, leave
}

// hitCylinder meets the side or the lid; nobody sees the bottom.
func (s solid) hitCylinder(from, d vector) (float64, vector) {
	if t, normal := hitTube(s.half, 0, s.height, from, d); !math.IsInf(t, 1) {
		return t, normal
	}
	if d.z < 0 {
		t := (s.height - from.z) / d.z
		if p := from.plus(t, d); t > 0 && p.x*p.x+p.y*p.y <= s.half*s.half {
			return t, vector{0, 0, 1}
		}
	}
	return math.Inf(1), vector{}
}

// hitCapsule meets the side or one of the two balls that close it.
func (s solid) hitCapsule(from, d vector) (float64, vector) {
	t, normal := hitTube(s.half, s.half, s.height-s.half, from, d)
	for _, z := range [2]float64{s.half, s.height - s.half} {
		if u, n := hitBall(vector{0, 0, z}, s.half, from, d); u < t {
			t, normal = u, n
		}
	}
	return t, normal
}

// hitTube meets the side of an upright tube between two heights.
func hitTube(radius, low, high float64, from, d vector) (float64, vector) {
	a, b := d.x*d.x+d.y*d.y, from.x*d.x+from.y*d.y
	t := nearer(a, b, from.x*from.x+from.y*from.y-radius*radius)
	if p := from.plus(t, d); t > 0 && p.z >= low && p.z <= high {
		return t, vector{p.x / radius, p.y / radius, 0}
	}
	return math.Inf(1), vector{}
}

func hitBall(middle vector, radius float64, from, d vector) (float64, vector) {
	to := from.plus(-1, middle)
	t := nearer(d.dot(d), to.dot(d), to.dot(to)-radius*radius)
	if t <= 0 || math.IsInf(t, 1) {
		return math.Inf(1), vector{}
	}
	return t, vector{}.plus(1/radius, to.plus(t, d))
}

// nearer is the smaller root of a t^2 + 2 b t + c; +Inf where there is none.
func nearer(a, b, c float64) float64 {
	under := b*b - a*c
	if under < 0 || a == 0 {
		return math.Inf(1)
	}
	return (-b - math.Sqrt(under)) / a
}
