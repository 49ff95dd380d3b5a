package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

func init() {
	Classifiers.Add("lda", ClassifierInfo{
		Name:     "lda",
		Doc:      "linear discriminant analysis; the within-class covariance is shrunk towards a multiple of the identity",
		Citation: "J. Friedman, Regularized discriminant analysis, JASA 84, 1989",
		Options: []option.Option{
			{Name: "shrinkage", Kind: option.Float, Default: 0.1, Min: 1e-6, Max: 1, Doc: "weight of the identity; 1 ignores the covariance"},
		},
		Grid: []option.Values{{"shrinkage": 0.1}, {"shrinkage": 0.01}, {"shrinkage": 0.5}},
		New:  func(s option.Values) Classifier { return &lda{shrinkage: s.Float("shrinkage"), width: -1} },
	})
}

// lda scores class k by x·w_k + b_k with S w_k = mean_k, b_k = −½ mean_k·w_k + ln
// share_k and S = (1−s)·W + s·(tr W/d)·I, W the within-class covariance with n in
// the denominator. A class without rows scores −Inf.
type lda struct {
	shrinkage float64
	width     int
	weights   *mat.Dense // classes x d
	bias      []float64
}

func (c *lda) Fit(x *mat.Dense, y []int, classes int) error {
	c.width = -1
	if err := checkFit("lda", x, y, classes); err != nil {
		return err
	}
	n, d := x.Dims()
	means, counts := classMeans(x, y, classes)
	centred := mat.DenseCopyOf(x)
	for i, k := range y {
		floats.Sub(centred.RawRowView(i), means.RawRowView(k))
	}
	var within mat.SymDense
	within.SymOuterK(1/float64(n), centred.T())
	trace := mat.Trace(&within)
	if trace == 0 {
		return fmt.Errorf("adapt: lda: the rows of each class are all equal, there is no covariance")
	}
	shrunk := mat.NewSymDense(d, nil)
	shrunk.ScaleSym(1-c.shrinkage, &within)
	for j := range d {
		shrunk.SetSym(j, j, shrunk.At(j, j)+c.shrinkage*trace/float64(d))
	}
	var chol mat.Cholesky
	if !chol.Factorize(shrunk) {
		return fmt.Errorf("adapt: lda: the covariance is not positive definite with shrinkage %g; raise it", c.shrinkage)
	}
	var solved mat.Dense
	if err := chol.SolveTo(&solved, means.T()); err != nil {
		return fmt.Errorf("adapt: lda: %w", err)
	}
	c.weights, c.bias = mat.DenseCopyOf(solved.T()), make([]float64, classes)
	for k, count := range counts {
		c.bias[k] = math.Log(float64(count)/float64(n)) - floats.Dot(means.RawRowView(k), c.weights.RawRowView(k))/2
	}
	c.width = d
	return nil
}

func (c *lda) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	if err := checkPredict("lda", x, c.width); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	out := mat.NewDense(n, len(c.bias), nil)
	for i := range n {
		row := out.RawRowView(i)
		for k, b := range c.bias {
			row[k] = floats.Dot(x.RawRowView(i), c.weights.RawRowView(k)) + b
		}
		logistic.Softmax(row)
	}
	return out, nil
}
