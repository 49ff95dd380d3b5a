package ops

import (
	"fmt"
	"math"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// SquaresTo adds the mean squared difference of the given rows of x, of any rank, from one
// target: with 1 and 0 the losses of a least-squares GAN (X. Mao et al., Least squares
// generative adversarial networks, ICCV 2017), with 0 the mean square.
func (g *Graph) SquaresTo(layer string, rows Rows, target float64, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, squaresTo(rows, target, x.Dims()), x)
}

// Divergence adds the sum, over the given rows and all columns, of the Kullback-Leibler
// divergence of normal laws from the standard one, in nats: −(1 + s − m² − e^s)/2, m the mean
// and s the logarithm of the variance, both N x d (D. P. Kingma, M. Welling, Auto-encoding
// variational Bayes, ICLR 2014, appendix B).
func (g *Graph) Divergence(layer string, rows Rows, mean, logVariance *Node) *Node {
	return g.apply(layer, divergence(rows), mean, logVariance)
}

// Sample adds mean + noise·exp(logVariance/2), all N x d; noise has no gradient.
func (g *Graph) Sample(layer string, mean, logVariance, noise *Node) *Node {
	return g.apply(layer, sample(), mean, logVariance, noise)
}

// Seek adds 1/(d/distance + 1e-5) for a scalar d: mode seeking, where d is how far apart the
// images of two codes are and distance how far the codes (Q. Mao et al., Mode seeking
// generative adversarial networks for diverse image synthesis, CVPR 2019). The distance is
// read at each run.
func (g *Graph) Seek(layer string, distance *float64, d *Node) *Node {
	return g.apply(layer, seek(layer, distance), d)
}

// seekEpsilon keeps the loss of equal images finite.
const seekEpsilon = 1e-5

type sumOfRowsAttrs struct {
	Rows Rows
	By   int // input by which a gradient is
}

// seekAttrs are the layer's name, which tells two of one graph apart, and the distance, which
// a run reads as it stands then.
type seekAttrs struct {
	layer    string
	distance *float64
}

func (a seekAttrs) String() string { return fmt.Sprintf("{layer %q}", a.layer) }

func init() {
	onCPU("squares-to", squaresToEval[float32], squaresToEval[float64])
	onCPU("squares-to-grad", squaresToGradEval[float32], squaresToGradEval[float64])
	onCPU("divergence", divergenceEval[float32], divergenceEval[float64])
	onCPU("divergence-grad", divergenceGradEval[float32], divergenceGradEval[float64])
	onCPUPlain("sample", sampleEval[float32], sampleEval[float64])
	onCPUPlain("sample-grad", sampleGradEval[float32], sampleGradEval[float64])
	onCPU("seek", seekEval[float32], seekEval[float64])
	onCPU("seek-grad", seekGradEval[float32], seekGradEval[float64])
}

func squaresTo(rows Rows, target float64, rank int) *op {
	o := &op{kind: "squares-to", attrs: bceAttrs{rows, target}, ranks: []int{rank}, wrt: []bool{true}, infer: checkRows(rows)}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		d := &op{kind: "squares-to-grad", attrs: o.attrs, ranks: []int{0, rank}, rank: rank,
			infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
		dx, err := applyOp(d, grad, in[0])
		return G.Nodes{dx}, err
	}
	return o
}

func squaresToEval[F kernels.Float](a bceAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		out.data[0] = F(kernels.MeanSquareTo(in[0].rows(a.Rows), a.Target))
	}
}

func squaresToGradEval[F kernels.Float](a bceAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		kernels.MeanSquareToGrad(out.rows(a.Rows), in[1].rows(a.Rows), a.Target, float64(in[0].data[0]))
	}
}

func divergence(rows Rows) *op {
	o := &op{kind: "divergence", attrs: sumOfRowsAttrs{rows, 0}, ranks: []int{2, 2}, wrt: []bool{true, true}, infer: checkRows(rows)}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		out := make(G.Nodes, 2)
		for i := range out {
			d := &op{kind: "divergence-grad", attrs: sumOfRowsAttrs{rows, i}, ranks: []int{0, 2}, rank: 2,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
			var err error
			if out[i], err = applyOp(d, grad, in[i]); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return o
}

func divergenceEval[F kernels.Float](a sumOfRowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		total := 0.0
		spread := in[1].rows(a.Rows)
		for i, m := range in[0].rows(a.Rows) {
			s := float64(spread[i])
			total -= (1 + s - float64(m)*float64(m) - math.Exp(s)) / 2
		}
		out.data[0] = F(total)
	}
}

func divergenceGradEval[F kernels.Float](a sumOfRowsAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		clear(out.data)
		up, to := float64(in[0].data[0]), out.rows(a.Rows)
		for i, v := range in[1].rows(a.Rows) {
			d := float64(v)
			if a.By == 1 {
				d = (math.Exp(d) - 1) / 2
			}
			to[i] = F(up * d)
		}
	}
}

func sample() *op {
	return &op{kind: "sample", ranks: []int{2, 2, 2}, rank: 2, wrt: []bool{true, true, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[0].Eq(s[1]) || !s[0].Eq(s[2]) {
				return nil, fmt.Errorf("means %v, variances %v and noise %v differ", s[0], s[1], s[2])
			}
			return s[0], nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			ds, err := applyOp(&op{kind: "sample-grad", ranks: []int{2, 2, 2}, rank: 2, infer: sameShape}, in[1], in[2], grad)
			return G.Nodes{grad, ds, nil}, err
		}}
}

func sampleEval[F kernels.Float](out arg[F], in []arg[F]) {
	for i, m := range in[0].data {
		out.data[i] = m + in[2].data[i]*F(math.Exp(float64(in[1].data[i])/2))
	}
}

func sampleGradEval[F kernels.Float](out arg[F], in []arg[F]) {
	for i, s := range in[0].data {
		out.data[i] = in[2].data[i] * in[1].data[i] * F(math.Exp(float64(s)/2)/2)
	}
}

func seek(layer string, distance *float64) *op {
	o := &op{kind: "seek", attrs: seekAttrs{layer, distance}, ranks: []int{0}, infer: scalarShape, wrt: []bool{true}}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		dx, err := applyOp(&op{kind: "seek-grad", attrs: o.attrs, ranks: []int{0, 0}, infer: scalarShape}, in[0], grad)
		return G.Nodes{dx}, err
	}
	return o
}

func seekEval[F kernels.Float](a seekAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		out.data[0] = F(1 / (float64(in[0].data[0])/(*a.distance) + seekEpsilon))
	}
}

func seekGradEval[F kernels.Float](a seekAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		v := 1 / (float64(in[0].data[0])/(*a.distance) + seekEpsilon)
		out.data[0] = F(-float64(in[1].data[0]) * v * v / *a.distance)
	}
}
