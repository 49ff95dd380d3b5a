package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Conv adds the convolution of x (N x in x H x W) with w (out x in x k x k) plus
// bias (out): N x out x Ho x Wo, Ho = floor((H + 2·padding − k)/stride) + 1.
func (g *Graph) Conv(layer string, c kernels.Conv, x, w, bias *Node) *Node {
	return g.apply(layer, convolution(g.geometry(c), false), x, w, bias)
}

// ConvTransposed adds the transposed convolution of x (N x in x H x W) with w (in
// x out x k x k) plus bias (out): N x out x Ho x Wo, Ho = (H−1)·stride − 2·padding + k + extra.
func (g *Graph) ConvTransposed(layer string, c kernels.Conv, x, w, bias *Node) *Node {
	return g.apply(layer, convolution(g.geometry(c), true), x, w, bias)
}

// convAttrs are the geometry and whether it is the transposed convolution.
type convAttrs struct {
	kernels.Conv
	Transposed bool
}

func init() {
	onCPU("conv", convEval[float32], convEval[float64])
	onCPU("conv-grad-input", convGradInputEval[float32], convGradInputEval[float64])
	onCPU("conv-grad-weight", convGradWeightEval[float32], convGradWeightEval[float64])
	onCPUPlain("channel-sums", channelSumsEval[float32], channelSumsEval[float64])
}

// convolution is the forward operation, transposed or not.
func convolution(c kernels.Conv, transposed bool) *op {
	in := 1
	if transposed {
		in = 0
	}
	return &op{
		kind: "conv", attrs: convAttrs{c, transposed}, ranks: []int{4, 4, 1}, rank: 4, wrt: []bool{true, true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x, w, b := s[0], s[1], s[2]
			out := w[1-in]
			if x[1] != w[in] || b[0] != out || w[2] != c.Kernel || w[3] != c.Kernel {
				return nil, fmt.Errorf("input %v, weight %v and bias %v do not fit", x, w, b)
			}
			side := c.Out
			if transposed {
				side = c.In
			}
			if c.Reflect && (transposed || c.Padding >= min(x[2], x[3])) {
				return nil, fmt.Errorf("input %v cannot be mirrored by %d places", x, c.Padding)
			}
			if side(x[2]) < 1 || side(x[3]) < 1 {
				return nil, fmt.Errorf("input %v is too small", x)
			}
			return tensor.Shape{x[0], out, side(x[2]), side(x[3])}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(convGradInput(c, transposed), in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			dw, err := applyOp(convGradWeight(c, transposed), in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			db, err := applyOp(channelSums(), grad)
			return G.Nodes{dx, dw, db}, err
		},
	}
}

func convEval[F kernels.Float](a convAttrs) eval[F] {
	c, transposed := a.Conv, a.Transposed
	return func(out arg[F], in []arg[F]) {
		if transposed {
			kernels.ConvolveTransposed(c, out.data, out.dims(), in[0].data, in[0].dims(), in[1].data, in[2].data)
		} else {
			kernels.Convolve(c, out.data, out.dims(), in[0].data, in[0].dims(), in[1].data, in[2].data)
		}
	}
}

// convGradInput takes x, w and the output's gradient and gives the gradient by x.
func convGradInput(c kernels.Conv, transposed bool) *op {
	return &op{
		kind: "conv-grad-input", attrs: convAttrs{c, transposed}, ranks: []int{4, 4, 4}, rank: 4,
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil },
	}
}

func convGradInputEval[F kernels.Float](a convAttrs) eval[F] {
	c, transposed := a.Conv, a.Transposed
	return func(out arg[F], in []arg[F]) {
		if transposed {
			kernels.Convolve(c, out.data, out.dims(), in[2].data, in[2].dims(), in[1].data, nil)
		} else {
			kernels.ConvolveTransposed(c, out.data, out.dims(), in[2].data, in[2].dims(), in[1].data, nil)
		}
	}
}

// convGradWeight takes x, w and the output's gradient and gives the gradient by w.
func convGradWeight(c kernels.Conv, transposed bool) *op {
	return &op{
		kind: "conv-grad-weight", attrs: convAttrs{c, transposed}, ranks: []int{4, 4, 4}, rank: 4,
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil },
	}
}

func convGradWeightEval[F kernels.Float](a convAttrs) eval[F] {
	c, transposed := a.Conv, a.Transposed
	return func(out arg[F], in []arg[F]) {
		x, dy := in[0], in[2]
		if transposed {
			x, dy = dy, x
		}
		kernels.ConvolveWeight(c, out.data, dy.data, dy.dims(), x.data, x.dims())
	}
}

// channelSums gives the gradient by a bias: sums over samples and places.
func channelSums() *op {
	return &op{
		kind: "channel-sums", ranks: []int{4}, rank: 1,
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{s[0][1]}, nil },
	}
}

func channelSumsEval[F kernels.Float](out arg[F], in []arg[F]) {
	d := in[0].dims()
	kernels.SumChannels(out.data, in[0].data, d.C, d.H*d.W)
}

// ConvDoubled adds the mirrored convolution of kernel 5 of x (N x in x H x W), every place of it
// twice in both directions, with w (out x in x 5 x 5) plus bias (out): N x out x 2H x 2W. It takes
// a good third of the products that it stands for.
func (g *Graph) ConvDoubled(layer string, x, w, bias *Node) *Node {
	return g.apply(layer, convDoubled(), x, w, bias)
}

func init() {
	onCPUPlain("conv-doubled", doubledEval[float32], doubledEval[float64])
	onCPUPlain("conv-doubled-grad-input", doubledGradInputEval[float32], doubledGradInputEval[float64])
	onCPUPlain("conv-doubled-grad-weight", doubledGradWeightEval[float32], doubledGradWeightEval[float64])
}

func convDoubled() *op {
	return &op{kind: "conv-doubled", ranks: []int{4, 4, 1}, rank: 4, wrt: []bool{true, true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x, w, b := s[0], s[1], s[2]
			if x[1] != w[1] || b[0] != w[0] || w[2] != 5 || w[3] != 5 {
				return nil, fmt.Errorf("input %v, weight %v and bias %v do not fit", x, w, b)
			}
			if min(x[2], x[3]) < 2 {
				return nil, fmt.Errorf("input %v is too small", x)
			}
			return tensor.Shape{x[0], w[0], 2 * x[2], 2 * x[3]}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			of := func(kind string, i int) (*G.Node, error) {
				return applyOp(&op{kind: kind, ranks: []int{4, 4, 4}, rank: 4,
					infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[i], nil }}, in[0], in[1], grad)
			}
			dx, err := of("conv-doubled-grad-input", 0)
			if err != nil {
				return nil, err
			}
			dw, err := of("conv-doubled-grad-weight", 1)
			if err != nil {
				return nil, err
			}
			db, err := applyOp(channelSums(), grad)
			return G.Nodes{dx, dw, db}, err
		}}
}

func doubledEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.ConvolveDoubled(out.data, out.dims(), in[0].data, in[0].dims(), in[1].data, in[2].data)
}

func doubledGradInputEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.ConvolveDoubledInput(out.data, out.dims(), in[2].data, in[2].dims(), in[1].data)
}

func doubledGradWeightEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.ConvolveDoubledWeight(out.data, in[2].data, in[2].dims(), in[0].data, in[0].dims())
}
