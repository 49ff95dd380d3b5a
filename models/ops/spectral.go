package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// SpectralNorm adds the weight w (rank 4) divided by σ = uᵀWv, W being w with its
// first dimension as rows. u and v are inputs without gradient: the training step
// moves them (kernels.PowerIterate), evaluation leaves them alone.
func (g *Graph) SpectralNorm(layer string, w, u, v *Node) *Node {
	return g.apply(layer, spectralNorm(), w, u, v)
}

func init() {
	onCPUPlain("spectral-norm", spectralEval[float32], spectralEval[float64])
	onCPUPlain("spectral-norm-grad", spectralGradEval[float32], spectralGradEval[float64])
}

func spectralNorm() *op {
	return &op{
		kind: "spectral-norm", ranks: []int{4, 1, 1}, rank: 4, wrt: []bool{true, false, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if s[0][0] != s[1][0] || s[0][1:].TotalSize() != s[2][0] {
				return nil, fmt.Errorf("weight %v, u %v and v %v do not fit", s[0], s[1], s[2])
			}
			return s[0], nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "spectral-norm-grad", ranks: []int{4, 1, 1, 4}, rank: 4, infer: sameShape, inPlace: true}
			dw, err := applyOp(d, in[0], in[1], in[2], grad)
			return G.Nodes{dw, nil, nil}, err
		},
	}
}

func spectralEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.SpectralNorm(out.data, in[0].data, in[1].data, in[2].data)
}

func spectralGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.SpectralNormGrad(out.data, in[3].data, in[0].data, in[1].data, in[2].data)
}
