// Package critic trains the networks that neural bounds of mutual information need. A critic tells paired rows of
// two blocks of code from rows put together at random, so that its logit approaches the logarithm of how much
// likelier they are as a pair; a density gives the law of a row of one block for a row of the other.
// metrics/independence reads the bounds from their scores of all pairs, and knows no network.
package critic

import (
	"fmt"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Train returns a function that trains a critic on paired rows of x (n x p) and y (n x q) and gives one that
// scores all pairs of rows: entry (i, j) is the critic of row i of x and row j of y, in nats. The critic is a
// perceptron of both rows side by side with two hidden layers, trained by the Jensen-Shannon objective (binary
// cross-entropy) on pairs and on pairs broken by a permutation; columns are z-scored with training figures. Of
// several looks the parameters of the least validation loss are kept. The same seed gives the same bytes. It fails
// on fewer than 20 rows, unequal rows and a loss that is not finite. A critic of 3000 updates of 256 pairs takes
// seconds.
//
// S. Nowozin, B. Cseke and R. Tomioka, "f-GAN" (2016); J. Song and S. Ermon, "Understanding
// the limitations of variational mutual information estimators" (2020).
func Train(o Options) func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
	o = o.filled()
	return func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
		n, _ := x.Dims()
		if m, _ := y.Dims(); m != n || n < fewest {
			return nil, fmt.Errorf("models: critic: %d and %d rows, want pairs and at least %d", n, m, fewest)
		}
		c, err := newCritic(o, x, y, seed)
		if err != nil {
			return nil, err
		}
		if err := c.train(x, y); err != nil {
			return nil, err
		}
		return c.scores, nil
	}
}

// A critic is a network of both rows side by side.
type critic struct {
	training
	scaleX, scaleY *zscore.Scale
	p, q           int
}

func newCritic(o Options, x, y *mat.Dense, seed uint64) (*critic, error) {
	c := &critic{training: newTraining("critic", o, seed), scaleX: zscore.Learn(x), scaleY: zscore.Learn(y)}
	if c.p, c.q = len(c.scaleX.Columns), len(c.scaleY.Columns); c.p == 0 || c.q == 0 {
		return nil, fmt.Errorf("models: critic: all rows of a block are equal")
	}
	c.layers(c.p+c.q, 1)
	return c, nil
}

// logits builds the network on rows of both blocks side by side: N x (p + q) -> N x 1.
func (c *critic) logits(b *models.Binding, rows *ops.Node) *ops.Node {
	return c.linear(b, "linear3", c.hidden(b, rows))
}

// lossPass is a program of pairs, whole ones first, of scaled rows; with gradients it is an update's.
func (c *critic) lossPass(x, y *mat.Dense, pairs int, gradients bool) (*pass, error) {
	b := c.bind()
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2*pairs, c.p+c.q))
	input := t.Data().([]float32)
	out := c.logits(b, b.Graph.Bind("rows", t))
	s := &pass{fill: func(rows []int, shift int) { fillPairs(input, x, y, rows, deranged(pairs, shift)) },
		losses: []*ops.Node{b.Graph.BCE("loss/pairs", ops.Rows{Lo: 0, Hi: pairs}, 1, out), b.Graph.BCE("loss/broken", ops.Rows{Lo: pairs, Hi: 2 * pairs}, 0, out)}}
	return s, c.compile(b, s, b.Graph.Weighted("loss/total", []float64{1, 1}, s.losses...), gradients)
}

// fillPairs puts pairs and broken pairs of the rows into the input.
func fillPairs(input []float32, x, y *mat.Dense, rows, broken []int) {
	at := 0
	put := func(i, j int) {
		at += narrow(input[at:], x.RawRowView(i))
		at += narrow(input[at:], y.RawRowView(j))
	}
	for _, i := range rows {
		put(i, i)
	}
	for k, i := range rows {
		put(i, rows[broken[k]])
	}
}

// deranged is a permutation that moves every place by at least one.
func deranged(n int, shift int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = (i + 1 + shift%(n-1)) % n
	}
	return out
}

// train updates until the validation loss stops falling.
func (c *critic) train(rawX, rawY *mat.Dense) error {
	x, y := c.scaleX.Apply(rawX), c.scaleY.Apply(rawY)
	n, _ := x.Dims()
	return c.run(n, func(pairs int, gradients bool) (*pass, error) { return c.lossPass(x, y, pairs, gradients) })
}

// scores evaluates all pairs of rows.
func (c *critic) scores(rawX, rawY *mat.Dense) (*mat.Dense, error) {
	_, p := rawX.Dims()
	_, q := rawY.Dims()
	if p != c.scaleX.Width || q != c.scaleY.Width {
		return nil, fmt.Errorf("models: critic: rows of %d and %d columns, trained on %d and %d", p, q, c.scaleX.Width, c.scaleY.Width)
	}
	x, y := c.scaleX.Apply(rawX), c.scaleY.Apply(rawY)
	n, _ := x.Dims()
	m, _ := y.Dims()
	b := c.bind()
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(scoreBatch, c.p+c.q))
	input := t.Data().([]float32)
	program, err := b.Graph.Compile(c.logits(b, b.Graph.Bind("rows", t)))
	if err != nil {
		return nil, err
	}
	out := mat.NewDense(n, m, nil)
	values := out.RawMatrix().Data
	for lo := 0; lo < n*m; lo += scoreBatch {
		hi := min(n*m, lo+scoreBatch)
		at := 0
		for k := lo; k < hi; k++ {
			at += narrow(input[at:], x.RawRowView(k/m))
			at += narrow(input[at:], y.RawRowView(k%m))
		}
		if err := program.Run(); err != nil {
			return nil, err
		}
		for k, v := range program.Output(0).Data().([]float32)[:hi-lo] {
			values[lo+k] = float64(v)
		}
	}
	return out, nil
}
