package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
)

// discriminant is linear discriminant analysis: Gaussians of one covariance, class shares of
// the training rows as priors, x' S^-1 m_k - m_k' S^-1 m_k / 2 + log prior_k. The covariance
// within classes (dividing by n) is shrunk towards its mean variance: (1 - a) S + a
// (tr S / d) I.
type discriminant struct {
	settings option.Values
	fit
	weights *mat.Dense // present classes x d
	bias    []float64
}

// moments are what fits of all shrinkages share.
type moments struct {
	means      *mat.Dense
	shares     []float64
	covariance *mat.SymDense
	mean       float64 // variance of a column, tr S / d
	intensity  float64 // of Ledoit and Wolf
}

// newMoments takes O(n d^2) time and a copy of z.
func newMoments(z *mat.Dense, labels []int, classes int) *moments {
	n, d := z.Dims()
	m := &moments{}
	m.means, m.shares = classMeans(z, labels, classes)
	residual := mat.NewDense(n, d, nil)
	var fourth float64 // sum of |r_i|^4
	for i, k := range labels {
		row := residual.RawRowView(i)
		floats.SubTo(row, z.RawRowView(i), m.means.RawRowView(k))
		square := floats.Dot(row, row)
		fourth += square * square
	}
	product := mat.NewDense(d, d, nil)
	r := residual.RawMatrix()
	blas64.Gemm(blas.Trans, blas.NoTrans, 1/float64(n), r, r, 0, product.RawMatrix())
	m.covariance = mat.NewSymDense(d, product.RawMatrix().Data)
	var norm, apart float64 // |S|_F^2 and |S - mean I|_F^2
	m.mean = mat.Trace(m.covariance) / float64(d)
	for i := range d {
		for j := range d {
			v := m.covariance.At(i, j)
			norm += v * v
			if i == j {
				v -= m.mean
			}
			apart += v * v
		}
	}
	// Ledoit and Wolf (2004), lemma 3.2: the error of S over its distance from the target.
	if apart > 0 {
		m.intensity = math.Max(0, math.Min(1, (fourth/float64(n)-norm)/float64(n)/apart))
	}
	return m
}

func (c *discriminant) Fit(x *mat.Dense, y []int, classes int) error {
	f, z, labels, err := newFit("lda", x, y, classes, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	return c.solve(f, newMoments(z, labels, len(f.present)))
}

func (c *discriminant) solve(f fit, m *moments) error {
	a := c.settings.Float("amount")
	if c.settings.String("shrinkage") == "ledoit-wolf" {
		a = m.intensity
	}
	d, _ := m.covariance.Dims()
	s := mat.NewSymDense(d, nil)
	s.ScaleSym(1-a, m.covariance)
	for j := range d {
		s.SetSym(j, j, s.At(j, j)+a*m.mean)
	}
	var chol mat.Cholesky
	if !chol.Factorize(s) {
		return fmt.Errorf("adapt: lda: the covariance of %d columns within %d classes is singular at shrinkage %g: shrink more", d, len(f.present), a)
	}
	var solved mat.Dense
	if err := chol.SolveTo(&solved, m.means.T()); err != nil {
		return fmt.Errorf("adapt: lda: the covariance of %d columns is nearly singular at shrinkage %g: shrink more (%w)", d, a, err)
	}
	weights := mat.DenseCopyOf(solved.T())
	bias := make([]float64, len(f.present))
	for k := range bias {
		bias[k] = math.Log(m.shares[k]) - floats.Dot(weights.RawRowView(k), m.means.RawRowView(k))/2
	}
	c.fit, c.weights, c.bias = f, weights, bias
	return nil
}

func (c *discriminant) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.query(x)
	if err != nil {
		return nil, err
	}
	model := logistic.Model{Weights: c.weights, Bias: c.bias}
	return c.spread(model.Probabilities(z)), nil
}

// discriminantPath measures the covariance once.
func discriminantPath(settings []option.Values, train Labelled, queries *mat.Dense) []Fitted {
	out := make([]Fitted, len(settings))
	f, z, labels, err := newFit("lda", train.X, train.Labels, train.Classes, settings[0].String("standardise"))
	var m *moments
	if err == nil {
		m = newMoments(z, labels, len(f.present))
	}
	for i, s := range settings {
		c := &discriminant{settings: s}
		out[i] = Fitted{Classifier: c, Err: err}
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
	Classifiers.Add("lda", ClassifierInfo{
		Name:     "lda",
		Doc:      "linear discriminant analysis with a shrunk covariance and the source's class shares as priors",
		Citation: "Ledoit and Wolf, A well-conditioned estimator for large-dimensional covariance matrices, 2004",
		Options: []option.Option{
			{Name: "shrinkage", Doc: "ledoit-wolf: estimated; fixed: amount", Kind: option.Choice, Default: "ledoit-wolf", Choices: []string{"ledoit-wolf", "fixed"}},
			{Name: "amount", Doc: "share of the mean variance times identity under fixed; 0 keeps the covariance", Kind: option.Float, Default: 0.1, Min: 0, Max: 1},
			standardise("source"),
		},
		Grid: grid,
		New:  func(s option.Values) Classifier { return &discriminant{settings: s} },
		Path: discriminantPath,
	})
}
