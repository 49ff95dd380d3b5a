package classifiers

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// neighbours is the k-nearest-neighbours classifier with Euclidean distances and votes
// of the rows' weights. Of equally near training rows the first ones count; a tied vote
// shows in the probabilities, and Predict takes its lowest class.
type neighbours struct {
	settings option.Values
	base     fit
	x        *mat.Dense
	labels   []int
	weights  []float64 // nil: all equal
}

func (c *neighbours) Fit(train adapt.Labelled) error {
	f, r, err := newFit("knn", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	if r.x == train.X {
		r.x = mat.DenseCopyOf(r.x) // the caller may change its rows after Fit
	}
	return c.keep(f, r)
}

func (c *neighbours) keep(f fit, r *training) error {
	if n, k := len(r.labels), c.settings.Int("k"); k > n {
		return fmt.Errorf("adapt: knn: k is %d, there are %d training rows", k, n)
	}
	c.base, c.x, c.labels, c.weights = f, r.x, r.labels, r.weights
	return nil
}

func (c *neighbours) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.votes(pairwise.Nearest(z, c.x, c.settings.Int("k"))), nil
}

// votes turns lists of at least k neighbours into shares of votes.
func (c *neighbours) votes(lists [][]pairwise.Neighbour) *mat.Dense {
	k := c.settings.Int("k")
	p := mat.NewDense(len(lists), len(c.base.present), nil)
	for i, list := range lists {
		row := p.RawRowView(i)
		total := 0.0
		for _, nb := range list[:k] {
			vote := 1.0
			if c.weights != nil {
				vote = c.weights[nb.Row]
			}
			row[c.labels[nb.Row]] += vote
			total += vote
		}
		for j := range row {
			row[j] /= total
		}
	}
	return c.base.spread(p)
}

// neighboursPath searches once, for the largest k.
func neighboursPath(settings []option.Values, train adapt.Labelled, queries *mat.Dense) []adapt.Fitted {
	out := make([]adapt.Fitted, len(settings))
	f, r, err := newFit("knn", train, settings[0].String("standardise"))
	if err == nil && r.x == train.X {
		r.x = mat.DenseCopyOf(r.x)
	}
	var usable []int
	most := 0
	for i, s := range settings {
		c := &neighbours{settings: s}
		out[i] = adapt.Fitted{Classifier: c, Err: err}
		if err == nil {
			out[i].Err = c.keep(f, r)
		}
		if out[i].Err == nil {
			usable, most = append(usable, i), max(most, s.Int("k"))
		}
	}
	if len(usable) == 0 {
		return out
	}
	var lists [][]pairwise.Neighbour
	q, err := f.query(queries)
	if err == nil {
		lists = pairwise.Nearest(q, r.x, most)
	}
	for i := range out {
		if !slices.Contains(usable, i) {
			continue
		}
		if out[i].Err = err; err == nil {
			out[i].Probabilities = out[i].Classifier.(*neighbours).votes(lists)
		}
	}
	return out
}

func init() {
	var grid []option.Values
	for _, k := range []int{1, 3, 5, 7, 11, 21} {
		grid = append(grid, option.Values{"k": k})
	}
	adapt.Classifiers.Add("knn", adapt.ClassifierInfo{
		Name:     "knn",
		Doc:      "k nearest neighbours, Euclidean, a vote a row, ties to the lowest class; every training row is searched",
		Citation: "Cover and Hart, Nearest neighbor pattern classification, 1967",
		Options: []option.Option{
			{Name: "k", Doc: "neighbours that vote", Kind: option.Int, Default: 1, Min: 1, Max: 1000},
			standardise("none"), // z-scores would blow up pixels that hardly vary
		},
		Grid: grid,
		New:  func(s option.Values) adapt.Classifier { return &neighbours{settings: s} },
		Path: neighboursPath,
	})
}
