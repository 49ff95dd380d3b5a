// Package momentum lets methods of gradient steps look ahead.
package momentum

import "math"

// A Momentum is Nesterov's, which starts again when a step turns against the gradient: each
// step goes from a point ahead of the last one. (Beck and Teboulle, A fast iterative
// shrinkage-thresholding algorithm for linear inverse problems, 2009; O'Donoghue and Candès,
// Adaptive restart for accelerated gradient schemes, 2015.)
type Momentum struct{ speed float64 }

// New is the momentum of a method that has made no step.
func New() *Momentum { return &Momentum{1} }

// Ahead is told that a step from look led to next, and the step before it to last. It sets look
// to the point from which the next step goes.
func (m *Momentum) Ahead(look, next, last []float64) {
	var turn float64
	for i := range next {
		turn += (look[i] - next[i]) * (next[i] - last[i])
	}
	faster := (1 + math.Sqrt(1+4*m.speed*m.speed)) / 2
	share := (m.speed - 1) / faster
	if turn > 0 {
		faster, share = 1, 0
	}
	for i := range look {
		look[i] = next[i] + share*(next[i]-last[i])
	}
	m.speed = faster
}

// Change is the largest change of an entry from last to next, NaN where an entry is.
func Change(next, last []float64) float64 {
	var change float64
	for i, v := range next {
		change = math.Max(change, math.Abs(v-last[i]))
	}
	return change
}
