package logistic

import (
	"math"

	"gonum.org/v1/gonum/optimize"
)

// A convexSearch is a line search for a convex function that goes by the
// derivative: near the optimum the values of two points agree to the last digit
// while their derivatives still tell which is lower, so that searches which
// compare values stop three digits too early.
type convexSearch struct {
	slope, value     float64 // at step 0
	step             float64
	low, high        float64 // steps with negative and positive derivative
	lowSlope, hSlope float64
	tries            int
}

const (
	flatEnough  = 0.5   // share of the first slope at which a step is taken
	valueDigits = 1e-13 // a rise beyond this share of the value refuses a step
	mostTries   = 60
)

// Init begins a search along a direction of slope g.
func (c *convexSearch) Init(f, g, step float64) optimize.Operation {
	*c = convexSearch{slope: g, value: f, step: step, lowSlope: g, high: math.Inf(1)}
	return optimize.FuncEvaluation | optimize.GradEvaluation
}

// Iterate looks at value f and slope g of the current step.
func (c *convexSearch) Iterate(f, g float64) (optimize.Operation, float64, error) {
	bad := math.IsNaN(f) || math.IsInf(f, 0) || math.IsNaN(g)
	rises := bad || f > c.value+valueDigits*math.Abs(c.value)
	if !rises && math.Abs(g) <= -flatEnough*c.slope {
		return optimize.MajorIteration, c.step, nil
	}
	if c.tries++; c.tries > mostTries {
		return optimize.NoOperation, c.step, optimize.ErrLinesearcherFailure
	}
	switch {
	case bad:
		c.high, c.hSlope = c.step, math.Inf(1)
	case g > 0 || rises:
		c.high, c.hSlope = c.step, math.Abs(g)
	default:
		c.low, c.lowSlope = c.step, g
	}
	last := c.step
	c.step = c.next()
	if c.step == last {
		return optimize.NoOperation, c.step, optimize.ErrLinesearcherFailure
	}
	return optimize.FuncEvaluation | optimize.GradEvaluation, c.step, nil
}

// next doubles until the minimum is bracketed, then takes the secant of the
// slopes, kept away from the ends.
func (c *convexSearch) next() float64 {
	if math.IsInf(c.high, 1) {
		return 2 * c.step
	}
	width := c.high - c.low
	at := c.low + width*c.lowSlope/(c.lowSlope-c.hSlope)
	if math.IsInf(c.hSlope, 1) || math.IsNaN(at) {
		at = c.low + width/2
	}
	return min(max(at, c.low+0.1*width), c.high-0.1*width)
}
