// Package svm trains support vector machines: linear ones by dual coordinate descent,
// kernel ones by sequential minimal optimisation.
package svm

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
)

// A Linear is a hyperplane: f(x) = Weights . x + Bias.
type Linear struct {
	Weights []float64
	Bias    float64
}

// Decision is f of a row.
func (l *Linear) Decision(x []float64) float64 { return floats.Dot(l.Weights, x) + l.Bias }

const (
	linearTolerance = 1e-3 // largest violation of optimality at which a fit ends
	linearPasses    = 2000
)

// FitLinear minimises (|w|^2 + b^2)/2 + sum_i c_i max(0, 1 - y_i (w.x_i + b))^2 for rows x
// (n x d) and y_i of 1 or -1: the squared hinge loss with the bias as the weight of a
// constant feature. It fails on unequal lengths and when 2000 passes do not bring the
// violation of optimality below 1e-3. Time O(n d) a pass.
//
// Hsieh et al., A dual coordinate descent method for large-scale linear SVM, 2008.
func FitLinear(x *mat.Dense, y, c []float64) (*Linear, error) {
	n, d := x.Dims()
	if len(y) != n || len(c) != n {
		return nil, fmt.Errorf("svm: %d signs and %d costs for %d rows", len(y), len(c), n)
	}
	w, alpha, square := make([]float64, d), make([]float64, n), make([]float64, n)
	var bias float64
	for i := range n {
		row := x.RawRowView(i)
		square[i] = floats.Dot(row, row) + 1 + 1/(2*c[i])
	}
	for pass := range linearPasses {
		worst := 0.0
		for _, i := range stream.Permutation(stream.New(0, "svm/linear", pass), n) {
			row := x.RawRowView(i)
			gradient := y[i]*(floats.Dot(w, row)+bias) - 1 + alpha[i]/(2*c[i])
			if alpha[i] == 0 && gradient > 0 {
				continue
			}
			worst = math.Max(worst, math.Abs(gradient))
			next := math.Max(0, alpha[i]-gradient/square[i])
			if step := (next - alpha[i]) * y[i]; step != 0 {
				floats.AddScaled(w, step, row)
				bias += step
				alpha[i] = next
			}
		}
		if worst <= linearTolerance {
			return &Linear{w, bias}, nil
		}
	}
	return nil, fmt.Errorf("svm: %d rows, %d columns: not optimal after %d passes: lower c or scale the columns", n, d, linearPasses)
}
