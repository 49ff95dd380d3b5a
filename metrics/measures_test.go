package metrics_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

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
	there := strings.Split(table.String(), "\n") // and what somebody has added
	for _, line := range strings.Split(string(want), "\n") {
		if !slices.Contains(there, line) {
			name, _, _ := strings.Cut(line, "\t")
			t.Errorf("testdata/measures.tsv has the line\n%s\nand the table\n%s", line, strings.Join(slices.DeleteFunc(slices.Clone(there), func(l string) bool { return !strings.HasPrefix(l, name+"\t") }), "\n"))
		}
	}
}
