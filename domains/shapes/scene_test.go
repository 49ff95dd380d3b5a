package shapes

import (
	"math"
	"testing"
)

// The camera looks at the axis of the room from where the orientation puts it, and the edge of
// the image is 25 degrees away.
func TestCamera(t *testing.T) {
	for o, degrees := range map[int]float64{0: -30, 7: 0, 10: 90.0 / 7, 14: 30} {
		v := viewOf(room{orientation: o})
		angle := degrees * math.Pi / 180
		want := vector{5 * math.Sin(angle), -5 * math.Cos(angle), 2.2}
		if away := v.eye.plus(-1, want); !(away.dot(away) <= 1e-18) {
			t.Errorf("orientation %d: the camera is at %v, want %v", o, v.eye, want)
		}
		// At distance 1 of the way to the axis the middle ray has gone a fifth of it.
		d := v.ray(0, 0)
		p := v.eye.plus(math.Hypot(5, 2.2-0.95)/math.Sqrt(d.dot(d)), d)
		if !(math.Hypot(p.x, p.y) <= 1e-9) || !(math.Abs(p.z-0.95) <= 1e-9) {
			t.Errorf("orientation %d: the middle of the image shows %v", o, p)
		}
		for _, e := range []vector{v.ray(1, 0), v.ray(0, 1), v.ray(-1, 0), v.ray(0, -1)} {
			if got := math.Acos(e.unit().dot(d.unit())) * 180 / math.Pi; !(math.Abs(got-25) <= 1e-9) {
				t.Errorf("orientation %d: an edge is %g degrees away", o, got)
			}
		}
		if up, right := v.ray(0, 1), v.ray(1, 0); up.z <= d.z || !(math.Abs(right.z-d.z) <= 1e-12) || right.dot(vector{math.Cos(angle), math.Sin(angle), 0}) <= 0 {
			t.Errorf("orientation %d: up is %v, right is %v", o, up, right)
		}
	}
}

// What the camera of orientation 0, at (-5/2, -5 sqrt(3)/2), sees along some directions: places
// and light by hand, the lamp hanging at (-2.6, -3.8, 5.5).
func TestLook(t *testing.T) {
	v := viewOf(room{shape: 2, size: 0, orientation: 0})
	ex, ey := -2.5, -2.5*math.Sqrt(3)
	cosine := func(p, normal vector) float64 {
		x, y, z := -2.6-p.x, -3.8-p.y, 5.5-p.z
		return (x*normal.x + y*normal.y + z*normal.z) / math.Sqrt(x*x+y*y+z*z)
	}
	for _, tt := range []struct {
		name   string
		at     vector // seen there
		what   int
		normal vector
		above  float64 // of the light that comes from above
		open   float64
	}{
		{"back wall", vector{-1, 5.4, 2}, wall, vector{0, -1, 0}, 0, 1},
		{"back wall beside the corner", vector{5.3, 5.4, 1}, wall, vector{0, -1, 0}, 0, 1},
		{"right wall beside the corner", vector{5.4, 5.3, 1}, wall, vector{-1, 0, 0}, 0, 1},
		{"right wall", vector{5.4, 0, 2.9}, wall, vector{-1, 0, 0}, 0, 1},
		{"floor", vector{4, -1, 0}, floor, vector{0, 0, 1}, 0.10, 1 - 0.7*math.Pow(0.645/math.Sqrt(0.645*0.645+17), 3)},
		{"floor before the back wall", vector{-1, 5.3, 0}, floor, vector{0, 0, 1}, 0.10, 1 - 0.7*math.Pow(0.645/math.Sqrt(0.645*0.645+1+5.3*5.3), 3)},
	} {
		what, light := v.look(vector{tt.at.x - ex, tt.at.y - ey, tt.at.z - 2.2}, 3)
		want := (0.36+tt.above)*tt.open + 0.54*cosine(tt.at, tt.normal)
		if what != tt.what || !(math.Abs(light-want) <= 1e-9) {
			t.Errorf("%s: %d of light %g, want %d of %g", tt.name, what, light, tt.what, want)
		}
	}
	if what, light := v.look(vector{-1 - ex, 5.4 - ey, 3.001 - 2.2}, 0); what != sky || light != 1 {
		t.Errorf("above the wall: %d of light %g", what, light)
	}
	// From the other side, at (5/2, -5 sqrt(3)/2), the left wall, to which the lamp is nearest.
	left := vector{-5.4, 5, 1}
	what, light := viewOf(room{orientation: 14}).look(vector{left.x + ex, left.y - ey, left.z - 2.2}, 0)
	if want := 0.36 + 0.54*cosine(left, vector{1, 0, 0}); what != wall || !(math.Abs(light-want) <= 1e-9) {
		t.Errorf("left wall: %d of light %g, want %g", what, light, want)
	}
	// The way to the middle of the sphere ends a radius before it, and its normal points back.
	back := vector{ex, ey, 2.2 - 0.645}.unit()
	near := vector{0.645 * back.x, 0.645 * back.y, 0.645 + 0.645*back.z}
	what, light = v.look(vector{-ex, -ey, 0.645 - 2.2}, 0)
	if want := 0.36 + 0.10*back.z + 0.54*cosine(near, back); what != object || !(math.Abs(light-want) <= 1e-9) {
		t.Errorf("sphere: %d of light %g, want %g", what, light, want)
	}
}

// The silhouette of a sphere is an ellipse: on the plane at distance 1 its half axes are
// sin b cos b / (cos^2 a - sin^2 b) and sin b / sqrt(cos^2 a - sin^2 b), b being the angle of the
// sphere's radius and a that of its middle away from the axis of the camera.
func TestSilhouetteOfSphere(t *testing.T) {
	const grid = 500
	for _, s := range []int{0, 5, 7} {
		r := room{shape: 2, size: s, orientation: 3}
		v, radius := viewOf(r), 0.86*(0.75+float64(s)/14)
		away := math.Hypot(5, 2.2-radius)
		sin := radius / away
		a := math.Atan2(2.2-0.95, 5) - math.Atan2(2.2-radius, 5)
		rest := math.Cos(a)*math.Cos(a) - sin*sin
		area := math.Pi * sin * math.Sqrt(1-sin*sin) / rest * sin / math.Sqrt(rest)
		seen := 0
		for i := range grid * grid {
			if what, _ := v.look(v.ray((2*float64(i%grid)+1)/grid-1, (2*float64(i/grid)+1)/grid-1), 0); what == object {
				seen++
			}
		}
		side := 2 * math.Tan(25*math.Pi/180)
		if got := float64(seen) / (grid * grid) * side * side; !(math.Abs(got-area) <= 0.003*area) {
			t.Errorf("size %d: %g of the plane shows the sphere, want %g", s, got, area)
		}
	}
}

// A room is its own mirror image, but for the lamp: so is what is seen from the left and from
// the right.
func TestViewsAreMirrored(t *testing.T) {
	for kind := range solids {
		for o := range 8 {
			left, right := viewOf(room{shape: kind, size: 3, orientation: o}), viewOf(room{shape: kind, size: 3, orientation: 14 - o})
			differ := 0
			for i := range 60 * 60 {
				x, y := (float64(i%60)+0.5)/30-1, (float64(i/60)+0.5)/30-1
				a, _ := left.look(left.ray(x, y), 0)
				if b, _ := right.look(right.ray(-x, y), 0); a != b {
					differ++
				}
			}
			if differ > 0 {
				t.Errorf("%s, orientation %d: %d of 3600 places differ from the mirror image", levels[shape][kind], o, differ)
			}
		}
	}
}

// Along a line on the floor away from the lamp, light comes back step by step; where the line
// from the lamp's middle to the floor goes through the solid, there is none at all, and before
// the object there is all of it.
func TestShadow(t *testing.T) {
	mean := func(v *view, p vector) (sum float64) {
		for j := range samples * samples {
			sum += v.seen(p, j) / (samples * samples)
		}
		return sum
	}
	for kind := range solids {
		v := viewOf(room{shape: kind, size: 5, orientation: 7})
		scale := 1 / math.Hypot(2.6, 3.8)
		along := func(by float64) vector { return vector{2.6 * scale * by, 3.8 * scale * by, 0} }
		// Behind the solid by as much as half its width, and half its height further.
		deep := v.solid.half + 0.2
		if got := mean(v, along(deep)); got != 0 {
			t.Errorf("%s: %g of the lamp seen close behind the object", levels[shape][kind], got)
		}
		if got := mean(v, along(-v.solid.half-0.6)); got != 1 {
			t.Errorf("%s: %g of the lamp seen before the object", levels[shape][kind], got)
		}
		last, half := 0.0, false
		for by := deep; by < 6; by += 0.05 {
			got := mean(v, along(by))
			if got < last-1.0/64 {
				t.Errorf("%s: %g of the lamp seen at %g, %g before", levels[shape][kind], got, by, last)
			}
			last, half = got, half || got > 0.25 && got < 0.75
		}
		if last != 1 || !half {
			t.Errorf("%s: %g of the lamp seen at the end; half a shadow: %v", levels[shape][kind], last, half)
		}
	}
}

// The shadow of a sphere ends where the cone of light round it does: a place on the floor sees
// the middle of the lamp where the way there is longer than a radius away from the sphere's.
func TestShadowOfSphereEnds(t *testing.T) {
	v := viewOf(room{shape: 2, size: 7, orientation: 7})
	wrong, edge := 0, 0
	for i := range 40 * 40 {
		p := vector{float64(i%40)/8 - 2.5, float64(i/40)/8 - 2.5, 0}
		if math.Hypot(p.x, p.y) < 0.3 { // where the sphere stands
			continue
		}
		way := vector{-2.6 - p.x, -3.8 - p.y, 5.5}
		to := vector{-p.x, -p.y, v.solid.half}
		c := to.cross(way)
		distance := math.Sqrt(c.dot(c) / way.dot(way))
		got := 0.0
		for j := range samples * samples {
			got += v.seen(p, j)
		}
		switch {
		case math.Abs(distance-v.solid.half) < 0.45:
			edge++
		case distance < v.solid.half && got != 0, distance > v.solid.half && got != samples*samples:
			wrong++
		}
	}
	if wrong > 0 || edge == 0 || edge > 900 {
		t.Errorf("%d places wrong, %d at the edge of 1600", wrong, edge)
	}
}
