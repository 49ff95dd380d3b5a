package ops

import (
	"math"

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
	o := &op{kind: "instance-norm", attrs: slopeAttrs{slope}, rank: 4}
	d := &op{kind: "instance-norm-grad", attrs: slopeAttrs{slope}}
	return unary(o, d, false)
}

type slopeAttrs struct{ Slope float64 }

func init() {
	onCPU("instance-norm", normEval[float32], normEval[float64])
	onCPU("instance-norm-grad", normGradEval[float32], normGradEval[float64])
	onCPU("leaky-relu", reluEval[float32], reluEval[float64])
	onCPU("leaky-relu-grad", reluGradEval[float32], reluGradEval[float64])
	onCPUPlain("tanh", tanhEval[float32], tanhEval[float64])
	onCPUPlain("tanh-grad", tanhGradEval[float32], tanhGradEval[float64])
}

func normEval[F kernels.Float](a slopeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := in[0].dims()
		kernels.InstanceNorm(out.data, in[0].data, d.H*d.W, F(a.Slope))
	}
}

func normGradEval[F kernels.Float](a slopeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		d := in[0].dims()
		kernels.InstanceNormGrad(out.data, in[1].data, in[0].data, d.H*d.W, F(a.Slope))
	}
}

func leakyRelu(slope float64, rank int) *op {
	o := &op{kind: "leaky-relu", attrs: slopeAttrs{slope}, rank: rank}
	d := &op{kind: "leaky-relu-grad", attrs: slopeAttrs{slope}}
	return unary(o, d, false)
}

func reluEval[F kernels.Float](a slopeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) { kernels.LeakyRelu(out.data, in[0].data, F(a.Slope)) }
}

func reluGradEval[F kernels.Float](a slopeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.LeakyReluGrad(out.data, in[1].data, in[0].data, F(a.Slope))
	}
}

func tanh(rank int) *op {
	o := &op{kind: "tanh", rank: rank}
	d := &op{kind: "tanh-grad"}
	return unary(o, d, true)
}

func tanhEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Tanh(out.data, in[0].data) }

func tanhGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.TanhGrad(out.data, in[1].data, in[0].data)
}

// Softmax adds the softmax of the rows of x (N x K).
func (g *Graph) Softmax(layer string, x *Node) *Node { return g.apply(layer, softmax(), x) }

// Detach adds x, of any rank, in memory of its own, and sends no gradient back.
func (g *Graph) Detach(layer string, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, &op{kind: "detach", ranks: []int{x.Dims()}, rank: x.Dims(), infer: sameShape}, x)
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
