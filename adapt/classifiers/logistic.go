package classifiers

import (
	"cmp"
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/rows"
)

// regression is multinomial logistic regression with an L2 penalty on the weights.
type regression struct {
	settings option.Values
	base     fit
	model    *logistic.Model
}

// regressionTolerance ends a fit: its last step, of Newton's method, moved no logit of a row by more, and what is left is
// less. A probability is then within 5e-5 of that of the optimum, whatever the penalty.
const regressionTolerance = 1e-4

func (c *regression) Fit(train adapt.Labelled) error {
	f, r, err := newFit("logistic", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	return c.solve(f, r, logistic.Prepare(r.x), nil)
}

func (c *regression) solve(f fit, r *training, ready *logistic.Rows, start *logistic.Model) error {
	m, err := ready.Fit(r.labels, len(f.present), logistic.Settings{
		Lambda: c.settings.Float("lambda"), Tolerance: regressionTolerance, Start: start, Weights: r.weights,
	})
	if err != nil {
		return fmt.Errorf("adapt: %w", err)
	}
	c.base, c.model = f, m
	return nil
}

func (c *regression) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.base.spread(c.model.Probabilities(z)), nil
}

// strongestFirst lists settings from the largest penalty to the smallest, equal ones in their
// order.
func strongestFirst(settings []option.Values) []int {
	order := rows.All(len(settings))
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(settings[b].Float("lambda"), settings[a].Float("lambda"))
	})
	return order
}

// regressionPath goes from the strongest penalty to the weakest, each fit beginning where
// the last one ended.
func regressionPath(settings []option.Values, train adapt.Labelled, queries *mat.Dense) []adapt.Fitted {
	out := make([]adapt.Fitted, len(settings))
	f, r, err := newFit("logistic", train, settings[0].String("standardise"))
	var ready *logistic.Rows
	if err == nil {
		ready = logistic.Prepare(r.x)
	}
	var start *logistic.Model
	for _, i := range strongestFirst(settings) {
		c := &regression{settings: settings[i]}
		out[i] = adapt.Fitted{Classifier: c, Err: err}
		if err != nil {
			continue
		}
		if out[i].Err = c.solve(f, r, ready, start); out[i].Err != nil {
			continue
		}
		start = c.model
		out[i].Probabilities, out[i].Err = c.Probabilities(queries)
	}
	return out
}

func init() {
	var grid []option.Values
	for _, lambda := range []float64{1e-1, 1e-2, 1e-3, 1e-4, 1} {
		grid = append(grid, option.Values{"lambda": lambda})
	}
	adapt.Classifiers.Add("logistic", adapt.ClassifierInfo{
		Name:     "logistic",
		Doc:      "multinomial logistic regression with an L2 penalty, by Newton's method until no training row's logit moves by 1e-4; the reference probe",
		Citation: "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 4.4",
		Options: []option.Option{
			{Name: "lambda", Doc: "weight of (lambda/2)|W|^2 beside the mean cross-entropy; 1/(n C) in scikit-learn's terms", Kind: option.Float, Default: 1e-2, Min: 1e-8, Max: 1e4},
			standardise("source"),
		},
		Grid: grid,
		New:  func(s option.Values) adapt.Classifier { return &regression{settings: s} },
		Path: regressionPath,
	})
}
