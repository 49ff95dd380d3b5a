package adapt

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

func init() {
	Classifiers.Add("centroid", ClassifierInfo{
		Name:     "centroid",
		Doc:      "nearest class mean, Euclidean; probabilities are the softmax of minus half the squared distances over the mean within-class variance of a column",
		Citation: "R. Tibshirani et al., Diagnosis of multiple cancer types by shrunken centroids, PNAS 99, 2002 (without shrinkage)",
		New:      func(option.Values) Classifier { return &centroid{width: -1} },
	})
}

type centroid struct {
	width    int
	means    *mat.Dense
	counts   []int
	variance float64 // within classes, mean over columns; above zero
}

func (c *centroid) Fit(x *mat.Dense, y []int, classes int) error {
	c.width = -1
	if err := checkFit("centroid", x, y, classes); err != nil {
		return err
	}
	n, d := x.Dims()
	c.means, c.counts = classMeans(x, y, classes)
	var within float64
	for i, k := range y {
		m := c.means.RawRowView(k)
		for j, v := range x.RawRowView(i) {
			within += (v - m[j]) * (v - m[j])
		}
	}
	// Rows that all equal their mean leave no scale: any does, the decision is the same.
	if c.variance = within / float64(n*d); c.variance == 0 {
		c.variance = 1
	}
	c.width = d
	return nil
}

func (c *centroid) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	if err := checkPredict("centroid", x, c.width); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	out := mat.NewDense(n, len(c.counts), nil)
	for i := range n {
		row := out.RawRowView(i)
		for k, count := range c.counts {
			if count == 0 {
				row[k] = math.Inf(-1)
				continue
			}
			m := c.means.RawRowView(k)
			for j, v := range x.RawRowView(i) {
				row[k] -= (v - m[j]) * (v - m[j])
			}
			row[k] /= 2 * c.variance
		}
		logistic.Softmax(row)
	}
	return out, nil
}
