package adapt

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
)

// coral whitens the source and gives it the target's covariance: Xs A with
// A = Cs^(-1/2) Ct^(1/2), both covariances (dividing by n-1) plus lambda I.
func coral(t Task, s option.Values, _ Head) (*Adapted, error) {
	apply, err := coralMap(t, s.Float("lambda"))
	if err != nil {
		return nil, err
	}
	from := func(x *mat.Dense) (*mat.Dense, error) { return apply(x), nil }
	return &Adapted{Source: t.Source.relabelled(apply(t.Source.X)), Target: t.Target, MapSource: from, Map: identity}, nil
}

// coralMap is the map of rows. Outside the span of the task's rows both covariances are the ridge, and it changes nothing.
func coralMap(t Task, lambda float64) (func(x *mat.Dense) *mat.Dense, error) {
	within := newSpan(t.Source.X, t.Target)
	whiten, err := covarianceFunction(within.into(t.Source.X), lambda, func(v float64) float64 { return 1 / math.Sqrt(v) })
	if err != nil {
		return nil, err
	}
	colour, err := covarianceFunction(within.into(t.Target), lambda, func(v float64) float64 { return math.Sqrt(math.Max(0, v)) })
	if err != nil {
		return nil, err
	}
	return within.mapping(dense.Product(whiten, colour)), nil
}

func coralLambda() option.Option {
	return option.Option{Name: "lambda", Doc: "ridge of both covariances; 1 suits standardised columns, and small ones blow up directions without variance",
		Kind: option.Float, Default: 1.0, Min: 0, Max: 1e6}
}

func init() {
	Adapters.Add("coral", AdapterInfo{
		Name:     "coral",
		Doc:      "correlation alignment: the source's covariance becomes the target's; means stay, so centre the domains first",
		Citation: "Sun, Feng and Saenko, Return of frustratingly easy domain adaptation, 2016",
		Options:  []option.Option{coralLambda()},
		Grid:     []option.Values{{"lambda": 0.01}, {"lambda": 0.1}, {"lambda": 1.0}, {"lambda": 10.0}},
		Adapt:    coral,
	})
}
