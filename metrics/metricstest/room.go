package metricstest

import (
	"fmt"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"gonum.org/v1/gonum/mat"
)

// Room walks over the measures of a kind, which live in one room, with allowances by name, and
// compares what their descriptors say with the table of measures, metrics/testdata/measures.tsv.
// The table is what people read before they choose one: a changed line is a decision, to be
// checked against the cited work. (Cost and citation are words, which Measure wants to be there.)
func Room(t *testing.T, kind metrics.Kind, allowances map[string]Options) {
	t.Helper()
	table, err := os.ReadFile("../testdata/measures.tsv")
	if err != nil {
		t.Fatal(err)
	}
	lines := map[string]string{}
	for _, m := range metrics.Measures.All() {
		if m.Kind != kind {
			continue
		}
		lines[m.Name] = line(m)
		t.Run(m.Name, func(t *testing.T) {
			if err := Measure(m, allowances[m.Name]); err != nil {
				t.Error(err)
			}
			if m.Compute != nil {
				sides(t, m)
			}
		})
	}
	for _, want := range strings.Split(strings.TrimSpace(string(table)), "\n") { // and what somebody has added
		if name, rest, _ := strings.Cut(want, "\t"); strings.HasPrefix(rest, kind.String()+"\t") && lines[name] != want {
			t.Errorf("measures.tsv has the line\n%s\nand the descriptor says\n%s", want, lines[name])
		}
	}
}

// sides: what is not finite is refused by the name of the measure and of the side.
func sides(t *testing.T, m metrics.Descriptor) {
	t.Helper()
	x, y := (&report{m: m}).pair(60, "sides")
	for i, b := range []*mat.Dense{x, y} {
		was := b.At(2, 0)
		b.Set(2, 0, math.NaN())
		want := fmt.Sprintf("metrics: %s: %s: row 2, column 0 is NaN, want a finite number", m.Name, []string{"x", "y"}[i])
		if _, err := m.Compute(x, y, metrics.Settings{}); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
		b.Set(2, 0, was)
	}
}

// line is a measure's line of the table.
func line(m metrics.Descriptor) string {
	takes := "called directly"
	if m.Compute != nil {
		takes = "computed"
	}
	if m.Labels {
		takes += " with labels"
	}
	return strings.Join([]string{
		m.Name, m.Kind.String(), m.Unit, fmt.Sprintf("%g to %g", m.Range[0], m.Range[1]), m.Better.String(),
		strings.Join(m.Invariant, ", "), fmt.Sprintf("from %d rows", m.MinRows), takes, m.Doc,
	}, "\t")
}
