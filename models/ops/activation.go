package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// InstanceNorm adds leaky-relu(instance-norm(x)) for x of N x C x H x W, without
// affine parameters, eps 1e-5; slope 0 is relu, slope 1 no activation.
func (g *Graph) InstanceNorm(layer string, slope float64, x *Node) *Node {
	return g.apply(layer, instanceNorm(slope), x)
}

// LeakyRelu adds x where positive and slope·x elsewhere, for x of any rank.
func (g *Graph) LeakyRelu(layer string, slope float64, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, leakyRelu(slope, x.Dims()), x)
}

// Tanh adds the hyperbolic tangent of x, of any rank.
func (g *Graph) Tanh(layer string, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, tanh(x.Dims()), x)
}

func sameShape(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil }

// unary completes an operation y = f(x) whose gradient is an operation of two
// inputs: x (or y, when fromOutput) and the gradient of y.
func unary(o, gradient *op, fromOutput bool) *op {
	o.ranks, o.infer, o.wrt = []int{o.rank}, sameShape, []bool{true}
	gradient.ranks, gradient.rank, gradient.infer = []int{o.rank, o.rank}, o.rank, sameShape
	o.inPlace, gradient.inPlace = true, true
	o.diff = func(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
		first := in[0]
		if fromOutput {
			first = out
		}
		dx, err := applyOp(gradient, first, grad)
		return G.Nodes{dx}, err
	}
	return o
}

func instanceNorm(slope float64) *op {
	o := &op{text: fmt.Sprintf("instance-norm{slope %v}", slope), rank: 4,
		eval32: normEval[float32](slope), eval64: normEval[float64](slope)}
	d := &op{text: fmt.Sprintf("instance-norm-grad{slope %v}", slope),
		eval32: normGradEval[float32](slope), eval64: normGradEval[float64](slope)}
	return unary(o, d, false)
}

func normEval[F kernels.Float](slope float64) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := in[0].dims()
		kernels.InstanceNorm(out.data, in[0].data, d.H*d.W, F(slope))
	}
}

func normGradEval[F kernels.Float](slope float64) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := in[0].dims()
		kernels.InstanceNormGrad(out.data, in[1].data, in[0].data, d.H*d.W, F(slope))
	}
}

func leakyRelu(slope float64, rank int) *op {
	o := &op{text: fmt.Sprintf("leaky-relu{slope %v}", slope), rank: rank,
		eval32: reluEval[float32](slope), eval64: reluEval[float64](slope)}
	d := &op{text: fmt.Sprintf("leaky-relu-grad{slope %v}", slope),
		eval32: reluGradEval[float32](slope), eval64: reluGradEval[float64](slope)}
	return unary(o, d, false)
}

func reluEval[F kernels.Float](slope float64) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.LeakyRelu(out.data, in[0].data, F(slope)) }
}

func reluGradEval[F kernels.Float](slope float64) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.LeakyReluGrad(out.data, in[1].data, in[0].data, F(slope))
	}
}

func tanh(rank int) *op {
	o := &op{text: "tanh{}", rank: rank, eval32: tanhEval[float32], eval64: tanhEval[float64]}
	d := &op{text: "tanh-grad{}", eval32: tanhGradEval[float32], eval64: tanhGradEval[float64]}
	return unary(o, d, true)
}

func tanhEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Tanh(out.data, in[0].data) }

func tanhGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.TanhGrad(out.data, in[1].data, in[0].data)
}
