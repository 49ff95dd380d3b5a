package critic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// spreadScale is the most that a logarithm of a variance, in z-scored units, is away from 0.
const spreadScale = 8

// TrainDensity returns a function that fits the law of rows of y (n x q) for their partners in x (n x p) and gives
// one that evaluates it on all pairs of rows: entry (i, j) is log q(y_j | x_i), in nats, in the units of y. The
// law is normal with independent columns; mean and logarithm of the variance come from two hidden layers, by the
// mean log density of pairs. Columns are z-scored with training figures, constant ones of y left out. Of several
// looks the parameters of the least validation loss are kept. The same seed gives the same bytes. It fails as
// Train.
//
// P. Cheng et al., "CLUB: a contrastive log-ratio upper bound of mutual information" (2020), section 3.2.
func TrainDensity(o Options) func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
	o = o.filled()
	return func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error) {
		n, _ := x.Dims()
		if m, _ := y.Dims(); m != n || n < fewest {
			return nil, fmt.Errorf("models: density: %d and %d rows, want pairs and at least %d", n, m, fewest)
		}
		d, err := newDensity(o, x, y, seed)
		if err != nil {
			return nil, err
		}
		scaledX, scaledY := d.scaleX.Apply(x), d.scaleY.Apply(y)
		if err := d.run(n, func(rows int, gradients bool) (*pass, error) { return d.lossPass(scaledX, scaledY, rows, gradients) }); err != nil {
			return nil, err
		}
		return d.logDensity, nil
	}
}

// A density is a network from rows of x to a mean and a spread of each column of y.
type density struct {
	training
	scaleX, scaleY *zscore.Scale
	p, q           int
}

func newDensity(o Options, x, y *mat.Dense, seed uint64) (*density, error) {
	d := &density{training: newTraining("density", o, seed), scaleX: zscore.Learn(x), scaleY: zscore.Learn(y)}
	if d.p, d.q = len(d.scaleX.Columns), len(d.scaleY.Columns); d.p == 0 || d.q == 0 {
		return nil, fmt.Errorf("models: density: all rows of a block are equal")
	}
	d.layers(d.p, d.q, d.q)
	return d, nil
}

// law builds the network: N x p -> mean and spread, N x q each.
func (d *density) law(b *models.Binding, rows *ops.Node) (mean, spread *ops.Node) {
	h := d.hidden(b, rows)
	return d.linear(b, "linear3", h), b.Graph.Tanh(d.name+"/spread", d.linear(b, "linear4", h))
}

func (d *density) lossPass(x, y *mat.Dense, rows int, gradients bool) (*pass, error) {
	b := d.bind()
	input := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(rows, d.p))
	target := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(rows, d.q))
	mean, spread := d.law(b, b.Graph.Bind("rows", input))
	loss := b.Graph.Gaussian("loss", spreadScale, mean, spread, b.Graph.Bind("target", target))
	s := &pass{losses: []*ops.Node{loss}, fill: func(drawn []int, _ int) {
		for k, i := range drawn {
			narrow(input.Data().([]float32)[k*d.p:], x.RawRowView(i))
			narrow(target.Data().([]float32)[k*d.q:], y.RawRowView(i))
		}
	}}
	return s, d.compile(b, s, loss, gradients)
}

// logDensity evaluates all pairs of rows.
func (d *density) logDensity(rawX, rawY *mat.Dense) (*mat.Dense, error) {
	_, p := rawX.Dims()
	_, q := rawY.Dims()
	if p != d.scaleX.Width || q != d.scaleY.Width {
		return nil, fmt.Errorf("models: density: rows of %d and %d columns, trained on %d and %d", p, q, d.scaleX.Width, d.scaleY.Width)
	}
	x, y := d.scaleX.Apply(rawX), d.scaleY.Apply(rawY)
	n, _ := x.Dims()
	m, _ := y.Dims()
	b := d.bind()
	input := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(n, d.p))
	for i := range n {
		narrow(input.Data().([]float32)[i*d.p:], x.RawRowView(i))
	}
	mean, spread := d.law(b, b.Graph.Bind("rows", input))
	program, err := b.Graph.Compile(mean, spread)
	if err != nil {
		return nil, err
	}
	if err := program.Run(); err != nil {
		return nil, err
	}
	means, spreads := program.Output(0).Data().([]float32), program.Output(1).Data().([]float32)
	constant := -float64(d.q) / 2 * math.Log(2*math.Pi)
	for _, inverse := range d.scaleY.Inverse {
		constant += math.Log(inverse) // from z-scored units to those of y
	}
	out := mat.NewDense(n, m, nil)
	for i := range n {
		row := out.RawRowView(i)
		for j := range row {
			row[j] = constant
			for k, v := range y.RawRowView(j) {
				s, gap := spreadScale*float64(spreads[i*d.q+k]), v-float64(means[i*d.q+k])
				row[j] -= (s + gap*gap*math.Exp(-s)) / 2
			}
		}
	}
	return out, nil
}
