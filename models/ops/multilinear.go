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

// Times adds scale·x·y, element by element, of two of one shape. y has no gradient.
func (g *Graph) Times(layer string, scale float64, x, y *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, times(scale, x.Dims()), x, y)
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

// Masked adds the sigmoid of the first channel of x (N x (1 + C) x H x W), a mask, and the
// hyperbolic tangent of the others, an image.
func (g *Graph) Masked(layer string, x *Node) *Node { return g.apply(layer, masked(), x) }

// Blend adds m·o + (1 − m)·base, m the first channel of painted (N x (1 + C) x H x W), o the
// others, base N x C x H x W.
func (g *Graph) Blend(layer string, painted, base *Node) *Node {
	return g.apply(layer, blend(), painted, base)
}

type timesAttrs struct{ Scale float64 }

// certaintyAttrs are none: the kernel has memory of its own for each node.
type certaintyAttrs struct{}

func init() {
	onCPUPlain("outer", outerEval[float32], outerEval[float64])
	onCPUPlain("outer-grad", outerGradEval[float32], outerGradEval[float64])
	onCPU("times", timesEval[float32], timesEval[float64])
	onCPUPlain("masked", maskedEval[float32], maskedEval[float64])
	onCPUPlain("masked-grad", maskedGradEval[float32], maskedGradEval[float64])
	onCPUPlain("blend", blendEval[float32], blendEval[float64])
	onCPUPlain("blend-grad", blendGradEval[float32], blendGradEval[float64])
	onCPUPlain("blend-base-grad", blendBaseGradEval[float32], blendBaseGradEval[float64])
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

func times(scale float64, rank int) *op {
	infer := func(s []tensor.Shape) (tensor.Shape, error) {
		if !s[0].Eq(s[1]) {
			return nil, fmt.Errorf("factors %v and %v differ", s[0], s[1])
		}
		return s[0], nil
	}
	return &op{kind: "times", attrs: timesAttrs{scale}, ranks: []int{rank, rank}, rank: rank, wrt: []bool{true, false}, infer: infer,
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "times", attrs: timesAttrs{scale}, ranks: []int{rank, rank}, rank: rank, infer: infer}, grad, in[1])
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

func masked() *op {
	o := unary(&op{kind: "masked", rank: 4}, &op{kind: "masked-grad"}, true)
	o.infer = func(s []tensor.Shape) (tensor.Shape, error) {
		if s[0][1] < 2 {
			return nil, fmt.Errorf("%v has no channel beside the mask", s[0])
		}
		return s[0], nil
	}
	return o
}

// paint is how a mask and an image lie together.
func (a arg[F]) paint() kernels.Paint {
	d := a.dims()
	return kernels.Paint{N: d.N, Channels: d.C - 1, Area: d.H * d.W}
}

func maskedEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Masked(out.data, in[0].data, out.paint())
}

func maskedGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.MaskedGrad(out.data, in[1].data, in[0].data, out.paint())
}

func blend() *op {
	return &op{kind: "blend", ranks: []int{4, 4}, rank: 4, wrt: []bool{true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			p, b := s[0], s[1]
			if p[0] != b[0] || p[1] != b[1]+1 || p[2] != b[2] || p[3] != b[3] {
				return nil, fmt.Errorf("masks and images %v do not fit over %v", p, b)
			}
			return b, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			like := func(i int) func([]tensor.Shape) (tensor.Shape, error) {
				return func([]tensor.Shape) (tensor.Shape, error) { return in[i].Shape().Clone(), nil }
			}
			painted, err := applyOp(&op{kind: "blend-grad", ranks: []int{4, 4, 4}, rank: 4, infer: like(0)}, in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			base, err := applyOp(&op{kind: "blend-base-grad", ranks: []int{4, 4}, rank: 4, infer: like(1)}, in[0], grad)
			return G.Nodes{painted, base}, err
		}}
}

func blendEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Blend(out.data, in[0].data, in[1].data, in[0].paint())
}

func blendGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.BlendGrad(out.data, in[2].data, in[0].data, in[1].data, out.paint())
}

func blendBaseGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.BlendBaseGrad(out.data, in[1].data, in[0].data, in[0].paint())
}

// Sigmoid adds 1/(1 + e^−x), element by element, of x of any rank.
func (g *Graph) Sigmoid(layer string, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, unary(&op{kind: "sigmoid", rank: x.Dims()}, &op{kind: "sigmoid-grad"}, true), x)
}

// Product adds x·y, element by element, of one shape; both have gradients.
func (g *Graph) Product(layer string, x, y *Node) *Node { return g.elements(layer, "multiply", x, y) }

// Gate adds (1 − w)·x + w·y, element by element, of one shape; all three have gradients.
func (g *Graph) Gate(layer string, w, x, y *Node) *Node { return g.elements(layer, "gate", w, x, y) }

// elements adds an operation of values of one shape, by each of which it is differentiated.
func (g *Graph) elements(layer, kind string, in ...*Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, elementwise(kind, len(in), in[0].Dims()), in...)
}

// byInput says by which input a gradient is taken.
type byInput struct{ Input int }

func elementwise(kind string, inputs, rank int) *op {
	o := &op{kind: kind, rank: rank, infer: func(s []tensor.Shape) (tensor.Shape, error) {
		for _, x := range s[1:] {
			if !x.Eq(s[0]) {
				return nil, fmt.Errorf("%v and %v differ", s[0], x)
			}
		}
		return s[0], nil
	}}
	for range inputs {
		o.ranks, o.wrt = append(o.ranks, rank), append(o.wrt, true)
	}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		out := make(G.Nodes, inputs)
		for i := range out {
			d := &op{kind: kind + "-grad", attrs: byInput{i}, ranks: append([]int{rank}, o.ranks...), rank: rank, infer: sameShape}
			var err error
			if out[i], err = applyOp(d, append(G.Nodes{grad}, in...)...); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return o
}

func init() {
	onCPUPlain("sigmoid", sigmoidEval[float32], sigmoidEval[float64])
	onCPUPlain("sigmoid-grad", sigmoidGradEval[float32], sigmoidGradEval[float64])
	onCPUPlain("multiply", multiplyEval[float32], multiplyEval[float64])
	onCPU("multiply-grad", multiplyGradEval[float32], multiplyGradEval[float64])
	onCPUPlain("gate", gateEval[float32], gateEval[float64])
	onCPU("gate-grad", gateGradEval[float32], gateGradEval[float64])
}

func sigmoidEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Sigmoids(out.data, in[0].data) }

func sigmoidGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.SigmoidsGrad(out.data, in[1].data, in[0].data)
}

func multiplyEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Times(out.data, in[0].data, in[1].data, 1)
}

func multiplyGradEval[F kernels.Float](a byInput) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.Times(out.data, in[0].data, in[2-a.Input].data, 1) }
}

func gateEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Gate(out.data, in[0].data, in[1].data, in[2].data)
}

func gateGradEval[F kernels.Float](a byInput) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d, w, x, y := in[0].data, in[1].data, in[2].data, in[3].data
		switch a.Input {
		case 0:
			kernels.GateGrad(out.data, nil, d, w, x, y)
		case 1:
			kernels.GateGrad(nil, out.data, d, w, x, y)
		default:
			kernels.Times(out.data, d, w, 1)
		}
	}
}
