// Package critic trains the networks that neural bounds of mutual information need: a critic tells paired rows of
// two blocks of code from rows put together at random, so that its logit approaches the logarithm of how much
// likelier they are as a pair. metrics/independence reads the bounds from its scores, and knows no network.
package critic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Options of a training; zero fields take the defaults.
type Options struct {
	Width int     // units of each of two hidden layers; 128
	Steps int     // most updates; 3000
	Batch int     // pairs of an update, and as many broken ones; 256
	Rate  float64 // of Adam; 5e-4
	// Patience ends a training when the loss on a fifth of the rows, never trained on, has not fallen for this many
	// looks of 50 updates; 10.
	Patience int
}

func (o Options) filled() Options {
	set := func(v *int, initial int) {
		if *v == 0 {
			*v = initial
		}
	}
	set(&o.Width, 128)
	set(&o.Steps, 3000)
	set(&o.Batch, 256)
	set(&o.Patience, 10)
	if o.Rate == 0 {
		o.Rate = 5e-4
	}
	return o
}

const (
	look       = 50 // updates between two looks at the validation loss
	scoreBatch = 4096
	fewest     = 20
)

// Train returns a function that trains a critic on paired rows of x (n x p) and y (n x q) and gives one that scores
// all pairs of rows: entry (i, j) is the critic of row i of x and row j of y, in nats. The critic is a perceptron of
// both rows side by side with two hidden layers, trained by the Jensen-Shannon objective (binary cross-entropy) on
// pairs and on pairs broken by a permutation; columns are z-scored with training figures. Of several looks the parameters of the
// least validation loss are kept. The same seed gives the same bytes. It fails on fewer than 20 rows, unequal
// rows and a loss that is not finite. A critic of 3000 updates of 256 pairs takes seconds.
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

// A critic holds the network and the scales of its inputs.
type critic struct {
	Options
	seed      uint64
	scaleX    *zscore.Scale
	scaleY    *zscore.Scale
	p, q      int
	ps        *models.Parameters
	memory    ops.Memory
	optimiser *models.Optimiser
	best      [][]float32
	bestLoss  float64
	sinceBest int
}

func newCritic(o Options, x, y *mat.Dense, seed uint64) (*critic, error) {
	c := &critic{Options: o, seed: seed, scaleX: zscore.Learn(x), scaleY: zscore.Learn(y), ps: models.NewParameters(), bestLoss: math.Inf(1)}
	if c.p, c.q = len(c.scaleX.Columns), len(c.scaleY.Columns); c.p == 0 || c.q == 0 {
		return nil, fmt.Errorf("models: critic: all rows of a block are equal")
	}
	models.InitLinear(c.ps, "critic/linear1", c.p+c.q, o.Width, seed)
	models.InitLinear(c.ps, "critic/linear2", o.Width, o.Width, seed)
	models.InitLinear(c.ps, "critic/linear3", o.Width, 1, seed)
	c.optimiser = models.NewOptimiser("critic", kernels.Adam{Rate: o.Rate, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}, 0, c.ps.Trained("critic/"))
	return c, nil
}

// logits builds the network on rows of both blocks side by side: N x (p + q) -> N x 1.
func logits(b *models.Binding, rows *ops.Node) *ops.Node {
	h := rows
	for _, layer := range []string{"linear1", "linear2"} {
		h = b.Graph.Linear("critic/"+layer, false, h, b.Node("critic/"+layer+"/weight"), b.Node("critic/"+layer+"/bias"))
		h = b.Graph.LeakyRelu("critic/relu-"+layer, models.LeakySlope, h)
	}
	return b.Graph.Linear("critic/linear3", false, h, b.Node("critic/linear3/weight"), b.Node("critic/linear3/bias"))
}

// A pass is a compiled program with its input buffer.
type pass struct {
	input   []float32
	program *ops.Program
	losses  [2]*ops.Node
}

// lossPass is a program of pairs, whole ones first; with gradients it is an update's.
func (c *critic) lossPass(pairs int, gradients bool) (*pass, error) {
	b := models.Bind(ops.NewGraph(tensor.Float32, &c.memory), c.ps)
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2*pairs, c.p+c.q))
	s := &pass{input: t.Data().([]float32)}
	out := logits(b, b.Graph.Bind("rows", t))
	s.losses[0] = b.Graph.BCE("loss/pairs", ops.Rows{Lo: 0, Hi: pairs}, 1, out)
	s.losses[1] = b.Graph.BCE("loss/broken", ops.Rows{Lo: pairs, Hi: 2 * pairs}, 0, out)
	cost := b.Graph.Weighted("loss/total", []float64{1, 1}, s.losses[:]...)
	var err error
	if gradients {
		s.program, err = b.Graph.CompileGradients(cost, b.Nodes(c.ps.Trained("critic/")))
	} else {
		s.program, err = b.Graph.Compile(cost)
	}
	return s, err
}

// fill puts pairs and broken pairs of the rows into the input.
func (s *pass) fill(x, y *mat.Dense, rows, broken []int) {
	at := 0
	put := func(i, j int) {
		for _, v := range x.RawRowView(i) {
			s.input[at] = float32(v)
			at++
		}
		for _, v := range y.RawRowView(j) {
			s.input[at] = float32(v)
			at++
		}
	}
	for _, i := range rows {
		put(i, i)
	}
	for k, i := range rows {
		put(i, rows[broken[k]])
	}
}

func (s *pass) loss() float64 { return ops.Scalar(s.losses[0]) + ops.Scalar(s.losses[1]) }

// deranged is a permutation that moves every place by at least one.
func deranged(n int, shift int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = (i + 1 + shift%(n-1)) % n
	}
	return out
}

// train updates until the validation loss stops falling, and takes the best parameters back.
func (c *critic) train(rawX, rawY *mat.Dense) error {
	x, y := c.scaleX.Apply(rawX), c.scaleY.Apply(rawY)
	n, _ := x.Dims()
	order := stream.Permutation(stream.New(c.seed, "critic", "split"), n)
	held, rows := order[:max(4, n/5)], order[max(4, n/5):]
	batch := min(c.Batch, len(rows))
	update, err := c.lossPass(batch, true)
	if err != nil {
		return err
	}
	check, err := c.lossPass(len(held), false)
	if err != nil {
		return err
	}
	r := stream.New(c.seed, "critic", "order")
	for step := 1; step <= c.Steps; step++ {
		drawn := stream.Permutation(r, len(rows))[:batch]
		for i, k := range drawn {
			drawn[i] = rows[k]
		}
		update.fill(x, y, drawn, deranged(batch, r.IntN(batch)))
		if err := update.program.Run(); err != nil {
			return err
		}
		if loss := update.loss(); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return fmt.Errorf("models: critic: step %d: loss is %v (learning rate %g)", step, loss, c.Rate)
		}
		c.optimiser.Update(update.program)
		if step%look != 0 && step != c.Steps {
			continue
		}
		check.fill(x, y, held, deranged(len(held), step/look))
		if err := check.program.Run(); err != nil {
			return err
		}
		if c.keep(check.loss()) {
			break
		}
	}
	for i, p := range c.ps.Trained("critic/") {
		copy(p.Data, c.best[i])
	}
	return nil
}

// keep remembers the parameters of the least validation loss, and says when it has not fallen for long.
func (c *critic) keep(loss float64) (stop bool) {
	if c.sinceBest++; loss < c.bestLoss {
		c.bestLoss, c.sinceBest, c.best = loss, 0, nil
		for _, p := range c.ps.Trained("critic/") {
			c.best = append(c.best, append([]float32{}, p.Data...))
		}
	}
	return c.sinceBest >= c.Patience
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
	b := models.Bind(ops.NewGraph(tensor.Float32, &c.memory), c.ps)
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(scoreBatch, c.p+c.q))
	input := t.Data().([]float32)
	program, err := b.Graph.Compile(logits(b, b.Graph.Bind("rows", t)))
	if err != nil {
		return nil, err
	}
	out := mat.NewDense(n, m, nil)
	values := out.RawMatrix().Data
	for lo := 0; lo < n*m; lo += scoreBatch {
		hi := min(n*m, lo+scoreBatch)
		at := 0
		for k := lo; k < hi; k++ {
			for _, v := range x.RawRowView(k / m) {
				input[at] = float32(v)
				at++
			}
			for _, v := range y.RawRowView(k % m) {
				input[at] = float32(v)
				at++
			}
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
