package evaluate

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "along", doc: "the network's own classifier at steps of its training: what validators say of it and, beside that, its accuracy on the target",
		order: 35, version: 1, wants: wants(wantsAlong, wantsScored, wantsScoresAlong), do: (*Subject).along})
}

// lastStep is what picks the model as the training leaves it, among the validators.
const lastStep = "last step"

func wantsAlong(w *Subject, _ *Codes) string {
	if w.Spec.Adapt.Along == 0 {
		return "the spec asks for no scores along the training (adapt.along)"
	}
	return ""
}

// wantsScored is what it takes to score a model at any step.
var wantsScored = wants(wantsSource, wantsClassifier, func(w *Subject, _ *Codes) string {
	if _, ok := w.Model.(models.Encoder); !ok && len(w.Spec.Adapt.Validators) > 0 {
		return "the model has no features for validators to see"
	}
	return ""
})

func wantsScoresAlong(w *Subject, _ *Codes) string {
	for _, step := range w.stepsAlong() {
		if _, err := os.Stat(w.Dir.File(runs.ScoresName(step))); errors.Is(err, fs.ErrNotExist) {
			return fmt.Sprintf("the model was trained before it was asked for, and step %d is gone; give the study another name to train anew", step)
		}
	}
	return ""
}

// stepsAlong are those that are scored while the model is trained: every so many, less the last.
func (w *Subject) stepsAlong() (steps []int) {
	for s := w.Spec.Adapt.Along; s < w.Results.Steps; s += w.Spec.Adapt.Along {
		steps = append(steps, s)
	}
	return steps
}

// ScoreAlong scores the model's own classifier as it is after a step of its training, into a
// file of the run. A model without classifier has no scores. It leaves no trace in what is trained.
func (w *Subject) ScoreAlong(step int) error {
	if wantsScored(w, nil) != "" { // the evaluation says so
		return nil
	}
	c, err := w.candidate(step)
	if err != nil {
		return err
	}
	data, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("experiments: step %d: %w", step, err)
	}
	if err := w.mkdir("along"); err != nil {
		return err
	}
	if err := atomicfile.WriteBytes(w.Dir.File(runs.ScoresName(step)), data); err != nil {
		return fmt.Errorf("experiments: %w", err)
	}
	return nil
}

// along gathers the scores of all steps and adds those of the last.
func (w *Subject) along(_ *Codes) error {
	s := reports.Selection{Name: w.Spec.Model.Method}
	for _, step := range w.stepsAlong() {
		path := w.Dir.File(runs.ScoresName(step))
		data, err := os.ReadFile(path)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		var c reports.Candidate
		if err := json.Unmarshal(data, &c); err != nil {
			return &runs.DamagedError{File: path, Found: fmt.Sprintf("no scores of a step: %v", err)}
		}
		s.Candidates = append(s.Candidates, c)
	}
	last, err := w.candidate(w.Results.Steps)
	if err != nil {
		return err
	}
	s.Candidates = append(s.Candidates, last)
	w.Results.Selection = append(w.Results.Selection, s)
	return nil
}

// candidate is the model as it stands: what the spec's validators say of its predictions on
// the target's training images, from labels of the source's test images where they want some,
// and its accuracy on the target's test images.
func (w *Subject) candidate(step int) (reports.Candidate, error) {
	c := reports.Candidate{Step: step, Settings: map[string]any{}, Scores: map[string]float64{lastStep: float64(step)}}
	if test := w.Domains[1-w.Spec.LabelledSide()].Test; test.Truth.Known() {
		p, err := w.classified(test.Images)
		if err != nil {
			return c, err
		}
		score, err := scored(test.Truth.Reveal(), adapt.Predict(p), len(test.Truth.Classes()))
		if err != nil {
			return c, err
		}
		c.Oracle = &score.Accuracy
	}
	if len(w.Spec.Adapt.Validators) == 0 {
		return c, nil
	}
	e, err := w.evidence()
	if err != nil {
		return c, err
	}
	for _, name := range w.Spec.Adapt.Validators {
		v, err := adapt.Validators.Get(name)
		if err != nil {
			return c, fmt.Errorf("experiments: %w", err)
		}
		if score, err := v.Score(e); err == nil && !math.IsNaN(score) && !math.IsInf(score, 0) {
			c.Scores[name] = score
		}
	}
	return c, nil
}

// evidence is the network as a method that is its own classifier in the space of its features.
// It predicts the rows that it was asked about and no others.
func (w *Subject) evidence() (adapt.Evidence, error) {
	var e adapt.Evidence
	side := w.Spec.LabelledSide()
	source, test, target := w.Domains[side].Train, w.Domains[side].Test, w.Domains[1-side].Train
	seen := map[*mat.Dense]*mat.Dense{}
	read := func(name string, s domains.Split) (*mat.Dense, []int, error) {
		rows := w.draw("along/"+name, s.Images.Len(), w.Spec.Adapt.Rows)
		images := s.Images.Take(rows)
		shared, logits, err := models.ReadAll(w.Model.(models.Encoder), w.Model.(models.Classifier), images)
		if err != nil {
			return nil, nil, err
		}
		x, p := matrix(shared, nil), mat.NewDense(logits.N, logits.D, nil)
		probabilities(p, logits)
		seen[x] = p
		return x, rows, nil
	}
	x, rows, err := read("source", source)
	if err != nil {
		return e, err
	}
	classes := len(source.Truth.Classes())
	fitted := adapt.Labelled{X: x, Labels: pick(source.Truth.Reveal(), rows), Classes: classes}
	if x, rows, err = read("held", test); err != nil {
		return e, err
	}
	held := adapt.Labelled{X: x, Labels: pick(test.Truth.Reveal(), rows), Classes: classes}
	if x, _, err = read("target", target); err != nil {
		return e, err
	}
	same := func(x *mat.Dense) (*mat.Dense, error) { return x, nil }
	fit := &adapt.Adaptation{Adapted: adapt.Adapted{Source: fitted, Target: x, Probabilities: seen[x], MapSource: same, Map: same,
		Predict: func(z *mat.Dense) (*mat.Dense, error) {
			if p := seen[z]; p != nil {
				return p, nil
			}
			return nil, fmt.Errorf("a network predicts images, not features")
		}}}
	return adapt.Evidence{Task: adapt.Task{Source: fitted, Target: x, Seed: w.Seed}, Held: held, Fit: fit}, nil
}
