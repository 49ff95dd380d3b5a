package evaluate

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "class-scores", doc: "balanced accuracy, F1, kappa, log loss, Brier score and calibration of every row of the accuracies",
		order: 45, version: 1, wants: wants(wantsSource, wantsTargetLabels), do: (*Subject).classScores})
}

func wantsTargetLabels(w *Subject, _ *Codes) string {
	if !w.Domains[1-w.Spec.LabelledSide()].Test.Truth.Known() {
		return "the target has no test labels"
	}
	return ""
}

// calibrationBins is the number of bins of the calibration errors.
const calibrationBins = 15

// classScores says of every row of the table of accuracy what accuracy does not: how evenly
// it is right over classes, and how far its probabilities can be believed, on the target's
// test images.
func (w *Subject) classScores(_ *Codes) error {
	target := (1 - w.Spec.LabelledSide()).String()
	for _, p := range w.predictions {
		if p.table != "accuracy" || p.domain != target || p.split != SplitNames[testSplit] {
			continue
		}
		s, err := scoresOf(p.truth, p.p, w.Seed)
		if err != nil {
			return fmt.Errorf("experiments: %s on %s: %w", p.classifier, p.row, err)
		}
		s.Row, s.Classifier = p.row, p.classifier
		w.Results.ClassScores = append(w.Results.ClassScores, s)
	}
	return nil
}

// scoresOf scores probabilities, a row a sample, against labels.
func scoresOf(truth []int, p *mat.Dense, seed uint64) (s reports.ClassScores, err error) {
	n, classes := p.Dims()
	c, err := classification.NewConfusion(truth, adapt.Predict(p), classes)
	if err != nil {
		return s, err
	}
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = p.RawRowView(i)
	}
	logLoss, err := classification.LogLoss(truth, rows)
	if err != nil {
		return s, err
	}
	brier, err := classification.Brier(truth, rows)
	if err != nil {
		return s, err
	}
	calibration, err := classification.ECE(truth, rows, calibrationBins, seed)
	if err != nil {
		return s, err
	}
	s = reports.ClassScores{N: n, Balanced: c.BalancedAccuracy().Value, MacroF1: c.MacroF1().Value, WeightedF1: c.WeightedF1().Value,
		Kappa: c.Kappa().Value, Matthews: c.Matthews().Value, LogLoss: logLoss.Value, Brier: brier.Value, ECE: calibration.Error, ECEFloor: calibration.Floor}
	if s.EqualCountECE, err = classification.EqualCountECE(truth, rows, min(calibrationBins, n)); err != nil {
		return s, err
	}
	s.ClasswiseECE, err = classification.ClasswiseECE(truth, rows, calibrationBins)
	return s, err
}
