package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Join adds the rows of a above those of b, N x d or N x C x H x W.
func (g *Graph) Join(layer string, a, b *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, join(a.Dims()), a, b)
}

// Sum adds a + b, of one shape, in memory of its own.
func (g *Graph) Sum(layer string, a, b *Node) *Node {
	if g.err != nil {
		return nil
	}
	o := sum(a.Dims())
	o.wrt, o.inPlace = []bool{true, true}, false
	o.infer = func(s []tensor.Shape) (tensor.Shape, error) {
		if !s[0].Eq(s[1]) {
			return nil, fmt.Errorf("%v and %v differ", s[0], s[1])
		}
		return s[0].Clone(), nil
	}
	o.diff = func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) { return G.Nodes{grad, grad}, nil }
	return g.apply(layer, o, a, b)
}

// Unflatten adds rows of x (N x CHW) as images, N x C x H x W, in memory of its own.
func (g *Graph) Unflatten(layer string, channels, height, width int, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	o := unflatten(tensor.Shape{x.Shape()[0], channels, height, width})
	o.wrt = []bool{true}
	o.infer = func(s []tensor.Shape) (tensor.Shape, error) {
		if s[0][1] != channels*height*width {
			return nil, fmt.Errorf("rows of %d values, want %d x %d x %d", s[0][1], channels, height, width)
		}
		return tensor.Shape{s[0][0], channels, height, width}, nil
	}
	o.diff = func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d, err := applyOp(flatten(), grad)
		return G.Nodes{d}, err
	}
	return g.apply(layer, o, x)
}

func init() { onCPUPlain("join", joinEval[float32], joinEval[float64]) }

func join(rank int) *op {
	return &op{
		kind: "join", ranks: []int{rank, rank}, rank: rank, wrt: []bool{true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[0][1:].Eq(s[1][1:]) {
				return nil, fmt.Errorf("rows of %v and of %v", s[0][1:], s[1][1:])
			}
			out := s[0].Clone()
			out[0] += s[1][0]
			return out, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			above := in[0].Shape()[0]
			first, err := applyOp(part(Rows{0, above}, rank), grad)
			if err != nil {
				return nil, err
			}
			second, err := applyOp(part(Rows{above, above + in[1].Shape()[0]}, rank), grad)
			return G.Nodes{first, second}, err
		},
	}
}

func joinEval[F kernels.Float](out arg[F], in []arg[F]) {
	copy(out.data[copy(out.data, in[0].data):], in[1].data)
}
