package evaluate

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/features"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "methods", doc: "adaptation methods on the codes",
		order: 50, version: 2, stages: true, wants: wants(wantsSource, wantsCodes, wantsMethods), do: (*Subject).adaptCodes})
}

func wantsMethods(w *Subject, _ *Codes) string {
	if len(w.Spec.Adapt.Methods) == 0 {
		return "the spec names no adaptation methods"
	}
	return ""
}

// adaptCodes runs the spec's methods on the common codes (or features): adaptation sees training
// images of both domains, labels of the source alone, and test images of the target
// serve the inductive column.
func (w *Subject) adaptCodes(c *Codes) error {
	source := w.Spec.LabelledSide()
	labelled, err := w.Domains[source].Train.Labelled()
	if err != nil {
		return err
	}
	limit := w.Spec.Adapt.Rows
	rows := w.draw("adaptation/source", len(labelled.Labels), limit)
	slices.Sort(rows)
	task := &features.Task{Classes: labelled.Classes, Source: adapt.Labelled{
		X: matrix(c[source][trainSplit].Shared(), rows), Labels: pick(labelled.Labels, rows), Classes: len(labelled.Classes)}}
	target := w.Domains[1-source]
	rows = w.draw("adaptation/target", target.Train.Images.Len(), limit)
	slices.Sort(rows)
	task.Target = [2]*mat.Dense{matrix(c[1-source][trainSplit].Shared(), rows), matrix(c[1-source][testSplit].Shared(), nil)}
	task.Samples, task.Name = [2][]int{rows, nil}, (1 - source).String()
	if t := target.Train.Truth; t.Known() {
		task.Truth[0] = domains.NewTruth(pick(t.Reveal(), rows), labelled.Classes)
	}
	task.Truth[1] = target.Test.Truth
	w.Results.Task = fmt.Sprintf("%s%s%s", w.Spec.Domains[source].Dataset, spec.TaskArrow, w.Spec.Domains[1-source].Dataset)
	w.Results.Protocol = map[string]string{"split": fmt.Sprintf("at most %d rows of the %s of each domain", limit, sharedNames[c[source][testSplit].Shared().Role].features)}
	return w.Adapt(task)
}

// Adapt fits every method on a task and scores it. A method that cannot be
// fitted is a record with its reason, and the others go on.
func (w *Subject) Adapt(t *features.Task) error {
	w.Progress.Stage("methods", 0, len(w.Spec.Adapt.Methods))
	failed := 0
	for i, spec := range w.Spec.Adapt.Methods {
		record, err := w.adaptBy(spec, t)
		if err != nil {
			return err
		}
		if record.Error != "" {
			failed++
			w.warn("%s: %s", spec.Name, record.Error)
		}
		w.Results.Adaptation = append(w.Results.Adaptation, record)
		if err := w.Context.Err(); err != nil {
			return err
		}
		w.Progress.Step(i+1, nil)
	}
	if n := len(w.Spec.Adapt.Methods); n > 0 && failed == n {
		return fmt.Errorf("experiments: none of %d methods could be fitted; the first: %s", n, w.Results.Adaptation[0].Error)
	}
	return w.selectSettings(t)
}

// adaptBy fits one method; what goes wrong in it is part of the record.
func (w *Subject) adaptBy(spec spec.MethodSpec, t *features.Task) (reports.Adaptation, error) {
	r := reports.Adaptation{Name: spec.Name, Adapter: spec.Adapter, Settings: spec.Settings, Classifier: spec.Classifier, Head: spec.Head,
		Selector: "fixed settings"}
	m, err := spec.Resolve()
	if err != nil {
		return r, fmt.Errorf("experiments: %w", err)
	}
	a, err := m.Fit(adapt.Task{Source: t.Source, Target: t.Target[0], Seed: w.Seed})
	if err != nil {
		r.Error = err.Error()
		return r, nil
	}
	r.Warnings = a.Warnings
	if t.Truth[0].Known() {
		w.predicted(predictionOf(t, spec, trainSplit, a.Probabilities))
		if r.Transductive, err = scored(t.Truth[0].Reveal(), adapt.Predict(a.Probabilities), len(t.Classes)); err != nil {
			return r, err
		}
	}
	if t.Target[1] == nil || !t.Truth[1].Known() || m.Adapter.Transductive || !a.Inductive() {
		return r, nil
	}
	p, err := a.PredictTarget(t.Target[1])
	if err != nil {
		r.Error = err.Error()
		return r, nil
	}
	w.predicted(predictionOf(t, spec, testSplit, p))
	r.Inductive, err = scored(t.Truth[1].Reveal(), adapt.Predict(p), len(t.Classes))
	return r, err
}

// predictionOf is what a method says of the target rows of one part of the task.
func predictionOf(t *features.Task, m spec.MethodSpec, part int, p *mat.Dense) prediction {
	return prediction{table: "adaptation", row: m.Name, classifier: m.Classifier, domain: t.Name, split: SplitNames[part], samples: t.Samples[part], truth: t.Truth[part].Reveal(), p: p}
}

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
