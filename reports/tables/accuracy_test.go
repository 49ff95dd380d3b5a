package tables

import (
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports/reportstest"
)

// Mean and t-interval over three seeds, by hand: 0.90, 0.91, 0.92 have the
// standard deviation 0.01 and the half-width 4.302653·0.01/sqrt(3).
func TestAccuracyOverSeeds(t *testing.T) {
	table, _, err := accuracyTable(reportstest.Fixture(t, []string{""}, 0, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	c := table.Rows[0][3]
	half := 4.302652729696 * 0.01 / math.Sqrt(3)
	if !(math.Abs(c.Value-0.91) <= 1e-12) || !(math.Abs(c.High-0.91-half) <= 1e-9) || c.N != 3 || c.Text != "0.910 ± 0.025" {
		t.Errorf("cell %+v, want 0.91 ± %v", c, half)
	}
	if joined := strings.Join(table.Notes, "\n"); !strings.Contains(joined, "3 values, fewer than 5") {
		t.Errorf("no warning of few seeds in %q", joined)
	}
}
