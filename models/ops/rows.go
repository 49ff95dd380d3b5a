package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Part adds the given rows of x (N x d, or N x C x H x W) in memory of its own.
func (g *Graph) Part(layer string, rows Rows, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, part(rows, x.Dims()), x)
}

// Average adds the mean over the places of every channel of x (N x C x H x W): N x C.
func (g *Graph) Average(layer string, x *Node) *Node { return g.apply(layer, average(), x) }

// Mean adds the mean of all values of the given rows of x: what a Wasserstein critic says.
func (g *Graph) Mean(layer string, rows Rows, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, mean(rows, x.Dims()), x)
}

// Spread adds x (N x C) at every place of a plane: N x C x H x W.
func (g *Graph) Spread(layer string, height, width int, x *Node) *Node {
	return g.apply(layer, spread(height, width), x)
}

type planeAttrs struct{ Height, Width int }

func init() {
	onCPUPlain("spread", spreadEval[float32], spreadEval[float64])
	onCPUPlain("spread-grad", spreadGradEval[float32], spreadGradEval[float64])
	onCPU("part", partEval[float32], partEval[float64])
	onCPU("part-grad", partGradEval[float32], partGradEval[float64])
	onCPU("mean", meanEval[float32], meanEval[float64])
	onCPU("mean-grad", meanGradEval[float32], meanGradEval[float64])
	onCPUPlain("average", averageEval[float32], averageEval[float64])
	onCPUPlain("average-grad", averageGradEval[float32], averageGradEval[float64])
}

func part(rows Rows, rank int) *op {
	return &op{
		kind: "part", attrs: rowsAttrs{rows}, ranks: []int{rank}, rank: rank, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			out := s[0].Clone()
			out[0] = rows.Hi - rows.Lo
			return out, rows.check(s[0][0])
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "part-grad", attrs: rowsAttrs{rows}, ranks: []int{rank, rank}, rank: rank,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], nil }}
			dx, err := applyOp(d, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func partEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) { copy(out.data, in[0].rows(a.Rows)) }
}

func partGradEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		copy(out.rows(a.Rows), in[1].data)
	}
}

func average() *op {
	return &op{
		kind: "average", ranks: []int{4}, rank: 2, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{s[0][0], s[0][1]}, nil },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "average-grad", ranks: []int{4, 2}, rank: 4, infer: func(s []tensor.Shape) (tensor.Shape, error) {
				if s[0][0] != s[1][0] || s[0][1] != s[1][1] {
					return nil, fmt.Errorf("the gradient of %v is %v", s[0], s[1])
				}
				return s[0], nil
			}}
			dx, err := applyOp(d, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func averageEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Average(out.data, in[0].data) }

func averageGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.AverageGrad(out.data, in[1].data)
}

func mean(rows Rows, rank int) *op {
	return &op{kind: "mean", attrs: rowsAttrs{rows}, ranks: []int{rank}, wrt: []bool{true}, infer: checkRows(rows),
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			d := &op{kind: "mean-grad", attrs: rowsAttrs{rows}, ranks: []int{0, rank}, rank: rank,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
			dx, err := applyOp(d, grad, in[0])
			return G.Nodes{dx}, err
		}}
}

func meanEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		var sum float64
		x := in[0].rows(a.Rows)
		for _, v := range x {
			sum += float64(v)
		}
		out.data[0] = F(sum / float64(len(x)))
	}
}

func meanGradEval[F kernels.Float](a rowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		to := out.rows(a.Rows)
		for i := range to {
			to[i] = in[0].data[0] / F(len(to))
		}
	}
}

func spread(height, width int) *op {
	a := planeAttrs{height, width}
	return &op{
		kind: "spread", attrs: a, ranks: []int{2}, rank: 4, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if height < 1 || width < 1 {
				return nil, fmt.Errorf("a plane of %d x %d", height, width)
			}
			return tensor.Shape{s[0][0], s[0][1], height, width}, nil
		},
		diff: func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "spread-grad", attrs: a, ranks: []int{4}, rank: 2, infer: func(s []tensor.Shape) (tensor.Shape, error) {
				return tensor.Shape{s[0][0], s[0][1]}, nil
			}}, grad)
			return G.Nodes{dx}, err
		},
	}
}

func spreadEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Spread(out.data, in[0].data) }

func spreadGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.SpreadGrad(out.data, in[0].data)
}
