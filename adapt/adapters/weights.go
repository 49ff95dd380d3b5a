package adapters

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/importance"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/subspace"
)

// nearestWeights counts for each source row the target rows whose nearest source rows it
// is among, plus a constant.
func nearestWeights(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	n, _ := t.Source.X.Dims()
	weights := make([]float64, n)
	floats.AddConst(s.Float("smoothing"), weights)
	for _, list := range pairwise.Nearest(t.Target, t.Source.X, min(n, s.Int("neighbours"))) {
		for _, nb := range list {
			weights[nb.Row]++
		}
	}
	return weighed(t, weights)
}

// density weighs a source row by the target's density over the source's at it, both
// Gaussian kernel estimates of one width in the leading pooled principal components,
// of variance 1; a row does not count in its own estimate.
func density(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	p, err := subspace.Principal(t.Stacked(), s.Int("dim"))
	if err != nil {
		return nil, err
	}
	white := func(x *mat.Dense) *mat.Dense {
		z := p.Coordinates(x)
		n, k := z.Dims()
		for i := range n {
			row := z.RawRowView(i)
			for j := range k {
				row[j] /= math.Sqrt(p.Values[j])
			}
		}
		return z
	}
	source, target := white(t.Source.X), white(t.Target)
	width := s.Float("width")
	if width == 0 { // Scott's rule for variance 1
		n, _ := t.Stacked().Dims()
		width = math.Pow(float64(n), -1/float64(p.Dim()+4))
	}
	on := logDensity(source, target, width, false)
	off := logDensity(source, source, width, true)
	weights := make([]float64, len(on))
	top := math.Inf(-1)
	for i := range weights {
		weights[i] = on[i] - off[i]
		top = math.Max(top, weights[i])
	}
	for i, w := range weights { // only ratios count: the largest is 1
		weights[i] = math.Exp(w - top)
	}
	out, err := weighed(t, weights)
	if err == nil {
		out.Warnings = append(out.Warnings, reduced(p.Dim(), s.Int("dim"))...)
	}
	return out, err
}

// logDensity of rows under a Gaussian kernel estimate of x, up to a constant.
func logDensity(rows, x *mat.Dense, width float64, leaveOut bool) []float64 {
	d2 := pairwise.Between(rows, x)
	n, m := d2.Dims()
	out := make([]float64, n)
	parallel.Each(n, func(i int) {
		row := d2.RawRowView(i)
		for j := range row {
			row[j] *= -1 / (2 * width * width)
		}
		count := m
		if leaveOut {
			row[i] = math.Inf(-1)
			count--
		}
		out[i] = floats.LogSumExp(row) - math.Log(float64(count))
	})
	return out
}

// discriminator weighs by a logistic classifier of domains.
func discriminator(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	r, err := importance.Learn(t.Source.X, t.Target, s.Float("lambda"))
	if err != nil {
		return nil, err
	}
	return weighed(t, r.Weights(t.Source.X))
}

func init() {
	adapt.Adapters.Add("nearest-weights", adapt.AdapterInfo{
		Name:     "nearest-weights",
		Doc:      "weights by how many target rows have a source row nearest",
		Citation: "Loog, Nearest neighbor-based importance weighting, 2012",
		Options: []option.Option{
			{Name: "neighbours", Doc: "nearest source rows of a target row that count", Kind: option.Int, Default: 1, Min: 1, Max: 10000},
			{Name: "smoothing", Doc: "added to every count; 0 leaves most rows out", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e6}},
		Grid:  []option.Values{{"neighbours": 1}, {"neighbours": 5}, {"neighbours": 20}},
		Adapt: nearestWeights,
	})
	adapt.Adapters.Add("density-weights", adapt.AdapterInfo{
		Name:     "density-weights",
		Doc:      "weights by the ratio of two kernel density estimates, in a few principal components",
		Citation: "Shimodaira, Improving predictive inference under covariate shift by weighting the log-likelihood function, 2000",
		Options: []option.Option{dimension(5),
			{Name: "width", Doc: "of the kernels, in standard deviations; 0: Scott's rule", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e6}},
		Grid:  dims(2, 5, 10),
		Adapt: density,
	})
	adapt.Adapters.Add("discriminator-weights", adapt.AdapterInfo{
		Name:     "discriminator-weights",
		Doc:      "weights by the odds of the target under a logistic classifier of domains",
		Citation: "Bickel, Brückner and Scheffer, Discriminative learning under covariate shift, 2009",
		Options:  []option.Option{{Name: "lambda", Doc: "ridge of the classifier of domains", Kind: option.Float, Default: 1e-2, Min: 1e-8, Max: 1e4}},
		Grid:     []option.Values{{"lambda": 1e-3}, {"lambda": 1e-2}, {"lambda": 1e-1}, {"lambda": 1.0}},
		Adapt:    discriminator,
	})
}
