package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// L1 adds the mean absolute difference of the given rows of x and target: the
// reconstruction loss of one domain. target has no gradient.
func (g *Graph) L1(layer string, rows Rows, x, target *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, meanAbs(rows, x.Dims(), constantTarget), x, target)
}

// Distance adds the mean absolute difference of the given rows of x and y, with gradients by both.
func (g *Graph) Distance(layer string, rows Rows, x, y *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, meanAbs(rows, x.Dims(), trainedTarget), x, y)
}

// MeanAbs adds the mean absolute value of the given rows of x: the zero loss.
func (g *Graph) MeanAbs(layer string, rows Rows, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, meanAbs(rows, x.Dims(), noTarget), x)
}

// MSE adds the mean squared difference of the given rows of x and target, which has no gradient.
func (g *Graph) MSE(layer string, rows Rows, x, target *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, meanSquare(rows, x.Dims(), constantTarget), x, target)
}

// SquaredDistance adds the mean squared difference of the given rows of x and y, with gradients
// by both.
func (g *Graph) SquaredDistance(layer string, rows Rows, x, y *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, meanSquare(rows, x.Dims(), trainedTarget), x, y)
}

// BCE adds the mean binary cross-entropy, in nats, of the given rows of the logits
// x (N x 1) against one target in [0, 1].
func (g *Graph) BCE(layer string, rows Rows, target float64, logits *Node) *Node {
	return g.apply(layer, bce(rows, target), logits)
}

// WeightedBCE adds the mean, over samples and columns, of weight times binary
// cross-entropy, in nats, of the logits x (N x K) against targets of their own; targets
// and weights (N x K) have no gradient.
func (g *Graph) WeightedBCE(layer string, logits, targets, weights *Node) *Node {
	return g.apply(layer, weightedBCE(), logits, targets, weights)
}

// Weighted adds the sum of scalars times weights. The weights are read at each run:
// the caller may change them between runs.
func (g *Graph) Weighted(layer string, weights []float64, terms ...*Node) *Node {
	return g.apply(layer, weighted(weights), terms...)
}

// A targetKind is what values are compared with.
type targetKind int

const (
	noTarget       targetKind = iota
	constantTarget            // it has no gradient
	trainedTarget
)

type differenceAttrs struct {
	Rows   Rows
	Target targetKind
}

type bceAttrs struct {
	Rows   Rows
	Target float64
}

type hitsAttrs struct {
	Rows  Rows
	Label int
}

// weightedAttrs are weights from a term on, which a run reads as they stand then: the term,
// not the weights, tells two of one graph apart.
type weightedAttrs struct {
	term, terms int
	weights     []float64
}

func (a weightedAttrs) String() string { return fmt.Sprintf("{term %d of %d}", a.term, a.terms) }

func init() {
	onCPU("mean-abs", meanAbsEval[float32], meanAbsEval[float64])
	onCPU("mean-abs-grad", meanAbsGradEval[float32], meanAbsGradEval[float64])
	onCPU("mean-square", meanSquareEval[float32], meanSquareEval[float64])
	onCPU("mean-square-grad", meanSquareGradEval[float32], meanSquareGradEval[float64])
	onCPU("bce", bceEval[float32], bceEval[float64])
	onCPU("bce-grad", bceGradEval[float32], bceGradEval[float64])
	onCPUPlain("weighted-bce", weightedBCEEval[float32], weightedBCEEval[float64])
	onCPUPlain("weighted-bce-grad", weightedBCEGradEval[float32], weightedBCEGradEval[float64])
	onCPU("weighted", weightedEval[float32], weightedEval[float64])
	onCPU("weighted-grad", weightedEval[float32], weightedEval[float64])
	onCPU("hits", hitsEval[float32], hitsEval[float64])
}

func checkRows(rows Rows) func(s []tensor.Shape) (tensor.Shape, error) {
	return func(s []tensor.Shape) (tensor.Shape, error) {
		if len(s) > 1 && !s[0].Eq(s[1]) {
			return nil, fmt.Errorf("shapes %v and %v differ", s[0], s[1])
		}
		return tensor.ScalarShape(), rows.check(s[0][0])
	}
}

func meanAbs(rows Rows, rank int, against targetKind) *op {
	return difference("mean-abs", rows, rank, against)
}

func meanSquare(rows Rows, rank int, against targetKind) *op {
	return difference("mean-square", rows, rank, against)
}

// difference is a mean over rows of what x differs from a target by.
func difference(kind string, rows Rows, rank int, against targetKind) *op {
	o := &op{kind: kind, attrs: differenceAttrs{rows, against}, ranks: []int{rank}, wrt: []bool{true}}
	if against != noTarget {
		o.ranks, o.wrt = []int{rank, rank}, []bool{true, against == trainedTarget}
	}
	o.infer = checkRows(rows)
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d := &op{kind: kind + "-grad", attrs: o.attrs, ranks: append([]int{0}, o.ranks...), rank: rank,
			infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
		dx, err := applyOp(d, append(G.Nodes{grad}, in...)...)
		switch {
		case err != nil || against == noTarget:
			return G.Nodes{dx}, err
		case against == constantTarget:
			return G.Nodes{dx, nil}, nil
		}
		dy, err := applyOp(d, grad, in[1], in[0])
		return G.Nodes{dx, dy}, err
	}
	return o
}

func meanAbsEval[F kernels.Float](a differenceAttrs) eval[F] {
	rows := a.Rows
	return func(out arg[F], in []arg[F]) {
		var target []F
		if len(in) > 1 {
			target = in[1].rows(rows)
		}
		out.data[0] = F(kernels.MeanAbs(in[0].rows(rows), target))
	}
}

func meanAbsGradEval[F kernels.Float](a differenceAttrs) eval[F] {
	rows := a.Rows
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		var target []F
		if len(in) > 2 {
			target = in[2].rows(rows)
		}
		kernels.MeanAbsGrad(out.rows(rows), in[1].rows(rows), target, float64(in[0].data[0]))
	}
}

func meanSquareEval[F kernels.Float](a differenceAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		out.data[0] = F(kernels.MeanSquare(in[0].rows(a.Rows), in[1].rows(a.Rows)))
	}
}

func meanSquareGradEval[F kernels.Float](a differenceAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		kernels.MeanSquareGrad(out.rows(a.Rows), in[1].rows(a.Rows), in[2].rows(a.Rows), float64(in[0].data[0]))
	}
}

func bce(rows Rows, target float64) *op {
	o := &op{kind: "bce", attrs: bceAttrs{rows, target}, ranks: []int{2}, wrt: []bool{true},
		infer: checkRows(rows)}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d := &op{kind: "bce-grad", attrs: o.attrs, ranks: []int{0, 2}, rank: 2,
			infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
		dx, err := applyOp(d, grad, in[0])
		return G.Nodes{dx}, err
	}
	return o
}

func bceEval[F kernels.Float](a bceAttrs) eval[F] {
	rows, target := a.Rows, a.Target
	return func(out arg[F], in []arg[F]) { out.data[0] = F(kernels.MeanBCE(in[0].rows(rows), target)) }
}

func bceGradEval[F kernels.Float](a bceAttrs) eval[F] {
	rows, target := a.Rows, a.Target
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		kernels.MeanBCEGrad(out.rows(rows), in[1].rows(rows), target, float64(in[0].data[0]))
	}
}

func weightedBCE() *op {
	o := &op{kind: "weighted-bce", ranks: []int{2, 2, 2}, wrt: []bool{true, false, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[0].Eq(s[1]) || !s[0].Eq(s[2]) {
				return nil, fmt.Errorf("logits %v, targets %v and weights %v differ", s[0], s[1], s[2])
			}
			return tensor.ScalarShape(), nil
		}}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d := &op{kind: "weighted-bce-grad", ranks: []int{0, 2, 2, 2}, rank: 2,
			infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
		dx, err := applyOp(d, grad, in[0], in[1], in[2])
		return G.Nodes{dx, nil, nil}, err
	}
	return o
}

func weightedBCEEval[F kernels.Float](out arg[F], in []arg[F]) {
	out.data[0] = F(kernels.WeightedBCE(in[0].data, in[1].data, in[2].data))
}

func weightedBCEGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.WeightedBCEGrad(out.data, in[1].data, in[2].data, in[3].data, float64(in[0].data[0]))
}

func weighted(weights []float64) *op {
	n := len(weights)
	o := &op{kind: "weighted", attrs: weightedAttrs{0, n, weights}, ranks: make([]int, n), wrt: make([]bool, n),
		infer: scalarShape}
	for i := range o.wrt {
		o.wrt[i] = true
	}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		out := make(G.Nodes, n)
		for i := range in {
			d := &op{kind: "weighted-grad", attrs: weightedAttrs{i, n, weights[i : i+1]}, ranks: []int{0}, infer: scalarShape}
			var err error
			if out[i], err = applyOp(d, grad); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return o
}

func scalarShape([]tensor.Shape) (tensor.Shape, error) { return tensor.ScalarShape(), nil }

func weightedEval[F kernels.Float](a weightedAttrs) eval[F] {
	weights := a.weights
	return func(out arg[F], in []arg[F]) {
		var s float64
		for i, w := range weights {
			s += w * float64(in[i].data[0])
		}
		out.data[0] = F(s)
	}
}

// Hits adds the share of the given rows of the logits x (N x 1) that lie on the
// label's side: positive for label 1, zero or negative for label 0. No gradient.
func (g *Graph) Hits(layer string, rows Rows, label int, logits *Node) *Node {
	return g.apply(layer, &op{kind: "hits", attrs: hitsAttrs{rows, label}, ranks: []int{2}, infer: checkRows(rows)}, logits)
}

func hitsEval[F kernels.Float](a hitsAttrs) eval[F] {
	rows, label := a.Rows, a.Label
	return func(out arg[F], in []arg[F]) {
		hits := 0
		x := in[0].rows(rows)
		for _, v := range x {
			if (v > 0) == (label == 1) {
				hits++
			}
		}
		out.data[0] = F(float64(hits) / float64(len(x)))
	}
}
