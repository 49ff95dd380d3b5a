// Package adversary holds what adversarial losses on images need.
package adversary

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// Penalty adds mean_i (‖∇D(x_i)‖ − 1)², D the sum of all that stacks, one after the other, make of
// an image: the gradient penalty of Wasserstein critics (I. Gulrajani et al., Improved training of
// Wasserstein GANs, NIPS 2017, arXiv 1704.00028).
//
// It needs no second derivatives. With v the gradient over its length, both as constants, the
// length is the change of D along v, and so are their derivatives by the parameters: what is added
// is the mean square of that change less 1. No gradient goes into x.
func Penalty(b *models.Binding, x *ops.Node, stacks ...layers.Stack) *ops.Node {
	g, out := b.Graph, x
	traces := make([]layers.Trace, len(stacks))
	for i, s := range stacks {
		traces[i] = s.BuildTraced(b, out)
		out = traces[i].Out()
	}
	if out == nil { // the graph has said why
		return nil
	}
	slope := ones(b, "penalty/sum", out.Shape()...)
	for i := len(traces) - 1; i >= 0; i-- {
		slope = traces[i].Back(b, slope)
	}
	along := g.Direction("penalty/direction", slope)
	for _, t := range traces {
		along = t.Along(b, along)
	}
	n := out.Shape()[0]
	if width := out.Shape().TotalSize() / n; width > 1 {
		along = g.Project("penalty/whole", g.Flatten("penalty/flat", along), ones(b, "penalty/each", 1, width))
	}
	return g.MSE("penalty", ops.Rows{Lo: 0, Hi: n}, along, ones(b, "penalty/one", n, 1))
}

// ones is an input of ones.
func ones(b *models.Binding, name string, shape ...int) *ops.Node {
	t, data := models.Input(shape...)
	for i := range data {
		data[i] = 1
	}
	return b.Graph.Bind(name, t)
}
