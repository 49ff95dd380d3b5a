package classifiers

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/trees"
)

// boosted is gradient boosting of trees on random rows and features.
type boosted struct {
	settings option.Values
	base     fit
	trees    [][]*trees.Tree // rounds x classes
}

func (c *boosted) Fit(train adapt.Labelled) error {
	f, r, err := newFit("boosting", train, "none")
	if err != nil {
		return err
	}
	s := c.settings
	fitted := trees.Boost(r.x, r.labels, r.weights, len(f.present), trees.Settings{Rounds: s.Int("rounds"), Rate: s.Float("rate"), Depth: s.Int("depth"),
		Leaf: s.Float("leaf"), Subsample: s.Float("subsample"), Seed: uint64(s.Int("seed"))})
	c.base, c.trees = f, fitted.Trees
	return nil
}

func (c *boosted) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	fitted := trees.Boosted{Rate: c.settings.Float("rate"), Trees: c.trees}
	return c.base.spread(fitted.Probabilities(z, len(c.base.present))), nil
}

func init() {
	adapt.Classifiers.Add("boosting", adapt.ClassifierInfo{
		Name:     "boosting",
		Doc:      "gradient-boosted trees with second-order steps",
		Citation: "Friedman, Greedy function approximation: a gradient boosting machine, 2001; Chen and Guestrin, XGBoost, 2016",
		Options: []option.Option{
			{Name: "rounds", Doc: "of one tree a class", Kind: option.Int, Default: 100, Min: 1, Max: 100000},
			{Name: "rate", Doc: "share of each step that is taken", Kind: option.Float, Default: 0.1, Min: 1e-4, Max: 1},
			{Name: "depth", Doc: "of a tree at most", Kind: option.Int, Default: 3, Min: 1, Max: 30},
			{Name: "leaf", Doc: "least sum of second derivatives in a leaf", Kind: option.Float, Default: 0.1, Min: 0, Max: 1e6},
			{Name: "subsample", Doc: "share of rows a round and of features a split", Kind: option.Float, Default: 0.5, Min: 0.01, Max: 1},
			{Name: "seed", Doc: "of the rows and features", Kind: option.Int, Default: 0, Min: 0, Max: 1e9}},
		Grid: []option.Values{{"rounds": 100}, {"rounds": 300}, {"depth": 6}},
		New:  func(s option.Values) adapt.Classifier { return &boosted{settings: s} },
	})
}
