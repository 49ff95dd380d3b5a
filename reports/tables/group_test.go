package tables

import (
	"slices"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// Jobs that differ by more than their seed have a column; of several specs the name leads.
func TestGroups(t *testing.T) {
	run := func(name, label string, seed uint64) reports.Run {
		return reports.Run{Results: reports.Results{Name: name, Label: label, Seed: seed, Diagnosis: []reports.Check{{Name: "c", Value: 1, Want: "w", OK: true}},
			Accuracy: []reports.Accuracy{{Row: "common", Classifier: "knn", Target: hit(0.25 * float64(seed+1))}}}}
	}
	var labels []string
	for _, g := range reports.GroupsOf([]reports.Run{run("n", "x=1", 0), run("n", "x=2", 0), run("n", "x=1", 1)}) {
		labels = append(labels, g.Label, string(rune('0'+len(g.Runs))))
	}
	if !slices.Equal(labels, []string{"x=1", "2", "x=2", "1"}) {
		t.Errorf("groups %q", labels)
	}
	by := func(method, label string) reports.Run {
		r := run("n", label, 0)
		r.Results.Method = method
		return r
	}
	labels = nil // runs of other methods are no further seeds, whether or not the label names them
	for _, g := range reports.GroupsOf([]reports.Run{by("didd", ""), by("dann", "x=1"), by("dann", "method=weak x=1"), by("didd", "")}) {
		labels = append(labels, g.Label, string(rune('0'+len(g.Runs))))
	}
	if !slices.Equal(labels, []string{"method=didd", "2", "method=dann x=1", "1", "method=weak x=1", "1"}) {
		t.Errorf("groups %q", labels)
	}
	table, _, err := accuracyTable([]reports.Run{run("n", "x=1", 0), run("m", "x=1", 1)})
	if err != nil || table.Columns[0] != "job" || table.Rows[0][0].Text != "n x=1" || table.Rows[1][0].Text != "m x=1" || table.Rows[1][4].Value != 0.5 {
		t.Errorf("%v, %v", table, err)
	}
	wantTable(t, "diagnosis", []reports.Run{run("n", "x=1", 3), run("n", "", 4)}, "job | check | value | want | ", "x=1 seed 3 | c | 1.0000 | w | ok", "seed 4 | c | 1.0000 | w | ok")
	skips(t, "diagnosis", "no run has a diagnosis", reports.Run{})
	failed := run("n", "", 0)
	failed.Results.Diagnosis = []reports.Check{{Name: "zero", Value: 0.12345, Want: "below 0.05", Note: "raise it"}, {Name: "d", Value: 2, Want: "below 3", OK: true, Note: "unseen"}}
	wantTable(t, "diagnosis", []reports.Run{failed}, "check | value | want | ", "zero | 0.1235 | below 0.05 | look^a", "d | 2.0000 | below 3 | ok", "a: raise it")
}
