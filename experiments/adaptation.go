package experiments

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "methods", doc: "adaptation methods on the codes",
		order: 50, version: 2, stages: true, wants: wants(wantsSource, wantsCodes, wantsMethods), do: (*job).adaptCodes})
}

func wantsMethods(w *job, _ *splitCodes) string {
	if len(w.Spec.Adapt.Methods) == 0 {
		return "the spec names no adaptation methods"
	}
	return ""
}

// featureStudy does a job of a study on features: read, adapt by every method, score.
func (w *job) featureStudy() error {
	w.progress.Stage("read", 0, 1)
	task, err := w.loadFeatures()
	if err != nil {
		return err
	}
	w.progress.Step(1, nil)
	f := w.Spec.Features
	w.results = &reports.Results{
		Format: runs.ResultsFormat, Name: w.Spec.Name, Title: w.Spec.Title, Question: w.Spec.Question, Source: w.Spec.Source,
		Job: w.ID, Evaluation: w.Evaluation, Label: w.PointLabel(), Seed: w.Seed, Method: "features", Kernels: kernels.Path(),
		Classes: task.classes, Task: f.Task(), Protocol: f.Protocol(),
	}
	for i, at := range []int{f.Source, f.Target} {
		rows := task.source.X
		test := 0
		if i == 1 {
			rows = task.target[0]
			if task.target[1] != nil {
				test, _ = task.target[1].Dims()
			}
		}
		n, d := rows.Dims()
		w.results.Domains[i] = reports.Domain{Dataset: f.Domains[at].Name, Labelled: i == 0, Train: n, Test: test,
			Transform: fmt.Sprintf("%d features, %v", d, f.Prepare)}
	}
	if err := w.adaptTask(task); err != nil {
		return err
	}
	return w.writeResults()
}

// adaptCodes runs the spec's methods on the common codes (or features): adaptation sees training
// images of both domains, labels of the source alone, and test images of the target
// serve the inductive column.
func (w *job) adaptCodes(c *splitCodes) error {
	source := w.Spec.LabelledSide()
	labelled, err := w.domains[source].Train.Labelled()
	if err != nil {
		return err
	}
	limit := w.Spec.Adapt.Rows
	rows := w.draw("adaptation/source", len(labelled.Labels), limit)
	slices.Sort(rows)
	task := &featureTask{classes: labelled.Classes, source: adapt.Labelled{
		X: matrix(c[source][trainSplit].Shared(), rows), Labels: pick(labelled.Labels, rows), Classes: len(labelled.Classes)}}
	target := w.domains[1-source]
	rows = w.draw("adaptation/target", target.Train.Images.Len(), limit)
	slices.Sort(rows)
	task.target = [2]*mat.Dense{matrix(c[1-source][trainSplit].Shared(), rows), matrix(c[1-source][testSplit].Shared(), nil)}
	task.samples, task.name = [2][]int{rows, nil}, (1 - source).String()
	if t := target.Train.Truth; t.Known() {
		task.truth[0] = domains.NewTruth(pick(t.Reveal(), rows), labelled.Classes)
	}
	task.truth[1] = target.Test.Truth
	w.results.Task = fmt.Sprintf("%s%s%s", w.Spec.Domains[source].Dataset, spec.TaskArrow, w.Spec.Domains[1-source].Dataset)
	w.results.Protocol = map[string]string{"split": fmt.Sprintf("at most %d rows of the %s of each domain", limit, sharedNames[c[source][testSplit].Shared().Role].features)}
	return w.adaptTask(task)
}

// adaptTask fits every method on a task and scores it. A method that cannot be
// fitted is a record with its reason, and the others go on.
func (w *job) adaptTask(t *featureTask) error {
	w.progress.Stage("methods", 0, len(w.Spec.Adapt.Methods))
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
		w.results.Adaptation = append(w.results.Adaptation, record)
		if err := w.ctx.Err(); err != nil {
			return err
		}
		w.progress.Step(i+1, nil)
	}
	if n := len(w.Spec.Adapt.Methods); n > 0 && failed == n {
		return fmt.Errorf("experiments: none of %d methods could be fitted; the first: %s", n, w.results.Adaptation[0].Error)
	}
	return w.selectSettings(t)
}

// adaptBy fits one method; what goes wrong in it is part of the record.
func (w *job) adaptBy(spec spec.MethodSpec, t *featureTask) (reports.Adaptation, error) {
	r := reports.Adaptation{Name: spec.Name, Adapter: spec.Adapter, Settings: spec.Settings, Classifier: spec.Classifier, Head: spec.Head,
		Selector: "fixed settings"}
	m, err := spec.Resolve()
	if err != nil {
		return r, fmt.Errorf("experiments: %w", err)
	}
	a, err := m.Fit(adapt.Task{Source: t.source, Target: t.target[0], Seed: w.Seed})
	if err != nil {
		r.Error = err.Error()
		return r, nil
	}
	r.Warnings = a.Warnings
	if t.truth[0].Known() {
		w.predicted(t.prediction(spec, trainSplit, a.Probabilities))
		if r.Transductive, err = scored(t.truth[0].Reveal(), adapt.Predict(a.Probabilities), len(t.classes)); err != nil {
			return r, err
		}
	}
	if t.target[1] == nil || !t.truth[1].Known() || m.Adapter.Transductive || !a.Inductive() {
		return r, nil
	}
	p, err := a.PredictTarget(t.target[1])
	if err != nil {
		r.Error = err.Error()
		return r, nil
	}
	w.predicted(t.prediction(spec, testSplit, p))
	r.Inductive, err = scored(t.truth[1].Reveal(), adapt.Predict(p), len(t.classes))
	return r, err
}

// prediction is what a method says of the target rows of one part of the task.
func (t *featureTask) prediction(m spec.MethodSpec, part int, p *mat.Dense) prediction {
	return prediction{table: "adaptation", row: m.Name, classifier: m.Classifier, domain: t.name, split: splitNames[part], samples: t.samples[part], truth: t.truth[part].Reveal(), p: p}
}
