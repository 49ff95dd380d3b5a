package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// MaxPool adds the largest value of every window of size x size places of x (N x C x H x W),
// side by side: N x C x H/size x W/size, what fills no window left out.
func (g *Graph) MaxPool(layer string, size int, x *Node) *Node {
	return g.apply(layer, maxPool(size), x)
}

type poolAttrs struct{ Size int }

func init() {
	onCPU("max-pool", maxPoolEval[float32], maxPoolEval[float64])
	onCPU("max-pool-grad", maxPoolGradEval[float32], maxPoolGradEval[float64])
}

func maxPool(size int) *op {
	return &op{
		kind: "max-pool", attrs: poolAttrs{size}, ranks: []int{4}, rank: 4, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x := s[0]
			if size < 1 || x[2] < size || x[3] < size {
				return nil, fmt.Errorf("input %v has no window of %d x %d", x, size, size)
			}
			return tensor.Shape{x[0], x[1], x[2] / size, x[3] / size}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "max-pool-grad", attrs: poolAttrs{size}, ranks: []int{4, 4}, rank: 4, inPlace: true,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
			dx, err := applyOp(d, grad, in[0])
			return G.Nodes{dx}, err
		},
	}
}

func maxPoolEval[F kernels.Float](a poolAttrs) eval[F] {
	size := a.Size
	return func(out arg[F], in []arg[F]) {
		kernels.MaxPool(size, out.data, out.dims(), in[0].data, in[0].dims())
	}
}

func maxPoolGradEval[F kernels.Float](a poolAttrs) eval[F] {
	size := a.Size
	return func(out arg[F], in []arg[F]) {
		kernels.MaxPoolGrad(size, out.data, in[0].data, in[0].dims(), in[1].data, in[1].dims())
	}
}

// AveragePool adds the mean of what every window covers of x (N x C x H x W), of places
// within the image alone: N x C x Ho x Wo, Ho = floor((H + 2·padding − size)/stride) + 1.
func (g *Graph) AveragePool(layer string, w kernels.Window, x *Node) *Node {
	return g.apply(layer, averagePool(w), x)
}

func init() {
	onCPU("average-pool", averagePoolEval[float32], averagePoolEval[float64])
	onCPU("average-pool-grad", averagePoolGradEval[float32], averagePoolGradEval[float64])
}

func averagePool(w kernels.Window) *op {
	return &op{
		kind: "average-pool", attrs: w, ranks: []int{4}, rank: 4, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x := s[0]
			if w.Size < 1 || w.Stride < 1 || w.Padding < 0 || w.Padding >= w.Size || min(x[2], x[3])+2*w.Padding < w.Size {
				return nil, fmt.Errorf("input %v has no such windows", x)
			}
			return tensor.Shape{x[0], x[1], w.Out(x[2]), w.Out(x[3])}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "average-pool-grad", attrs: w, ranks: []int{4, 4}, rank: 4,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil }}
			dx, err := applyOp(d, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func averagePoolEval[F kernels.Float](w kernels.Window) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AveragePool(w, out.data, out.dims(), in[0].data, in[0].dims())
	}
}

func averagePoolGradEval[F kernels.Float](w kernels.Window) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AveragePoolGrad(w, out.data, out.dims(), in[1].data, in[1].dims())
	}
}
