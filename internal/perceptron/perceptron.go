// Package perceptron fits small networks of rectified layers to rows in float64: a classifier, or a regression of one
// value.
package perceptron

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/rows"
)

// Rows are what a network is fitted to: x is n x d, with a class in [0, outputs) of each row, or a value.
type Rows struct {
	X       *mat.Dense
	Labels  []int     // nil for values
	Values  []float64 // nil for classes
	Weights []float64 // nil: all 1
}

// Take copies some of the rows.
func (r Rows) Take(indices []int) Rows {
	out := Rows{X: rows.Take(r.X, indices)}
	for _, i := range indices {
		if r.Labels != nil {
			out.Labels = append(out.Labels, r.Labels[i])
		} else {
			out.Values = append(out.Values, r.Values[i])
		}
		if r.Weights != nil {
			out.Weights = append(out.Weights, r.Weights[i])
		}
	}
	return out
}

func (r Rows) count() int { return max(len(r.Labels), len(r.Values)) }

func (r Rows) weight(i int) float64 {
	if r.Weights == nil {
		return 1
	}
	return r.Weights[i]
}

// Settings are those of a fit.
type Settings struct {
	Hidden  []int   // units of each hidden layer, at least one
	Rate    float64 // learning rate
	Decay   float64 // share of a weight that a step of the full rate takes off
	Dropout float64 // share of hidden units that a step leaves out
	Batch   int     // rows of a step
	Epochs  int     // at most
	Seed    uint64  // of the streams (seed, mlp, ...): initial weights, order and dropout
}

const (
	patience = 10 // epochs without a lower loss of held rows before the end
	// leastProbability is the floor of a probability before its logarithm.
	leastProbability = 1e-12
)

// A Network maps rows to outputs: (max(0, x In + InBias)) Out + OutBias, with further rectified layers between.
type Network struct {
	In, Out         *mat.Dense // d x h, h x outputs
	InBias, OutBias []float64
	Hidden          []Layer // none of a network of one hidden layer
}

// A Layer is x W + Bias.
type Layer struct {
	W    *mat.Dense
	Bias []float64
}

// Fit minimises the weighted mean cross-entropy of classes, or half the mean squared error of values, by Adam on
// mini-batches with decoupled weight decay, and keeps the epoch of the least loss of the held rows. It fails where
// that is not a number. The same seed gives the same bytes. Time O(n parameters) an epoch.
//
// D. P. Kingma and J. Ba, "Adam: a method for stochastic optimization" (2015); K. He et al., "Delving deep into
// rectifiers" (2015), for the initial weights.
func Fit(train, held Rows, outputs int, s Settings) (*Network, error) {
	t := newTrainer(train, outputs, s)
	best, lowest, since := t.net.clone(), math.Inf(1), 0
	for epoch := range s.Epochs {
		t.epoch(epoch)
		loss := t.net.loss(held)
		if math.IsNaN(loss) {
			return nil, fmt.Errorf("epoch %d: the loss is not a number; lower rate (%g)", epoch, s.Rate)
		}
		if loss < lowest {
			best, lowest, since = t.net.clone(), loss, 0
		} else if since++; since == patience {
			break
		}
	}
	return best, nil
}

func (n *Network) layers() []Layer {
	list := append([]Layer{{n.In, n.InBias}}, n.Hidden...)
	return append(list, Layer{n.Out, n.OutBias})
}

func (n *Network) clone() *Network {
	of := func(l Layer) Layer { return Layer{mat.DenseCopyOf(l.W), append([]float64(nil), l.Bias...)} }
	in, out := of(Layer{n.In, n.InBias}), of(Layer{n.Out, n.OutBias})
	c := &Network{In: in.W, InBias: in.Bias, Out: out.W, OutBias: out.Bias}
	for _, l := range n.Hidden {
		c.Hidden = append(c.Hidden, of(l))
	}
	return c
}

// Probabilities are the softmax of the outputs for the rows of x.
func (n *Network) Probabilities(x *mat.Dense) *mat.Dense {
	p := n.Outputs(x)
	rows, _ := p.Dims()
	for i := range rows {
		logistic.Softmax(p.RawRowView(i))
	}
	return p
}

// Outputs are the network's values for the rows of x.
func (n *Network) Outputs(x *mat.Dense) *mat.Dense {
	a := n.activations(x, nil)
	return a[len(a)-1]
}

// activations are the rows, each hidden layer's values, masked where keep is given, and the outputs.
func (n *Network) activations(x *mat.Dense, keep []*mat.Dense) []*mat.Dense {
	out := []*mat.Dense{x}
	layers := n.layers()
	for k, l := range layers {
		y := dense.Product(out[k], l.W)
		rows, _ := y.Dims()
		for i := range rows {
			row := y.RawRowView(i)
			floats.Add(row, l.Bias)
			if k < len(layers)-1 {
				for j, v := range row {
					row[j] = math.Max(0, v)
				}
			}
		}
		if k < len(layers)-1 && keep != nil {
			y.MulElem(y, keep[k])
		}
		out = append(out, y)
	}
	return out
}

// loss is the weighted mean cross-entropy, or half the mean squared error.
func (n *Network) loss(r Rows) float64 {
	y := n.Outputs(r.X)
	var sum, total float64
	for i := range r.count() {
		row := y.RawRowView(i)
		if r.Labels != nil {
			logistic.Softmax(row)
			sum -= r.weight(i) * math.Log(math.Max(row[r.Labels[i]], leastProbability))
		} else {
			sum += r.weight(i) * (row[0] - r.Values[i]) * (row[0] - r.Values[i]) / 2
		}
		total += r.weight(i)
	}
	return sum / total
}

// gradients are those of the loss of a batch, its weights not normalised, by each layer's weights and biases; keep
// holds the scaled dropout masks of the hidden layers, nil for none.
func (n *Network) gradients(b Rows, keep []*mat.Dense) [][]float64 {
	a := n.activations(b.X, keep)
	layers := n.layers()
	delta := a[len(layers)]
	for i := range b.count() {
		row := delta.RawRowView(i)
		if b.Labels != nil {
			logistic.Softmax(row)
			row[b.Labels[i]]--
		} else {
			row[0] -= b.Values[i]
		}
		floats.Scale(b.weight(i)/float64(b.count()), row)
	}
	out := make([][]float64, 2*len(layers))
	for k := len(layers) - 1; k >= 0; k-- {
		out[2*k], out[2*k+1] = dense.ProductT(a[k], delta).RawMatrix().Data, columnSums(delta)
		if k == 0 {
			break
		}
		h, _ := layers[k].W.Dims()
		back := mat.NewDense(b.count(), h, nil)
		back.Mul(delta, layers[k].W.T())
		if keep != nil {
			back.MulElem(back, keep[k-1])
		}
		for i := range b.count() {
			row := back.RawRowView(i)
			for j, v := range a[k].RawRowView(i) {
				if v <= 0 {
					row[j] = 0
				}
			}
		}
		delta = back
	}
	return out
}

func columnSums(x *mat.Dense) []float64 {
	_, d := x.Dims()
	out := make([]float64, d)
	kernels.SumRows(out, x.RawMatrix().Data)
	return out
}
