package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// perceptron is a network of one hidden layer of rectified units and a softmax, by
// Adam on mini-batches. A tenth of the training rows says which epoch is kept.
type perceptron struct {
	settings option.Values
	Base     fit
	Net      *network
}

// A network maps rows to logits: (max(0, x In + InBias)) Out + OutBias.
type network struct {
	In, Out         *mat.Dense // d x h, h x classes
	InBias, OutBias []float64
}

const (
	mlpBatch    = 128
	mlpPatience = 10  // epochs without a lower validation loss before the end
	mlpHeld     = 0.1 // share of rows that choose the epoch
)

func (c *perceptron) Fit(train Labelled) error {
	f, r, err := newFit("mlp", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	classes := len(f.Present)
	seed := uint64(c.settings.Int("seed"))
	part, held := r, r // of a class of one row there is nothing to hold out
	if kept, out, err := domains.HoldOut(r.labels, classes, mlpHeld, seed); err == nil {
		part, held = r.take(kept), r.take(out)
	}
	t := newTrainer(c.settings, part, classes, seed)
	best, lowest, since := t.net.clone(), math.Inf(1), 0
	for epoch := range c.settings.Int("epochs") {
		t.epoch(epoch)
		loss := t.net.loss(held)
		if math.IsNaN(loss) {
			return fmt.Errorf("adapt: mlp: epoch %d: the loss is not a number; lower rate (%g)", epoch, c.settings.Float("rate"))
		}
		if loss < lowest {
			best, lowest, since = t.net.clone(), loss, 0
		} else if since++; since == mlpPatience {
			break
		}
	}
	c.Base, c.Net = f, best
	return nil
}

func (n *network) clone() *network {
	return &network{mat.DenseCopyOf(n.In), mat.DenseCopyOf(n.Out), append([]float64(nil), n.InBias...), append([]float64(nil), n.OutBias...)}
}

// forward returns hidden activations and probabilities.
func (n *network) forward(x *mat.Dense) (hidden, p *mat.Dense) {
	hidden = product(x, n.In)
	rows, _ := hidden.Dims()
	for i := range rows {
		row := hidden.RawRowView(i)
		for j := range row {
			row[j] = math.Max(0, row[j]+n.InBias[j])
		}
	}
	return hidden, n.top(hidden)
}

func (n *network) top(hidden *mat.Dense) *mat.Dense {
	p := product(hidden, n.Out)
	rows, _ := p.Dims()
	for i := range rows {
		floats.Add(p.RawRowView(i), n.OutBias)
		logistic.Softmax(p.RawRowView(i))
	}
	return p
}

// loss is the weighted mean cross-entropy.
func (n *network) loss(r *rows) float64 {
	_, p := n.forward(r.x)
	var sum, total float64
	for i, c := range r.labels {
		sum -= r.weight(i) * math.Log(math.Max(p.At(i, c), leastProbability))
		total += r.weight(i)
	}
	return sum / total
}

// A trainer takes Adam steps on a network.
type trainer struct {
	settings option.Values
	rows     *rows
	seed     uint64
	net      *network
	m, v     [][]float64
	steps    int
}

func newTrainer(s option.Values, r *rows, classes int, seed uint64) *trainer {
	_, d := r.x.Dims()
	h := s.Int("hidden")
	n := &network{In: mat.NewDense(d, h, nil), Out: mat.NewDense(h, classes, nil), InBias: make([]float64, h), OutBias: make([]float64, classes)}
	for name, w := range map[string]*mat.Dense{"in": n.In, "out": n.Out} {
		random := stream.New(seed, "mlp/init", name)
		from, _ := w.Dims()
		data := w.RawMatrix().Data
		for i := range data { // He et al. (2015)
			data[i] = random.NormFloat64() * math.Sqrt(2/float64(from))
		}
	}
	t := &trainer{settings: s, rows: r, seed: seed, net: n}
	for _, p := range t.parameters() {
		t.m, t.v = append(t.m, make([]float64, len(p))), append(t.v, make([]float64, len(p)))
	}
	return t
}

func (t *trainer) parameters() [][]float64 {
	return [][]float64{t.net.In.RawMatrix().Data, t.net.InBias, t.net.Out.RawMatrix().Data, t.net.OutBias}
}

// epoch goes once over the rows, in an order of its own.
func (t *trainer) epoch(epoch int) {
	n := len(t.rows.labels)
	order := stream.Permutation(stream.New(t.seed, "mlp/order", epoch), n)
	for lo := 0; lo < n; lo += mlpBatch {
		t.step(t.rows.take(order[lo:min(n, lo+mlpBatch)]), stream.New(t.seed, "mlp/dropout", epoch, lo).Float64)
	}
}

// gradients of the mean cross-entropy of a batch; keep holds the scaled dropout
// mask of the hidden units, nil for none.
func (n *network) gradients(b *rows, keep *mat.Dense) [][]float64 {
	hidden, _ := n.forward(b.x)
	if keep != nil {
		hidden.MulElem(hidden, keep)
	}
	delta := n.top(hidden)
	for i, c := range b.labels {
		row := delta.RawRowView(i)
		row[c]--
		floats.Scale(b.weight(i)/float64(len(b.labels)), row)
	}
	out := productT(hidden, delta)
	h, _ := n.Out.Dims()
	back := mat.NewDense(len(b.labels), h, nil)
	back.Mul(delta, n.Out.T())
	if keep != nil {
		back.MulElem(back, keep)
	}
	for i := range b.labels {
		row := back.RawRowView(i)
		for j, v := range hidden.RawRowView(i) {
			if v <= 0 {
				row[j] = 0
			}
		}
	}
	return [][]float64{productT(b.x, back).RawMatrix().Data, columnSums(back), out.RawMatrix().Data, columnSums(delta)}
}

func columnSums(x *mat.Dense) []float64 {
	n, d := x.Dims()
	out := make([]float64, d)
	for i := range n {
		floats.Add(out, x.RawRowView(i))
	}
	return out
}

// step is one Adam update with decoupled weight decay.
func (t *trainer) step(b *rows, uniform func() float64) {
	var keep *mat.Dense
	if drop := t.settings.Float("dropout"); drop > 0 {
		keep = mat.NewDense(len(b.labels), t.settings.Int("hidden"), nil)
		data := keep.RawMatrix().Data
		for i := range data {
			if uniform() >= drop {
				data[i] = 1 / (1 - drop)
			}
		}
	}
	gradients := t.net.gradients(b, keep)
	t.steps++
	const beta1, beta2, epsilon = 0.9, 0.999, 1e-8
	rate := t.settings.Float("rate")
	scale := math.Sqrt(1-math.Pow(beta2, float64(t.steps))) / (1 - math.Pow(beta1, float64(t.steps)))
	for k, p := range t.parameters() {
		decay := 0.0
		if k%2 == 0 { // weights, not biases
			decay = t.settings.Float("decay")
		}
		for i, g := range gradients[k] {
			t.m[k][i] += (1 - beta1) * (g - t.m[k][i])
			t.v[k][i] += (1 - beta2) * (g*g - t.v[k][i])
			p[i] -= rate * (scale*t.m[k][i]/(math.Sqrt(t.v[k][i])+epsilon) + decay*p[i])
		}
	}
}

func (c *perceptron) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.Base.query(x)
	if err != nil {
		return nil, err
	}
	_, p := c.Net.forward(z)
	return c.Base.spread(p), nil
}

func init() {
	Classifiers.Add("mlp", ClassifierInfo{
		Name:     "mlp",
		Doc:      "network of one hidden layer, by Adam, stopped early on a tenth of its training rows",
		Citation: "Kingma and Ba, Adam: a method for stochastic optimization, 2015",
		Options: []option.Option{
			{Name: "hidden", Doc: "units", Kind: option.Int, Default: 128, Min: 1, Max: 100000},
			{Name: "rate", Doc: "learning rate", Kind: option.Float, Default: 1e-3, Min: 1e-7, Max: 1},
			{Name: "decay", Doc: "share of a weight that a step of the full rate takes off", Kind: option.Float, Default: 1e-3, Min: 0, Max: 10},
			{Name: "dropout", Doc: "share of hidden units that a step leaves out", Kind: option.Float, Default: 0.2, Min: 0, Max: 0.95},
			{Name: "epochs", Doc: "at most", Kind: option.Int, Default: 100, Min: 1, Max: 100000},
			{Name: "seed", Doc: "of initial weights, order and dropout", Kind: option.Int, Default: 0, Min: 0, Max: 1e9},
			standardise("source")},
		Grid: []option.Values{{"hidden": 128}, {"hidden": 512}, {"decay": 1e-1}},
		New:  func(s option.Values) Classifier { return &perceptron{settings: s} },
	})
}
