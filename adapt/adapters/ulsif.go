package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/subspace"
)

// ridges among which the held-out criterion chooses.
var ridges = []float64{1e-3, 1e-2, 1e-1, 1, 10}

// leastSquaresRatio fits p_t / (a p_t + (1-a) p_s) in the same basis by least squares with
// a ridge, (H + lambda I)^-1 h, negative weights cut to 0; a = 0 is uLSIF. Width and ridge
// minimise the held-out criterion over five folds.
func leastSquaresRatio(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	b := basis{centres: centresOf(t, s.Int("centres"))}
	median := medianGamma(t.Stacked(), t.Seed)
	gammas, lambdas := []float64{s.Float("gamma")}, []float64{s.Float("lambda")}
	if gammas[0] == 0 {
		gammas = nil
		for _, w := range widths {
			gammas = append(gammas, median/(w*w))
		}
	}
	if lambdas[0] == 0 {
		lambdas = ridges
	}
	alpha := s.Float("alpha")
	best := math.Inf(1)
	var theta []float64
	var gamma float64
	for _, g := range gammas {
		b.gamma = g
		source, target := b.at(t.Source.X), b.at(t.Target)
		for _, l := range lambdas {
			score, err := ratioFolds(source, target, alpha, l, t.Seed)
			if err != nil {
				return nil, err
			}
			if score < best {
				if theta, err = ratioFit(source, target, alpha, l); err != nil {
					return nil, err
				}
				best, gamma = score, g
			}
		}
	}
	b.gamma = gamma
	weights := b.sum(t.Source.X, theta)
	for i, w := range weights {
		weights[i] = math.Max(0, w)
	}
	return weighed(t, weights)
}

// ratioFit solves for the coefficients.
func ratioFit(source, target *mat.Dense, alpha, lambda float64) ([]float64, error) {
	n, k := source.Dims()
	m, _ := target.Dims()
	h := dense.Gram(source, true)
	h.ScaleSym((1-alpha)/float64(n), h)
	if alpha > 0 {
		g := dense.Gram(target, true)
		g.ScaleSym(alpha/float64(m), g)
		h.AddSym(h, g)
	}
	var chol mat.Cholesky
	if !chol.Factorize(subspace.Ridged(h, lambda)) {
		return nil, fmt.Errorf("the least-squares matrix of %d centres is not positive definite; raise lambda", k)
	}
	theta := mat.NewVecDense(k, nil)
	if err := chol.SolveVecTo(theta, mat.NewVecDense(k, dense.ColumnMeans(target))); err != nil {
		return nil, err
	}
	return theta.RawVector().Data, nil
}

// ratioFolds is the mean over five folds of the criterion alpha/2 E_t w^2 +
// (1-alpha)/2 E_s w^2 - E_t w on held-out rows, of weights cut to 0.
func ratioFolds(source, target *mat.Dense, alpha, lambda float64, seed uint64) (float64, error) {
	const folds = 5
	part := func(x *mat.Dense, purpose string, f int) (kept, held *mat.Dense) {
		n, _ := x.Dims()
		var in, out []int
		for i, r := range stream.Permutation(stream.New(seed, "ratio/folds", purpose), n) {
			if i%folds == f {
				out = append(out, r)
			} else {
				in = append(in, r)
			}
		}
		return rows.Take(x, in), rows.Take(x, out)
	}
	n, _ := source.Dims()
	m, _ := target.Dims()
	if min(n, m) < folds {
		return 0, nil
	}
	moments := func(phi *mat.Dense, theta []float64) (mean, square float64) {
		rows, _ := phi.Dims()
		for i := range rows {
			w := math.Max(0, floats.Dot(phi.RawRowView(i), theta))
			mean, square = mean+w/float64(rows), square+w*w/float64(rows)
		}
		return mean, square
	}
	var score float64
	for f := range folds {
		s, heldS := part(source, "source", f)
		t, heldT := part(target, "target", f)
		theta, err := ratioFit(s, t, alpha, lambda)
		if err != nil {
			return 0, err
		}
		_, onSource := moments(heldS, theta)
		mean, onTarget := moments(heldT, theta)
		score += (alpha/2*onTarget + (1-alpha)/2*onSource - mean) / folds
	}
	return score, nil
}
