package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// pasteOptions have the common code see nothing of what is particular to a domain. A discriminator
// sees that domains differ: a value that holds the colour of glasses in one and that of lips in the
// other, with one distribution, passes. Such values make a pair of domains no worse explained, so
// something beyond both has to tell them from common ones: here that what is particular has a place in
// the image, where decoding with and without the separate code differs. What is there is pasted onto an
// image of the other domain, whose own is taken away the same way, and the common code of the composite has
// to be that of the image below. Ours.
var pasteOptions = later([]option.Option{
	{Name: "paste.weight", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the mean absolute difference of the common code of composites from that of the images below, a constant: images of one domain with what separate codes change in those of the other pasted onto them; 0, as the reference, makes none"},
	{Name: "paste.start", Kind: option.Float, Default: 0.25, Min: 0, Max: 1, Doc: "share of the iterations before it; over the next twentieth it rises linearly"},
})

// A pixel counts as particular to an image that its separate code changes by more than the first, and
// wholly from the second on, of a range of 2. Below, what a decoder with instance norms changes everywhere
// counts too, and whole images are pasted.
const particularFrom, particularAt = 0.25, 0.5

// pasteRise is the share of the iterations over which the weight rises.
const pasteRise = 0.05

// checkPaste finds composites that nothing draws the images below of, and some that would never count.
func checkPaste(o option.Values) (out []option.Error) {
	w, start := o.Float("paste.weight"), o.Float("paste.start")
	if w > 0 && o.Float("loss.alone") == 0 && o.Float("cycle.removal") == 0 {
		out = append(out, option.Error{Option: "model.paste.weight", Problem: fmt.Sprintf("%v, which takes images of the common code alone; give model.loss.alone or model.cycle.removal", w)})
	}
	if w > 0 && start >= 1 {
		out = append(out, option.Error{Option: "model.paste.start", Problem: fmt.Sprintf("%v, but the training ends there, before composites count; want less than 1", start)})
	}
	return out
}

// pasteWeight is that of a step.
func pasteWeight(o option.Values, step int) float64 {
	iterations := float64(o.Int("train.iterations"))
	return o.Float("paste.weight") * min(1, max(0, (float64(step+1)/iterations-o.Float("paste.start"))/pasteRise))
}

// addPaste adds the loss of composites: own are decoded images, alone those of the common code alone.
func (m *Model) addPaste(s *stepGraphs, b *models.Binding, input, own, alone, common *ops.Node) {
	if m.options.Float("paste.weight") == 0 {
		return
	}
	g := b.Graph
	made := g.Composites("paste/images", particularFrom, particularAt, input, own, alone)
	code := m.nets.common.Again(b, "paste/", m.seenByCommon(&s.regions, g, "paste", made))
	s.paste = len(s.terms)
	for _, side := range []domains.Side{domains.A, domains.B} {
		s.add("paste/"+side.String(), 0, g.L1("loss/paste-"+side.String(), s.rows(side), code, common))
	}
}

// pasteMACs are what composites add to a step's multiply-accumulates, for one pair of images: three passes of the
// common encoder, less the gradient by the composites.
func (m *Model) pasteMACs() int {
	if m.options.Float("paste.weight") == 0 {
		return 0
	}
	return m.passes(m.nets.common.Layers(m.shape.Height))
}
