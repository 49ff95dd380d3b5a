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

// reverseAttrs are the layer's name, which tells two reversals of one node apart, and the
// factor, which a run reads as it stands then.
type reverseAttrs struct {
	layer  string
	factor *float64
}

func (a reverseAttrs) String() string { return fmt.Sprintf("{layer %q}", a.layer) }

func init() {
	onCPUPlain("reverse", copyEval[float32], copyEval[float64])
	onCPU("reverse-grad", reverseGradEval[float32], reverseGradEval[float64])
}

func reverse(layer string, factor *float64, rank int) *op {
	return &op{
		kind: "reverse", attrs: reverseAttrs{layer, factor}, ranks: []int{rank}, rank: rank, infer: sameShape, wrt: []bool{true},
		diff: func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "reverse-grad", attrs: reverseAttrs{layer, factor}, ranks: []int{rank}, rank: rank,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil }}
			dx, err := applyOp(d, grad)
			return G.Nodes{dx}, err
		},
	}
}

func reverseGradEval[F kernels.Float](a reverseAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.Scale(out.data, in[0].data, F(-*a.factor)) }
}
