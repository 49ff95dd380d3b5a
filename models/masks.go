package models

import (
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models/ops"
)

// Masks are the random factors by which a program drops values (N. Srivastava et al.,
// Dropout, JMLR 15 (2014)). They are inputs, drawn anew for every step.
type Masks struct{ all []mask }

// mask is one layer's factors of n rows; each draw holds for so many values in a row.
type mask struct {
	name string
	rate float64
	held int
	data []float32
	node *ops.Node
}

// Drop adds x, of any rank, with a share rate of its values dropped, and the rest enlarged so that
// the mean is kept: each draw is for held values side by side, those of a channel for
// instance. A layer that reads two batches of one size drops the same values of either. Where
// the binding has no Masks, and at rate 0, it is x.
func (b *Binding) Drop(name string, rate float64, held int, x *ops.Node) *ops.Node {
	if b.Masks == nil || rate == 0 || x == nil {
		return x
	}
	for _, k := range b.Masks.all {
		if k.name == name && k.node != nil && k.node.Shape().Eq(x.Shape()) {
			return b.Graph.Times(name, 1/(1-rate), x, k.node)
		}
	}
	in, data := Input(x.Shape()...)
	node := b.Graph.Bind(name+"/mask", in)
	b.Masks.all = append(b.Masks.all, mask{name, rate, held, data, node})
	return b.Graph.Times(name, 1/(1-rate), x, node)
}

// Draw fills the masks of a step, each from a stream of its own.
func (m *Masks) Draw(seed uint64, step int) {
	for _, k := range m.all {
		r := stream.New(seed, "dropout", k.name, step)
		for i := 0; i < len(k.data); i += k.held {
			v := float32(0)
			if r.Float64() >= k.rate {
				v = 1
			}
			for j := range k.held {
				k.data[i+j] = v
			}
		}
	}
}
