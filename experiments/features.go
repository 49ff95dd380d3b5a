package experiments

import (
	"fmt"

	"github.com/venn-adapt/venn/experiments/features"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/reports"
)

// featureStudy does a job of a study on features: read, adapt by every method, score.
func (w *job) featureStudy() error {
	f := w.Spec.Features
	w.progress.Stage("read", 0, 1)
	task, err := features.Load(f, w.DataDir, w.Seed, w.dir.LockData)
	if err != nil {
		return err
	}
	w.progress.Step(1, nil)
	out := &reports.Results{
		Format: runs.ResultsFormat, Name: w.Spec.Name, Title: w.Spec.Title, Question: w.Spec.Question, Source: w.Spec.Source,
		Job: w.ID, Evaluation: w.Evaluation, Label: w.PointLabel(), Seed: w.Seed, Method: "features", Kernels: kernels.Path(),
		Classes: task.Classes, Task: f.Task(), Protocol: f.Protocol(),
	}
	for i, at := range []int{f.Source, f.Target} {
		rows := task.Source.X
		test := 0
		if i == 1 {
			rows = task.Target[0]
			if task.Target[1] != nil {
				test, _ = task.Target[1].Dims()
			}
		}
		n, d := rows.Dims()
		out.Domains[i] = reports.Domain{Dataset: f.Domains[at].Name, Labelled: i == 0, Train: n, Test: test,
			Transform: fmt.Sprintf("%d features, %v", d, f.Prepare)}
	}
	subject := w.subject()
	subject.Results = out
	if err := subject.Adapt(task); err != nil {
		return err
	}
	return w.write(subject)
}
