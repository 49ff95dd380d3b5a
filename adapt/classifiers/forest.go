package classifiers

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/trees"
)

// forest averages the class shares of trees, each grown on a bootstrap sample with a
// few random features at every split. Features are cut into 32 bins at quantiles.
type forest struct {
	settings option.Values
	base     fit
	trees    []*trees.Tree
}

func (c *forest) Fit(train adapt.Labelled) error {
	f, r, err := newFit("forest", train, "none")
	if err != nil {
		return err
	}
	n, d := r.x.Dims()
	b := trees.NewBins(r.x)
	seed := uint64(c.settings.Int("seed"))
	grown := make([]*trees.Tree, c.settings.Int("trees"))
	parallel.For(len(grown), func(t int) {
		random := stream.New(seed, "forest", t)
		g := &trees.Grower{Bins: b, Targets: mat.NewDense(n, len(f.present), nil), Weights: make([]float64, n),
			Depth: math.MaxInt, MinLeaf: c.settings.Float("leaf"), Features: int(math.Ceil(math.Sqrt(float64(d)))), Random: random}
		for range n {
			g.Weights[random.IntN(n)]++
		}
		var rows []int
		for i := range n {
			if g.Weights[i] > 0 {
				rows = append(rows, i)
				g.Weights[i] *= r.weight(i)
				g.Targets.Set(i, r.labels[i], g.Weights[i])
			}
		}
		grown[t] = g.Grow(rows)
	})
	c.base, c.trees = f, grown
	return nil
}

func (c *forest) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	n, _ := z.Dims()
	p := mat.NewDense(n, len(c.base.present), nil)
	parallel.Each(n, func(i int) {
		row := p.RawRowView(i)
		for _, t := range c.trees {
			floats.Add(row, t.Leaf(z.RawRowView(i)))
		}
		floats.Scale(1/floats.Sum(row), row)
	})
	return c.base.spread(p), nil
}

func init() {
	adapt.Classifiers.Add("forest", adapt.ClassifierInfo{
		Name:     "forest",
		Doc:      "random forest of classification trees, square root of the features at a split",
		Citation: "Breiman, Random forests, 2001",
		Options: []option.Option{
			{Name: "trees", Doc: "number of trees", Kind: option.Int, Default: 300, Min: 1, Max: 100000},
			{Name: "leaf", Doc: "least weight of a leaf, in rows", Kind: option.Float, Default: 1.0, Min: 1e-3, Max: 1e6},
			{Name: "seed", Doc: "of the samples and features", Kind: option.Int, Default: 0, Min: 0, Max: 1e9}},
		Grid: []option.Values{{"leaf": 1.0}, {"leaf": 2.0}, {"leaf": 5.0}},
		New:  func(s option.Values) adapt.Classifier { return &forest{settings: s} },
	})
}
