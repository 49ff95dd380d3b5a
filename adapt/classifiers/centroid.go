package classifiers

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

// A Centroid gives a row the class whose mean is nearest. Its probabilities are those of equal
// Gaussians around the means with equal priors and the pooled variance of a column;
// where that is zero, the nearest mean has all of it.
type Centroid struct {
	scaling  string
	base     fit
	Means    *mat.Dense // present classes x d
	variance float64    // within classes, mean over columns
}

// NewCentroid is one before its fit; scaling is a choice of the option standardise.
func NewCentroid(scaling string) *Centroid { return &Centroid{scaling: scaling} }

// Present are the classes that had rows, ascending: the rows of Means.
func (c *Centroid) Present() []int { return c.base.present }

// Fit implements adapt.Classifier.
func (c *Centroid) Fit(train adapt.Labelled) error {
	f, r, err := newFit("centroid", train, c.scaling)
	if err != nil {
		return err
	}
	means, _ := classMeans(r, len(f.present))
	n, d := r.x.Dims()
	var sum float64
	for i := range n {
		m := means.RawRowView(r.labels[i])
		var square float64
		for j, v := range r.x.RawRowView(i) {
			off := v - m[j]
			square += off * off
		}
		sum += r.weight(i) * square
	}
	c.base, c.Means, c.variance = f, means, sum/float64(n*d)
	return nil
}

// classMeans returns the mean row and the share of weight of each class.
func classMeans(r *training, classes int) (*mat.Dense, []float64) {
	n, d := r.x.Dims()
	means, shares := mat.NewDense(classes, d, nil), make([]float64, classes)
	for i, k := range r.labels {
		floats.AddScaled(means.RawRowView(k), r.weight(i), r.x.RawRowView(i))
		shares[k] += r.weight(i)
	}
	for k := range classes {
		floats.Scale(1/shares[k], means.RawRowView(k))
		shares[k] /= float64(n)
	}
	return means, shares
}

// Probabilities implements adapt.Classifier.
func (c *Centroid) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	m, _ := z.Dims()
	p := mat.NewDense(m, len(c.base.present), nil)
	for i := range m {
		row := p.RawRowView(i)
		for k := range row {
			d := floats.Distance(z.RawRowView(i), c.Means.RawRowView(k), 2)
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
	return c.base.spread(p), nil
}

func init() {
	adapt.Classifiers.Add("centroid", adapt.ClassifierInfo{
		Name:     "centroid",
		Doc:      "nearest class mean, Euclidean, ties to the lowest class",
		Citation: "Tibshirani et al., Diagnosis of multiple cancer types by shrunken centroids, 2002 (without shrinkage)",
		Options:  []option.Option{standardise("none")},
		Grid:     []option.Values{{"standardise": "none"}, {"standardise": "source"}},
		New:      func(s option.Values) adapt.Classifier { return NewCentroid(s.String("standardise")) },
	})
}
