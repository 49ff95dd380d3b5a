package ops

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// WeightNorm adds the weight whose rows are those of v (out x in), each of the length that g
// (out) says: g·v/‖v‖ (T. Salimans and D. P. Kingma, Weight normalization, NIPS 2016).
func (g *Graph) WeightNorm(layer string, v, length *Node) *Node {
	return g.apply(layer, weightNorm(), v, length)
}

func init() {
	onCPUPlain("weight-norm", weightNormEval[float32], weightNormEval[float64])
	onCPUPlain("weight-norm-grad", weightNormGradEval[float32], weightNormGradEval[float64])
	onCPUPlain("weight-norm-grad-length", weightNormLengthEval[float32], weightNormLengthEval[float64])
}

func weightNorm() *op {
	return &op{kind: "weight-norm", ranks: []int{2, 1}, rank: 2, wrt: []bool{true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if s[0][0] != s[1][0] {
				return nil, fmt.Errorf("weight %v and lengths %v do not fit", s[0], s[1])
			}
			return s[0], nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dv, err := applyOp(&op{kind: "weight-norm-grad", ranks: []int{2, 1, 2}, rank: 2, infer: sameShape}, in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			dg, err := applyOp(&op{kind: "weight-norm-grad-length", ranks: []int{2, 2}, rank: 1, infer: func(s []tensor.Shape) (tensor.Shape, error) {
				return tensor.Shape{s[0][0]}, nil
			}}, in[0], grad)
			return G.Nodes{dv, dg}, err
		}}
}

// normAnd is the length of v, and v·d over it.
func normAnd[F kernels.Float](v, d []F) (norm, inner float64) {
	for i, x := range v {
		norm += float64(x) * float64(x)
		inner += float64(x) * float64(d[i])
	}
	norm = math.Sqrt(norm)
	return norm, inner / norm
}

func weightNormEval[F kernels.Float](out arg[F], in []arg[F]) {
	n := out.shape[1]
	for i, g := range in[1].data {
		v := in[0].data[i*n : (i+1)*n]
		norm, _ := normAnd(v, v)
		for j, x := range v {
			out.data[i*n+j] = F(float64(g) * float64(x) / norm)
		}
	}
}

// weightNormGradEval is g/‖v‖·(d − v·(v·d)/‖v‖²).
func weightNormGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	n := out.shape[1]
	for i, g := range in[1].data {
		v, d := in[0].data[i*n:(i+1)*n], in[2].data[i*n:(i+1)*n]
		norm, inner := normAnd(v, d)
		for j, x := range v {
			out.data[i*n+j] = F(float64(g) / norm * (float64(d[j]) - float64(x)*inner/norm))
		}
	}
}

func weightNormLengthEval[F kernels.Float](out arg[F], in []arg[F]) {
	n := in[0].shape[1]
	for i := range out.data {
		_, inner := normAnd(in[0].data[i*n:(i+1)*n], in[1].data[i*n:(i+1)*n])
		out.data[i] = F(inner)
	}
}
