package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Gaussian adds the mean over rows of the negative log density of target (N x q) under normal laws of the given mean and of
// variance exp(scale·spread), both N x q, in nats, without the constant. target has no gradient.
func (g *Graph) Gaussian(layer string, scale float64, mean, spread, target *Node) *Node {
	return g.apply(layer, gaussian(scale), mean, spread, target)
}

type gaussianAttrs struct{ Scale float64 }

func init() {
	onCPU("gaussian", gaussianEval[float32], gaussianEval[float64])
	onCPU("gaussian-grad-mean", gaussianGradEval(kernels.GaussianMeanGrad[float32]), gaussianGradEval(kernels.GaussianMeanGrad[float64]))
	onCPU("gaussian-grad-spread", gaussianGradEval(kernels.GaussianSpreadGrad[float32]), gaussianGradEval(kernels.GaussianSpreadGrad[float64]))
}

func gaussian(scale float64) *op {
	o := &op{kind: "gaussian", attrs: gaussianAttrs{scale}, ranks: []int{2, 2, 2}, wrt: []bool{true, true, false},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			if !s[0].Eq(s[1]) || !s[0].Eq(s[2]) {
				return nil, fmt.Errorf("means %v, spreads %v and targets %v differ", s[0], s[1], s[2])
			}
			return tensor.ScalarShape(), nil
		}}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		up := append(G.Nodes{grad}, in...)
		dm, err := applyOp(gaussianGrad("mean", scale), up...)
		if err != nil {
			return nil, err
		}
		ds, err := applyOp(gaussianGrad("spread", scale), up...)
		return G.Nodes{dm, ds, nil}, err
	}
	return o
}

func gaussianEval[F kernels.Float](a gaussianAttrs) eval[F] {
	scale := a.Scale
	return func(out arg[F], in []arg[F]) {
		out.data[0] = F(kernels.GaussianLoss(in[0].data, in[1].data, in[2].data, scale, in[0].shape[0]))
	}
}

// A gaussianKernel is the gradient by the mean or by the spread.
type gaussianKernel[F kernels.Float] func(out, mean, spread, target []F, scale float64, n int, size float64)

func gaussianGrad(by string, scale float64) *op {
	return &op{kind: "gaussian-grad-" + by, attrs: gaussianAttrs{scale}, ranks: []int{0, 2, 2, 2}, rank: 2,
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
}

func gaussianGradEval[F kernels.Float](k gaussianKernel[F]) func(a gaussianAttrs) eval[F] {
	return func(a gaussianAttrs) eval[F] {
		return func(out arg[F], in []arg[F]) {
			k(out.data, in[1].data, in[2].data, in[3].data, a.Scale, in[1].shape[0], float64(in[0].data[0]))
		}
	}
}
