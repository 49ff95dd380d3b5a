package evaluate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/metrics/classification"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

func init() {
	addEvaluation(evaluation{name: "accuracy", doc: "accuracy of classifiers fitted on codes, pixels and an untrained network, and the gap that codes close",
		order: 40, version: 3, stages: true, wants: wants(wantsSource, wantsCodes), do: (*Subject).adapt})
}

// Rows of the adaptation table that a spec's baselines name.
const (
	rowSourceOnly = "source-only"
	rowUntrained  = "untrained"
	rowOracle     = "target-oracle"
)

// A featureRow is one representation of all splits: [a, b][train, test].
type featureRow struct {
	name, features string
	oracle         bool
	blocks         [2][2]*models.Block
}

// adapt fits every classifier on every representation of the labelled source and
// scores it on the test images of both domains. Target labels are opened for
// scoring, and for the row that says oracle.
func (w *Subject) adapt(c *Codes) error {
	source := w.Spec.LabelledSide()
	train := w.Domains[source].Train.Truth
	if without := missing(train.Reveal(), train.Classes()); len(without) > 0 {
		w.warn("domain %s has no training image of class %s: nothing that learns from it can say so of an image", source, strings.Join(without, ", "))
	}
	rows, err := w.featureRows(c)
	if err != nil {
		return err
	}
	done := 0
	w.Progress.Stage("adaptation", done, len(w.Spec.Adapt.Classifiers)*len(rows))
	for _, name := range w.Spec.Adapt.Classifiers {
		info, err := adapt.Classifiers.Get(name)
		if err != nil {
			return fmt.Errorf("experiments: %w", err)
		}
		for _, row := range rows {
			fitSide := source
			if row.oracle {
				fitSide = 1 - source
			}
			a, err := w.evaluate(info, row, fitSide)
			if err != nil {
				return fmt.Errorf("experiments: %s on %s: %w", name, row.name, err)
			}
			w.Results.Accuracy = append(w.Results.Accuracy, a)
			done++
			w.Progress.Step(done, nil)
			if err := w.Context.Err(); err != nil {
				return err
			}
		}
	}
	return w.gaps()
}

// missing are the classes that no label names.
func missing(labels []int, classes []string) (out []string) {
	for k, class := range classes {
		if !slices.Contains(labels, k) {
			out = append(out, class)
		}
	}
	return out
}

// sharedNames are the row and the words of the block that stands for an image.
var sharedNames = map[models.Role]struct{ row, features string }{
	models.Common:   {"common", reports.CommonCode},
	models.Features: {"features", "features of the network"},
}

// featureRows lists the representations: the common code or the network's features, the source's own
// separate code (which should not tell the class), and the baselines.
func (w *Subject) featureRows(c *Codes) ([]featureRow, error) {
	row := func(name, features string, of func(side, split int) *models.Block) featureRow {
		r := featureRow{name: name, features: features}
		for side := range 2 {
			for split := range 2 {
				r.blocks[side][split] = of(side, split)
			}
		}
		return r
	}
	own := w.Spec.LabelledSide()
	raw := func(side, split int) *models.Block { return pixels(w.split(side, split).Images) }
	shared := sharedNames[c[own][testSplit].Shared().Role]
	rows := []featureRow{
		row(shared.row, shared.features, func(side, split int) *models.Block { return c[side][split].Shared() }),
	}
	if role := models.Separate(own); c[own][testSplit].Of(role) != nil {
		rows = append(rows, row("separate", "separate code of "+own.String(), func(side, split int) *models.Block { return c[side][split].Of(role) }))
	}
	for _, baseline := range w.Spec.Adapt.Baselines {
		switch baseline {
		case rowSourceOnly:
			rows = append(rows, row(baseline, "raw pixels", raw))
		case rowUntrained:
			codes, err := w.untrained()
			if err != nil {
				return nil, err
			}
			rows = append(rows, row(baseline, shared.features+" of an untrained network", func(side, split int) *models.Block { return codes[side][split] }))
		case rowOracle:
			if !w.split(int(1-own), trainSplit).Truth.Known() {
				w.warn("no %s row: the target has no training labels", rowOracle)
				continue
			}
			r := row(baseline, "raw pixels of the target, with its labels", raw)
			r.oracle = true
			rows = append(rows, r)
		default:
			return nil, fmt.Errorf("experiments: unknown baseline %q", baseline)
		}
	}
	return rows, nil
}

// untrained encodes every split with a network that has only been initialised.
func (w *Subject) untrained() (out [2][2]*models.Block, err error) {
	m, err := w.Fresh()
	if err != nil {
		return out, err
	}
	encoder := m.(models.Encoder) // as the trained one is
	for side := range 2 {
		for split := range 2 {
			c, err := models.EncodeReadable(encoder, domains.Side(side), w.split(side, split).Images)
			if err != nil {
				return out, err
			}
			out[side][split] = c.Shared()
		}
	}
	return out, nil
}

// evaluate tunes one classifier on one side's labelled training features and scores
// it on the test splits.
func (w *Subject) evaluate(info adapt.ClassifierInfo, row featureRow, fitSide domains.Side) (reports.Accuracy, error) {
	labels, err := w.fitLabels(row, fitSide)
	if err != nil {
		return reports.Accuracy{}, err
	}
	classes := len(w.Results.Classes)
	kept, held, err := domains.HoldOut(labels, classes, w.Spec.Adapt.Validation, w.Seed)
	if err != nil {
		return reports.Accuracy{}, err
	}
	block := row.blocks[fitSide][trainSplit]
	tuned, err := adapt.Tune(info, adapt.Labelled{X: matrix(block, kept), Labels: pick(labels, kept), Classes: classes},
		adapt.Labelled{X: matrix(block, held), Labels: pick(labels, held), Classes: classes})
	if err != nil {
		return reports.Accuracy{}, err
	}
	a := reports.Accuracy{Row: row.name, Features: row.features, Classifier: info.Name, Settings: tuned.Settings,
		Selector: "source-validation accuracy", Oracle: row.oracle, Validation: &tuned.Accuracy}
	if row.oracle {
		a.Selector = "target-validation accuracy (oracle)"
	}
	source := w.Spec.LabelledSide()
	if a.Target, err = w.testScore(tuned, info.Name, row, 1-source, classes); err != nil || row.oracle {
		return a, err
	}
	a.Source, err = w.testScore(tuned, info.Name, row, source, classes)
	return a, err
}

// fitLabels opens the training labels of the side that a row is fitted on: the
// labelled source, or the target in the oracle row.
func (w *Subject) fitLabels(row featureRow, side domains.Side) ([]int, error) {
	if row.oracle {
		return w.Domains[side].Train.Truth.Reveal(), nil
	}
	l, err := w.Domains[side].Train.Labelled()
	return l.Labels, err
}

// testScore scores a fitted classifier on a test split; nil where it has no labels.
func (w *Subject) testScore(tuned adapt.Tuned, classifier string, row featureRow, side domains.Side, classes int) (*reports.Score, error) {
	truth := w.Domains[side].Test.Truth
	if !truth.Known() {
		return nil, nil
	}
	p, err := tuned.Classifier.Probabilities(matrix(row.blocks[side][testSplit], nil))
	if err != nil {
		return nil, err
	}
	w.predicted(prediction{table: "accuracy", row: row.name, classifier: classifier, domain: side.String(), split: SplitNames[testSplit], truth: truth.Reveal(), p: p})
	return scored(truth.Reveal(), adapt.Predict(p), classes)
}

// scored compares predictions with labels.
func scored(labels, predicted []int, classes int) (*reports.Score, error) {
	confusion, err := classification.NewConfusion(labels, predicted, classes)
	if err != nil {
		return nil, err
	}
	accuracy := confusion.Accuracy()
	s := &reports.Score{Accuracy: accuracy.Value, Interval: [2]float64(accuracy.Interval), Balanced: confusion.BalancedAccuracy().Value,
		N: confusion.N, Confusion: confusion.Counts, Recall: confusion.Recall(), Hits: make([]bool, len(predicted))}
	for i, label := range labels {
		s.Hits[i] = predicted[i] == label
	}
	for k, r := range s.Recall {
		if math.IsNaN(r) {
			s.Recall[k] = -1
		}
	}
	return s, nil
}
