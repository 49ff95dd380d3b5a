package evaluate

import (
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics/correctness"
)

func init() {
	addEvaluation(evaluation{name: "correctness", doc: "which factors guided translations of drawn data move, each read by the nearest exact render",
		order: 112, version: 2, wants: wants(wantsTranslator, wantsRenders, wantsFactors, wantsScales), do: (*Subject).correctness})
}

func wantsScales(w *Subject, _ *Codes) string {
	for _, d := range w.Domains {
		if _, ok := d.Render.(domains.ScaledRenderer); !ok {
			return "the drawn data do not say which values of their factors are told apart"
		}
	}
	return ""
}

const (
	correctnessPairs     = 200 // of a direction, at most: each is compared with some fifty renders
	correctnessResamples = 1000
)

// correctness reads every factor of translations a->b and b->a, the first of the pairs that other scores take, and scores
// which moved.
func (w *Subject) correctness(c *Codes) error {
	r := newFactorReader(w.Domains)
	var pairs []correctness.Pair
	for d, t := range translations[correctness.AToB : correctness.BToA+1] {
		as, ok := w.asked(t)
		if !ok {
			w.skip("correctness "+t.name, "the model cannot do it")
			continue
		}
		is, gs, _ := w.pairs(t)
		n := min(len(is), correctnessPairs)
		out, err := w.translated(as, c, is[:n], gs[:n])
		if err != nil {
			return err
		}
		read := make([]correctness.Pair, n)
		parallel.For(n, func(p int) { read[p] = r.pair(correctness.Direction(d), is[p], gs[p], out.At(p)) })
		pairs = append(pairs, read...)
	}
	if len(pairs) == 0 {
		return nil
	}
	result, err := correctness.Scores(r.factors(), pairs, correctnessResamples, w.Seed)
	if err != nil {
		return err
	}
	for _, text := range result.Warnings {
		w.warn("correctness: %s", text)
	}
	w.Results.Correctness = result.Scores
	return nil
}

// A scaledFactor is a factor of drawn data by its levels; where a part that it is of is not there, its level is the one
// after the last.
type scaledFactor struct {
	name   string
	kind   correctness.Kind
	scale  domains.Scale
	column [2]int // in the tables of A and B; -1: in neither
}

// level is that to which a value belongs; absent values are NaN.
func (f scaledFactor) level(v float64) int {
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

// A factorReader reads the factors of translations off exact renders.
type factorReader struct {
	tables [2]*domains.Factors // of test images of A and B
	render domains.Renderer    // for both directions: it may keep what it has drawn
	list   []scaledFactor
}

func newFactorReader(sides [2]*domains.Domain) *factorReader {
	r := &factorReader{tables: [2]*domains.Factors{sides[0].Test.Factors, sides[1].Test.Factors}, render: sides[0].Render}
	for side, table := range r.tables {
		for j, name := range table.Names {
			other := slices.Index(r.tables[1-side].Names, name)
			if side == 1 && other >= 0 {
				continue // shared: listed with those of A
			}
			f := scaledFactor{name: name, kind: [2]correctness.Kind{correctness.OfA, correctness.OfB}[side], scale: sides[side].Render.(domains.ScaledRenderer).Scale(name)}
			f.column[side], f.column[1-side] = j, other
			if other >= 0 {
				f.kind = correctness.Shared
			}
			r.list = append(r.list, f)
		}
	}
	return r
}

// factors are those that the scores know.
func (r *factorReader) factors() []correctness.Factor {
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
func (r *factorReader) rendered(d drawing) []float32 {
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

// pair reads a translation of content i with guide g. It should have the content's shared factors and the guide's own;
// what is the content's own should be at its constant. The value of a factor is the level of the nearest render, by the sum
// of absolute differences over all pixels (L1), among those in which the factor has the number of each of its levels, the
// content's value or the guide's, and the others are as they should be. An exact translation is thus nearest to itself;
// of equally near ones the level that should be wins.
func (r *factorReader) pair(direction correctness.Direction, i, g int, image []float32) correctness.Pair {
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
	exact := distance(image, r.rendered(right))
	bare := math.NaN() // distance to the render without the guide's own part, the same for all factors of it
	p := correctness.Pair{Direction: direction}
	for _, f := range r.list {
		x, y := f.scale.Constant, f.scale.Constant
		if j := f.column[side]; j >= 0 {
			x = content[j]
		}
		if j := f.column[1-side]; j >= 0 {
			y = guide[j]
		}
		wanted := x
		if f.kind != correctness.Shared {
			wanted = y // the guide's own, or what the content's own is in the guide's domain
		}
		should, least := f.level(wanted), exact
		read := should
		try := func(v float64) {
			if d := distance(image, r.rendered(r.with(right, f, side, content, v))); d < least {
				read, least = f.level(v), d
			}
		}
		values := f.candidates(wanted, x, y)
		for _, v := range values {
			if f.level(v) != should {
				try(v)
			}
		}
		if f.of(1-side) && math.IsNaN(f.scale.Constant) { // the guide's part may be missing
			if math.IsNaN(bare) {
				without := right
				without.absent[1-side] = true
				bare = distance(image, r.rendered(without))
			}
			if bare < least {
				read, least = len(f.scale.Levels), bare
			}
		}
		if read != should { // which other values of the right level may still win back
			for _, v := range values {
				if f.level(v) == should {
					try(v)
				}
			}
		}
		p.Content, p.Guide, p.Translation = append(p.Content, f.level(x)), append(p.Guide, f.level(y)), append(p.Translation, read)
	}
	return p
}

// of says whether a factor is one domain's own.
func (f scaledFactor) of(side int) bool { return f.column[side] >= 0 && f.column[1-side] < 0 }

// candidates are the values of a factor that are drawn, each once, less the one that should be.
func (f scaledFactor) candidates(wanted, x, y float64) (out []float64) {
	for _, v := range append(slices.Clone(f.scale.Levels), x, y) {
		if !math.IsNaN(v) && v != wanted && !slices.Contains(out, v) {
			out = append(out, v)
		}
	}
	return out
}

// with is a drawing in which one factor has another value. A part that is not there is then the content's, with that value.
func (r *factorReader) with(d drawing, f scaledFactor, side int, content []float64, v float64) drawing {
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

// distance is the sum of absolute differences.
func distance(x, y []float32) float64 {
	var sum float64
	for k, v := range x {
		sum += math.Abs(float64(v) - float64(y[k]))
	}
	return sum
}
