package classifiers

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/perceptron"
)

// mlp is a network of one hidden layer of rectified units and a softmax, by
// Adam on mini-batches. A tenth of the training rows says which epoch is kept.
type mlp struct {
	settings option.Values
	base     fit
	net      *perceptron.Network
}

const (
	mlpBatch = 128
	mlpHeld  = 0.1 // share of rows that choose the epoch
)

func (c *mlp) Fit(train adapt.Labelled) error {
	f, r, err := newFit("mlp", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	classes := len(f.present)
	seed := uint64(c.settings.Int("seed"))
	all := perceptron.Rows{X: r.x, Labels: r.labels, Weights: r.weights}
	part, held := all, all // of a class of one row there is nothing to hold out
	if kept, out, err := domains.HoldOut(r.labels, classes, mlpHeld, seed); err == nil {
		part, held = all.Take(kept), all.Take(out)
	}
	s := c.settings
	net, err := perceptron.Fit(part, held, classes, perceptron.Settings{Hidden: []int{s.Int("hidden")}, Rate: s.Float("rate"), Decay: s.Float("decay"),
		Dropout: s.Float("dropout"), Batch: mlpBatch, Epochs: s.Int("epochs"), Seed: seed})
	if err != nil {
		return fmt.Errorf("adapt: mlp: %w", err)
	}
	c.base, c.net = f, net
	return nil
}

func (c *mlp) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.base.spread(c.net.Probabilities(z)), nil
}

func init() {
	adapt.Classifiers.Add("mlp", adapt.ClassifierInfo{
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
		New:  func(s option.Values) adapt.Classifier { return &mlp{settings: s} },
	})
}
