package adapt

import (
	"fmt"
	"sort"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

// regression is multinomial logistic regression with an L2 penalty on the weights.
type regression struct {
	settings option.Values
	fit
	model *logistic.Model
}

// regressionTolerance ends a fit: the codes' probabilities are then good to five digits.
const regressionTolerance = 1e-6

func (c *regression) Fit(x *mat.Dense, y []int, classes int) error {
	f, z, labels, err := newFit("logistic", x, y, classes, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	return c.solve(f, z, labels, nil)
}

func (c *regression) solve(f fit, z *mat.Dense, labels []int, start *logistic.Model) error {
	m, err := logistic.Fit(z, labels, len(f.present), logistic.Settings{
		Lambda: c.settings.Float("lambda"), Tolerance: regressionTolerance, Start: start,
	})
	if err != nil {
		return fmt.Errorf("adapt: %w", err)
	}
	c.fit, c.model = f, m
	return nil
}

func (c *regression) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.query(x)
	if err != nil {
		return nil, err
	}
	return c.spread(c.model.Probabilities(z)), nil
}

// regressionPath goes from the strongest penalty to the weakest, each fit beginning where
// the last one ended.
func regressionPath(settings []option.Values, train Labelled, queries *mat.Dense) []Fitted {
	out := make([]Fitted, len(settings))
	order := make([]int, len(settings))
	for i := range order {
		order[i] = i
	}
	sort.SliceStable(order, func(a, b int) bool {
		return settings[order[a]].Float("lambda") > settings[order[b]].Float("lambda")
	})
	f, z, labels, err := newFit("logistic", train.X, train.Labels, train.Classes, settings[0].String("standardise"))
	var start *logistic.Model
	for _, i := range order {
		c := &regression{settings: settings[i]}
		out[i] = Fitted{Classifier: c, Err: err}
		if err != nil {
			continue
		}
		if out[i].Err = c.solve(f, z, labels, start); out[i].Err != nil {
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
	Classifiers.Add("logistic", ClassifierInfo{
		Name:     "logistic",
		Doc:      "multinomial logistic regression with an L2 penalty, by L-BFGS; the reference probe",
		Citation: "Hastie, Tibshirani and Friedman, The Elements of Statistical Learning, 2009, section 4.4",
		Options: []option.Option{
			{Name: "lambda", Doc: "weight of (lambda/2)|W|^2 beside the mean cross-entropy; 1/(n C) in scikit-learn's terms", Kind: option.Float, Default: 1e-2, Min: 1e-8, Max: 1e4},
			standardise("source"),
		},
		Grid: grid,
		New:  func(s option.Values) Classifier { return &regression{settings: s} },
		Path: regressionPath,
	})
}
