package evaluate

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "network", doc: "accuracy of the model's own classifier on the test images of both domains",
		order: 30, version: 1, wants: wants(wantsSource, wantsClassifier), do: (*Subject).network})
}

func wantsClassifier(w *Subject, _ *Codes) string {
	if _, ok := w.Model.(models.Classifier); !ok {
		return "the model has no classifier of its own"
	}
	return ""
}

// network scores the model's own classifier, as the last step left it, on the test images
// of both domains.
func (w *Subject) network(_ *Codes) error {
	a := reports.Accuracy{Row: reports.NetworkRow, Features: "images, through the network", Classifier: reports.OwnClassifier, Selector: "last step", Oracle: w.oracle()}
	source := w.Spec.LabelledSide()
	scores := [2]**reports.Score{}
	scores[source], scores[1-source] = &a.Source, &a.Target
	for side, score := range scores {
		test := w.Domains[side].Test
		if !test.Truth.Known() {
			continue
		}
		p, err := w.classified(test.Images)
		if err != nil {
			return err
		}
		w.predicted(prediction{table: "accuracy", row: a.Row, classifier: a.Classifier, domain: domains.Side(side).String(), split: SplitNames[testSplit], truth: test.Truth.Reveal(), p: p})
		if *score, err = scored(test.Truth.Reveal(), adapt.Predict(p), len(w.Results.Classes)); err != nil {
			return err
		}
	}
	w.Results.Accuracy = append(w.Results.Accuracy, a)
	return nil
}

// oracle says whether the training saw the target's labels, in the source's place.
func (w *Subject) oracle() bool {
	m, err := models.Methods.Get(w.Spec.Model.Method)
	return err == nil && m.Oracle
}

// classified are the probabilities of the classes of images, a row each.
func (w *Subject) classified(images *domains.Images) (*mat.Dense, error) {
	n := images.Len()
	p := mat.NewDense(n, w.classes(), nil)
	for lo := 0; lo < n; lo += models.AtOnce {
		logits, err := w.Model.(models.Classifier).Classify(images.Range(lo, min(n, lo+models.AtOnce)))
		if err != nil {
			return nil, err
		}
		probabilities(p.Slice(lo, lo+logits.N, 0, logits.D).(*mat.Dense), logits)
	}
	return p, nil
}

// classes is how many the source has.
func (w *Subject) classes() int {
	return len(w.Domains[w.Spec.LabelledSide()].Train.Truth.Classes())
}

// probabilities sets p to those of logits.
func probabilities(p *mat.Dense, logits *models.Block) {
	for i := range logits.N {
		models.Softmax(p.RawRowView(i), logits.Row(i))
	}
}
