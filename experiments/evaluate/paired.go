package evaluate

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/metrics/inference"
)

func init() {
	addEvaluation(evaluation{name: "paired", doc: "does the code beat raw pixels on the same test rows: McNemar's test for every classifier",
		order: 46, version: 1, wants: wants(wantsSource, wantsCodes, wantsTargetLabels, wantsSourceOnly), do: (*Subject).paired})
}

func wantsSourceOnly(w *Subject, _ *Codes) string {
	if !slices.Contains(w.Spec.Adapt.Baselines, rowSourceOnly) {
		return "adapt.baselines leaves out " + rowSourceOnly
	}
	return ""
}

// paired compares, with the same classifier on the same test images of the target, the code
// that stands for an image with raw pixels: the difference of the accuracies, and the mid-p
// value of McNemar's test, adjusted by Holm for the number of classifiers.
func (w *Subject) paired(c *Codes) error {
	shared := sharedNames[c[0][testSplit].Shared().Role].row
	hits := func(row, classifier string) []bool {
		for _, a := range w.Results.Accuracy {
			if a.Row == row && a.Classifier == classifier {
				return a.Target.Hits
			}
		}
		return nil
	}
	var p []float64
	for _, classifier := range w.Spec.Adapt.Classifiers {
		code, pixels := hits(shared, classifier), hits(rowSourceOnly, classifier)
		first, second := discordant(code, pixels)
		t, err := inference.McNemar(first, second, len(code))
		if err != nil {
			return fmt.Errorf("experiments: %s against %s: %w", shared, rowSourceOnly, err)
		}
		p = append(p, t.MidP)
		w.value("paired", pairedName(shared, classifier)+", accuracy", t.Difference, len(code))
	}
	adjusted, err := inference.Holm(p)
	if err != nil {
		return fmt.Errorf("experiments: %s against %s: %w", shared, rowSourceOnly, err)
	}
	for i, classifier := range w.Spec.Adapt.Classifiers {
		w.value("paired", pairedName(shared, classifier)+", p", adjusted[i], len(hits(shared, classifier)))
	}
	return nil
}

func pairedName(row, classifier string) string {
	return fmt.Sprintf("%s less %s, %s", row, rowSourceOnly, classifier)
}

// discordant counts the rows that only the first and only the second has right.
func discordant(first, second []bool) (onlyFirst, onlySecond int) {
	for i := range first {
		switch {
		case first[i] && !second[i]:
			onlyFirst++
		case second[i] && !first[i]:
			onlySecond++
		}
	}
	return onlyFirst, onlySecond
}
