package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// A ValidatorInfo describes a score by which settings of a method are chosen without
// a target label. Each is one file that registers itself in Validators.
type ValidatorInfo struct {
	Name     string
	Doc      string
	Citation string
	// Score of a fitted method; higher is better. An error says why the score does not
	// apply; it, and a score that is not a number, never win.
	Score func(e Evidence) (float64, error)
}

// Validators holds every validator by name. The oracle is not among them: it needs
// what none of them is given.
var Validators = registry.New[ValidatorInfo]("validator")

// Evidence is what a validator sees of a fitted method.
type Evidence struct {
	Method Method
	Task   Task     // that the method was fitted to
	Held   Labelled // source rows that were kept from it
	Fit    *Adaptation
}

// A Scored is one setting of a method with what validators say of it.
type Scored struct {
	Changes option.Values // of the adapter's settings
	Fit     *Adaptation   // nil when Err is not
	Err     error
	Scores  map[string]float64 // of the validators that apply, all numbers
}

// heldShare is the share of the source that selection keeps from the fits.
const heldShare = 0.2

// Try fits a method under every change of its settings, with a fifth of the source,
// drawn by the task's seed and stratified by class, kept from it for the validators,
// and lets each score every fit.
func Try(m Method, changes []option.Values, t Task, validators []ValidatorInfo) ([]Scored, error) {
	if err := t.check(m.Adapter.Name); err != nil {
		return nil, err
	}
	kept, held, err := domains.HoldOut(t.Source.Labels, t.Source.Classes, heldShare, t.Seed)
	if err != nil {
		return nil, fmt.Errorf("adapt: %s: %w", m.Adapter.Name, err)
	}
	part := Task{Source: t.Source.take(kept), Target: t.Target, Seed: t.Seed}
	out := make([]Scored, len(changes))
	for i, c := range changes {
		out[i] = Scored{Changes: c, Scores: map[string]float64{}}
		one := m
		one.Settings = option.Values{}
		for _, from := range []option.Values{m.Settings, c} {
			for name, v := range from {
				one.Settings[name] = v
			}
		}
		if out[i].Fit, out[i].Err = one.Fit(part); out[i].Err != nil {
			out[i].Fit = nil
			continue
		}
		e := Evidence{Method: one, Task: part, Held: t.Source.take(held), Fit: out[i].Fit}
		for _, v := range validators {
			if score, err := v.Score(e); err == nil && !math.IsNaN(score) && !math.IsInf(score, 0) {
				out[i].Scores[v.Name] = score
			}
		}
	}
	return out, nil
}

// Best is the index of the highest score of a validator, the earliest on a tie; -1
// where it applies to none.
func Best(candidates []Scored, validator string) int {
	best := -1
	for i, c := range candidates {
		if s, ok := c.Scores[validator]; ok && (best < 0 || s > candidates[best].Scores[validator]) {
			best = i
		}
	}
	return best
}

// predictedTarget are the predictions of the task's target rows.
func (e Evidence) predictedTarget() []int { return Predict(e.Fit.Probabilities) }

// heldProbabilities are those of the held-out source rows.
func (e Evidence) heldProbabilities() (*mat.Dense, error) { return e.Fit.PredictSource(e.Held.X) }

// eachProbability sums f over the target rows' probabilities, divided by their number.
func (e Evidence) meanOver(f func(row []float64) float64) float64 {
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
func (e Evidence) meanProbabilities() []float64 {
	n, c := e.Fit.Probabilities.Dims()
	mean := make([]float64, c)
	for i := range n {
		floats.Add(mean, e.Fit.Probabilities.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	return mean
}
