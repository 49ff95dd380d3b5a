package tables

import (
	"slices"

	"github.com/venn-adapt/venn/reports"
)

func init() {
	reports.Tables.Add("class-scores", reports.TableInfo{Name: "class-scores", Title: "Scores by class, and calibration", Order: 2, Build: classScoresTable})
}

// classScoresTable has one row a row of the table of accuracy: what its target predictions
// are worth class by class, and how far its probabilities can be believed.
func classScoresTable(runs []reports.Run) (*reports.Table, string, error) {
	gs := reports.GroupsOf(runs)
	t := &reports.Table{Name: "class-scores", Title: "Scores by class, and calibration", Columns: gs.Columns("features", "classifier", "balanced", "macro F1", "kappa", "log loss", "Brier", "ECE", "class ECE")}
	for _, g := range gs {
		type accuracyKey struct{ row, classifier string }
		var keys []accuracyKey
		for _, r := range g.Runs {
			for _, s := range r.Results.ClassScores {
				if k := (accuracyKey{s.Row, s.Classifier}); !slices.Contains(keys, k) {
					keys = append(keys, k)
				}
			}
		}
		for _, key := range keys {
			columns := make([][]float64, 7)
			for _, r := range g.Runs {
				for _, s := range r.Results.ClassScores {
					if key != (accuracyKey{s.Row, s.Classifier}) {
						continue
					}
					for i, v := range []float64{s.Balanced, s.MacroF1, s.Kappa, s.LogLoss, s.Brier, s.ECE, s.ClasswiseECE} {
						columns[i] = append(columns[i], v)
					}
				}
			}
			cells := []reports.Cell{reports.Text("%s", key.row), reports.Text("%s", key.classifier)}
			for _, values := range columns {
				c, err := t.OverSeeds(values, 3)
				if err != nil {
					return nil, "", err
				}
				cells = append(cells, c)
			}
			t.Rows = append(t.Rows, gs.Row(g, cells...))
		}
	}
	if len(t.Rows) == 0 {
		return nil, "no run has scores by class, which need labels of the target's test images", nil
	}
	t.Remark("on the target's test images; balanced: mean recall of the classes; log loss in nats, Brier summed over classes, ECE: expected calibration error of the top label over 15 bins of equal width, class ECE: the mean over classes of that of each")
	return t, "", nil
}
