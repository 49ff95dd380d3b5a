package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// BatchMoments adds the statistics of x (N x C, or N x C x H x W) by channel: for each group
// of rows a row of means and one of biased variances, 2·groups x C. The first split rows and
// the rest are groups; with split 0 all rows are one. It has no gradient of its own:
// BatchNorm's counts what x does to them.
func (g *Graph) BatchMoments(layer string, split int, x *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, batchMoments(batchAttrs{Split: split, Lanes: g.quick}, x.Dims()), x)
}

// BatchNorm adds scale·(x − mean)/√(variance + epsilon) + shift, channel by channel, moments
// being those that BatchMoments gives of x with the same split, scale and shift C values
// each (S. Ioffe and C. Szegedy, ICML 2015).
func (g *Graph) BatchNorm(layer string, split int, epsilon float64, x, moments, scale, shift *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, batchNorm(batchAttrs{split, epsilon, g.quick}, x.Dims()), x, moments, scale, shift)
}

// FixedNorm is BatchNorm by a mean and a variance that are given, C values each. x alone has a
// gradient.
func (g *Graph) FixedNorm(layer string, epsilon float64, x, mean, variance, scale, shift *Node) *Node {
	if g.err != nil {
		return nil
	}
	return g.apply(layer, fixedNorm(epsilon, x.Dims()), x, mean, variance, scale, shift)
}

func fixedNorm(epsilon float64, r int) *op {
	a := batchAttrs{Epsilon: epsilon}
	return &op{kind: "fixed-norm", attrs: a, ranks: []int{r, 1, 1, 1, 1}, rank: r, wrt: []bool{true, false, false, false, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], checkChannels(s[0][1], s[1:]...) },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(&op{kind: "fixed-norm-grad", attrs: a, ranks: []int{r, 1, 1}, rank: r, infer: sameShape}, grad, in[2], in[3])
			return G.Nodes{dx, nil, nil, nil, nil}, err
		}}
}

type batchAttrs struct {
	Split   int
	Epsilon float64
	Lanes   bool
}

func init() {
	onCPU("batch-moments", batchMomentsEval[float32], batchMomentsEval[float64])
	onCPU("batch-norm", batchNormEval[float32], batchNormEval[float64])
	onCPU("batch-norm-grad", batchNormGradEval[float32], batchNormGradEval[float64])
	onCPU("batch-norm-grad-scale", batchNormScaleEval[float32], batchNormScaleEval[float64])
	onCPUPlain("batch-norm-grad-shift", batchNormShiftEval[float32], batchNormShiftEval[float64])
	onCPU("fixed-norm", fixedNormEval[float32], fixedNormEval[float64])
	onCPU("fixed-norm-grad", fixedNormGradEval[float32], fixedNormGradEval[float64])
}

// batch is how an operand lies.
func (a batchAttrs) batch(s tensor.Shape) kernels.Batch {
	return kernels.Batch{N: s[0], Channels: s[1], Area: s[2:].TotalSize(), Split: a.Split, Epsilon: a.Epsilon, Lanes: a.Lanes}
}

func checkChannels(channels int, shapes ...tensor.Shape) error {
	for _, s := range shapes {
		if s[0] != channels {
			return fmt.Errorf("%d values for %d channels", s[0], channels)
		}
	}
	return nil
}

func batchMoments(a batchAttrs, rank int) *op {
	split := a.Split
	return &op{kind: "batch-moments", attrs: a, ranks: []int{rank}, rank: 2, infer: func(s []tensor.Shape) (tensor.Shape, error) {
		if split < 0 || split >= s[0][0] {
			return nil, fmt.Errorf("%d rows of %d apart", split, s[0][0])
		}
		return tensor.Shape{2 * len(kernels.Batch{N: s[0][0], Split: split}.Groups()), s[0][1]}, nil
	}}
}

func batchNorm(a batchAttrs, rank int) *op {
	return &op{kind: "batch-norm", attrs: a, ranks: []int{rank, 2, 1, 1}, rank: rank, wrt: []bool{true, false, true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], checkChannels(s[0][1], s[2:]...) },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			of := func(kind string, ranks []int, rank int, shape tensor.Shape, x ...*G.Node) (*G.Node, error) {
				return applyOp(&op{kind: kind, attrs: a, ranks: ranks, rank: rank, infer: func([]tensor.Shape) (tensor.Shape, error) { return shape.Clone(), nil }}, x...)
			}
			dx, err := of("batch-norm-grad", []int{rank, 2, 1, rank}, rank, in[0].Shape(), in[0], in[1], in[2], grad)
			if err != nil {
				return nil, err
			}
			ds, err := of("batch-norm-grad-scale", []int{rank, 2, rank}, 1, in[2].Shape(), in[0], in[1], grad)
			if err != nil {
				return nil, err
			}
			db, err := of("batch-norm-grad-shift", []int{rank}, 1, in[3].Shape(), grad)
			return G.Nodes{dx, nil, ds, db}, err
		}}
}

func batchMomentsEval[F kernels.Float](a batchAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.BatchMoments(out.data, in[0].data, a.batch(in[0].shape))
	}
}

func batchNormEval[F kernels.Float](a batchAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.BatchNorm(out.data, in[0].data, in[1].data, in[2].data, in[3].data, a.batch(out.shape))
	}
}

func batchNormGradEval[F kernels.Float](a batchAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.BatchNormGrad(out.data, in[3].data, in[0].data, in[1].data, in[2].data, a.batch(out.shape))
	}
}

func batchNormScaleEval[F kernels.Float](a batchAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.BatchNormScaleGrad(out.data, in[2].data, in[0].data, in[1].data, a.batch(in[0].shape))
	}
}

func batchNormShiftEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.SumChannels(out.data, in[0].data, in[0].shape[1], in[0].shape[2:].TotalSize())
}

func fixedNormEval[F kernels.Float](a batchAttrs) eval[F] {
	var moments []F
	return func(out arg[F], in []arg[F]) {
		moments = append(append(moments[:0], in[1].data...), in[2].data...)
		kernels.BatchNorm(out.data, in[0].data, moments, in[3].data, in[4].data, a.batch(out.shape))
	}
}

// fixedNormGradEval normalises the gradient as if mean and shift were 0.
func fixedNormGradEval[F kernels.Float](a batchAttrs) eval[F] {
	var moments, zero []F
	return func(out arg[F], in []arg[F]) {
		zero = append(zero[:0], make([]F, len(in[1].data))...)
		moments = append(append(moments[:0], zero...), in[1].data...)
		kernels.BatchNorm(out.data, in[0].data, moments, in[2].data, zero, a.batch(out.shape))
	}
}
