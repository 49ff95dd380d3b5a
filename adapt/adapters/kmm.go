package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
	"github.com/venn-adapt/venn/internal/momentum"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
)

// weighed is what every method that weighs source rows returns, with the effective
// number of rows (sum w)^2 / sum w^2 where it is small.
func weighed(t adapt.Task, weights []float64) (*adapt.Adapted, error) {
	for i, w := range weights {
		if !(w >= 0) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("weight %v of source row %d", w, i)
		}
	}
	square := floats.Dot(weights, weights)
	if square == 0 {
		return nil, fmt.Errorf("the weights of all %d source rows are zero: no source row is near the target", len(weights))
	}
	effective := math.Pow(floats.Sum(weights), 2) / square
	source := t.Source
	source.Weights = weights
	if t.Source.Weights != nil {
		source.Weights = make([]float64, len(weights))
		floats.MulTo(source.Weights, weights, t.Source.Weights)
	}
	a := &adapt.Adapted{Source: source, Target: t.Target, MapSource: identity, Map: identity}
	if n := float64(len(weights)); effective < n/10 {
		a.Warnings = []string{fmt.Sprintf("the weights are as good as %.1f of %d source rows", effective, len(weights))}
	}
	return a, nil
}

// meanMatching finds weights b of source rows that bring their kernel mean to the
// target's: min b'Kb/2 - k'b with k_i = n/m sum_j k(x_i, t_j), 0 <= b <= bound and
// |sum b - n| <= n epsilon.
func meanMatching(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	n, _ := t.Source.X.Dims()
	m, _ := t.Target.Dims()
	gamma := s.Float("gamma")
	if gamma == 0 {
		gamma = medianGamma(t.Stacked(), t.Seed)
	}
	gram := pairwise.Gaussian(t.Source.X, t.Source.X, gamma)
	for i := range n {
		gram.Set(i, i, gram.At(i, i)+kmmRidge)
	}
	linear := make([]float64, n)
	cross := pairwise.Gaussian(t.Source.X, t.Target, gamma)
	for i := range n {
		linear[i] = float64(n) / float64(m) * floats.Sum(cross.RawRowView(i))
	}
	epsilon := s.Float("epsilon")
	if epsilon == 0 {
		epsilon = (math.Sqrt(float64(n)) - 1) / math.Sqrt(float64(n))
	}
	set := boxBand{bound: s.Float("bound"), low: float64(n) * (1 - epsilon), high: float64(n) * (1 + epsilon)}
	if set.low > float64(n)*set.bound {
		return nil, fmt.Errorf("weights of at most %g cannot add up to %g for %d rows", set.bound, set.low, n)
	}
	weights, gap, err := minimiseQuadratic(gram, linear, set, s.Int("iterations"))
	if err != nil {
		return nil, err
	}
	out, err := weighed(t, weights)
	if err == nil && gap > kmmTolerance {
		out.Warnings = append(out.Warnings, fmt.Sprintf("the weights had not settled after %d steps: last change %.2g", s.Int("iterations"), gap))
	}
	return out, err
}

const (
	kmmRidge     = 1e-5
	kmmTolerance = 1e-6
)

// A boxBand is the set 0 <= b <= bound, low <= sum b <= high.
type boxBand struct{ bound, low, high float64 }

// project writes the nearest point of the set: a shift of all entries that clipping
// brings to the band, found by bisection.
func (s boxBand) project(b []float64) {
	total := func(shift float64) float64 {
		var sum float64
		for _, v := range b {
			sum += math.Min(s.bound, math.Max(0, v+shift))
		}
		return sum
	}
	shift, goal := 0.0, total(0)
	if goal < s.low || goal > s.high {
		goal = math.Min(s.high, math.Max(s.low, goal))
		lo, hi := -floats.Max(b), s.bound-floats.Min(b)
		for range 100 {
			shift = (lo + hi) / 2
			if total(shift) < goal {
				lo = shift
			} else {
				hi = shift
			}
		}
	}
	for i, v := range b {
		b[i] = math.Min(s.bound, math.Max(0, v+shift))
	}
}

// minimiseQuadratic minimises b'Kb/2 - k'b over the set by accelerated projected
// gradients with restarts, and returns the largest last change of an entry.
func minimiseQuadratic(k *mat.Dense, linear []float64, set boxBand, iterations int) ([]float64, float64, error) {
	n := len(linear)
	apply := eigen.Symmetric(dense.Symmetrised(k))
	top, _, err := eigen.Top(n, 1, apply)
	if err != nil {
		return nil, 0, err
	}
	step := 1 / top[0]
	b, look, gradient := make([]float64, n), make([]float64, n), make([]float64, n)
	floats.AddConst(1, b)
	set.project(b)
	copy(look, b)
	pace, change := momentum.New(), math.Inf(1)
	for i := 0; i < iterations && change > kmmTolerance; i++ {
		apply(gradient, look)
		floats.Sub(gradient, linear)
		next := make([]float64, n)
		floats.AddScaledTo(next, look, -step, gradient)
		set.project(next)
		change = momentum.Change(next, b)
		pace.Ahead(look, next, b)
		b = next
	}
	return b, change, nil
}

func init() {
	adapt.Adapters.Add("kmm", adapt.AdapterInfo{
		Name:     "kmm",
		Doc:      "kernel mean matching: weights under which the source's kernel mean is the target's",
		Citation: "Huang et al., Correcting sample selection bias by unlabeled data, 2006",
		Options: []option.Option{gammaOption(),
			{Name: "bound", Doc: "largest weight", Kind: option.Float, Default: 1000.0, Min: 1, Max: 1e9},
			{Name: "epsilon", Doc: "how far the mean weight may be from 1; 0: (sqrt(n)-1)/sqrt(n)", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3},
			{Name: "iterations", Doc: "steps of projected gradients at most", Kind: option.Int, Default: 5000, Min: 1, Max: 1000000}},
		Grid:  []option.Values{{"bound": 1000.0}, {"bound": 10.0}, {"bound": 2.0}},
		Adapt: meanMatching,
	})
}
