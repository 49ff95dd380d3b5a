package tables

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// Three seeds 0.1 apart have a t-interval of 4.3027 * 0.1/sqrt(3) = 0.248 to either side; of a
// centre moved by 0.3, -0.1 and 0.1 the values spread as said below.
func TestSplitTable(t *testing.T) {
	docs := ""
	for i, q := range reports.SplitQuantities {
		if i > 0 {
			docs += "; "
		}
		docs += q.Name + ": " + q.Doc
	}
	table := wantTable(t, "split", reportstest.SplitRuns(),
		"job | common keeps | common free | domain hidden | separate keeps | separate free | dependence | zero loss | translation | intersection | union | accuracy",
		"wanted | 1 | 1 | 1 | 1 | 1 | 0 | 0 | 0 | 0 | 0 | 1",
		"whole | 0.80 ± 0.25 | 0.70 ± 0.25 | 0.60 ± 0.25 | 0.50 ± 0.25 | 0.40 ± 0.25 | 0.30 ± 0.25 | 0.200 ± 0.248 | 0.60 ± 0.25 | 0.50 ± 0.25 | 0.90 ± 0.25 | 0.80 ± 0.25",
		"off | 0.60 ± 0.25^a | 0.80 ± 0.25 | 0.40 ± 0.25^a | 0.60 ± 0.25 | 0.20 ± 0.25^a | 0.20 ± 0.25 | 0.400 ± 0.248^a | 0.50 ± 0.25 | 0.70 ± 0.25^a | 0.80 ± 0.25 | 0.60 ± 0.25^a",
		// 0.7 - 0.3, 0.8 + 0.1, 0.9 - 0.1 have a deviation of 0.265; 0.2 + 0.3, 0.3 - 0.1, 0.4 + 0.1 one of 0.173
		"noisy | 0.70 ± 0.66 | 0.60 ± 0.66 | 0.50 ± 0.66 | 0.40 ± 0.66 | 0.30 ± 0.66 | 0.40 ± 0.43 | 0.300 ± 0.430 | 0.70 ± 0.43 | 0.60 ± 0.43 | 1.00 ± 0.43 | 0.70 ± 0.66",
		"single | 0.70 | 0.60 | 0.50 | 0.40 | 0.30 | —^b | 0.100 | 0.50 | 0.40 | —^c | 0.70",
		"a: farther from what is wanted than whole (by 0.05 at least and by a one-sided t-test of the differences, seed by seed, at 0.05, corrected by Holm for the rows of a quantity)",
		"b: collapsed: a code is constant, which proves no independence", "c: the model cannot do it",
		"- 3 values, fewer than 5", "- mean over seeds ± half of the 95% t-interval, 3 seeds",
		"- scores are of the best of several probes on held-out images, 0 at chance and 1 without a fault, cut at these, means over factors; a separate code is looked at on images of its own domain",
		"- errors are L1 over the pixels that should change, against exact renders, as a share of leaving the image as it is",
		"- "+docs)
	half := 4.302652729749464 * 0.1 / math.Sqrt(3)
	c := table.Rows[1][8]
	reportstest.Near(t, "mean", c.Value, 0.6)
	reportstest.Near(t, "low", c.Low, 0.6-half)
	reportstest.Near(t, "high", c.High, 0.6+half)
	reportstest.Equal(t, "seeds", c.N, 3)
	if w := table.Rows[0][6]; w.Value != 0 || !w.Number || !math.IsNaN(w.Low) {
		t.Errorf("wanted %+v", w)
	}
}

// One job, or one whose codes were probed, has nothing to be compared with.
func TestSplitTableOfOne(t *testing.T) {
	runs := reportstest.SplitRuns()
	skips(t, "split", "1 jobs have codes that were probed for known factors, want 2 to compare", runs[0], runs[1], runs[len(runs)-1])
	skips(t, "split", "0 jobs have codes that were probed for known factors, want 2 to compare")
}

// A quantity that a seed lacks is the mean of the others, and says so.
func TestSplitTableOfSomeSeeds(t *testing.T) {
	runs := reportstest.SplitRuns()
	runs[1].Results.Diagnosis = nil
	table, _, err := splitTable(runs)
	if err != nil {
		t.Fatal(err)
	}
	if c := table.Rows[1][7]; c.Text != "0.200 ± 1.271" || c.N != 2 || table.Notes[c.Note-1] != "of 2 of 3 seeds; in the others: not diagnosed" {
		t.Errorf("zero loss %+v in %q", c, table.Notes)
	}
}

// Why a number is not there.
func TestSplitTableOfGaps(t *testing.T) {
	whole := reportstest.SplitRun("whole", 0, [11]float64{})
	bare := reports.Run{Results: reports.Results{Name: "losses", Label: "method=bare", Leakage: whole.Results.Leakage[:1]}}
	skipped := bare
	skipped.Results.Label = "method=skipped"
	skipped.Results.Skipped = []reports.Skipped{{Evaluation: "renders", Reason: "nothing is drawn"}}
	info, err := reports.Tables.Get("split")
	if err != nil {
		t.Fatal(err)
	}
	table, _, err := info.Build([]reports.Run{whole, bare, skipped})
	if err != nil {
		t.Fatal(err)
	}
	few, score := "no factor of this kind was probed", "not scored"
	for i, want := range [][]string{{few, few, few, few, "dcor-u is not among metrics.independence.tests", "not diagnosed", score, score, score, "no classifier on the common code was scored on the target"},
		{few, few, few, few, "dcor-u is not among metrics.independence.tests", "not diagnosed", "nothing is drawn", "nothing is drawn", "nothing is drawn", "no classifier on the common code was scored on the target"}} {
		for k, why := range want {
			if c := table.Rows[2+i][2+k]; c.Text != "—" || c.Note == 0 || table.Notes[c.Note-1] != why {
				t.Errorf("row %d, %s: %q with %d of %q, want %q", i, table.Columns[2+k], c.Text, c.Note, table.Notes, why)
			}
		}
	}
}
