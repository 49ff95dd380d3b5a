package reports

import (
	"fmt"
	"slices"
)

func init() {
	Tables.Add("accuracy", TableInfo{Name: "accuracy", Title: "Adaptation accuracy", Order: 1, Build: accuracyTable})
}

// accuracyTable has one row a feature row and classifier: accuracy on the test
// splits of source and target, and the gap closed.
func accuracyTable(runs []Run) (*Table, string, error) {
	gs := groups(runs)
	t := &Table{Name: "accuracy", Title: "Adaptation accuracy", Columns: leadColumns(gs, "features", "classifier", "source test", "target test", "gap closed")}
	for _, g := range gs {
		for _, key := range accuracyKeys(g) {
			var source, target, gap []float64
			var scores []*Score
			var interval *[2]float64 // of the last gap
			why := ""
			for _, r := range g.runs {
				for _, a := range r.Results.Accuracy {
					if key != (accuracyKey{a.Row, a.Classifier}) {
						continue
					}
					if a.Source != nil {
						source = append(source, a.Source.Accuracy)
					}
					if a.Target != nil {
						target, scores = append(target, a.Target.Accuracy), append(scores, a.Target)
					}
					if a.GapClosed != nil {
						gap, interval = append(gap, *a.GapClosed), a.GapInterval
					}
					if n := a.Notes["gap_closed"]; n != "" {
						why = n
					}
				}
			}
			cells := []Cell{text("%s", key.row), text("%s", key.classifier)}
			for _, part := range []struct {
				values []float64
				why    string
			}{{source, "not scored on the source"}, {target, "the target has no test labels"}} {
				c, err := t.accuracyCell(part.values, part.why)
				if err != nil {
					return nil, "", err
				}
				cells = append(cells, c)
			}
			if len(scores) == 1 { // one seed: the interval is over test rows
				c := &cells[3]
				c.Low, c.High, c.N = scores[0].Interval[0], scores[0].Interval[1], scores[0].N
				c.Text = fmt.Sprintf("%.3f [%.3f, %.3f]", c.Value, c.Low, c.High)
				c.Note = t.note(fmt.Sprintf("one seed: 95%% Wilson interval over the %d test images; another seed may fall outside", scores[0].N))
			}
			var some []string
			if n := len(scores) - len(gap); n > 0 {
				some = append(some, fmt.Sprintf("of %d of %d seeds; in the others %s", len(gap), len(scores), why))
			}
			if len(gap) == 1 && interval != nil {
				some = append([]string{"95% bootstrap interval over test images, resampled together for the three rows"}, some...)
			}
			c, err := t.accuracyCell(gap, why, some...)
			if err != nil {
				return nil, "", err
			}
			if len(gap) == 1 && interval != nil {
				c.Low, c.High, c.N = interval[0], interval[1], scores[0].N
				c.Text = fmt.Sprintf("%.3f [%.3f, %.3f]", c.Value, c.Low, c.High)
			}
			t.Rows = append(t.Rows, lead(gs, g, append(cells, c)...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has accuracies, which need a labelled domain", nil
	}
	t.remark("fitted on the labelled source and chosen on source validation images only; rows named oracle used target labels")
	t.remark("gap closed = (row − source-only)/(target-oracle − source-only) with the same classifier")
	return t, "", nil
}

func (t *Table) accuracyCell(values []float64, why string, also ...string) (Cell, error) {
	if len(values) == 0 {
		if why == "" {
			return text(""), nil
		}
		return t.missing(why), nil
	}
	return t.overSeeds(values, 3, also...)
}

type accuracyKey struct{ row, classifier string }

// accuracyKeys lists the rows of a group in the order of their first appearance.
func accuracyKeys(g group) []accuracyKey {
	var keys []accuracyKey
	for _, r := range g.runs {
		for _, a := range r.Results.Accuracy {
			if k := (accuracyKey{a.Row, a.Classifier}); !slices.Contains(keys, k) {
				keys = append(keys, k)
			}
		}
	}
	return keys
}
