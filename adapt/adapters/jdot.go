package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/transport"
)

const (
	// lightest is the share of the largest weight below which a label's copy of a
	// target row is left out.
	lightest = 1e-6
	// settled is the relative change of the transport's cost at which passes end.
	settled = 1e-5
	// leastProbability bounds a label's part of the cost.
	leastProbability = 1e-12
)

// jointTransport alternates between an exact plan under the cost
// (1-alpha) |x_i - t_j|^2 / mean + alpha (-log p(y_i | t_j)) and a classifier fitted on
// target rows with the labels that the plan brings, one copy a label with its mass as
// weight. The first plan sees features alone. alpha is the share of the labels, the
// other way round than in the paper.
func jointTransport(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
	features := pairwise.Between(t.Source.X, t.Target)
	scale, err := costScale(features, "mean")
	if err != nil {
		return nil, err
	}
	features.Scale(1/scale, features)
	alpha := s.Float("alpha")
	cost := mat.DenseCopyOf(features)
	cost.Scale(1-alpha, cost)
	last := math.Inf(1)
	var out *adapt.Adapted
	for range s.Int("iterations") {
		plan, err := transport.Exact(cost)
		if err != nil {
			return nil, err
		}
		out = &adapt.Adapted{Source: softLabelled(t, plan), Target: t.Target, MapSource: identity, Map: identity}
		c, err := h.Fit(out.Source)
		if err != nil {
			return nil, err
		}
		p, err := c.Probabilities(t.Target)
		if err != nil {
			return nil, err
		}
		n, _ := features.Dims()
		for i := range n {
			row, of := cost.RawRowView(i), features.RawRowView(i)
			for j := range row {
				row[j] = (1-alpha)*of[j] - alpha*math.Log(atLeast(p.At(j, t.Source.Labels[i])))
			}
		}
		var paid mat.Dense
		paid.MulElem(plan, cost)
		now := mat.Sum(&paid)
		if steady(last, now) {
			return out, nil
		}
		last = now
	}
	out.Warnings = []string{fmt.Sprintf("plan and classifier still changed after %d passes", s.Int("iterations"))}
	return out, nil
}

// atLeast bounds a probability away from 0, and with it the cost of a label.
func atLeast(p float64) float64 { return math.Max(p, leastProbability) }

// steady says whether the cost stayed.
func steady(last, now float64) bool { return math.Abs(last-now) <= settled*math.Abs(now) }

// softLabelled lists target rows once for each label that the plan brings, with the
// mass as weight.
func softLabelled(t adapt.Task, plan *mat.Dense) adapt.Labelled {
	mass := classMass(t, plan, func(v float64) float64 { return v })
	top := floats.Max(mass.RawMatrix().Data)
	out := adapt.Labelled{Classes: t.Source.Classes}
	var at []int
	classes, m := mass.Dims()
	for j := range m {
		for c := range classes {
			if w := mass.At(c, j); w > lightest*top {
				at, out.Labels, out.Weights = append(at, j), append(out.Labels, c), append(out.Weights, w)
			}
		}
	}
	out.X = rows.Take(t.Target, at)
	return out
}

func init() {
	adapt.Adapters.Add("jdot", adapt.AdapterInfo{
		Name:     "jdot",
		Doc:      "joint distribution optimal transport: plan and target classifier in turn",
		Citation: "Courty et al., Joint distribution optimal transportation for domain adaptation, 2017",
		Options: []option.Option{
			{Name: "alpha", Doc: "share of the labels in the cost", Kind: option.Float, Default: 0.5, Min: 0, Max: 1},
			{Name: "iterations", Doc: "passes at most", Kind: option.Int, Default: 10, Min: 1, Max: 1000}},
		Grid:  []option.Values{{"alpha": 0.1}, {"alpha": 0.3}, {"alpha": 0.5}, {"alpha": 0.7}, {"alpha": 0.9}},
		Adapt: jointTransport,
	})
}
