package tables

import (
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// Every cell of one seed, and the means of two.
func TestContrastTable(t *testing.T) {
	of := func(v float64, low, high float64) reports.Estimate {
		return reports.Estimate{Value: v, Interval: [2]float64{low, high}, N: 80}
	}
	run := func(seed uint64, lift float64) reports.Run {
		return reports.Run{Results: reports.Results{Seed: seed, Contrast: []reports.Contrast{
			{Domain: "b", Subtype: "digit", Levels: 10, Code: reports.ContrastSeparate, Probe: of(0.5+lift, 0.4, 0.6), Accuracy: of(0.55, 0.45, 0.65), Largest: 0.125, AUC: 0.9, ARI: 0.3, NMI: 0.35, Silhouette: 0.25},
			{Domain: "b", Subtype: "digit", Levels: 10, Code: reports.ContrastCommon, Probe: of(0.01, -0.05, 0.07), Accuracy: of(0.11, 0.06, 0.19), Largest: 0.125, AUC: 0.525 + lift, ARI: 0.002, NMI: 0.04, Silhouette: -0.1},
		}}}
	}
	const head = "subtype | code | want | probe | accuracy | blind | AUC of a and b | ARI | NMI | silhouette | images"
	const on = "- on held-out images; probe: balanced accuracy of logistic regression on standardised codes, each image told by the fit on the other folds of five, 0 at chance; accuracy: the same, not balanced; blind: the share of the largest subtype, what a guess reaches in accuracy"
	const auc = "- AUC: of a linear classifier of the domains on images that it never saw, chance 0.5; ARI and NMI: k-means against the subtypes, ARI 0 at chance, NMI a little more; silhouette: the subtypes as clusters, 0 or less where they are none"
	wantTable(t, "contrast", []reports.Run{run(0, 0)}, head,
		"digit of b | separate code b | high | 0.500 [0.400, 0.600] | 0.550 [0.450, 0.650] | 0.125 | 0.900 | 0.300 | 0.350 | 0.250 | 80",
		"digit of b | common code | chance | 0.010 [-0.050, 0.070] | 0.110 [0.060, 0.190] | 0.125 | 0.525 | 0.002 | 0.040 | -0.100 | 80",
		"- one seed: 95% intervals over images or pairs; another seed may fall outside", on, auc)
	table, _, err := contrastTable([]reports.Run{run(0, 0), run(1, 0.2)})
	if err != nil || len(table.Rows) != 2 {
		t.Fatal(err, table)
	}
	for _, c := range []struct {
		row, column int
		want        float64
	}{{0, 3, 0.6}, {1, 6, 0.625}, {0, 4, 0.55}} {
		if got := table.Rows[c.row][c.column]; got.N != 2 || !(got.Value > c.want-1e-12 && got.Value < c.want+1e-12) {
			t.Errorf("row %d, column %d of two seeds: %+v, want %v", c.row, c.column, got, c.want)
		}
	}
	skips(t, "contrast", "no run has domains with known subtypes", reports.Run{})
}
