package experiments

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/evaluate"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A job is one job at work.
type job struct {
	spec.Job
	ctx      context.Context
	dir      *runs.RunDir
	progress runs.Progress
	shelf    *domains.Shelf
	domains  [2]*domains.Domain
	method   models.Method
	model    models.Model
	judging  *evaluate.Judging // nil where translations are not judged
}

// RunJob does one job: it reads the data, trains or resumes the model, encodes
// every split (or takes the cached codes), evaluates, and writes results.json.
func RunJob(ctx context.Context, j spec.Job, dir *runs.RunDir, progress runs.Progress) error {
	return runJob(ctx, j, dir, progress, new(domains.Shelf))
}

// Jobs does jobs as RunJob does, and reads data that several in turn ask for only once.
func Jobs() runs.JobFunc {
	shelf := new(domains.Shelf)
	return func(ctx context.Context, j spec.Job, dir *runs.RunDir, progress runs.Progress) error {
		return runJob(ctx, j, dir, progress, shelf)
	}
}

func runJob(ctx context.Context, j spec.Job, dir *runs.RunDir, progress runs.Progress, shelf *domains.Shelf) (err error) {
	w := &job{Job: j, ctx: ctx, dir: dir, progress: progress, shelf: shelf}
	if j.Spec.Features != nil {
		return w.featureStudy()
	}
	trained, err := w.newest()
	if err != nil {
		return err
	}
	if _, err := w.standing(trained); err != nil { // before anything is read
		return err
	}
	if err := w.load(); err != nil {
		return err
	}
	if w.model, err = w.method.New(w.config()); err != nil {
		return err
	}
	if err := w.train(); err != nil {
		return err
	}
	codes, err := w.codes()
	if err != nil {
		return err
	}
	subject := w.subject()
	subject.Results = w.begin()
	if err := subject.All(codes); err != nil {
		return err
	}
	return w.write(subject)
}

// subject is what evaluations see of the job.
func (w *job) subject() *evaluate.Subject {
	return &evaluate.Subject{Context: w.ctx, Spec: &w.Spec, Seed: w.Seed, Domains: w.domains, Model: w.model,
		Fresh: func() (models.Model, error) { return w.method.New(w.config()) }, Judging: w.judging, Dir: w.dir, Progress: w.progress}
}

// write writes what the evaluation found, results.json last.
func (w *job) write(s *evaluate.Subject) error {
	if err := s.WritePredictions(); err != nil {
		return err
	}
	if err := atomicfile.WriteJSON(w.dir.File("results.json"), s.Results); err != nil {
		return runs.Unwritten(err)
	}
	return nil
}

// load reads both domains and locks what was read.
func (w *job) load() error {
	var err error
	if w.method, err = models.Methods.Get(w.Spec.Model.Method); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	for i, s := range w.Spec.Domains {
		w.domains[i], err = w.shelf.Load(w.ctx, s.Dataset, domains.Request{
			Side: domains.Side(i), Options: s.Options, Shape: w.Spec.Image.Shape(), Seed: w.Seed, DataDir: w.DataDir, Limit: s.Limit,
			Progress: w.reading()})
		if err != nil {
			return fmt.Errorf("experiments: domain %s: %w", domains.Side(i), err)
		}
	}
	if err := domains.Disjoint(w.domains[0], w.domains[1]); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	if err := w.checkLabels(); err != nil {
		return err
	}
	if err := w.checkBatch(); err != nil {
		return err
	}
	if w.judging, err = evaluate.NewJudging(&w.Spec, w.domains); err != nil {
		return err
	}
	return w.dir.LockData(w.lock())
}

// lock states the data of the job.
func (w *job) lock() runs.DataLock {
	l := runs.DataLock{A: w.domains[0].Lock, B: w.domains[1].Lock}
	if w.Spec.HasSource() {
		l.Classes = w.domains[w.Spec.LabelledSide()].Train.Truth.Classes()
	}
	return l
}

// reading shows how far a dataset is read, a stage for each thing that it names.
func (w *job) reading() func(what string, done, total int) {
	stage := ""
	return func(what string, done, total int) {
		if what != stage {
			stage = what
			w.progress.Stage(what, 0, total)
		}
		w.progress.Step(done, nil)
	}
}

// checkLabels finds before the training what would fail after it: a labelled domain
// without labels, and two domains whose labels do not mean the same classes.
func (w *job) checkLabels() error {
	if !w.Spec.HasSource() {
		return nil
	}
	source := w.Spec.LabelledSide()
	if !w.domains[source].Train.Truth.Known() {
		return fmt.Errorf("experiments: domain %s is labelled, but %s has no labels there; give labels (a folder has one subfolder a class), or say labelled: false and train without adaptation",
			source, w.Spec.Domains[source].Dataset)
	}
	a, b := w.domains[source].Train.Truth, w.domains[1-source].Test.Truth
	if b.Known() && !slices.Equal(a.Classes(), b.Classes()) {
		return fmt.Errorf("experiments: the classes of domain %s are %s, those of domain %s are %s; want the same",
			source, brief(a.Classes()), 1-source, brief(b.Classes()))
	}
	return nil
}

// brief names at most five classes.
func brief(classes []string) string {
	if n := len(classes); n > 5 {
		return fmt.Sprintf("%s and %d more", strings.Join(classes[:5], ", "), n-5)
	}
	return strings.Join(classes, ", ")
}

// begin starts the record of this evaluation.
func (w *job) begin() *reports.Results {
	s := &w.Spec
	params := 0
	for _, p := range w.model.Parameters().All() {
		if !p.State {
			params += len(p.Data)
		}
	}
	out := &reports.Results{
		Format: runs.ResultsFormat, Name: s.Name, Title: s.Title, Question: s.Question, Source: s.Source,
		Job: w.ID, Evaluation: w.Evaluation, Label: w.PointLabel(), Seed: w.Seed, Method: s.Model.Method,
		Kernels: kernels.Path(), Steps: w.steps(), Parameters: params, Network: word(s.Model.Options, "backbone"),
		Classes: w.domains[s.LabelledSide()].Train.Truth.Classes(),
	}
	for i, d := range w.domains {
		out.Domains[i] = reports.Domain{Dataset: s.Domains[i].Dataset, Labelled: s.Domains[i].Labelled,
			Train: d.Train.Images.Len(), Test: d.Test.Images.Len(), Transform: d.Lock.Transform, Fit: word(s.Domains[i].Options, "fit")}
	}
	return out
}

// word is an option that is a word, of those who have it; else nothing.
func word(o option.Values, name string) string {
	s, _ := o[name].(string)
	return s
}

// mkdir makes a folder of the run.
func (w *job) mkdir(name string) error {
	if err := os.MkdirAll(w.dir.File(name), 0o755); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}
