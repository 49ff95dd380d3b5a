package reports

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/metrics/inference"
)

// An AccuracyRow is a row of the table and the figure of accuracy: the records of one group
// with one representation and classifier.
type AccuracyRow struct {
	Row, Classifier string
	// source, target and gap are the accuracies on the test splits and the gap closed, one a
	// seed that has it; scores are what target was taken from.
	Source, Target, Gap []float64
	Scores              []*Score
	GapInterval         *[2]float64 // of the last gap
	Why                 string      // there is no gap
}

// AccuracyRows folds the records of accuracy of a group over its seeds, in the order of
// their first appearance.
func AccuracyRows(g Group) []AccuracyRow {
	var out []AccuracyRow
	for _, run := range g.Runs {
		for _, a := range run.Results.Accuracy {
			i := slices.IndexFunc(out, func(r AccuracyRow) bool { return r.Row == a.Row && r.Classifier == a.Classifier })
			if i < 0 {
				i = len(out)
				out = append(out, AccuracyRow{Row: a.Row, Classifier: a.Classifier})
			}
			r := &out[i]
			if a.Source != nil {
				r.Source = append(r.Source, a.Source.Accuracy)
			}
			if a.Target != nil {
				r.Target, r.Scores = append(r.Target, a.Target.Accuracy), append(r.Scores, a.Target)
			}
			if a.GapClosed != nil {
				r.Gap, r.GapInterval = append(r.Gap, *a.GapClosed), a.GapInterval
			}
			if n := a.Notes["gap_closed"]; n != "" {
				r.Why = n
			}
		}
	}
	return out
}

// TargetInterval is the mean accuracy on the target with its 95% interval: over seeds where
// there are several, else over test rows, of which N is then the number. It fails without a
// score.
func (r AccuracyRow) TargetInterval() (inference.Interval, error) {
	i, err := inference.OverSeeds(r.Target, 0.95)
	if err != nil {
		return i, fmt.Errorf("reports: accuracy of %s by %s: %w", r.Row, r.Classifier, err)
	}
	if len(r.Scores) == 1 {
		i.Low, i.High, i.N = r.Scores[0].Interval[0], r.Scores[0].Interval[1], r.Scores[0].N
	}
	return i, nil
}
