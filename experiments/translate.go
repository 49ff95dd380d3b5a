package experiments

import (
	"fmt"
	"math"
	"math/rand/v2"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// changedPixel is the difference, in [-1, 1] units, from which on a pixel should
// change; otherGuides are compared with the right guide, pair by pair.
const (
	changedPixel = 0.02
	otherGuides  = 5
)

// A translation says how images of one direction are made and what they should
// be: content image i of a side, the slots filled from guides (or left empty).
type translation struct {
	name    string
	content domains.Side
	useA    bool // the slot of A is filled
	useB    bool
}

// translations lists what is scored: both guided directions, removal from either
// side (the intersection) and the union. A slot of the content's own side is filled
// from the content itself, the other from a guide.
var translations = []translation{
	{"a->b", domains.A, false, true},
	{"b->a", domains.B, true, false},
	{"removal-a", domains.A, false, false},
	{"removal-b", domains.B, false, false},
	{"union", domains.A, true, true},
}

// guided says whether a slot is filled from the other domain.
func (t translation) guided() bool {
	return t.content == domains.A && t.useB || t.content == domains.B && t.useA
}

// translate makes the image grids and scores translations of held-out images: against
// exact renders, where the data is drawn, and by judges, where it has attributes.
func (w *job) translate(c *splitCodes) error {
	for _, do := range []func(*splitCodes) error{w.grids, w.neighbours, w.exact, w.faces} {
		if err := do(c); err != nil {
			return err
		}
	}
	return nil
}

// exact scores translations against exact renders.
func (w *job) exact(c *splitCodes) error {
	if w.domains[0].Render == nil || w.domains[1].Render == nil || w.Spec.Translate.Pairs == 0 {
		return nil
	}
	for _, t := range translations {
		s, ok, err := w.score(t, c)
		if err != nil {
			return err
		}
		if !ok {
			w.warn("translation %s: in none of %d pairs a pixel should change: not scored", t.name, w.Spec.Translate.Pairs)
			continue
		}
		w.results.Translation = append(w.results.Translation, s)
	}
	return nil
}

// pairs draws the translate.pairs content and guide images of one kind of translation,
// with repetition. Further draws of the same stream follow them.
func (w *job) pairs(t translation) (is, gs []int, r *rand.Rand) {
	contents, guides := w.domains[t.content].Test.Images.Len(), w.domains[1-t.content].Test.Images.Len()
	r = stream.New(w.Seed, "translate", t.name)
	is, gs = make([]int, w.Spec.Translate.Pairs), make([]int, w.Spec.Translate.Pairs)
	for p := range is {
		is[p], gs[p] = r.IntN(contents), r.IntN(guides)
	}
	return is, gs, r
}

// score makes translate.pairs translations of one kind and compares each with its
// exact render over the pixels that should change; not ok where no pixel should.
func (w *job) score(t translation, c *splitCodes) (s reports.Translation, ok bool, err error) {
	content, guide := t.content, 1-t.content
	contents, guides := w.domains[content].Test, w.domains[guide].Test
	pairs := w.Spec.Translate.Pairs
	is, gs, r := w.pairs(t)
	out, err := w.decode(t, c, is, gs)
	if err != nil {
		return reports.Translation{}, false, err
	}
	var l1, leave float64
	hits, compared := 0, 0
	for p := range pairs {
		have := contents.Images.At(is[p])
		want := w.render(t, is[p], gs[p])
		mask := different(want, have, changedPixel)
		l1 += maskedL1(out.At(p), want, mask)
		leave += maskedL1(have, want, mask)
		for range otherGuides {
			other := w.render(t, is[p], r.IntN(guides.Images.Len()))
			mask := different(want, other, changedPixel)
			if !t.guided() || count(mask) == 0 {
				continue
			}
			compared++
			if maskedL1(out.At(p), want, mask) < maskedL1(out.At(p), other, mask) {
				hits++
			}
		}
	}
	if leave == 0 {
		return reports.Translation{}, false, nil
	}
	s = reports.Translation{Direction: t.name, Pairs: pairs, L1: l1 / float64(pairs), Ratio: l1 / leave}
	if compared > 0 {
		share := float64(hits) / float64(compared)
		s.Guide = &share
	}
	return s, true, nil
}

// decode makes the translations of contents is with guides gs from test codes.
func (w *job) decode(t translation, c *splitCodes, is, gs []int) (*domains.Images, error) {
	own, other := c[t.content][testSplit], c[1-t.content][testSplit]
	var slots [2]*models.Block
	fill := [2]bool{t.useA, t.useB}
	for side := range slots {
		switch {
		case !fill[side]:
		case domains.Side(side) == t.content:
			slots[side] = separateOf(own, side).Take(is)
		default:
			slots[side] = separateOf(other, side).Take(gs)
		}
	}
	return w.model.Decode(len(is), own.Common.Take(is), slots[0], slots[1])
}

func separateOf(c *models.Codes, side int) *models.Block {
	return [2]*models.Block{c.SeparateA, c.SeparateB}[side]
}

// render draws what translation t of content i with guide g should be.
func (w *job) render(t translation, i, g int) []float32 {
	rows, factors := [2]int{-1, -1}, [2]*domains.Factors{}
	for side, fill := range [2]bool{t.useA, t.useB} {
		factors[side] = w.domains[side].Test.Factors
		switch {
		case !fill:
		case domains.Side(side) == t.content:
			rows[side] = i
		default:
			rows[side] = g
		}
	}
	return w.domains[t.content].Render.Render(w.domains[t.content].Test.Factors, i, factors[0], rows[0], factors[1], rows[1])
}

func different(x, y []float32, by float64) []bool {
	mask := make([]bool, len(x))
	for i := range x {
		mask[i] = math.Abs(float64(x[i])-float64(y[i])) > by
	}
	return mask
}

func count(mask []bool) int {
	n := 0
	for _, m := range mask {
		if m {
			n++
		}
	}
	return n
}

// maskedL1 is the mean absolute difference over the mask, 0 over an empty one.
func maskedL1(x, y []float32, mask []bool) float64 {
	var s float64
	n := 0
	for i, m := range mask {
		if m {
			s += math.Abs(float64(x[i]) - float64(y[i]))
			n++
		}
	}
	return s / float64(max(n, 1))
}

// keepGrid writes a grid of images, rows x columns, to the run directory.
func (w *job) keepGrid(g reports.Grid, images [][]float32) error {
	if len(images) != g.Rows*g.Columns {
		return fmt.Errorf("experiments: grid %s has %d images for %d x %d", g.Name, len(images), g.Rows, g.Columns)
	}
	g.File = "grids/" + g.Name + ".npy"
	if err := w.writeImages(g.File, []int{g.Rows, g.Columns}, images); err != nil {
		return err
	}
	w.results.Grids = append(w.results.Grids, g)
	return nil
}
