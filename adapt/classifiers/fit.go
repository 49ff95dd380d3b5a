// Package classifiers holds one file a classifier of feature vectors, each registered in
// adapt.Classifiers, and what they share: how a training set is checked and scaled.
package classifiers

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/zscore"
)

// A fit is what every classifier remembers of its training set: the classes that were
// present and how columns are scaled. Its zero value is a classifier before Fit.
type fit struct {
	name    string
	classes int
	present []int // classes with rows, ascending: the classifier knows them as 0, 1, ...
	scale   *zscore.Scale
}

// A rows is a training set as the inside of a classifier sees it: scaled, with
// labels over the present classes and weights of mean 1 (nil: all 1). Rows of
// weight zero are gone.
type training struct {
	x       *mat.Dense
	labels  []int
	weights []float64
}

// weight of row i.
func (r *training) weight(i int) float64 {
	if r.weights == nil {
		return 1
	}
	return r.weights[i]
}

// newFit checks a training set and brings it into the form of rows. The matrix may
// be the caller's own.
func newFit(name string, train adapt.Labelled, scaling string) (f fit, r *training, err error) {
	if err := train.Check(name); err != nil {
		return fit{}, nil, err
	}
	train = train.Weighted()
	f = fit{name: name, classes: train.Classes}
	counts := make([]int, train.Classes)
	for _, c := range train.Labels {
		counts[c]++
	}
	number := make([]int, len(counts))
	for c, k := range counts {
		if k > 0 {
			number[c] = len(f.present)
			f.present = append(f.present, c)
		}
	}
	n, d := train.X.Dims()
	if len(f.present) < 2 {
		return fit{}, nil, fmt.Errorf("adapt: %s: %d of %d classes present in %d rows, want at least 2", name, len(f.present), train.Classes, n)
	}
	r = &training{x: train.X, labels: make([]int, n), weights: train.Weights}
	for i, c := range train.Labels {
		r.labels[i] = number[c]
	}
	if scaling == "none" {
		f.scale = zscore.Identity(d)
		return f, r, nil
	}
	f.scale = zscore.Learn(r.x)
	if len(f.scale.Columns) == 0 {
		return fit{}, nil, fmt.Errorf("adapt: %s: none of %d columns varies over %d rows", name, d, n)
	}
	r.x = f.scale.Apply(r.x)
	return f, r, nil
}

// query checks and scales features to predict.
func (f *fit) query(x *mat.Dense) (*mat.Dense, error) {
	if f.scale == nil {
		return nil, fmt.Errorf("adapt: probabilities asked for before a fit")
	}
	if _, d := x.Dims(); d != f.scale.Width {
		return nil, fmt.Errorf("adapt: %s: %d columns, the fit saw %d", f.name, d, f.scale.Width)
	}
	if err := adapt.Finite(f.name, x); err != nil {
		return nil, err
	}
	return f.scale.Apply(x), nil
}

// spread widens rows over the present classes to rows over all, absent ones zero.
func (f *fit) spread(p *mat.Dense) *mat.Dense {
	if len(f.present) == f.classes {
		return p
	}
	n, _ := p.Dims()
	out := mat.NewDense(n, f.classes, nil)
	for i := range n {
		row := out.RawRowView(i)
		for k, v := range p.RawRowView(i) {
			row[f.present[k]] = v
		}
	}
	return out
}

// standardise is the option of every classifier that says how columns are scaled.
func standardise(preset string) option.Option {
	return option.Option{
		Name: "standardise", Kind: option.Choice, Default: preset, Choices: []string{"source", "none"},
		Doc: "source: columns to mean 0 and variance 1 by the training rows, constant ones dropped; none: as they are",
	}
}
