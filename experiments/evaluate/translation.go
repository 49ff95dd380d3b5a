package evaluate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "renders", doc: "translations against exact renders of drawn data",
		order: 110, version: 1, wants: wants(wantsTranslator, wantsRenders), do: (*Subject).exact})
}

func wantsRenders(w *Subject, _ *Codes) string {
	switch {
	case w.Domains[0].Render == nil || w.Domains[1].Render == nil:
		return "what a translation should be is not drawn exactly"
	case w.Spec.Translate.Pairs == 0:
		return "translate.pairs is 0"
	}
	return ""
}

// changedPixel is the difference, in [-1, 1] units, from which on a pixel should
// change; otherGuides are compared with the right guide, pair by pair.
const (
	changedPixel = 0.02
	otherGuides  = 5
)

// A translation is an edit that is scored and shown, by the name that tables give it.
type translation struct {
	name string
	models.Edit
}

// translations lists what is scored: both guided directions, removal from either
// side (the intersection) and the union.
var translations = []translation{
	{"a->b", models.Edit{Content: domains.A, Own: [2]models.Slot{models.Empty, models.OfGuide}}},
	{"b->a", models.Edit{Content: domains.B, Own: [2]models.Slot{models.OfGuide, models.Empty}}},
	{"removal-a", models.Edit{Content: domains.A}},
	{"removal-b", models.Edit{Content: domains.B}},
	{"union", models.Edit{Content: domains.A, Own: [2]models.Slot{models.OfContent, models.OfGuide}}},
}

// can says whether the model does an edit.
func (w *Subject) can(e models.Edit) bool { return slices.Contains(w.translator().Edits(), e) }

// asked is what the model is asked for where t is scored: t, or where it takes no guide the same with
// any part of that kind in the guide's slot. A score then compares what it makes with a guide that it
// has not seen. Not ok where it can do neither.
func (w *Subject) asked(t translation) (as translation, ok bool) {
	if w.can(t.Edit) {
		return t, true
	}
	for side, slot := range t.Own {
		if slot == models.OfGuide {
			t.Own[side] = models.Any
		}
	}
	return t, w.can(t.Edit)
}

// exact scores translations against exact renders.
func (w *Subject) exact(c *Codes) error {
	for _, t := range translations {
		if _, ok := w.asked(t); !ok {
			w.skip("translation "+t.name, "the model cannot do it")
			continue
		}
		s, ok, err := w.score(t, c)
		if err != nil {
			return err
		}
		if !ok {
			w.warn("translation %s: in none of %d pairs a pixel should change: not scored", t.name, w.Spec.Translate.Pairs)
			continue
		}
		w.Results.Translation = append(w.Results.Translation, s)
	}
	return nil
}

// pairs draws the translate.pairs content and guide images of one kind of translation,
// with repetition. Further draws of the same stream follow them.
func (w *Subject) pairs(t translation) (is, gs []int, r *rand.Rand) {
	contents, guides := w.Domains[t.Content].Test.Images.Len(), w.Domains[1-t.Content].Test.Images.Len()
	r = stream.New(w.Seed, "translate", t.name)
	is, gs = make([]int, w.Spec.Translate.Pairs), make([]int, w.Spec.Translate.Pairs)
	for p := range is {
		is[p], gs[p] = r.IntN(contents), r.IntN(guides)
	}
	return is, gs, r
}

// score makes translate.pairs translations of one kind and compares each with its
// exact render over the pixels that should change; not ok where no pixel should.
func (w *Subject) score(t translation, c *Codes) (s reports.Translation, ok bool, err error) {
	content, guide := t.Content, 1-t.Content
	contents, guides := w.Domains[content].Test, w.Domains[guide].Test
	pairs := w.Spec.Translate.Pairs
	is, gs, r := w.pairs(t)
	as, _ := w.asked(t)
	out, err := w.translated(as, c, is, gs)
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
			if !t.Guided() || count(mask) == 0 {
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
	s = reports.Translation{Direction: t.name, Pairs: pairs, L1: l1 / float64(pairs), Ratio: l1 / leave, Unguided: as != t}
	if compared > 0 {
		share := float64(hits) / float64(compared)
		s.Guide = &share
	}
	return s, true, nil
}

// translated makes the translations of held-out contents is with guides gs.
func (w *Subject) translated(t translation, c *Codes, is, gs []int) (*domains.Images, error) {
	return w.made(t.Edit, [2]*domains.Images{w.Domains[0].Test.Images, w.Domains[1].Test.Images}, [2]models.Codes{c[0][testSplit], c[1][testSplit]}, is, gs)
}

// made edits contents is of sets of images with guides gs of the other set, by the codes of
// the sets where the model decodes codes and has no edits of its own: nothing is encoded twice.
func (w *Subject) made(e models.Edit, sets [2]*domains.Images, codes [2]models.Codes, is, gs []int) (*domains.Images, error) {
	content, guide := codes[e.Content], codes[1-e.Content]
	d, decodes := w.Model.(models.Decoder)
	if _, translates := w.Model.(models.Translator); translates || !decodes { // its own way, where it has one
		var guides *domains.Images
		if e.Guided() {
			guides = sets[1-e.Content].Take(gs)
		}
		return w.translator().Translate(e, sets[e.Content].Take(is), guides)
	}
	var from models.Codes
	if e.Guided() {
		from = taken(guide, gs)
	}
	c, err := models.EditCodes(e, taken(content, is), from)
	if err != nil {
		return nil, err
	}
	return d.Decode(len(is), c)
}

// taken are the given rows of codes.
func taken(c models.Codes, rows []int) (out models.Codes) {
	for _, b := range c {
		out = append(out, b.Take(rows))
	}
	return out
}

// render draws what translation t of content i with guide g should be.
func (w *Subject) render(t translation, i, g int) []float32 {
	rows, factors := [2]int{-1, -1}, [2]*domains.Factors{}
	for side, slot := range t.Own {
		factors[side] = w.Domains[side].Test.Factors
		switch slot {
		case models.OfContent:
			rows[side] = i
		case models.OfGuide:
			rows[side] = g
		}
	}
	return w.Domains[t.Content].Render.Render(w.Domains[t.Content].Test.Factors, i, factors[0], rows[0], factors[1], rows[1])
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
func (w *Subject) keepGrid(g reports.Grid, images [][]float32) error {
	if len(images) != g.Rows*g.Columns {
		return fmt.Errorf("experiments: grid %s has %d images for %d x %d", g.Name, len(images), g.Rows, g.Columns)
	}
	g.File = "grids/" + g.Name + ".npy"
	if err := w.writeImages(g.File, []int{g.Rows, g.Columns}, images); err != nil {
		return err
	}
	w.Results.Grids = append(w.Results.Grids, g)
	return nil
}
