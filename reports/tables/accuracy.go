package tables

import (
	"fmt"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("accuracy", reports.TableInfo{Name: "accuracy", Title: "Adaptation accuracy", Order: 1, Build: accuracyTable})
}

// accuracyTable has one row a feature row and classifier: accuracy on the test
// splits of source and target, and the gap closed.
func accuracyTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "accuracy", Title: "Adaptation accuracy", Columns: gs.Columns("features", "classifier", "source test", "target test", "gap closed")}
	for _, g := range gs {
		for _, r := range reports.AccuracyRows(g) {
			source, err := accuracyCell(t, r.Source, "not scored on the source")
			if err != nil {
				return nil, "", err
			}
			target, err := targetCell(t, r)
			if err != nil {
				return nil, "", err
			}
			gap, err := gapCell(t, r)
			if err != nil {
				return nil, "", err
			}
			t.Rows = append(t.Rows, gs.Row(g, reports.Text("%s", r.Row), reports.Text("%s", r.Classifier), source, target, gap))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has accuracies, which need a labelled domain", nil
	}
	t.Remark("fitted on the labelled source and chosen on source validation images only; rows named oracle used target labels")
	t.Remark("gap closed = (row − source-only)/(target-oracle − source-only) with the same classifier")
	return t, "", nil
}

// targetCell is the accuracy on the target; of one seed the interval is over test rows.
func targetCell(t *reports.Table, r reports.AccuracyRow) (reports.Cell, error) {
	if len(r.Target) == 0 {
		return t.Missing("the target has no test labels"), nil
	}
	i, err := r.TargetInterval()
	if err != nil || len(r.Scores) > 1 {
		return t.Mean(i, 3), err
	}
	c := reports.Number(i.Estimate, 3).Bracketed(i.Low, i.High, i.N, 3)
	c.Note = t.Note(fmt.Sprintf("one seed: 95%% Wilson interval over the %d test images; another seed may fall outside", i.N))
	return c, nil
}

// gapCell is the gap closed, and of how many of the seeds.
func gapCell(t *reports.Table, r reports.AccuracyRow) (reports.Cell, error) {
	var some []string
	if n := len(r.Scores) - len(r.Gap); n > 0 {
		some = append(some, fmt.Sprintf("of %d of %d seeds; in the others %s", len(r.Gap), len(r.Scores), r.Why))
	}
	one := len(r.Gap) == 1 && r.GapInterval != nil
	if one {
		some = append([]string{"95% bootstrap interval over test images, resampled together for the three rows"}, some...)
	}
	c, err := accuracyCell(t, r.Gap, r.Why, some...)
	if err == nil && one {
		c = c.Bracketed(r.GapInterval[0], r.GapInterval[1], r.Scores[0].N, 3)
	}
	return c, err
}

func accuracyCell(t *reports.Table, values []float64, why string, also ...string) (reports.Cell, error) {
	if len(values) == 0 {
		if why == "" {
			return reports.Text(""), nil
		}
		return t.Missing(why), nil
	}
	return t.OverSeeds(values, 3, also...)
}
