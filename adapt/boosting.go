package adapt

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
)

// boosted adds up regression trees, one a class and round, each a Newton step of the
// multinomial cross-entropy on random rows and features. Features are cut into 32
// bins at quantiles.
type boosted struct {
	settings option.Values
	Base     fit
	Trees    [][]*tree // rounds x classes
}

// boostRidge is added to the sum of second derivatives in a leaf.
const boostRidge = 1.0

func (c *boosted) Fit(train Labelled) error {
	f, r, err := newFit("boosting", train, "none")
	if err != nil {
		return err
	}
	n, d := r.x.Dims()
	classes := len(f.Present)
	b := newBins(r.x)
	scores := mat.NewDense(n, classes, nil)
	var trees [][]*tree
	for round := range c.settings.Int("rounds") {
		p := softmaxOf(mat.DenseCopyOf(scores), 1)
		rows := stream.Permutation(stream.New(uint64(c.settings.Int("seed")), "boosting/rows", round), n)[:sampleSize(c.settings.Float("subsample"), n)]
		slices.Sort(rows)
		one := make([]*tree, classes)
		parallel.For(classes, func(k int) {
			g := &grower{bins: b, targets: mat.NewDense(n, 1, nil), weights: make([]float64, n), ridge: boostRidge,
				depth: c.settings.Int("depth"), minLeaf: c.settings.Float("leaf"), features: sampleSize(c.settings.Float("subsample"), d),
				random: stream.New(uint64(c.settings.Int("seed")), "boosting", round, k)}
			for i := range n {
				q := p.At(i, k)
				y := 0.0
				if r.labels[i] == k {
					y = 1
				}
				g.targets.Set(i, 0, r.weight(i)*(y-q))
				g.weights[i] = r.weight(i) * q * (1 - q)
			}
			one[k] = g.grow(rows)
		})
		eachRow(n, func(i int) { c.add(scores.RawRowView(i), one, r.x.RawRowView(i)) })
		trees = append(trees, one)
	}
	c.Base, c.Trees = f, trees
	return nil
}

// add puts a round's steps on the scores of a row.
func (c *boosted) add(scores []float64, round []*tree, row []float64) {
	for k, t := range round {
		scores[k] += c.settings.Float("rate") * t.leaf(row)[0]
	}
}

func (c *boosted) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.Base.query(x)
	if err != nil {
		return nil, err
	}
	n, _ := z.Dims()
	scores := mat.NewDense(n, len(c.Base.Present), nil)
	eachRow(n, func(i int) {
		for _, round := range c.Trees {
			c.add(scores.RawRowView(i), round, z.RawRowView(i))
		}
	})
	return c.Base.spread(softmaxOf(scores, 1)), nil
}

func init() {
	Classifiers.Add("boosting", ClassifierInfo{
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
		New:  func(s option.Values) Classifier { return &boosted{settings: s} },
	})
}
