package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Rows is the range [Lo, Hi) of samples of a batch.
type Rows struct{ Lo, Hi int }

func (r Rows) check(n int) error {
	if r.Lo < 0 || r.Lo >= r.Hi || r.Hi > n {
		return fmt.Errorf("rows [%d, %d) of %d", r.Lo, r.Hi, n)
	}
	return nil
}

// Flatten adds x (N x C x H x W) as N x CHW, channel-major, in memory of its own.
func (g *Graph) Flatten(layer string, x *Node) *Node { return g.apply(layer, flatten(), x) }

type unflattenAttrs struct{ Shape tensor.Shape }

type codeAttrs struct{ Rows []Rows }

type codePartAttrs struct {
	First, Channels int
	Rows            Rows
}

func init() {
	onCPUPlain("flatten", copyEval[float32], copyEval[float64])
	onCPUPlain("unflatten", copyEval[float32], copyEval[float64])
	onCPUPlain("perturb", sumEval[float32], sumEval[float64])
	onCPU("code", codeEval[float32], codeEval[float64])
	onCPU("code-part", codePartEval[float32], codePartEval[float64])
}

func flatten() *op {
	return &op{
		kind: "flatten", ranks: []int{4}, rank: 2, wrt: []bool{true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{s[0][0], s[0][1:].TotalSize()}, nil },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(unflatten(in[0].Shape()), grad)
			return G.Nodes{dx}, err
		},
	}
}

func unflatten(shape tensor.Shape) *op {
	return &op{
		kind: "unflatten", attrs: unflattenAttrs{shape}, ranks: []int{2}, rank: 4,
		infer: func([]tensor.Shape) (tensor.Shape, error) { return shape, nil },
	}
}

func copyEval[F kernels.Float](out arg[F], in []arg[F]) { copy(out.data, in[0].data) }

// Perturb adds x + noise, both N x C x H x W, in other memory than that of x; no gradient
// goes into the noise.
func (g *Graph) Perturb(layer string, x, noise *Node) *Node {
	return g.apply(layer, perturb(), x, noise)
}

func perturb() *op {
	o := sum(4)
	o.kind, o.wrt = "perturb", []bool{true, false}
	o.infer = func(s []tensor.Shape) (tensor.Shape, error) {
		if !s[0].Eq(s[1]) {
			return nil, fmt.Errorf("noise is %v, want %v", s[1], s[0])
		}
		return s[0], nil
	}
	o.diff = func(_ G.Nodes, _, grad *G.Node) (G.Nodes, error) { return G.Nodes{grad, nil}, nil }
	return o
}

// Code adds the decoder's input: the channels of common, slotA and slotB side by
// side, with slot A kept for the rows inA and zero elsewhere, slot B likewise for
// inB. All are N x C x H x W; the output has the sum of the channels.
func (g *Graph) Code(layer string, common, slotA, slotB *Node, inA, inB Rows) *Node {
	if g.err != nil {
		return nil
	}
	n := common.Shape()[0]
	return g.apply(layer, code([]Rows{{0, n}, inA, inB}), common, slotA, slotB)
}

// Channels adds the channels of all (N x C x H x W each) side by side, in their order.
func (g *Graph) Channels(layer string, all ...*Node) *Node {
	if g.err != nil {
		return nil
	}
	rows := make([]Rows, len(all))
	for i := range rows {
		rows[i] = Rows{0, all[0].Shape()[0]}
	}
	return g.apply(layer, code(rows), all...)
}

func code(rows []Rows) *op {
	o := &op{
		kind: "code", attrs: codeAttrs{rows}, rank: 4,
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			channels := 0
			for i, x := range s {
				if x[0] != s[0][0] || x[2] != s[0][2] || x[3] != s[0][3] {
					return nil, fmt.Errorf("blocks %v and %v do not fit", s[0], x)
				}
				if err := rows[i].check(x[0]); err != nil {
					return nil, err
				}
				channels += x[1]
			}
			return tensor.Shape{s[0][0], channels, s[0][2], s[0][3]}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			out, first := make(G.Nodes, len(in)), 0
			for i, x := range in {
				channels := x.Shape()[1]
				d, err := applyOp(codePart(first, channels, rows[i]), grad)
				if err != nil {
					return nil, err
				}
				out[i], first = d, first+channels
			}
			return out, nil
		},
	}
	for range rows {
		o.ranks, o.wrt = append(o.ranks, 4), append(o.wrt, true)
	}
	return o
}

func codeEval[F kernels.Float](a codeAttrs) eval[F] {
	rows := a.Rows
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		at, width := 0, len(out.data)/out.shape[0]
		for i, x := range in {
			n := len(x.data) / x.shape[0]
			for r := rows[i].Lo; r < rows[i].Hi; r++ {
				copy(out.data[r*width+at:][:n], x.data[r*n:])
			}
			at += n
		}
	}
}

// codePart cuts channels [first, first+channels) out of a gradient, zero outside rows.
func codePart(first, channels int, rows Rows) *op {
	return &op{
		kind: "code-part", attrs: codePartAttrs{first, channels, rows}, ranks: []int{4}, rank: 4,
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			return tensor.Shape{s[0][0], channels, s[0][2], s[0][3]}, nil
		},
	}
}

func codePartEval[F kernels.Float](a codePartAttrs) eval[F] {
	first, rows := a.First, a.Rows
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		d := in[0].dims()
		n, width := len(out.data)/d.N, d.C*d.H*d.W
		for r := rows.Lo; r < rows.Hi; r++ {
			copy(out.data[r*n:][:n], in[0].data[r*width+first*d.H*d.W:])
		}
	}
}
