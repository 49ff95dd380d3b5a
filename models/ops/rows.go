package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Part adds the given rows of x (N x d, or N x C x H x W) in memory of its own.
func (g *Graph) Part(layer string, rows Rows, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, part(rows, x.Dims()), x)
}

func init() {
	onCPU("part", partEval[float32], partEval[float64])
	onCPU("part-grad", partGradEval[float32], partGradEval[float64])
}

func part(rows Rows, rank int) *op {
	return &op{
		kind: "part", attrs: rowsAttrs{rows}, ranks: []int{rank}, rank: rank, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			out := s[0].Clone()
			out[0] = rows.Hi - rows.Lo
			return out, rows.check(s[0][0])
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "part-grad", attrs: rowsAttrs{rows}, ranks: []int{rank, rank}, rank: rank,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil }}
			dx, err := applyOp(d, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func partEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) { copy(out.data, in[0].rows(a.Rows)) }
}

func partGradEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		copy(out.rows(a.Rows), in[1].data)
	}
}
