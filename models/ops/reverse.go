package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Reverse adds x, of any rank, in memory of its own, and sends −factor times the gradient
// back: gradient reversal (Y. Ganin and V. Lempitsky, "Unsupervised domain adaptation by
// backpropagation", ICML 2015). The factor is read at each run: the caller may change it
// between runs.
func (g *Graph) Reverse(layer string, factor *float64, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, reverse(layer, factor, x.Dims()), x)
}

// reverse has the layer's name in its text: two reversals of one node have factors of their
// own.
func reverse(layer string, factor *float64, rank int) *op {
	return &op{
		text: fmt.Sprintf("reverse{layer %q}", layer), ranks: []int{rank}, rank: rank, infer: sameShape, wrt: []bool{true},
		eval32: copyEval[float32], eval64: copyEval[float64],
		diff: func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{text: fmt.Sprintf("reverse-grad{layer %q}", layer), ranks: []int{rank}, rank: rank,
				infer:  func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil },
				eval32: reverseGradEval[float32](factor), eval64: reverseGradEval[float64](factor)}
			dx, err := applyOp(d, grad)
			return G.Nodes{dx}, err
		},
	}
}

func reverseGradEval[F kernels.Float](factor *float64) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.Scale(out.data, in[0].data, F(-*factor)) }
}
