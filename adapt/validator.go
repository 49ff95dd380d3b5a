package adapt

import (
	"fmt"
	"math"

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
	part := Task{Source: t.Source.Take(kept), Target: t.Target, Seed: t.Seed}
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
			continue
		}
		e := Evidence{Method: one, Task: part, Held: t.Source.Take(held), Fit: out[i].Fit}
		for _, v := range validators {
			if score, err := v.Score(e); err == nil && !math.IsNaN(score) && !math.IsInf(score, 0) {
				out[i].Scores[v.Name] = score
			}
		}
	}
	return out, nil
}
