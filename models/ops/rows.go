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

func spreadEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.FillPlanes(out.data, in[0].data) }

func spreadGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.FillPlanesGrad(out.data, in[0].data)
}

// Columns adds count columns of x (N x d) from the first on.
func (g *Graph) Columns(layer string, first, count int, x *Node) *Node {
	return g.apply(layer, columns(first, count), x)
}

// AppendMaps adds x (N x C x H x W) with a channel more for each column of z (N x d), which
// holds its value everywhere.
func (g *Graph) AppendMaps(layer string, x, z *Node) *Node {
	return g.apply(layer, appendMaps(), x, z)
}

type columnsAttrs struct{ First, Count int }

func init() {
	onCPU("columns", columnsEval[float32], columnsEval[float64])
	onCPU("columns-grad", columnsGradEval[float32], columnsGradEval[float64])
	onCPUPlain("append-maps", appendMapsEval[float32], appendMapsEval[float64])
	onCPUPlain("append-maps-grad", appendMapsGradEval[float32], appendMapsGradEval[float64])
}

func columns(first, count int) *op {
	a := columnsAttrs{first, count}
	return &op{
		kind: "columns", attrs: a, ranks: []int{2}, rank: 2, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if first < 0 || count < 1 || first+count > s[0][1] {
				return nil, fmt.Errorf("columns [%d, %d) of %d", first, first+count, s[0][1])
			}
			return tensor.Shape{s[0][0], count}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "columns-grad", attrs: a, ranks: []int{2, 2}, rank: 2, infer: sameShape}, in[0], grad)
			return G.Nodes{dx}, err
		},
	}
}

func columnsEval[F kernels.Float](a columnsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		for i, width := 0, in[0].shape[1]; i < out.shape[0]; i++ {
			copy(out.data[i*a.Count:(i+1)*a.Count], in[0].data[i*width+a.First:])
		}
	}
}

func columnsGradEval[F kernels.Float](a columnsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		for i, width := 0, out.shape[1]; i < out.shape[0]; i++ {
			copy(out.data[i*width+a.First:], in[1].data[i*a.Count:(i+1)*a.Count])
		}
	}
}

func appendMaps() *op {
	return &op{
		kind: "append-maps", ranks: []int{4, 2}, rank: 4, wrt: []bool{true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if s[0][0] != s[1][0] {
				return nil, fmt.Errorf("images %v and rows %v differ in number", s[0], s[1])
			}
			return tensor.Shape{s[0][0], s[0][1] + s[1][1], s[0][2], s[0][3]}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			x, z := in[0].Shape(), in[1].Shape()
			dx, err := applyOp(codePart(0, x[1], Rows{0, x[0]}), grad)
			if err != nil {
				return nil, err
			}
			dz, err := applyOp(&op{kind: "append-maps-grad", ranks: []int{4}, rank: 2, attrs: columnsAttrs{x[1], z[1]},
				infer: func([]tensor.Shape) (tensor.Shape, error) { return z.Clone(), nil }}, grad)
			return G.Nodes{dx, dz}, err
		},
	}
}

func appendMapsEval[F kernels.Float](out arg[F], in []arg[F]) {
	d := out.dims()
	area, own, width := d.H*d.W, in[0].shape[1]*d.H*d.W, in[1].shape[1]
	for n := range d.N {
		to := out.data[n*d.C*area : (n+1)*d.C*area]
		copy(to, in[0].data[n*own:(n+1)*own])
		for k, v := range in[1].data[n*width : (n+1)*width] {
			fill(to[own+k*area:own+(k+1)*area], v)
		}
	}
}

func appendMapsGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	d := in[0].dims()
	width := out.shape[1]
	for i := range out.data {
		plane := (i/width*d.C + d.C - width + i%width) * d.H * d.W
		s := 0.0
		for _, v := range in[0].data[plane : plane+d.H*d.W] {
			s += float64(v)
		}
		out.data[i] = F(s)
	}
}

func fill[F kernels.Float](dst []F, v F) {
	for i := range dst {
		dst[i] = v
	}
}
