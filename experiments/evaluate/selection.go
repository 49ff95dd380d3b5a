package evaluate

import (
	"fmt"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/experiments/features"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/reports"
)

// selectSettings fits every method on its adapter's grid and lets the spec's
// validators score each fit; the true accuracy stands beside their scores.
func (w *Subject) selectSettings(t *features.Task) error {
	if len(w.Spec.Adapt.Validators) == 0 {
		return nil
	}
	var validators []adapt.ValidatorInfo
	for _, name := range w.Spec.Adapt.Validators {
		v, err := adapt.Validators.Get(name)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		validators = append(validators, v)
	}
	w.Progress.Stage("selection", 0, len(w.Spec.Adapt.Methods))
	for i, spec := range w.Spec.Adapt.Methods {
		m, err := spec.Resolve()
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		grid := m.Adapter.Grid
		if len(grid) == 0 {
			grid = []option.Values{{}}
		}
		tried, err := adapt.Try(m, grid, adapt.Task{Source: t.Source, Target: t.Target[0], Seed: w.Seed}, validators)
		if err != nil {
			return fmt.Errorf("experiments: %s: %w", spec.Name, err)
		}
		s := reports.Selection{Name: spec.Name}
		for _, c := range tried {
			record := reports.Candidate{Settings: c.Changes, Scores: c.Scores}
			switch {
			case c.Err != nil:
				record.Error = c.Err.Error()
			case t.Truth[0].Known():
				score, err := scored(t.Truth[0].Reveal(), adapt.Predict(c.Fit.Probabilities), len(t.Classes))
				if err != nil {
					return err
				}
				record.Oracle = &score.Accuracy
			}
			s.Candidates = append(s.Candidates, record)
		}
		w.Results.Selection = append(w.Results.Selection, s)
		if err := w.Context.Err(); err != nil {
			return err
		}
		w.Progress.Step(i+1, nil)
	}
	return nil
}
