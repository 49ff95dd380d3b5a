package ops

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// The derivative of a network as a network: its change as the input moves in a direction, which
// is differentiated like any other value, and the gradient by the input as a constant, which says
// in which direction. A gradient penalty is made of these, without second derivatives.

// AffineNorm adds instance normalisation of x (N x C x H x W) with a scale and a shift of C
// values each, the given epsilon added to the biased variance.
func (g *Graph) AffineNorm(layer string, epsilon float64, x, scale, shift *Node) *Node {
	return g.apply(layer, affineNorm(epsilon), x, scale, shift)
}

// AffineNormAlong adds the change of AffineNorm at x as x moves along t.
func (g *Graph) AffineNormAlong(layer string, epsilon float64, x, scale, t *Node) *Node {
	return g.apply(layer, affineAlong(epsilon), x, scale, t)
}

// LeakyReluAlong adds the change of LeakyRelu at x, of any rank, as x moves along t. No gradient
// goes into x, by which it changes at kinks alone.
func (g *Graph) LeakyReluAlong(layer string, slope float64, x, t *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, reluAlong(slope, x.Dims()), x, t)
}

// TanhAlong adds the change of Tanh, whose output is y, of any rank, as its input moves along t.
func (g *Graph) TanhAlong(layer string, y, t *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, tanhAlong(y.Dims()), y, t)
}

// ConvBack adds the gradient of Conv by its input x, that by its output being d. It is a constant.
func (g *Graph) ConvBack(layer string, c kernels.Conv, x, w, d *Node) *Node {
	return g.apply(layer, convGradInput(g.geometry(c), false), x, w, d)
}

// LinearBack adds the gradient of Linear by its input, that by its output being d (N x out). It is
// a constant.
func (g *Graph) LinearBack(layer string, w, d *Node) *Node {
	return g.apply(layer, matrixProduct(false, false), d, w)
}

// Direction adds x (N x C x H x W) with every sample over its Euclidean length, as a constant; a
// sample of zeros stays.
func (g *Graph) Direction(layer string, x *Node) *Node {
	return g.apply(layer, &op{kind: "direction", ranks: []int{4}, rank: 4, infer: sameShape}, x)
}

type epsilonAttrs struct{ Epsilon float64 }

// affineScaleAttrs say whether the gradient by scale is that of the derivative.
type affineScaleAttrs struct {
	Epsilon float64
	Along   bool
}

func init() {
	onCPU("affine-norm", affineEval[float32], affineEval[float64])
	onCPU("affine-norm-along", affineAlongEval[float32], affineAlongEval[float64])
	onCPU("affine-norm-bend", affineBendEval[float32], affineBendEval[float64])
	onCPU("affine-norm-grad-scale", affineScaleEval[float32], affineScaleEval[float64])
	onCPU("leaky-relu-along", reluGradEval[float32], reluGradEval[float64])
	onCPUPlain("tanh-along", tanhAlongEval[float32], tanhAlongEval[float64])
	onCPUPlain("tanh-bend", tanhBendEval[float32], tanhBendEval[float64])
	onCPUPlain("direction", directionEval[float32], directionEval[float64])
}

func affineNorm(epsilon float64) *op {
	return &op{
		kind: "affine-norm", attrs: epsilonAttrs{epsilon}, ranks: []int{4, 1, 1}, rank: 4, wrt: []bool{true, true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], checkChannels(s[0][1], s[1:]...) },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(affineAlong(epsilon), in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			ds, err := applyOp(affineScale(affineScaleAttrs{Epsilon: epsilon}), in[0], grad)
			if err != nil {
				return nil, err
			}
			db, err := applyOp(channelSums(), grad)
			return G.Nodes{dx, ds, db}, err
		},
	}
}

func affineAlong(epsilon float64) *op {
	return &op{
		kind: "affine-norm-along", attrs: epsilonAttrs{epsilon}, ranks: []int{4, 1, 4}, rank: 4, wrt: []bool{true, true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[0].Eq(s[2]) {
				return nil, fmt.Errorf("%v along %v", s[0], s[2])
			}
			return s[0], checkChannels(s[0][1], s[1])
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			bend := &op{kind: "affine-norm-bend", attrs: epsilonAttrs{epsilon}, ranks: []int{4, 1, 4, 4}, rank: 4, infer: sameShape}
			dx, err := applyOp(bend, in[0], in[1], in[2], grad)
			if err != nil {
				return nil, err
			}
			ds, err := applyOp(affineScale(affineScaleAttrs{epsilon, true}), in[0], grad, in[2])
			if err != nil {
				return nil, err
			}
			dt, err := applyOp(affineAlong(epsilon), in[0], in[1], grad)
			return G.Nodes{dx, ds, dt}, err
		},
	}
}

// affineScale takes x, the gradient by the output and, of the derivative, t.
func affineScale(a affineScaleAttrs) *op {
	o := &op{kind: "affine-norm-grad-scale", attrs: a, ranks: []int{4, 4}, rank: 1, infer: func(s []tensor.Shape) (tensor.Shape, error) {
		return tensor.Shape{s[0][1]}, nil
	}}
	if a.Along {
		o.ranks = []int{4, 4, 4}
	}
	return o
}

func reluAlong(slope float64, rank int) *op {
	return &op{kind: "leaky-relu-along", attrs: slopeAttrs{slope}, ranks: []int{rank, rank}, rank: rank, infer: checkAlong, wrt: []bool{false, true},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dt, err := applyOp(reluAlong(slope, rank), in[0], grad)
			return G.Nodes{nil, dt}, err
		}}
}

func tanhAlong(rank int) *op {
	return &op{kind: "tanh-along", ranks: []int{rank, rank}, rank: rank, infer: checkAlong, wrt: []bool{true, true},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dy, err := applyOp(&op{kind: "tanh-bend", ranks: []int{rank, rank, rank}, rank: rank, infer: sameShape}, in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			dt, err := applyOp(tanhAlong(rank), in[0], grad)
			return G.Nodes{dy, dt}, err
		}}
}

func checkAlong(s []tensor.Shape) (tensor.Shape, error) {
	if !s[0].Eq(s[1]) {
		return nil, fmt.Errorf("%v along %v", s[0], s[1])
	}
	return s[0], nil
}

func (a arg[F]) area() int { return a.shape[2] * a.shape[3] }

func affineEval[F kernels.Float](a epsilonAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AffineNorm(out.data, in[0].data, in[1].data, in[2].data, out.area(), a.Epsilon)
	}
}

func affineAlongEval[F kernels.Float](a epsilonAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AffineNormAlong(out.data, in[2].data, in[0].data, in[1].data, out.area(), a.Epsilon)
	}
}

func affineBendEval[F kernels.Float](a epsilonAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AffineNormBend(out.data, in[3].data, in[2].data, in[0].data, in[1].data, out.area(), a.Epsilon)
	}
}

func affineScaleEval[F kernels.Float](a affineScaleAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		var along []F
		if a.Along {
			along = in[2].data
		}
		kernels.AffineNormScale(out.data, in[1].data, along, in[0].data, in[0].area(), a.Epsilon)
	}
}

func tanhAlongEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.TanhGrad(out.data, in[1].data, in[0].data)
}

// tanhBendEval takes the output y, t and the gradient by t·(1 − y²).
func tanhBendEval[F kernels.Float](out arg[F], in []arg[F]) {
	for i, y := range in[0].data {
		out.data[i] = -2 * y * in[1].data[i] * in[2].data[i]
	}
}

func directionEval[F kernels.Float](out arg[F], in []arg[F]) {
	width := len(out.data) / out.shape[0]
	for lo := 0; lo < len(out.data); lo += width {
		var square float64
		for _, v := range in[0].data[lo : lo+width] {
			square += float64(v) * float64(v)
		}
		scale := F(0)
		if square > 0 {
			scale = F(1 / math.Sqrt(square))
		}
		kernels.Scale(out.data[lo:lo+width], in[0].data[lo:lo+width], scale)
	}
}
