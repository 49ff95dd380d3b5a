package adapt

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

// centroid gives a row the class whose mean is nearest. Its probabilities are those of equal
// Gaussians around the means with equal priors and the pooled variance of a column;
// where that is zero, the nearest mean has all of it.
type centroid struct {
	settings option.Values
	fit
	means    *mat.Dense // present classes x d
	variance float64    // within classes, mean over columns
}

func (c *centroid) Fit(x *mat.Dense, y []int, classes int) error {
	f, z, labels, err := newFit("centroid", x, y, classes, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	means, _ := classMeans(z, labels, len(f.present))
	n, d := z.Dims()
	var sum float64
	for i := range n {
		m := means.RawRowView(labels[i])
		for j, v := range z.RawRowView(i) {
			sum += (v - m[j]) * (v - m[j])
		}
	}
	c.fit, c.means, c.variance = f, means, sum/float64(n*d)
	return nil
}

// classMeans returns the mean row and the share of rows of each class.
func classMeans(x *mat.Dense, labels []int, classes int) (*mat.Dense, []float64) {
	n, d := x.Dims()
	means, shares := mat.NewDense(classes, d, nil), make([]float64, classes)
	for i, k := range labels {
		floats.Add(means.RawRowView(k), x.RawRowView(i))
		shares[k]++
	}
	for k := range classes {
		floats.Scale(1/shares[k], means.RawRowView(k))
		shares[k] /= float64(n)
	}
	return means, shares
}

func (c *centroid) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.query(x)
	if err != nil {
		return nil, err
	}
	m, _ := z.Dims()
	p := mat.NewDense(m, len(c.present), nil)
	for i := range m {
		row := p.RawRowView(i)
		for k := range row {
			d := floats.Distance(z.RawRowView(i), c.means.RawRowView(k), 2)
			row[k] = -d * d / 2
		}
		if c.variance == 0 {
			nearest := floats.MaxIdx(row)
			for k := range row {
				row[k] = 0
			}
			row[nearest] = 1
			continue
		}
		floats.Scale(1/c.variance, row)
		logistic.Softmax(row)
	}
	return c.spread(p), nil
}

func init() {
	Classifiers.Add("centroid", ClassifierInfo{
		Name:     "centroid",
		Doc:      "nearest class mean, Euclidean, ties to the lowest class",
		Citation: "Tibshirani et al., Diagnosis of multiple cancer types by shrunken centroids, 2002 (without shrinkage)",
		Options:  []option.Option{standardise("none")},
		Grid:     []option.Values{{"standardise": "none"}, {"standardise": "source"}},
		New:      func(s option.Values) Classifier { return &centroid{settings: s} },
	})
}
