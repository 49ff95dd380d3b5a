package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// CrossEntropy adds the mean over the given rows of the logits x (N x K) of −log
// softmax(x)[y], in nats. labels holds the classes of these rows as whole numbers, one for
// each (hi−lo), and has no gradient.
func (g *Graph) CrossEntropy(layer string, rows Rows, logits, labels *Node) *Node {
	return g.apply(layer, crossEntropy(rows), logits, labels)
}

// rowsAttrs are the rows that count.
type rowsAttrs struct{ Rows Rows }

func init() {
	onCPU("cross-entropy", crossEntropyEval[float32], crossEntropyEval[float64])
	onCPU("cross-entropy-grad", crossEntropyGradEval[float32], crossEntropyGradEval[float64])
}

func crossEntropy(rows Rows) *op {
	o := &op{kind: "cross-entropy", attrs: rowsAttrs{rows}, ranks: []int{2, 1}, wrt: []bool{true, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if err := rows.check(s[0][0]); err != nil {
				return nil, err
			}
			if s[1][0] != rows.Hi-rows.Lo {
				return nil, fmt.Errorf("%d labels for rows %v", s[1][0], rows)
			}
			return tensor.ScalarShape(), nil
		}}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d := &op{kind: "cross-entropy-grad", attrs: o.attrs, ranks: []int{0, 2, 1}, rank: 2,
			infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
		dx, err := applyOp(d, grad, in[0], in[1])
		return G.Nodes{dx, nil}, err
	}
	return o
}

func crossEntropyEval[F kernels.Float](a rowsAttrs) eval[F] {
	rows := a.Rows
	return func(out arg[F], in []arg[F]) { out.data[0] = F(kernels.CrossEntropy(in[0].rows(rows), in[1].data)) }
}

func crossEntropyGradEval[F kernels.Float](a rowsAttrs) eval[F] {
	rows := a.Rows
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		kernels.CrossEntropyGrad(out.rows(rows), in[1].rows(rows), in[2].data, float64(in[0].data[0]))
	}
}
