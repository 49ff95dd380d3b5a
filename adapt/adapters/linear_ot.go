package adapters

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// linearTransport moves the source by the optimal map between Gaussians,
// T(x) = (x - ms) A + mt, A = Cs^(-1/2) (Cs^(1/2) Ct Cs^(1/2))^(1/2) Cs^(-1/2), of both
// covariances plus a ridge. Without bias the means stay.
func linearTransport(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	lambda := s.Float("lambda")
	from, to := dense.ColumnMeans(t.Source.X), dense.ColumnMeans(t.Target)
	within := subspace.NewSpan(t.Source.X, t.Target) // outside it both covariances are the ridge, and nothing moves
	source, target := within.Into(t.Source.X), within.Into(t.Target)
	root, err := subspace.CovarianceFunction(source, lambda, func(v float64) float64 { return math.Sqrt(math.Max(0, v)) })
	if err != nil {
		return nil, err
	}
	inverse, err := subspace.CovarianceFunction(source, lambda, func(v float64) float64 { return 1 / math.Sqrt(v) })
	if err != nil {
		return nil, err
	}
	full := mat.DenseCopyOf(subspace.Ridged(subspace.Covariance(target), lambda))
	middle, err := subspace.Function(dense.Symmetrised(dense.Product(dense.Product(root, full), root)), func(v float64) float64 { return math.Sqrt(math.Max(0, v)) })
	if err != nil {
		return nil, err
	}
	apply := within.Mapping(dense.Product(dense.Product(inverse, middle), inverse))
	move := func(x *mat.Dense) (*mat.Dense, error) {
		if !s.Bool("bias") {
			return apply(x), nil
		}
		z := apply(dense.LessRow(x, from))
		n, _ := z.Dims()
		for i := range n {
			floats.Add(z.RawRowView(i), to)
		}
		return z, nil
	}
	z, _ := move(t.Source.X)
	return &adapt.Adapted{Source: t.Source.Moved(z), Target: t.Target, MapSource: move, Map: identity}, nil
}

func init() {
	var grid []option.Values
	for _, l := range []float64{1e-6, 0.1, 1, 10} {
		grid = append(grid, option.Values{"lambda": l})
	}
	adapt.Adapters.Add("linear-ot", adapt.AdapterInfo{
		Name:     "linear-ot",
		Doc:      "the optimal transport map between Gaussians of the domains",
		Citation: "Flamary et al., Concentration bounds for linear Monge mapping estimation and optimal transport domain adaptation, 2019",
		Options: []option.Option{
			{Name: "lambda", Doc: "ridge of both covariances", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e6},
			{Name: "bias", Doc: "move the source's mean to the target's", Kind: option.Bool, Default: true}},
		Grid:  grid,
		Adapt: linearTransport,
	})
}
