package metrics_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/venn-adapt/venn/metrics"
)

// The table of measures is what people read before they choose one: a changed line of testdata/measures.tsv is a decision,
// to be checked against the cited work. (Documentation, cost and citation are words, which the walk wants to be there.)
func TestTableOfMeasures(t *testing.T) {
	var table strings.Builder
	for _, m := range metrics.Measures.All() {
		takes := "called directly"
		if m.Compute != nil {
			takes = "computed"
		}
		if m.Labels {
			takes += " with labels"
		}
		fmt.Fprintln(&table, strings.Join([]string{
			m.Name, m.Kind.String(), m.Unit, fmt.Sprintf("%g to %g", m.Range[0], m.Range[1]), m.Better.String(),
			strings.Join(m.Invariant, ", "), fmt.Sprintf("from %d rows", m.MinRows), takes, m.Doc,
		}, "\t"))
	}
	want, err := os.ReadFile("testdata/measures.tsv")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(table.String(), "\n")); diff != "" {
		t.Errorf("testdata/measures.tsv (-) and the table (+):\n%s", diff)
	}
}
