package logistic

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
)

const (
	// forcing is the share of the gradient, in the preconditioner's norm, that conjugate gradients leave of it while
	// the logits still move; the last steps leave less.
	forcing, finest = 0.1, 1e-4
	// mostProducts bounds the conjugate gradients of one step.
	mostProducts = 2000
	// stalled is how many products in a row may leave the residual where it was: rounding has been reached.
	stalled = 30
	// enoughDecrease is the share of the slope by which a step has to lower the objective, and valueDigits the share of
	// the objective that rounding may raise it by.
	enoughDecrease, valueDigits = 1e-4, 1e-13
	// logitDigits is the share of the largest logit below which a change is rounding.
	logitDigits  = 1e-13
	mostHalvings = 40
)

// A state is where a search is: variables, logits and probabilities of the rows.
type state struct {
	v             []float64 // weights on centred rows, classes x d, then biases
	logits, probs []float64 // n x classes
	value         float64
	gradient      []float64
}

// newton minimises from v: steps of Newton's method by preconditioned conjugate gradients, halved until the objective
// falls. It returns where it ends, its steps and the change that the last one made to a logit.
//
// Nash, "A survey of truncated-Newton methods", Journal of Computational and Applied Mathematics 124 (2000).
func (p *problem) newton(v []float64, tolerance float64, steps int) (*state, int, float64, error) {
	n := len(p.y)
	at := &state{v: v, logits: make([]float64, n*p.classes), probs: make([]float64, n*p.classes), gradient: make([]float64, len(v))}
	p.pass(v, nil, func(i int, r []float64) { copy(at.logits[i*p.classes:], r) })
	p.settle(at)
	step, moves := make([]float64, len(v)), make([]float64, n*p.classes)
	before := math.Inf(1)
	var m *curvature
	var since int // products with the Hessian since its curvature was factorised
	for count := 1; ; count++ {
		if m == nil || since*p.productCost() >= p.curvatureCost() {
			var err error
			if m, err = p.precondition(at.probs); err != nil {
				return nil, 0, 0, err
			}
			since = 0
		}
		earlier := p.products
		p.direction(at, m, step, moves, min(forcing, max(finest, before)))
		since += p.products - earlier
		share := p.search(at, step, moves)
		moved := share * p.largest(at.probs, moves)
		floats.AddScaled(at.v, share, step)
		floats.AddScaled(at.logits, share, moves)
		p.settle(at)
		if share == 1 && moved <= max(tolerance, logitDigits*floats.Norm(at.logits, math.Inf(1))) || count == steps || share == 0 {
			return at, count, moved, nil
		}
		before = moved
	}
}

// productCost and curvatureCost are the multiply-adds of a product with the Hessian and of a factor of its curvature.
// Curvature changes from step to step: with an old factor conjugate gradients take more products, so a new one is made once
// the products since have cost as much as it does.
func (p *problem) productCost() int { return 2 * len(p.y) * len(p.mean) * p.classes }

func (p *problem) curvatureCost() int {
	count, width := p.features().x.Dims()
	return count*width*width + solverCost*width*width*width/3
}

// solverCost is what a multiply-add of a Cholesky factor takes in those of a product of matrices: 10 to 12 at 400 and 512
// columns on two cores with AVX-512. The time depends on it, and the answer only within the tolerance.
const solverCost = 10

// settle computes probabilities, objective and gradient from the logits.
func (p *problem) settle(at *state) {
	at.value = p.objective(at.v, at.logits, at.probs)
	p.pass(nil, at.gradient, func(i int, r []float64) {
		copy(r, at.probs[i*p.classes:(i+1)*p.classes])
		r[p.y[i]]--
		p.weigh(i, r)
	})
	floats.AddScaled(at.gradient[:p.classes*len(p.mean)], p.lambda, at.v[:p.classes*len(p.mean)])
}

// objective is the mean cross-entropy and penalty of variables with these logits, and fills the probabilities.
func (p *problem) objective(v, logits, probs []float64) float64 {
	n, w := len(p.y), v[:p.classes*len(p.mean)]
	losses := make([]float64, n)
	copy(probs, logits)
	for i, c := range p.y {
		row := probs[i*p.classes : (i+1)*p.classes]
		own := row[c]
		losses[i] = Softmax(row) - own
		if p.weight != nil {
			losses[i] *= p.weight[i]
		}
	}
	return floats.SumCompensated(losses)/float64(n) + p.lambda/2*floats.Dot(w, w)
}

// weigh scales a residual by the weight of its row.
func (p *problem) weigh(i int, r []float64) {
	if p.weight != nil {
		floats.Scale(p.weight[i], r)
	}
}

// hessian sets out to H v and image to what v adds to the logits.
func (p *problem) hessian(out, v, image, probs []float64) {
	p.pass(v, out, func(i int, r []float64) {
		at := probs[i*p.classes : (i+1)*p.classes]
		copy(image[i*p.classes:], r)
		mean := floats.Dot(at, r)
		for k := range r {
			r[k] = at[k] * (r[k] - mean)
		}
		p.weigh(i, r)
	})
	w := p.classes * len(p.mean)
	floats.AddScaled(out[:w], p.lambda, v[:w])
}

// direction sets step near -H⁻¹ g, by conjugate gradients until the residual's norm has fallen to a share of the
// gradient's, and moves to what it adds to the logits.
func (p *problem) direction(at *state, m *curvature, step, moves []float64, share float64) {
	clear(step)
	clear(moves)
	r := slices.Clone(at.gradient)
	floats.Scale(-1, r)
	z := m.solve(r)
	d := slices.Clone(z)
	product, image := make([]float64, len(r)), make([]float64, len(moves))
	norm := floats.Dot(r, z)
	limit := share * share * norm
	least, since := norm, 0
	for range mostProducts {
		if !(norm > 0) || since > stalled {
			return
		}
		p.products++
		p.hessian(product, d, image, at.probs)
		curve := floats.Dot(d, product)
		if !(curve > 0) {
			return
		}
		alpha := norm / curve
		floats.AddScaled(step, alpha, d)
		floats.AddScaled(moves, alpha, image)
		floats.AddScaled(r, -alpha, product)
		z = m.solve(r)
		next := floats.Dot(r, z)
		if next <= limit {
			return
		}
		if since++; next < least {
			least, since = next, 0
		}
		floats.Scale(next/norm, d)
		floats.Add(d, z)
		norm = next
	}
}

// search halves the step until the objective falls, which takes no products, as logits are linear along it; 0 where
// it does not.
func (p *problem) search(at *state, step, moves []float64) float64 {
	slope := floats.Dot(at.gradient, step)
	v, logits, probs := make([]float64, len(at.v)), make([]float64, len(at.logits)), make([]float64, len(at.probs))
	share := 1.0
	for range mostHalvings {
		floats.AddScaledTo(v, at.v, share, step)
		floats.AddScaledTo(logits, at.logits, share, moves)
		if p.objective(v, logits, probs) <= at.value+enoughDecrease*share*slope+valueDigits*math.Abs(at.value) {
			return share
		}
		share /= 2
	}
	return 0
}

// largest is the largest change of a logit against the mean of its row. That of a class without rows, whose bias runs
// down for ever, counts by its probability.
func (p *problem) largest(probs, moves []float64) float64 {
	present := make([]bool, p.classes)
	for _, c := range p.y {
		present[c] = true
	}
	var worst float64
	for i := range p.y {
		row, at := moves[i*p.classes:(i+1)*p.classes], probs[i*p.classes:(i+1)*p.classes]
		var mean, count float64
		for k, v := range row {
			if present[k] {
				mean, count = mean+v, count+1
			}
		}
		mean /= count
		for k, v := range row {
			change := math.Abs(v - mean)
			if !present[k] {
				change *= at[k]
			}
			worst = max(worst, change)
		}
	}
	return worst
}
