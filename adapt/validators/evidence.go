// Package validators holds one file a score by which an adapter's settings are chosen without
// a target label, each registered in adapt.Validators.
package validators

import (
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
)

// predictedTarget are the predictions of the task's target rows.
func predictedTarget(e adapt.Evidence) []int { return adapt.Predict(e.Fit.Probabilities) }

// heldProbabilities are those of the held-out source rows.
func heldProbabilities(e adapt.Evidence) (*mat.Dense, error) { return e.Fit.PredictSource(e.Held.X) }

// meanOver is the mean of f over the target rows' probabilities.
func meanOver(e adapt.Evidence, f func(row []float64) float64) float64 {
	n, _ := e.Fit.Probabilities.Dims()
	var sum float64
	for i := range n {
		sum += f(e.Fit.Probabilities.RawRowView(i))
	}
	return sum / float64(n)
}

// entropy in nats; 0 log 0 is 0.
func entropy(p []float64) float64 {
	var h float64
	for _, v := range p {
		if v > 0 {
			h -= v * math.Log(v)
		}
	}
	return h
}

// meanProbabilities of the target rows.
func meanProbabilities(e adapt.Evidence) []float64 {
	n, c := e.Fit.Probabilities.Dims()
	mean := make([]float64, c)
	for i := range n {
		floats.Add(mean, e.Fit.Probabilities.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	return mean
}
