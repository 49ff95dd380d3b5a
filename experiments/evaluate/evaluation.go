package evaluate

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/registry"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// An evaluation is one thing that is found out about a trained model. Each has a file and
// registers itself; the runner asks which apply.
type evaluation struct {
	name  string
	doc   string // one line
	order int    // of running, and so of its records; each has its own
	// version is raised when the evaluation finds other results of the same codes. It is
	// part of the identity of every evaluation of a job.
	version int
	// stages says that it shows its own.
	stages bool
	// wants says why it does not apply to a job, "" where it does: the record and the report
	// repeat it.
	wants func(w *Subject, c *Codes) string
	do    func(w *Subject, c *Codes) error
}

var evaluations = registry.New[evaluation]("evaluation")

func addEvaluation(e evaluation) {
	evaluations.Add(e.name, e)
	spec.Evaluations.Add(e.name, e.version)
}

// inOrder are all evaluations as they run.
func inOrder() []evaluation {
	all := evaluations.All()
	slices.SortFunc(all, func(a, b evaluation) int { return cmp.Compare(a.order, b.order) })
	return all
}

// List lists the evaluations, as they run, each with its line of doc.
func List() (names, docs []string) {
	for _, e := range inOrder() {
		names, docs = append(names, e.name), append(docs, e.doc)
	}
	return names, docs
}

// All runs the evaluations that apply and records why the others do not.
func (w *Subject) All(c *Codes) error {
	for _, e := range inOrder() {
		if reason := e.wants(w, c); reason != "" {
			w.skip(e.name, reason)
			continue
		}
		if !e.stages {
			w.Progress.Stage(e.name, 0, 1)
		}
		if err := e.do(w, c); err != nil {
			return err
		}
		if err := w.Context.Err(); err != nil {
			return err
		}
		if !e.stages {
			w.Progress.Step(1, nil)
		}
	}
	return nil
}

// between shows how many parts of a long measure are done, as a stage of its own, and ends it
// where the job is interrupted.
func (w *Subject) between(stage string) func(done, parts int) error {
	begun := false
	return func(done, parts int) error {
		if !begun {
			w.Progress.Stage(stage, done, parts)
		} else {
			w.Progress.Step(done, nil)
		}
		begun = true
		return w.Context.Err()
	}
}

// skip records that something is not evaluated, and why.
func (w *Subject) skip(name, reason string) {
	w.Results.Skipped = append(w.Results.Skipped, reports.Skipped{Evaluation: name, Reason: reason})
}

// value records a number of an evaluation that has no table of its own; n is of how many
// things it was found.
func (w *Subject) value(evaluation, name string, v float64, n int) {
	w.Results.Values = append(w.Results.Values, reports.Value{Evaluation: evaluation, Name: name, Value: v, N: n})
}

// What evaluations want. The first that is missing is the reason.

type want func(w *Subject, c *Codes) string

func wants(all ...want) want {
	return func(w *Subject, c *Codes) string {
		for _, want := range all {
			if reason := want(w, c); reason != "" {
				return reason
			}
		}
		return ""
	}
}

func wantsCodes(_ *Subject, c *Codes) string {
	if c[0][testSplit].Shared() == nil {
		return "the model has no codes"
	}
	return ""
}

// hasParts says whether codes are taken apart: a common and both separate ones.
func hasParts(c *Codes) bool {
	return partsOf(c[0][testSplit])
}

func partsOf(c models.Codes) bool {
	return c.Of(models.Common) != nil && c.Of(models.SeparateA) != nil && c.Of(models.SeparateB) != nil
}

func wantsParts(_ *Subject, c *Codes) string {
	if !hasParts(c) {
		return "the model has no common and separate codes"
	}
	return ""
}

func wantsSource(w *Subject, _ *Codes) string {
	if !w.Spec.HasSource() {
		return "no domain is labelled"
	}
	return ""
}

func wantsTranslator(w *Subject, _ *Codes) string {
	if w.translator() == nil {
		return "the model does not make images"
	}
	return ""
}

func wantsFactors(w *Subject, _ *Codes) string {
	for side, d := range w.Domains {
		if d.Test.Factors == nil {
			return fmt.Sprintf("what domain %s shows is not known factor by factor", domains.Side(side))
		}
	}
	return ""
}
