package classifiers

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/momentum"
	"github.com/venn-adapt/venn/internal/option"
)

// sparse is multinomial logistic regression with an L1 penalty on the weights, by
// accelerated proximal gradients with restarts.
type sparse struct {
	settings option.Values
	base     fit
	model    *logistic.Model
}

const (
	// sparseTolerance ends a fit, whose last step moved no weight by more than this share of the step's length: the
	// conditions of the optimum are then missed by some 1e-7, and by 1e-6 at the most that tests have seen. They are a
	// gradient of the mean cross-entropy of -lambda times the sign of a weight, of at most lambda in size where the
	// weight is 0, and of 0 for a bias.
	sparseTolerance = 1e-7
	sparseSteps     = 20000
)

func (c *sparse) Fit(train adapt.Labelled) error {
	f, r, err := newFit("logistic-l1", train, c.settings.String("standardise"))
	if err != nil {
		return err
	}
	p, err := newSparseProblem(r, len(f.present))
	if err != nil {
		return err
	}
	return c.solve(f, p, nil)
}

func (c *sparse) solve(f fit, p *sparseProblem, start *logistic.Model) error {
	m, err := p.minimise(c.settings.Float("lambda"), start, sparseSteps)
	if err != nil {
		return err
	}
	c.base, c.model = f, m
	return nil
}

func (c *sparse) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	z, err := c.base.query(x)
	if err != nil {
		return nil, err
	}
	return c.base.spread(c.model.Probabilities(z)), nil
}

// A sparseProblem is the mean cross-entropy of rows over weights and biases, and a
// bound of its curvature.
type sparseProblem struct {
	rows    *training
	classes int
	step    float64
}

// newSparseProblem bounds the curvature by half the top eigenvalue of the mean of
// [x 1]'[x 1], since softmax has second derivatives of at most 1/2.
func newSparseProblem(r *training, classes int) (*sparseProblem, error) {
	n, d := r.x.Dims()
	scaled := mat.NewDense(n, d+1, nil)
	for i := range n {
		row := scaled.RawRowView(i)
		copy(row, r.x.RawRowView(i))
		row[d] = 1
		floats.Scale(math.Sqrt(r.weight(i)/float64(n)), row)
	}
	columns := d+1 <= n
	g := dense.Gram(scaled, columns)
	top, _, err := eigen.Top(min(n, d+1), 1, eigen.Symmetric(g))
	if err != nil {
		return nil, err
	}
	return &sparseProblem{r, classes, 2 / top[0]}, nil
}

// gradient of the mean cross-entropy at w, classes x (d+1) with the bias last.
func (p *sparseProblem) gradient(w *mat.Dense) *mat.Dense {
	n, d := p.rows.x.Dims()
	model := p.model(w)
	residual := model.Probabilities(p.rows.x)
	for i, c := range p.rows.labels {
		row := residual.RawRowView(i)
		row[c]--
		floats.Scale(p.rows.weight(i)/float64(n), row)
	}
	out := mat.NewDense(p.classes, d+1, nil)
	g := dense.ProductT(residual, p.rows.x)
	sums := make([]float64, p.classes)
	kernels.SumRows(sums, residual.RawMatrix().Data)
	for k, s := range sums {
		row := out.RawRowView(k)
		copy(row, g.RawRowView(k))
		row[d] = s
	}
	return out
}

func (p *sparseProblem) model(w *mat.Dense) *logistic.Model {
	_, d := p.rows.x.Dims()
	return &logistic.Model{Weights: mat.DenseCopyOf(w.Slice(0, p.classes, 0, d)), Bias: mat.Col(nil, d, w)}
}

func (p *sparseProblem) minimise(lambda float64, start *logistic.Model, steps int) (*logistic.Model, error) {
	_, d := p.rows.x.Dims()
	w := mat.NewDense(p.classes, d+1, nil)
	if start != nil {
		for k := range p.classes {
			row := w.RawRowView(k)
			copy(row, start.Weights.RawRowView(k))
			row[d] = start.Bias[k]
		}
	}
	look, pace := mat.DenseCopyOf(w), momentum.New()
	for range steps {
		next := p.gradient(look)
		next.Scale(-p.step, next)
		next.Add(next, look)
		for k := range p.classes {
			row := next.RawRowView(k)
			for j, v := range row[:d] { // the bias is free
				row[j] = math.Copysign(math.Max(0, math.Abs(v)-p.step*lambda), v)
			}
		}
		from, to := look.RawMatrix().Data, next.RawMatrix().Data
		if momentum.Change(to, from) <= sparseTolerance*p.step {
			return p.model(next), nil
		}
		pace.Ahead(from, to, w.RawMatrix().Data)
		w = next
	}
	return nil, fmt.Errorf("adapt: logistic-l1: %d rows, %d columns, lambda %g: not optimal after %d steps: raise lambda or scale the columns", len(p.rows.labels), d, lambda, steps)
}

// sparsePath goes from the strongest penalty to the weakest.
func sparsePath(settings []option.Values, train adapt.Labelled, queries *mat.Dense) []adapt.Fitted {
	out := make([]adapt.Fitted, len(settings))
	f, r, err := newFit("logistic-l1", train, settings[0].String("standardise"))
	var p *sparseProblem
	if err == nil {
		p, err = newSparseProblem(r, len(f.present))
	}
	var start *logistic.Model
	for _, i := range strongestFirst(settings) {
		c := &sparse{settings: settings[i]}
		out[i] = adapt.Fitted{Classifier: c, Err: err}
		if err != nil {
			continue
		}
		if out[i].Err = c.solve(f, p, start); out[i].Err == nil {
			start = c.model
			out[i].Probabilities, out[i].Err = c.Probabilities(queries)
		}
	}
	return out
}

func init() {
	var grid []option.Values
	for _, l := range []float64{1e-2, 3e-3, 1e-3, 3e-2, 1e-1} {
		grid = append(grid, option.Values{"lambda": l})
	}
	adapt.Classifiers.Add("logistic-l1", adapt.ClassifierInfo{
		Name:     "logistic-l1",
		Doc:      "multinomial logistic regression with an L1 penalty, which leaves features out; the conditions of the optimum hold within 1e-6",
		Citation: "Beck and Teboulle, A fast iterative shrinkage-thresholding algorithm for linear inverse problems, 2009",
		Options: []option.Option{
			{Name: "lambda", Doc: "weight of the sum of absolute weights beside the mean cross-entropy; 1/(n C) in scikit-learn's terms", Kind: option.Float, Default: 1e-2, Min: 1e-8, Max: 1e4},
			standardise("source")},
		Grid: grid,
		New:  func(s option.Values) adapt.Classifier { return &sparse{settings: s} },
		Path: sparsePath,
	})
}
