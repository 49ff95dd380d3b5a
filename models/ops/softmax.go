package ops

import (
	"math"

	G "gorgonia.org/gorgonia"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Softmax adds the softmax of the rows of x (N x K).
func (g *Graph) Softmax(layer string, x *Node) *Node { return g.apply(layer, softmax(), x) }

// Detach adds x (N x K) in memory of its own, and sends no gradient back.
func (g *Graph) Detach(layer string, x *Node) *Node {
	return g.apply(layer, &op{kind: "detach", ranks: []int{2}, rank: 2, infer: sameShape}, x)
}

func init() {
	onCPUPlain("softmax", softmaxEval[float32], softmaxEval[float64])
	onCPUPlain("softmax-grad", softmaxGradEval[float32], softmaxGradEval[float64])
	onCPUPlain("detach", copyEval[float32], copyEval[float64])
}

func softmax() *op {
	return &op{kind: "softmax", ranks: []int{2}, rank: 2, infer: sameShape, wrt: []bool{true},
		diff: func(_ G.Nodes, out, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "softmax-grad", ranks: []int{2, 2}, rank: 2, infer: sameShape}, out, grad)
			return G.Nodes{dx}, err
		}}
}

func softmaxEval[F kernels.Float](out arg[F], in []arg[F]) {
	k := out.shape[1]
	for i := 0; i < len(out.data); i += k {
		from, to := in[0].data[i:i+k], out.data[i:i+k]
		top, sum := from[0], 0.0
		for _, v := range from {
			top = max(top, v)
		}
		for _, v := range from {
			sum += math.Exp(float64(v) - float64(top))
		}
		for j, v := range from {
			to[j] = F(math.Exp(float64(v)-float64(top)) / sum)
		}
	}
}

// softmaxGradEval takes the softmax p and the gradient g by it: p·(g − Σ p·g).
func softmaxGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	k := out.shape[1]
	for i := 0; i < len(out.data); i += k {
		p, g, mean := in[0].data[i:i+k], in[1].data[i:i+k], 0.0
		for j, v := range p {
			mean += float64(v) * float64(g[j])
		}
		for j, v := range p {
			out.data[i+j] = F(float64(v) * (float64(g[j]) - mean))
		}
	}
}
