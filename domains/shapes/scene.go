package shapes

import "math"

// What stands where. The room is a square about the origin, open above its walls; the camera
// goes round the object by the orientation and looks at the axis of the room.
const (
	wallAt     = 5.4 // half the side of the room
	wallHeight = 3.0
	eyeAway    = 5.0 // of the camera from the axis
	eyeHeight  = 2.2
	lookHeight = 0.95
	fieldAngle = 50.0 // degrees that the smaller side of the image shows
)

// A disc of light hangs in the room, to the left and in front of the object.
var lamp = vector{-2.6, -3.8, 5.5}

// Shades of a surface add up to 1 at most: what comes from everywhere, more of it from above,
// and what comes from the lamp.
const (
	lampRadius = 0.9
	everywhere = 0.36
	above      = 0.10
	fromLamp   = 0.54
	contact    = 0.7 // share of everywhere and above that the object takes from the floor where it stands
)

// Each pixel is the mean of samples x samples rays, and each ray that meets the floor looks at
// lookouts places of the lamp, which differ from ray to ray.
const (
	samples  = 4
	lookouts = 4
)

// lampPlaces are spread evenly over the disc, on a spiral by the golden angle.
var lampPlaces = func() (out [samples * samples * lookouts]vector) {
	for i := range out {
		sin, cos := math.Sincos(float64(i) * math.Pi * (3 - math.Sqrt(5)))
		radius := lampRadius * math.Sqrt((float64(i)+0.5)/float64(len(out)))
		out[i] = vector{lamp.x + radius*cos, lamp.y + radius*sin, lamp.z}
	}
	return out
}()

// What a ray may meet: the places of a shade.
const (
	floor = iota
	wall
	object
	sky
)

// A shade is how much of the light of each surface a pixel gets. The colour of the pixel is
// the sum of the surfaces' colours by these weights, so that rooms which differ in colours
// alone have the same shades.
type shade [4]float32

// A view is a room as the camera sees it, but for its colours.
type view struct {
	kind    int
	solid   solid
	middle  vector  // of a ball about the solid
	reach   float64 // its radius
	eye     vector
	forward vector
	right   vector
	up      vector
}

func viewOf(r room) *view {
	v := &view{kind: r[shape], solid: solidOf(r)}
	v.middle, v.reach = v.solid.ball(v.kind)
	sin, cos := math.Sincos(between(r[orientation], len(levels[orientation]), -30, 30) * math.Pi / 180)
	v.eye = vector{eyeAway * sin, -eyeAway * cos, eyeHeight}
	v.forward = vector{0, 0, lookHeight}.plus(-1, v.eye).unit()
	v.right = v.forward.cross(vector{0, 0, 1}).unit()
	v.up = v.right.cross(v.forward)
	return v
}

// ray is the direction in which the camera sees a place: so far to the right and up from the
// middle of the image, where half of its smaller side is 1.
func (v *view) ray(right, up float64) vector {
	return v.forward.plus(right*field, v.right).plus(up*field, v.up)
}

// field is how far a ray may turn away from the middle, at distance 1.
var field = math.Tan(fieldAngle / 2 * math.Pi / 180)

// shades looks through every pixel, row by row.
func (v *view) shades(height, width int) []shade {
	out := make([]shade, height*width)
	scale := 2 / float64(min(height, width))
	for i := range out {
		var sum [4]float64
		for j := range samples * samples {
			x := float64(i%width) + (float64(j%samples)+0.5)/samples
			y := float64(i/width) + (float64(j/samples)+0.5)/samples
			what, light := v.look(v.ray((x-float64(width)/2)*scale, (float64(height)/2-y)*scale), j)
			sum[what] += light
		}
		for k, s := range sum {
			out[i][k] = float32(s / (samples * samples))
		}
	}
	return out
}

// look is what ray j of a pixel meets, and how light it is there.
func (v *view) look(d vector, j int) (what int, light float64) {
	if v.near(v.eye, d, 0) {
		if t, normal := v.solid.hit(v.kind, v.eye, d); !math.IsInf(t, 1) {
			return object, lit(v.eye.plus(t, d), normal, 1, 1)
		}
	}
	side, normal := (math.Copysign(wallAt, d.x)-v.eye.x)/d.x, vector{-math.Copysign(1, d.x), 0, 0}
	if back := (math.Copysign(wallAt, d.y) - v.eye.y) / d.y; !(side <= back) {
		side, normal = back, vector{0, -math.Copysign(1, d.y), 0}
	}
	if t := -v.eye.z / d.z; d.z < 0 && t < side {
		p := v.eye.plus(t, d)
		return floor, lit(p, vector{0, 0, 1}, v.open(p), v.seen(p, j))
	}
	p := v.eye.plus(side, d)
	if p.z > wallHeight {
		return sky, 1
	}
	return wall, lit(p, normal, 1, 1)
}

// lit is the shade of a surface at p: open is the share of the surroundings, seen that of the
// lamp that light reaches p from.
func lit(p, normal vector, open, seen float64) float64 {
	towards := normal.dot(lamp.plus(-1, p).unit())
	return (everywhere+above*max(0, normal.z))*open + fromLamp*max(0, towards)*seen
}

// near says whether a ray comes as near to the solid as it must to meet it, with a margin.
func (v *view) near(from, d vector, margin float64) bool {
	to := from.plus(-1, v.middle)
	b, radius := to.dot(d), v.reach+margin
	return to.dot(to)-b*b/d.dot(d) <= radius*radius
}

// open is the share of its surroundings that a place of the floor sees past the object, taken
// for a ball of its half width that lies on the floor.
func (v *view) open(p vector) float64 {
	square := v.solid.half * v.solid.half
	ratio := square / (square + p.x*p.x + p.y*p.y)
	return 1 - contact*ratio*math.Sqrt(ratio)
}

// seen is the share of the lamp that ray j of a pixel sees from a place of the floor.
func (v *view) seen(p vector, j int) float64 {
	if !v.near(p, lamp.plus(-1, p), lampRadius) {
		return 1
	}
	seen := lookouts
	for k := range lookouts {
		if t, _ := v.solid.hit(v.kind, p, lampPlaces[j+k*samples*samples].plus(-1, p)); t < 1 {
			seen--
		}
	}
	return float64(seen) / lookouts
}
