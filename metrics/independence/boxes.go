package independence

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

const leafPoints = 12 // at most, of a box that is not halved

// A boxTree holds the rows of a matrix in nested boxes, for searches in the maximum norm. Its shape is a matter of n
// alone: node i has the children 2i+1 and 2i+2, with half of its points each.
//
// Rounding is monotone, so that the distance to a box is never above the computed distance to a point in it: what a
// search leaves out is exactly what the plain definition leaves out.
type boxTree struct {
	n, d, leaves int
	points       []float64 // by place: those of a node are neighbours
	row, place   []int     // row at each place, place of each row
	start        []int     // first place of each node; the next of the same level begins where it ends
	low, high    []float64 // corners of each node's tight box
}

// newBoxTree sorts the rows of x (n x d) into boxes, halved across their longest side. Time O(n d log n).
func newBoxTree(x *mat.Dense) *boxTree {
	n, d := x.Dims()
	t := &boxTree{n: n, d: d, leaves: 1, points: make([]float64, 0, n*d), row: make([]int, n), place: make([]int, n)}
	for t.leaves*leafPoints < n {
		t.leaves *= 2
	}
	for i := range n {
		t.points, t.row[i] = append(t.points, x.RawRowView(i)...), i
	}
	nodes := 2*t.leaves - 1
	t.start, t.low, t.high = make([]int, nodes), make([]float64, nodes*d), make([]float64, nodes*d)
	for level := 1; level <= t.leaves; level *= 2 { // its number of nodes
		parallel.For(level, func(i int) { t.halve(level - 1 + i) })
	}
	for at, i := range t.row {
		t.place[i] = at
	}
	return t
}

// leaf says whether a node is not halved.
func (t *boxTree) leaf(node int) bool { return node >= t.leaves-1 }

// span is the range of a node's places.
func (t *boxTree) span(node int) (lo, hi int) {
	lo = t.start[node]
	if next := node + 1; next&(next+1) != 0 { // not the last of its level
		return lo, t.start[next]
	}
	return lo, t.n
}

// halve finds a node's box and sorts the halves of its points into its children.
func (t *boxTree) halve(node int) {
	lo, hi := t.span(node)
	low, high := t.low[node*t.d:(node+1)*t.d], t.high[node*t.d:(node+1)*t.d]
	copy(low, t.at(lo))
	copy(high, low)
	for i := lo + 1; i < hi; i++ {
		for j, v := range t.at(i) {
			low[j], high[j] = min(low[j], v), max(high[j], v)
		}
	}
	if t.leaf(node) {
		return
	}
	axis := 0
	for j := range low {
		if high[j]-low[j] > high[axis]-low[axis] {
			axis = j
		}
	}
	middle := (lo + hi) / 2
	t.selectPlace(axis, lo, hi-1, middle)
	t.start[2*node+1], t.start[2*node+2] = lo, middle
}

func (t *boxTree) at(place int) []float64 { return t.points[place*t.d : (place+1)*t.d] }

// selectPlace moves points so that none before place k is above it along the axis, and none behind is below.
func (t *boxTree) selectPlace(axis, lo, hi, k int) {
	key := func(i int) float64 { return t.points[i*t.d+axis] }
	for lo < hi {
		a, b, c := key(lo), key((lo+hi)/2), key(hi)
		pivot := max(min(a, b), min(max(a, b), c))
		i, j := lo, hi
		for i <= j {
			for key(i) < pivot {
				i++
			}
			for key(j) > pivot {
				j--
			}
			if i <= j {
				t.swap(i, j)
				i++
				j--
			}
		}
		switch {
		case k <= j:
			hi = j
		case k >= i:
			lo = i
		default:
			return
		}
	}
}

func (t *boxTree) swap(i, j int) {
	a, b := t.at(i), t.at(j)
	for k := range a {
		a[k], b[k] = b[k], a[k]
	}
	t.row[i], t.row[j] = t.row[j], t.row[i]
}

// A near is a joint neighbour: its distances in both blocks, and the larger.
type near struct{ joint, x, y float64 }

// A search looks for the k nearest of a point other than itself; the first p columns are those of x.
type search struct {
	*boxTree
	p, k   int
	self   int // place
	list   []near
	radius float64 // of the k-th so far
}

// nearest finds the neighbours of a place, nearest first: in its own leaf, then in what its ancestors hold beside it.
func (s *search) nearest(place int) []near {
	s.self, s.list, s.radius = place, s.list[:0], math.Inf(1)
	node := 0
	for !s.leaf(node) {
		node = 2*node + 1
		if place >= s.start[node+1] {
			node++
		}
	}
	s.scan(node)
	for node > 0 {
		sibling := node + 1
		if node%2 == 0 {
			sibling = node - 1
		}
		if s.distance(sibling) < s.radius {
			s.descend(sibling)
		}
		node = (node - 1) / 2
	}
	return s.list
}

func (s *search) descend(node int) {
	if s.leaf(node) {
		s.scan(node)
		return
	}
	first, second := 2*node+1, 2*node+2
	one, two := s.distance(first), s.distance(second)
	if two < one {
		first, second, one, two = second, first, two, one
	}
	if one < s.radius {
		s.descend(first)
	}
	if two < s.radius {
		s.descend(second)
	}
}

// distance is that of the point to the nearest corner, side or inside of a node's box.
func (s *search) distance(node int) float64 {
	low, high := s.low[node*s.d:(node+1)*s.d], s.high[node*s.d:(node+1)*s.d]
	var top float64
	for j, v := range s.at(s.self) {
		top = max(top, low[j]-v, v-high[j])
	}
	return top
}

// scan looks at the points of a leaf.
func (s *search) scan(node int) {
	lo, hi := s.span(node)
	own := s.at(s.self)
points:
	for i := lo; i < hi; i++ {
		if i == s.self {
			continue
		}
		other := s.points[i*s.d : (i+1)*s.d]
		for j, v := range own {
			if d := v - other[j]; d >= s.radius || -d >= s.radius {
				continue points
			}
		}
		s.add(i)
	}
}

// add puts a point into the list.
func (s *search) add(place int) {
	var c near
	other := s.at(place)
	for j, v := range s.at(s.self) {
		if d := math.Abs(v - other[j]); j < s.p {
			c.x = max(c.x, d)
		} else {
			c.y = max(c.y, d)
		}
	}
	c.joint = max(c.x, c.y)
	if len(s.list) == s.k {
		s.list = s.list[:s.k-1]
	}
	j := len(s.list)
	s.list = append(s.list, c)
	for ; j > 0 && s.list[j-1].joint > c.joint; j-- {
		s.list[j] = s.list[j-1]
	}
	s.list[j] = c
	if len(s.list) == s.k {
		s.radius = s.list[s.k-1].joint
	}
}

// count is the number of other rows nearer than radius to a row, strictly or not.
func (t *boxTree) count(row int, radius float64, strict bool) int {
	total := t.inside(0, t.at(t.place[row]), radius, strict)
	if radius > 0 || !strict {
		total-- // the row itself
	}
	return total
}

// inside counts the points of a node, without a look at them where its box is inside or outside as a whole.
func (t *boxTree) inside(node int, v []float64, radius float64, strict bool) int {
	low, high := t.low[node*t.d:(node+1)*t.d], t.high[node*t.d:(node+1)*t.d]
	var nearest, farthest float64
	for j, u := range v {
		nearest = max(nearest, low[j]-u, u-high[j])
		farthest = max(farthest, u-low[j], high[j]-u)
	}
	if nearest > radius || (strict && nearest == radius) {
		return 0
	}
	lo, hi := t.span(node)
	if farthest < radius || (!strict && farthest == radius) {
		return hi - lo
	}
	if !t.leaf(node) {
		return t.inside(2*node+1, v, radius, strict) + t.inside(2*node+2, v, radius, strict)
	}
	count := 0
points:
	for i := lo; i < hi; i++ {
		for j, w := range t.at(i) {
			if d := math.Abs(v[j] - w); d > radius || (strict && d == radius) {
				continue points
			}
		}
		count++
	}
	return count
}
