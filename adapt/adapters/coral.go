package adapters

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// coral whitens the source and gives it the target's covariance: Xs A with
// A = Cs^(-1/2) Ct^(1/2), both covariances (dividing by n-1) plus lambda I.
func coral(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	apply, err := coralMap(t, s.Float("lambda"))
	if err != nil {
		return nil, err
	}
	from := func(x *mat.Dense) (*mat.Dense, error) { return apply(x), nil }
	return &adapt.Adapted{Source: t.Source.Moved(apply(t.Source.X)), Target: t.Target, MapSource: from, Map: identity}, nil
}

// coralMap is the map of rows. Outside the span of the task's rows both covariances are the ridge, and it changes nothing.
func coralMap(t adapt.Task, lambda float64) (func(x *mat.Dense) *mat.Dense, error) {
	within := subspace.NewSpan(t.Source.X, t.Target)
	whiten, err := subspace.CovarianceFunction(within.Into(t.Source.X), lambda, func(v float64) float64 { return 1 / math.Sqrt(v) })
	if err != nil {
		return nil, err
	}
	colour, err := subspace.CovarianceFunction(within.Into(t.Target), lambda, func(v float64) float64 { return math.Sqrt(math.Max(0, v)) })
	if err != nil {
		return nil, err
	}
	return within.Mapping(dense.Product(whiten, colour)), nil
}

func coralLambda() option.Option {
	return option.Option{Name: "lambda", Doc: "ridge of both covariances; 1 suits standardised columns, and small ones blow up directions without variance",
		Kind: option.Float, Default: 1.0, Min: 0, Max: 1e6}
}

func init() {
	adapt.Adapters.Add("coral", adapt.AdapterInfo{
		Name:     "coral",
		Doc:      "correlation alignment: the source's covariance becomes the target's; means stay, so centre the domains first",
		Citation: "Sun, Feng and Saenko, Return of frustratingly easy domain adaptation, 2016",
		Options:  []option.Option{coralLambda()},
		Grid:     []option.Values{{"lambda": 0.01}, {"lambda": 0.1}, {"lambda": 1.0}, {"lambda": 10.0}},
		Adapt:    coral,
	})
}
