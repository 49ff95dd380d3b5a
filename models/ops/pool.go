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

func maxPool(size int) *op {
	return &op{
		text: fmt.Sprintf("max-pool{size %d}", size), ranks: []int{4}, rank: 4, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x := s[0]
			if size < 1 || x[2] < size || x[3] < size {
				return nil, fmt.Errorf("input %v has no window of %d x %d", x, size, size)
			}
			return tensor.Shape{x[0], x[1], x[2] / size, x[3] / size}, nil
		},
		eval32: maxPoolEval[float32](size), eval64: maxPoolEval[float64](size),
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{text: fmt.Sprintf("max-pool-grad{size %d}", size), ranks: []int{4, 4}, rank: 4,
				infer:  func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil },
				eval32: maxPoolGradEval[float32](size), eval64: maxPoolGradEval[float64](size)}
			dx, err := applyOp(d, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func maxPoolEval[F kernels.Float](size int) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.MaxPool(size, out.data, out.dims(), in[0].data, in[0].dims())
	}
}

func maxPoolGradEval[F kernels.Float](size int) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.MaxPoolGrad(size, out.data, in[1].data, in[1].dims(), in[0].data, in[0].dims())
	}
}
