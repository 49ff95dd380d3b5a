package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// The values of the option slots: where an image's own separate code stands in the decoder's
// input. In the slot of its domain, the other slot zero, which tells the decoder the domain; in
// both slots, which does not; or, whichever encoder made it, in the first slot, and the second
// says the domain by zeros for A and ones for B. The last two are no_flag and one_encoding of
// the reference's code, which has both encoders in either.
const (
	ownSlot   = "own"
	bothSlots = "both"
	flagSlot  = "flag"
)

// checkSlots finds options that the translation within a step has no arrangement for.
func checkSlots(o option.Values) (out []option.Error) {
	slots := o.String("slots")
	for _, name := range []string{"label.translated", "label.consistency"} {
		if w := o.Float(name); w > 0 && slots != ownSlot {
			out = append(out, option.Error{Option: "model." + name, Problem: fmt.Sprintf("%v, which takes model.slots %s, not %s", w, ownSlot, slots)})
		}
	}
	return out
}

// decoderInput adds the decoder's input for the images of a step.
func (m *Model) decoderInput(s *stepGraphs, g *ops.Graph, common, slotA, slotB *ops.Node) *ops.Node {
	slots := m.options.String("slots")
	if slots == ownSlot {
		return g.Code("code", common, slotA, slotB, s.rows(domains.A), s.rows(domains.B))
	}
	first := g.Join("code/own", s.ownCodes(g, domains.A, slotA), s.ownCodes(g, domains.B, slotB))
	second := first
	if slots == flagSlot {
		flags, data := models.Input(2*s.batch, m.nets.separate, m.nets.side, m.nets.side)
		fillOnes(data[len(data)/2:])
		second = g.Bind("code/flags", flags)
	}
	all := ops.Rows{Lo: 0, Hi: 2 * s.batch}
	return g.Code("code", common, first, second, all, all)
}

// decoderBlocks are the blocks of the decoder's input for n codes: the common one and both
// slots; nil is zero. With a flag there is one slot, and what is of neither domain, or of both,
// has no code.
func (m *Model) decoderBlocks(n int, c models.Codes) ([]*models.Block, error) {
	a, b := c.Of(models.SeparateA), c.Of(models.SeparateB)
	switch slots := m.options.String("slots"); {
	case slots == flagSlot && (a == nil) == (b == nil):
		return nil, fmt.Errorf("models: didd: slots %s: the decoder takes the separate code of one domain, neither none nor both", slots)
	case slots == flagSlot && a == nil:
		flags := models.NewBlock(models.SeparateB, n, m.nets.separate, m.nets.places())
		fillOnes(flags.Data)
		a, b = b, flags
	case slots == bothSlots && a == nil:
		a = b
	case slots == bothSlots && b == nil:
		b = a
	}
	return []*models.Block{c.Of(models.Common), a, b}, nil
}

// CanEdit says whether there are codes for an edit.
func (m *Model) CanEdit(e models.Edit) bool {
	return m.options.String("slots") != flagSlot || (e.Own[domains.A] == models.Empty) != (e.Own[domains.B] == models.Empty)
}

func fillOnes(data []float32) {
	for i := range data {
		data[i] = 1
	}
}
