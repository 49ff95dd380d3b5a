package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// AdaptiveNorm adds leaky-relu(gain·h + shift) of the given slope, h the instance norm of x
// (N x C x H x W), shifts and gains those of each sample's channels: styles is N x 2C, shifts
// first. Slope 1 is no activation.
func (g *Graph) AdaptiveNorm(layer string, slope float64, x, styles *Node) *Node {
	return g.apply(layer, adaptiveNorm(slope), x, styles)
}

// LayerNorm adds leaky-relu(scale·(x − mean)/spread + shift) of the given slope: mean and
// spread of each sample of x (N x C x H x W) over all its values, scale and shift a value a
// channel: affine is 2 x C, scales first.
func (g *Graph) LayerNorm(layer string, spread kernels.Spread, slope float64, x, affine *Node) *Node {
	return g.apply(layer, layerNorm(spread, slope), x, affine)
}

type layerNormAttrs struct {
	Spread kernels.Spread
	Slope  float64
}

func init() {
	onCPU("adaptive-norm", adaptiveEval[float32], adaptiveEval[float64])
	onCPU("adaptive-norm-grad", adaptiveGradEval(kernels.AdaptiveNormGrad[float32]), adaptiveGradEval(kernels.AdaptiveNormGrad[float64]))
	onCPU("adaptive-norm-grad-style", adaptiveGradEval(kernels.AdaptiveNormStyleGrad[float32]), adaptiveGradEval(kernels.AdaptiveNormStyleGrad[float64]))
	onCPU("layer-norm", layerEval[float32], layerEval[float64])
	onCPU("layer-norm-grad", layerGradEval(kernels.LayerNormGrad[float32]), layerGradEval(kernels.LayerNormGrad[float64]))
	onCPU("layer-norm-grad-affine", layerGradEval(kernels.LayerNormAffineGrad[float32]), layerGradEval(kernels.LayerNormAffineGrad[float64]))
}

func adaptiveNorm(slope float64) *op {
	return binaryNorm("adaptive-norm", "style", slopeAttrs{slope}, func(s []tensor.Shape) error {
		if s[1][0] != s[0][0] || s[1][1] != 2*s[0][1] {
			return fmt.Errorf("styles %v of %v, want a shift and a gain for each channel of each sample", s[1], s[0])
		}
		return nil
	})
}

func layerNorm(spread kernels.Spread, slope float64) *op {
	return binaryNorm("layer-norm", "affine", layerNormAttrs{spread, slope}, func(s []tensor.Shape) error {
		if s[1][0] != 2 || s[1][1] != s[0][1] {
			return fmt.Errorf("affine values %v of %v, want a scale and a shift for each channel", s[1], s[0])
		}
		return nil
	})
}

// binaryNorm is a normalisation of images by a matrix of values that are learnt, with its
// gradients by both.
func binaryNorm(kind, by string, attrs any, fits func(s []tensor.Shape) error) *op {
	return &op{kind: kind, attrs: attrs, ranks: []int{4, 2}, rank: 4, wrt: []bool{true, true},
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[0], fits(s) },
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			of := func(kind string, i, rank int) (*G.Node, error) {
				return applyOp(&op{kind: kind, attrs: attrs, ranks: []int{4, 2, 4}, rank: rank,
					infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[i], nil }}, in[0], in[1], grad)
			}
			dx, err := of(kind+"-grad", 0, 4)
			if err != nil {
				return nil, err
			}
			ds, err := of(kind+"-grad-"+by, 1, 2)
			return G.Nodes{dx, ds}, err
		}}
}

func adaptiveEval[F kernels.Float](a slopeAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.AdaptiveNorm(out.data, in[0].data, in[1].data, out.dims(), F(a.Slope))
	}
}

func adaptiveGradEval[F kernels.Float](k func(to, dy, x, styles []F, d kernels.Dims, slope F)) func(slopeAttrs) eval[F] {
	return func(a slopeAttrs) eval[F] {
		return func(out arg[F], in []arg[F]) {
			k(out.data, in[2].data, in[0].data, in[1].data, in[0].dims(), F(a.Slope))
		}
	}
}

func layerEval[F kernels.Float](a layerNormAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		kernels.LayerNorm(out.data, in[0].data, in[1].data, out.dims(), a.Spread, F(a.Slope))
	}
}

func layerGradEval[F kernels.Float](k func(to, dy, x, affine []F, d kernels.Dims, spread kernels.Spread, slope F)) func(layerNormAttrs) eval[F] {
	return func(a layerNormAttrs) eval[F] {
		return func(out arg[F], in []arg[F]) {
			k(out.data, in[2].data, in[0].data, in[1].data, in[0].dims(), a.Spread, F(a.Slope))
		}
	}
}
