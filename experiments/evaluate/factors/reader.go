// Package factors reads the factors of images off exact renders: of drawn data, what a translation or a reconstruction
// shows.
package factors

import (
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/correctness"
)

// A factor is a factor of drawn data by its levels; where a part that it is of is not there, its level is the one
// after the last.
type factor struct {
	name   string
	kind   correctness.Kind
	scale  domains.Scale
	column [2]int // in the tables of A and B; -1: in neither
}

// level is that to which a value belongs; absent values are NaN.
func (f factor) level(v float64) int {
	if math.IsNaN(v) {
		return len(f.scale.Levels)
	}
	nearest := 0
	for l, level := range f.scale.Levels {
		if math.Abs(level-v) < math.Abs(f.scale.Levels[nearest]-v) {
			nearest = l
		}
	}
	return nearest
}

// A Reader reads factors off exact renders of test images of two drawn domains.
type Reader struct {
	tables [2]*domains.Factors // of test images of A and B
	render domains.Renderer    // for both directions: it may keep what it has drawn
	list   []factor
}

func NewReader(sides [2]*domains.Domain) *Reader {
	r := &Reader{tables: [2]*domains.Factors{sides[0].Test.Factors, sides[1].Test.Factors}, render: sides[0].Render}
	for side, table := range r.tables {
		for j, name := range table.Names {
			other := slices.Index(r.tables[1-side].Names, name)
			if side == 1 && other >= 0 {
				continue // shared: listed with those of A
			}
			f := factor{name: name, kind: [2]correctness.Kind{correctness.OfA, correctness.OfB}[side], scale: sides[side].Render.(domains.ScaledRenderer).Scale(name)}
			f.column[side], f.column[1-side] = j, other
			if other >= 0 {
				f.kind = correctness.Shared
			}
			r.list = append(r.list, f)
		}
	}
	return r
}

// Factors are those that the scores know: shared ones and those of A, then those of B.
func (r *Reader) Factors() []correctness.Factor {
	var out []correctness.Factor
	for _, f := range r.list {
		out = append(out, correctness.Factor{Name: f.name, Kind: f.kind, Constant: f.level(f.scale.Constant)})
	}
	return out
}

// A drawing is the factors of one render: common ones, and those of A and B.
type drawing struct {
	content int // the domain whose table common factors are in
	common  []float64
	own     [2][]float64
	absent  [2]bool // the domain's own part is left out
}

// rendered draws it.
func (r *Reader) rendered(d drawing) []float32 {
	one := func(side int, values []float64) *domains.Factors {
		return &domains.Factors{Names: r.tables[side].Names, Categories: r.tables[side].Categories, Values: [][]float64{values}}
	}
	rows := [2]int{}
	for side, absent := range d.absent {
		if absent {
			rows[side] = -1
		}
	}
	return r.render.Render(one(d.content, d.common), 0, one(0, d.own[0]), rows[0], one(1, d.own[1]), rows[1])
}

// Translated reads a translation of content i with guide g. It should have the content's shared factors and the guide's own;
// what is the content's own should be at its constant.
func (r *Reader) Translated(direction correctness.Direction, i, g int, image []float32) correctness.Pair {
	side := int(direction)
	content, guide := r.tables[side].Values[i], r.tables[1-side].Values[g]
	right := drawing{content: side, common: content}
	right.own[side], right.own[1-side] = slices.Clone(content), guide
	for _, f := range r.list {
		if f.of(side) {
			right.own[side][f.column[side]] = f.scale.Constant
			right.absent[side] = right.absent[side] || math.IsNaN(f.scale.Constant)
		}
	}
	shown := r.newReading(image, right, side, 1-side, content)
	p := correctness.Pair{Direction: direction}
	for _, f := range r.list {
		x, y := f.values(side, content, guide)
		wanted := x
		if f.kind != correctness.Shared {
			wanted = y // the guide's own, or what the content's own is in the guide's domain
		}
		p.Content, p.Guide, p.Translation = append(p.Content, f.level(x)), append(p.Guide, f.level(y)), append(p.Translation, shown.level(f, wanted, x, y))
	}
	return p
}

// Reconstructed reads, in place of a translation of content i with guide g, what the two show where each is made again:
// shared factors off the content's, the guide's own off the guide's, and the content's own gone.
func (r *Reader) Reconstructed(direction correctness.Direction, i, g int, madeContent, madeGuide []float32) correctness.Pair {
	side := int(direction)
	content, guide := r.tables[side].Values[i], r.tables[1-side].Values[g]
	ofContent, ofGuide := r.made(side, content, madeContent), r.made(1-side, guide, madeGuide)
	p := correctness.Pair{Direction: direction}
	for _, f := range r.list {
		x, y := f.values(side, content, guide)
		read := f.level(f.scale.Constant)
		switch {
		case f.kind == correctness.Shared:
			read = ofContent.level(f, x, x, y)
		case f.of(1 - side):
			read = ofGuide.level(f, y, x, y)
		}
		p.Content, p.Guide, p.Translation = append(p.Content, f.level(x)), append(p.Guide, f.level(y)), append(p.Translation, read)
	}
	return p
}

// made is the reading of an image of a side made again.
func (r *Reader) made(side int, values []float64, image []float32) *reading {
	right := drawing{content: side, common: values}
	right.own[side], right.absent[1-side] = values, true
	return r.newReading(image, right, side, side, values)
}

// values are those of content and guide; a factor that one does not have is at its constant.
func (f factor) values(side int, content, guide []float64) (x, y float64) {
	x, y = f.scale.Constant, f.scale.Constant
	if j := f.column[side]; j >= 0 {
		x = content[j]
	}
	if j := f.column[1-side]; j >= 0 {
		y = guide[j]
	}
	return x, y
}

// A reading compares an image with renders: that which it should be, and others.
type reading struct {
	*Reader
	image   []float32
	right   drawing
	side    int       // of the content
	part    int       // whose own part is there, and may be missing
	content []float64 // of its table
	exact   float64   // distance to the render that it should be
	bare    float64   // to that without the own part, the same for all factors of it; NaN: not yet known
}

func (r *Reader) newReading(image []float32, right drawing, side, part int, content []float64) *reading {
	return &reading{r, image, right, side, part, content, Distance(image, r.rendered(right)), math.NaN()}
}

// level is that of a factor: of the nearest render, by the sum of absolute differences over all pixels (L1), among those in
// which the factor has the number of each of its levels, the content's value x or the guide's, y, and the others are as they
// should be. An exact image is thus nearest to itself; of equally near ones the level of the value that is wanted wins.
func (t *reading) level(f factor, wanted, x, y float64) int {
	should, least := f.level(wanted), t.exact
	read := should
	try := func(v float64) {
		if d := Distance(t.image, t.rendered(t.with(t.right, f, t.side, t.content, v))); d < least {
			read, least = f.level(v), d
		}
	}
	values := f.candidates(wanted, x, y)
	for _, v := range values {
		if f.level(v) != should {
			try(v)
		}
	}
	if f.of(t.part) && math.IsNaN(f.scale.Constant) { // the part may be missing
		if math.IsNaN(t.bare) {
			without := t.right
			without.absent[t.part] = true
			t.bare = Distance(t.image, t.rendered(without))
		}
		if t.bare < least {
			read, least = len(f.scale.Levels), t.bare
		}
	}
	if read != should { // which other values of the right level may still win back
		for _, v := range values {
			if f.level(v) == should {
				try(v)
			}
		}
	}
	return read
}

// of says whether a factor is one domain's own.
func (f factor) of(side int) bool { return f.column[side] >= 0 && f.column[1-side] < 0 }

// candidates are the values of a factor that are drawn, each once, less the one that should be.
func (f factor) candidates(wanted, x, y float64) (out []float64) {
	for _, v := range append(slices.Clone(f.scale.Levels), x, y) {
		if !math.IsNaN(v) && v != wanted && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// with is a drawing in which one factor has another value. A part that is not there is then the content's, with that value.
func (r *Reader) with(d drawing, f factor, side int, content []float64, v float64) drawing {
	set := func(values []float64, column int) []float64 {
		out := slices.Clone(values)
		out[column] = v
		return out
	}
	switch {
	case f.kind == correctness.Shared:
		d.common = set(d.common, f.column[side])
	case f.column[side] < 0:
		d.own[1-side] = set(d.own[1-side], f.column[1-side])
	case d.absent[side]:
		d.own[side], d.absent[side] = set(content, f.column[side]), false
	default:
		d.own[side] = set(d.own[side], f.column[side])
	}
	return d
}

// Distance is the sum of absolute differences.
func Distance(x, y []float32) float64 {
	var sum float64
	for k, v := range x {
		sum += math.Abs(float64(v) - float64(y[k]))
	}
	return sum
}
