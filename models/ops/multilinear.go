package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/losses"
)

// Outer adds the outer products of the rows of p (N x K) and x (N x d), N x K·d: block k of
// a row is p_k times the row of x. p has no gradient.
func (g *Graph) Outer(layer string, x, p *Node) *Node { return g.apply(layer, outer(), x, p) }

// Times adds scale·x·y, element by element, of two N x d. y has no gradient.
func (g *Graph) Times(layer string, scale float64, x, y *Node) *Node {
	return g.apply(layer, times(scale), x, y)
}

// Project adds x (N x in) times the transpose of w (out x in): N x out. w has no gradient.
func (g *Graph) Project(layer string, x, w *Node) *Node { return g.apply(layer, project(), x, w) }

// Certainty adds weights of the rows of logits x (N x K), N x 1, of mean 1 and in proportion
// to 1 + e^−H with H the entropy of their softmax in nats. No gradient.
func (g *Graph) Certainty(layer string, logits *Node) *Node {
	return g.apply(layer, &op{kind: "certainty", attrs: certaintyAttrs{}, ranks: []int{2}, rank: 2, infer: func(s []tensor.Shape) (tensor.Shape, error) {
		return tensor.Shape{s[0][0], 1}, nil
	}}, logits)
}

type timesAttrs struct{ Scale float64 }

// certaintyAttrs are none: the kernel has memory of its own for each node.
type certaintyAttrs struct{}

func init() {
	onCPUPlain("outer", outerEval[float32], outerEval[float64])
	onCPUPlain("outer-grad", outerGradEval[float32], outerGradEval[float64])
	onCPU("times", timesEval[float32], timesEval[float64])
	onCPU("certainty", certaintyEval[float32], certaintyEval[float64])
}

func outer() *op {
	return &op{kind: "outer", ranks: []int{2, 2}, rank: 2, wrt: []bool{true, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if s[0][0] != s[1][0] {
				return nil, fmt.Errorf("%v and %v have different rows", s[0], s[1])
			}
			return tensor.Shape{s[0][0], s[0][1] * s[1][1]}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "outer-grad", ranks: []int{2, 2, 2}, rank: 2, infer: sameShape}
			dx, err := applyOp(d, in[0], in[1], grad)
			return G.Nodes{dx, nil}, err
		}}
}

func outerEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Outer(out.data, in[1].data, in[0].data, out.shape[0])
}

func outerGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.OuterGrad(out.data, in[2].data, in[1].data, out.shape[0])
}

func times(scale float64) *op {
	infer := func(s []tensor.Shape) (tensor.Shape, error) {
		if !s[0].Eq(s[1]) {
			return nil, fmt.Errorf("factors %v and %v differ", s[0], s[1])
		}
		return s[0], nil
	}
	return &op{kind: "times", attrs: timesAttrs{scale}, ranks: []int{2, 2}, rank: 2, wrt: []bool{true, false}, infer: infer,
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "times", attrs: timesAttrs{scale}, ranks: []int{2, 2}, rank: 2, infer: infer}, grad, in[1])
			return G.Nodes{dx, nil}, err
		}}
}

func timesEval[F kernels.Float](a timesAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.Times(out.data, in[0].data, in[1].data, F(a.Scale)) }
}

func project() *op {
	o := matrixProduct(false, true)
	o.wrt = []bool{true, false}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		dx, err := applyOp(matrixProduct(false, false), grad, in[1])
		return G.Nodes{dx, nil}, err
	}
	return o
}

func certaintyEval[F kernels.Float](certaintyAttrs) eval[F] {
	var wide widened
	return func(out arg[F], in []arg[F]) {
		for i, w := range losses.Certainty(matrices(&wide, in)[0]) {
			out.data[i] = F(w)
		}
	}
}
