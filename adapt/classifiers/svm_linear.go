package classifiers

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/svm"
)

// linearMachine is a linear support vector machine for each class against the others,
// squared hinge loss. Its probabilities are a softmax of the decisions, as steep as
// rows held out of a first fit want it.
type linearMachine struct {
	settings option.Values
	base     fit
	fitted   []*svm.Linear
	steep    float64
}

func (c *linearMachine) Fit(train adapt.Labelled) error {
	f, r, err := newFit("svm-linear", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	classes := len(f.present)
	steep, err := steepness(r, classes, func(part *training) (func(*mat.Dense) *mat.Dense, error) {
		planes, err := c.planes(part, classes)
		return func(x *mat.Dense) *mat.Dense { return decisions(planes, x) }, err
	})
	if err != nil {
		return err
	}
	planes, err := c.planes(r, classes)
	if err != nil {
		return err
	}
	c.base, c.fitted, c.steep = f, planes, steep
	return nil
}

// planes fits each class against the others.
func (c *linearMachine) planes(r *training, classes int) ([]*svm.Linear, error) {
	planes, errs := make([]*svm.Linear, classes), make([]error, classes)
	costs := make([]float64, len(r.labels))
	for i := range costs {
		costs[i] = c.settings.Float("c") * r.weight(i)
	}
	parallel.For(classes, func(k int) {
		y := make([]float64, len(r.labels))
		for i, label := range r.labels {
			y[i] = -1
			if label == k {
				y[i] = 1
			}
		}
		planes[k], errs[k] = svm.FitLinear(r.x, y, costs)
	})
	for _, err := range errs {
		if err != nil {
			return nil, fmt.Errorf("adapt: svm-linear: %w", err)
		}
	}
	return planes, nil
}

func decisions(planes []*svm.Linear, x *mat.Dense) *mat.Dense {
	n, _ := x.Dims()
	out := mat.NewDense(n, len(planes), nil)
	parallel.Each(n, func(i int) {
		for k, p := range planes {
			out.Set(i, k, p.Decision(x.RawRowView(i)))
		}
	})
	return out
}

func (c *linearMachine) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.base.spread(softmaxOf(decisions(c.fitted, z), c.steep)), nil
}

func costOption() option.Option {
	return option.Option{Name: "c", Doc: "cost of a row's loss beside half the squared length of the weights", Kind: option.Float, Default: 1.0, Min: 1e-6, Max: 1e6}
}

func init() {
	var grid []option.Values
	for _, c := range []float64{0.01, 0.001, 0.1, 1, 10} {
		grid = append(grid, option.Values{"c": c})
	}
	cost := costOption()
	cost.Default = 0.01
	adapt.Classifiers.Add("svm-linear", adapt.ClassifierInfo{
		Name:     "svm-linear",
		Doc:      "linear support vector machines, one class against the others, squared hinge loss",
		Citation: "Hsieh et al., A dual coordinate descent method for large-scale linear SVM, 2008",
		Options:  []option.Option{cost, standardise("source")},
		Grid:     grid,
		New:      func(s option.Values) adapt.Classifier { return &linearMachine{settings: s} },
	})
}
