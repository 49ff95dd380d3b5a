package classifiers

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

// discriminant is linear discriminant analysis: Gaussians of one covariance, class shares of
// the training rows as priors, x' S^-1 m_k - m_k' S^-1 m_k / 2 + log prior_k. The covariance
// within classes (dividing by n) is shrunk towards its mean variance: (1 - a) S + a
// (tr S / d) I.
type discriminant struct {
	settings option.Values
	base     fit
	weights  *mat.Dense // present classes x d
	bias     []float64
}

func (c *discriminant) Fit(train adapt.Labelled) error {
	f, r, err := newFit("lda", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	return c.solve(f, newMoments(r, len(f.present)))
}

func (c *discriminant) solve(f fit, m *moments) error {
	a := c.settings.Float("amount")
	if c.settings.String("shrinkage") == "ledoit-wolf" {
		a = m.intensity
	}
	weights, err := m.solve(a)
	if err != nil {
		return err
	}
	bias := make([]float64, len(f.present))
	for k := range bias {
		bias[k] = math.Log(m.shares[k]) - floats.Dot(weights.RawRowView(k), m.means.RawRowView(k))/2
	}
	c.base, c.weights, c.bias = f, weights, bias
	return nil
}

func (c *discriminant) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	model := logistic.Model{Weights: c.weights, Bias: c.bias}
	return c.base.spread(model.Probabilities(z)), nil
}

// discriminantPath measures the covariance once.
func discriminantPath(settings []option.Values, train adapt.Labelled, queries *mat.Dense) []adapt.Fitted {
	out := make([]adapt.Fitted, len(settings))
	f, r, err := newFit("lda", train, settings[0].String("standardise"))
	var m *moments
	if err == nil {
		m = newMoments(r, len(f.present))
	}
	for i, s := range settings {
		c := &discriminant{settings: s}
		out[i] = adapt.Fitted{Classifier: c, Err: err}
		if err != nil {
			continue
		}
		if out[i].Err = c.solve(f, m); out[i].Err == nil {
			out[i].Probabilities, out[i].Err = c.Probabilities(queries)
		}
	}
	return out
}

func init() {
	grid := []option.Values{{"shrinkage": "ledoit-wolf"}}
	for _, a := range []float64{0.01, 0.1, 0.5, 0.9} {
		grid = append(grid, option.Values{"shrinkage": "fixed", "amount": a})
	}
	adapt.Classifiers.Add("lda", adapt.ClassifierInfo{
		Name:     "lda",
		Doc:      "linear discriminant analysis with a shrunk covariance and the source's class shares as priors",
		Citation: "Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004",
		Options: []option.Option{
			{Name: "shrinkage", Doc: "ledoit-wolf: estimated; fixed: amount", Kind: option.Choice, Default: "ledoit-wolf", Choices: []string{"ledoit-wolf", "fixed"}},
			{Name: "amount", Doc: "share of the mean variance times identity under fixed; 0 keeps the covariance", Kind: option.Float, Default: 0.1, Min: 0, Max: 1},
			standardise("source"),
		},
		Grid: grid,
		New:  func(s option.Values) adapt.Classifier { return &discriminant{settings: s} },
		Path: discriminantPath,
	})
}
