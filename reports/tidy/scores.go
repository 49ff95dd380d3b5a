package tidy

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/reports"
)

// scores adds what predictions are worth.
func (b *builder) scores(r *reports.Results) {
	learnt := r.LearntTarget()
	for _, a := range r.Accuracy {
		key := Row{Part: "accuracy", Row: a.Row, Classifier: a.Classifier, Selector: a.Selector, Settings: settings(a.Settings), Oracle: learnt || a.Oracle}
		if a.Validation != nil {
			key.Scope = "validation"
			b.add(key, "accuracy", a.Validation)
		}
		key.Scope = "source"
		b.score(key, a.Source, r.Classes)
		key.Scope = "target"
		b.score(key, a.Target, r.Classes)
		if note := a.Notes["gap_closed"]; a.GapClosed != nil || note != "" {
			key.Note = note
			b.add(key, "gap closed", a.GapClosed).within(a.GapInterval)
		}
	}
	for _, c := range r.ClassScores {
		oracle := learnt || slices.ContainsFunc(r.Accuracy, func(a reports.Accuracy) bool { return a.Oracle && a.Row == c.Row && a.Classifier == c.Classifier })
		key := Row{Part: "class scores", Row: c.Row, Classifier: c.Classifier, Oracle: oracle, Scope: "target", N: int64(c.N)}
		for _, m := range []struct {
			name  string
			value float64
		}{{"balanced accuracy", c.Balanced}, {"macro F1", c.MacroF1}, {"weighted F1", c.WeightedF1}, {"kappa", c.Kappa}, {"Matthews", c.Matthews},
			{"log loss", c.LogLoss}, {"Brier", c.Brier}, {"ECE", c.ECE}, {"ECE floor", c.ECEFloor}, {"equal-count ECE", c.EqualCountECE}, {"classwise ECE", c.ClasswiseECE}} {
			b.add(key, m.name, &m.value)
		}
	}
	for _, a := range r.Adaptation {
		key := Row{Part: "adaptation", Row: a.Name, Classifier: a.Classifier, Selector: a.Selector, Settings: settings(a.Settings), Oracle: learnt, Note: strings.Join(a.Warnings, "; ")}
		if a.Error != "" {
			key.Scope, key.Note = "target", a.Error
			b.add(key, "accuracy", nil)
		}
		key.Scope = "target, seen unlabelled"
		b.score(key, a.Transductive, r.Classes)
		key.Scope = "target, unseen"
		b.score(key, a.Inductive, r.Classes)
	}
	b.selections(r.Selection, learnt)
}

// score adds a score and its classes.
func (b *builder) score(key Row, s *reports.Score, classes []string) {
	if s == nil {
		return
	}
	key.N = int64(s.N)
	b.add(key, "accuracy", &s.Accuracy).within(&s.Interval)
	b.add(key, "balanced accuracy", &s.Balanced)
	for i, recall := range s.Recall {
		name := fmt.Sprint(i)
		if i < len(classes) {
			name = classes[i]
		}
		key.N = 0
		if i < len(s.Confusion) {
			for _, n := range s.Confusion[i] {
				key.N += int64(n)
			}
		}
		if recall >= 0 { // else the class has no rows
			b.add(key, "recall of "+name, &recall)
		}
	}
}

// selections adds what every validator says of every candidate, which may have learnt from target labels, and the truth.
func (b *builder) selections(all []reports.Selection, learnt bool) {
	for _, s := range all {
		for _, c := range s.Candidates {
			key := Row{Part: "selection", Row: s.Name, Settings: settings(c.Settings), Oracle: learnt, Scope: "target", Note: c.Error}
			if c.Step > 0 {
				key.Settings = fmt.Sprintf("step %d", c.Step)
			}
			for _, validator := range slices.Sorted(maps.Keys(c.Scores)) {
				score := c.Scores[validator]
				key.Selector = validator
				b.add(key, "validator's score", &score)
			}
			key.Selector, key.Oracle = "", true
			if c.Oracle != nil || c.Error != "" {
				b.add(key, "accuracy", c.Oracle)
			}
		}
	}
}
