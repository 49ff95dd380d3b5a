package adapt

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/zscore"
)

func init() {
	Classifiers.Add("logistic", ClassifierInfo{
		Name:     "logistic",
		Doc:      "multinomial logistic regression with an L2 penalty, on columns z-scored with the training rows",
		Citation: "T. Hastie, R. Tibshirani, J. Friedman, The Elements of Statistical Learning, 2009, section 4.4",
		Options: []option.Option{
			{Name: "lambda", Kind: option.Float, Default: 1e-2, Min: 1e-8, Max: 1e4, Doc: "weight of half the squared norm of the weights beside the mean cross-entropy"},
		},
		Grid: []option.Values{{"lambda": 1e-2}, {"lambda": 1e-1}, {"lambda": 1e-3}},
		New:  func(s option.Values) Classifier { return &logisticClassifier{lambda: s.Float("lambda"), width: -1} },
	})
}

// logisticTolerance is the gradient at which a fit ends: probabilities are then
// good to about 1e-5, far below what a class decision needs.
const logisticTolerance = 1e-5

type logisticClassifier struct {
	lambda float64
	width  int
	scale  *zscore.Scale
	model  *logistic.Model
}

func (c *logisticClassifier) Fit(x *mat.Dense, y []int, classes int) error {
	c.width = -1
	if err := checkFit("logistic", x, y, classes); err != nil {
		return err
	}
	scale := zscore.Learn(x)
	if len(scale.Columns) == 0 {
		return fmt.Errorf("adapt: logistic: every column is constant")
	}
	m, err := logistic.Fit(scale.Apply(x), y, classes, logistic.Settings{Lambda: c.lambda, Tolerance: logisticTolerance})
	if err != nil {
		return fmt.Errorf("adapt: %w", err)
	}
	_, c.width = x.Dims()
	c.scale, c.model = scale, m
	return nil
}

func (c *logisticClassifier) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	if err := checkPredict("logistic", x, c.width); err != nil {
		return nil, err
	}
	return c.model.Probabilities(c.scale.Apply(x)), nil
}
