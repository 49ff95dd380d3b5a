package ops

import (
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/losses"
)

// The losses of a whole batch: their formulas, ranges and sources stand in internal/losses.
// Matrices are N x d, an image a row; the source's rows, where there are two domains, are
// the first. What counts there as a constant gets no gradient.

// Moments adds the squared distance of the central moments of an order of two domains.
func (g *Graph) Moments(layer string, source, order int, x *Node) *Node {
	return g.batchLoss(layer, "moments", losses.Moments{Source: source, Order: order}, x)
}

// MMD adds the squared maximum mean discrepancy of two domains under the product of the
// kernels of the matrices, one for each.
func (g *Graph) MMD(layer string, source int, kernels []losses.Gaussians, x ...*Node) *Node {
	return g.batchLoss(layer, "mmd", losses.MMD{Source: source, Kernels: kernels}, x...)
}

// Entropy adds the mean entropy of the softmax of rows of logits.
func (g *Graph) Entropy(layer string, rows Rows, logits *Node) *Node {
	return g.batchLoss(layer, "entropy", losses.Entropy{Rows: losses.Rows(rows)}, logits)
}

// Diversity adds the entropy of the mean softmax of rows of logits.
func (g *Graph) Diversity(layer string, rows Rows, logits *Node) *Node {
	return g.batchLoss(layer, "diversity", losses.Diversity{Rows: losses.Rows(rows)}, logits)
}

// ClassConfusion adds the minimum class confusion of rows of logits.
func (g *Graph) ClassConfusion(layer string, rows Rows, temperature float64, logits *Node) *Node {
	return g.batchLoss(layer, "class-confusion", losses.Confusion{Rows: losses.Rows(rows), Temperature: temperature}, logits)
}

// NuclearNorm adds the sum of singular values of the softmax of rows of logits.
func (g *Graph) NuclearNorm(layer string, rows Rows, logits *Node) *Node {
	return g.batchLoss(layer, "nuclear-norm", losses.Nuclear{Rows: losses.Rows(rows)}, logits)
}

// TopSingular adds the squared largest singular value of rows of x.
func (g *Graph) TopSingular(layer string, rows Rows, x *Node) *Node {
	return g.batchLoss(layer, "top-singular", losses.Singular{Rows: losses.Rows(rows)}, x)
}

// NormStep adds the push of the norms of rows of x outwards by a step.
func (g *Graph) NormStep(layer string, rows Rows, step float64, x *Node) *Node {
	return g.batchLoss(layer, "norm-step", losses.NormStep{Rows: losses.Rows(rows), Step: step}, x)
}

// NormTo adds the squared distance of the mean norm of rows of x from a radius.
func (g *Graph) NormTo(layer string, rows Rows, radius float64, x *Node) *Node {
	return g.batchLoss(layer, "norm-to", losses.NormTo{Rows: losses.Rows(rows), Radius: radius}, x)
}

// Apart adds the mean absolute difference of the softmaxes of rows of two matrices of logits.
func (g *Graph) Apart(layer string, rows Rows, a, b *Node) *Node {
	return g.batchLoss(layer, "apart", losses.Apart{Rows: losses.Rows(rows)}, a, b)
}

// Sliced adds the sliced squared Wasserstein distance of the softmaxes of rows of two matrices
// of logits, by directions (classes x as many), which are constants.
func (g *Graph) Sliced(layer string, rows Rows, a, b, directions *Node) *Node {
	return g.batchLoss(layer, "sliced", losses.Sliced{Rows: losses.Rows(rows)}, a, b, directions)
}

// Agree adds the mean cross-entropy of rows of logits against the class that the logits by
// choose.
func (g *Graph) Agree(layer string, rows Rows, logits, by *Node) *Node {
	return g.batchLoss(layer, "agree", losses.Agree{Rows: losses.Rows(rows)}, logits, by)
}

// Disagree adds the mean of −log(1 − p) of rows of logits, p that of the class that the
// logits by choose.
func (g *Graph) Disagree(layer string, rows Rows, logits, by *Node) *Node {
	return g.batchLoss(layer, "disagree", losses.Disagree{Rows: losses.Rows(rows)}, logits, by)
}

// Even adds the mean cross-entropy of rows of logits against equal probabilities.
func (g *Graph) Even(layer string, rows Rows, logits *Node) *Node {
	return g.batchLoss(layer, "even", losses.Even{Rows: losses.Rows(rows)}, logits)
}

// Consistency adds the mean square by which the softmax of rows of logits departs from the
// probabilities of another network.
func (g *Graph) Consistency(layer string, rows Rows, least float64, logits, by *Node) *Node {
	return g.batchLoss(layer, "consistency", losses.Consistency{Rows: losses.Rows(rows), Least: least}, logits, by)
}

// Pseudo adds the mean cross-entropy of rows of logits against the classes that probabilities
// of another pass choose, where the largest is above least.
func (g *Graph) Pseudo(layer string, rows Rows, least float64, logits, by *Node) *Node {
	return g.batchLoss(layer, "pseudo", losses.Pseudo{Rows: losses.Rows(rows), Least: least}, logits, by)
}

// Balance adds the binary cross-entropy of the mean softmax of rows of logits against equal
// shares of the classes.
func (g *Graph) Balance(layer string, rows Rows, logits *Node) *Node {
	return g.batchLoss(layer, "balance", losses.Balance{Rows: losses.Rows(rows)}, logits)
}

// Soft adds the mean cross-entropy of rows of logits against weights of the classes, by, which
// are constants.
func (g *Graph) Soft(layer string, rows Rows, logits, by *Node) *Node {
	return g.batchLoss(layer, "soft", losses.Soft{Rows: losses.Rows(rows)}, logits, by)
}

// Squares adds the mean squared difference of rows of x and target, a constant; centred, less
// the square of each row's mean difference.
func (g *Graph) Squares(layer string, rows Rows, centred bool, x, target *Node) *Node {
	return g.batchLoss(layer, "squares", losses.Squares{Rows: losses.Rows(rows), Centred: centred}, x, target)
}

// Overlap adds the mean squared inner product of the columns of rows of two matrices, centred
// and with rows of unit length.
func (g *Graph) Overlap(layer string, rows Rows, a, b *Node) *Node {
	return g.batchLoss(layer, "overlap", losses.Overlap{Rows: losses.Rows(rows)}, a, b)
}

// Pin adds the mean squared norm of rows of x.
func (g *Graph) Pin(layer string, rows Rows, x *Node) *Node {
	return g.batchLoss(layer, "pin", losses.Pin{Rows: losses.Rows(rows)}, x)
}

// Collapse adds the mean of exp(−‖z‖²) over rows of x.
func (g *Graph) Collapse(layer string, rows Rows, x *Node) *Node {
	return g.batchLoss(layer, "collapse", losses.Collapse{Rows: losses.Rows(rows)}, x)
}

// HSIC adds the Hilbert-Schmidt independence criterion of rows of two matrices.
func (g *Graph) HSIC(layer string, rows Rows, x, y *Node) *Node {
	return g.batchLoss(layer, "hsic", losses.HSIC{Rows: losses.Rows(rows)}, x, y)
}

func init() {
	onCPUBatch[losses.HSIC]("hsic")
	onCPUBatch[losses.Pin]("pin")
	onCPUBatch[losses.Collapse]("collapse")
	onCPUBatch[losses.Soft]("soft")
	onCPUBatch[losses.Squares]("squares")
	onCPUBatch[losses.Overlap]("overlap")
	onCPUBatch[losses.Apart]("apart")
	onCPUBatch[losses.Sliced]("sliced")
	onCPUBatch[losses.Even]("even")
	onCPUBatch[losses.Consistency]("consistency")
	onCPUBatch[losses.Pseudo]("pseudo")
	onCPUBatch[losses.Balance]("balance")
	onCPUBatch[losses.Moments]("moments")
	onCPUBatch[losses.MMD]("mmd")
	onCPUBatch[losses.Entropy]("entropy")
	onCPUBatch[losses.Diversity]("diversity")
	onCPUBatch[losses.Confusion]("class-confusion")
	onCPUBatch[losses.Nuclear]("nuclear-norm")
	onCPUBatch[losses.Singular]("top-singular")
	onCPUBatch[losses.NormStep]("norm-step")
	onCPUBatch[losses.NormTo]("norm-to")
	onCPUBatch[losses.Agree]("agree")
	onCPUBatch[losses.Disagree]("disagree")
}

func (g *Graph) batchLoss(layer, kind string, l losses.Loss, x ...*Node) *Node {
	return g.apply(layer, batchLoss(kind, l), x...)
}

// byAttrs are a loss and the input by which its gradient is taken.
type byAttrs struct {
	Loss losses.Loss
	By   int
}

func batchLoss(kind string, l losses.Loss) *op {
	all, trained := l.Inputs()
	o := &op{kind: kind, attrs: l, infer: func(s []tensor.Shape) (tensor.Shape, error) {
		shapes := make([][]int, len(s))
		for i := range s {
			shapes[i] = s[i]
		}
		return tensor.ScalarShape(), l.Check(shapes...)
	}}
	for i := range all {
		o.ranks, o.wrt = append(o.ranks, 2), append(o.wrt, i < trained)
	}
	o.diff = func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
		out := make(G.Nodes, all)
		for i := range trained {
			d := &op{kind: kind + "-grad", attrs: byAttrs{l, i}, ranks: append([]int{0}, o.ranks...), rank: 2,
				infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1+i], nil }}
			var err error
			if out[i], err = applyOp(d, append(G.Nodes{grad}, in...)...); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return o
}

// onCPUBatch says that the processor computes a loss of a batch by its own methods.
func onCPUBatch[A losses.Loss](kind string) {
	onCPU(kind, batchEval[float32, A], batchEval[float64, A])
	onCPU(kind+"-grad", batchGradEval[float32], batchGradEval[float64])
}

func batchEval[F kernels.Float, A losses.Loss](a A) eval[F] {
	var wide widened
	return func(out arg[F], in []arg[F]) { out.data[0] = F(a.Value(matrices(&wide, in)...)) }
}

func batchGradEval[F kernels.Float](a byAttrs) eval[F] {
	var wide widened
	var to []float64
	return func(out arg[F], in []arg[F]) {
		if len(to) != len(out.data) {
			to = make([]float64, len(out.data))
		}
		x := matrices(&wide, in[1:])
		a.Loss.Grad(a.By, kernels.Dense(out.shape[0], out.shape[1], to), float64(in[0].data[0]), x...)
		for i, v := range to {
			out.data[i] = F(v)
		}
	}
}

// widened are the operands of an operation in float64.
type widened struct{ data [][]float64 }

// matrices copies operands, so that a loss sees float64 whatever the graph holds.
func matrices[F kernels.Float](w *widened, in []arg[F]) []losses.Matrix {
	out := make([]losses.Matrix, len(in))
	for i, x := range in {
		if len(w.data) <= i {
			w.data = append(w.data, make([]float64, len(x.data)))
		}
		for k, v := range x.data {
			w.data[i][k] = float64(v)
		}
		out[i] = kernels.Dense(x.shape[0], x.shape[1], w.data[i])
	}
	return out
}
