package shapes

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
)

// distance is how far a point outside a solid is from it, by the textbook signed distances: the
// reference that rays march by.
func distance(kind int, s solid, p vector) float64 {
	across, middle := math.Hypot(p.x, p.y), p.z-s.height/2
	edge := func(parts ...float64) float64 {
		var square, most float64
		most = math.Inf(-1)
		for _, q := range parts {
			square += max(q, 0) * max(q, 0)
			most = max(most, q)
		}
		return math.Sqrt(square) + min(most, 0)
	}
	switch kind {
	case 0:
		return edge(math.Abs(p.x)-s.half, math.Abs(p.y)-s.half, math.Abs(middle)-s.height/2)
	case 1:
		return edge(across-s.half, math.Abs(middle)-s.height/2)
	case 2:
		return math.Hypot(across, p.z-s.half) - s.half
	}
	return math.Hypot(across, p.z-min(max(p.z, s.half), s.height-s.half)) - s.half
}

// march goes along a ray by the distance to the solid until it is there or away.
func march(kind int, s solid, from, d vector) float64 {
	t := 0.0
	for range 2000 {
		away := distance(kind, s, from.plus(t, d))
		if away < 1e-9 {
			return t
		}
		if t += away; t > 50 {
			break
		}
	}
	return math.Inf(1)
}

// Rays from anywhere above the floor meet each solid where marching along them does, and the
// normal there is the slope of the distance.
func TestHits(t *testing.T) {
	met := [4]int{}
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.IntRange(0, 3).Draw(t, "shape")
		s := solidOf(room{shape: kind, size: rapid.IntRange(0, 7).Draw(t, "size")})
		number := rapid.Float64Range(-1, 1)
		from := vector{5 * number.Draw(t, "x"), 5 * number.Draw(t, "y"), 3 + 2.9*number.Draw(t, "z")}
		if distance(kind, s, from) < 0.01 {
			t.Skip("inside")
		}
		target := vector{number.Draw(t, "to x"), number.Draw(t, "to y"), 1 + number.Draw(t, "to z")}
		d := target.plus(-1, from).unit()
		want := march(kind, s, from, d)
		got, normal := s.hit(kind, from, d)
		if p := from.plus(want, d); math.IsInf(want, 1) != math.IsInf(got, 1) {
			// A ray may graze, or come to a bottom, which is not met.
			if grazes := closest(kind, s, from, d) < 1e-3; !grazes && !(p.z < 1e-3) {
				t.Fatalf("met at %g, marching at %g", got, want)
			}
			return
		} else if math.IsInf(want, 1) || p.z < 1e-3 {
			return
		}
		met[kind]++
		if !(math.Abs(got-want) <= 1e-4) {
			t.Fatalf("met at %g, marching at %g", got, want)
		}
		if !(math.Abs(normal.dot(normal)-1) <= 1e-9) || normal.dot(d) > 1e-9 {
			t.Fatalf("normal %v of a ray along %v", normal, d)
		}
		const h = 1e-5
		p := from.plus(got-1e-3, d) // a little before, where the distance is smooth
		slope := vector{distance(kind, s, p.plus(h, vector{1, 0, 0})) - distance(kind, s, p.plus(-h, vector{1, 0, 0})),
			distance(kind, s, p.plus(h, vector{0, 1, 0})) - distance(kind, s, p.plus(-h, vector{0, 1, 0})),
			distance(kind, s, p.plus(h, vector{0, 0, 1})) - distance(kind, s, p.plus(-h, vector{0, 0, 1}))}
		// Within a thousandth of an edge the slope turns from one face to the next.
		if agree := normal.dot(slope) / (2 * h); agree < 0.99 && distanceToEdge(kind, s, p) > 5e-3 {
			t.Fatalf("normal %v, slope %v", normal, slope)
		}
	})
	for kind, n := range met {
		if n < 5 {
			t.Errorf("%s met %d times: the test says little", levels[shape][kind], n)
		}
	}
}

// closest is how near a ray comes to the solid.
func closest(kind int, s solid, from, d vector) float64 {
	least := math.Inf(1)
	for t := 0.0; t < 12; t += 1e-3 {
		least = min(least, math.Abs(distance(kind, s, from.plus(t, d))))
	}
	return least
}

// distanceToEdge is that of a point near a box or the lid of a cylinder from the nearest edge.
func distanceToEdge(kind int, s solid, p vector) float64 {
	x, y, z := math.Abs(math.Abs(p.x)-s.half), math.Abs(math.Abs(p.y)-s.half), math.Abs(p.z-s.height)
	switch kind {
	case 0:
		return min(math.Hypot(x, y), math.Hypot(x, z), math.Hypot(y, z))
	case 1:
		return math.Hypot(math.Hypot(p.x, p.y)-s.half, z)
	}
	return math.Inf(1)
}

// A ray along a face, or through the axis from above, is told too.
func TestHitsAlongAxes(t *testing.T) {
	s := solid{half: 1, height: 2}
	for _, tt := range []struct {
		name    string
		kind    int
		from, d vector
		t       float64
		normal  vector
	}{
		{"cube from above", 0, vector{0.5, 0.5, 5}, vector{0, 0, -1}, 3, vector{0, 0, 1}},
		{"cube from the front", 0, vector{0.5, -5, 1}, vector{0, 2, 0}, 2, vector{0, -1, 0}},
		{"cube from the left", 0, vector{-3, 0, 1}, vector{1, 0, 0}, 2, vector{-1, 0, 0}},
		{"past the cube", 0, vector{1.5, -5, 1}, vector{0, 1, 0}, math.Inf(1), vector{}},
		{"away from the cube", 0, vector{0, -5, 1}, vector{0, -1, 0}, math.Inf(1), vector{}},
		{"cylinder from above", 1, vector{0, 0, 5}, vector{0, 0, -1}, 3, vector{0, 0, 1}},
		{"past the lid", 1, vector{0.8, 0.8, 5}, vector{0, 0, -1}, math.Inf(1), vector{}},
		{"cylinder from the right", 1, vector{3, 0, 1.5}, vector{-1, 0, 0}, 2, vector{1, 0, 0}},
		{"over the cylinder", 1, vector{3, 0, 2.5}, vector{-1, 0, 0}, math.Inf(1), vector{}},
		{"sphere from above", 2, vector{0, 0, 5}, vector{0, 0, -1}, 3, vector{0, 0, 1}},
		{"away from the sphere", 2, vector{0, 0, 5}, vector{0, 0, 1}, math.Inf(1), vector{}},
	} {
		if at, normal := s.hit(tt.kind, tt.from, tt.d); at != tt.t || normal != tt.normal {
			t.Errorf("%s: %g and %v, want %g and %v", tt.name, at, normal, tt.t, tt.normal)
		}
	}
	tall := solid{half: 1, height: 4}
	if at, normal := tall.hit(3, vector{0, -3, 2}, vector{0, 1, 0}); at != 2 || normal != (vector{0, -1, 0}) {
		t.Errorf("capsule from the front: %g and %v", at, normal)
	}
	if at, normal := tall.hit(3, vector{0, 0, 7}, vector{0, 0, -1}); at != 3 || normal != (vector{0, 0, 1}) {
		t.Errorf("capsule from above: %g and %v", at, normal)
	}
}

// The ball about a solid reaches its farthest corners and no further: at size 1 by Pythagoras.
func TestBalls(t *testing.T) {
	for kind, want := range []float64{0.72 * math.Sqrt(3), math.Hypot(0.72, 0.79), 0.86, 1.05} {
		s := solids[kind]
		if middle, radius := s.ball(kind); middle != (vector{0, 0, s.height / 2}) || !(math.Abs(radius-want) <= 1e-12) {
			t.Errorf("%s: %v and %g, want %g", levels[shape][kind], middle, radius, want)
		}
	}
}
