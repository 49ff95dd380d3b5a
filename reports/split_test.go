package reports_test

import (
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// Differences 0.036, 0.056 and 0.076 have t = 0.056 sqrt(3)/0.02 = 4.85, of which with two degrees
// p = 1/2 - t/(2 sqrt(2 + t^2)) = 0.02 on one side. By Holm that is worse beside one other row
// (0.04) and not beside two (0.06); a row as far on the better side never is, nor one of which a
// single seed is shared.
func TestWorseByHolm(t *testing.T) {
	of := func(label string, less ...float64) (runs []reports.Run) {
		for seed, d := range less {
			runs = append(runs, reportstest.SplitRun(label, uint64(seed), [11]float64{0.5 - d, 0.5, 0.5, 0.5, 0.5, 0.5 + d, 0.5, 0.5, 0.5, 0.5, 0.5}))
		}
		return runs
	}
	for _, tt := range []struct {
		name   string
		others [][]reports.Run
		worse  bool
	}{
		{"beside one", [][]reports.Run{of("same", 0, 0, 0)}, true},
		{"beside two", [][]reports.Run{of("same", 0, 0, 0), of("alike", 0, 0, 0)}, false},
		{"beside one of a seed", [][]reports.Run{of("same", 0, 0, 0), of("short", 0.4)}, true},
	} {
		runs := append(of("measure", 0, 0, 0), of("less", 0.036, 0.056, 0.076)...)
		for _, o := range tt.others {
			runs = append(runs, o...)
		}
		rows, skip, err := reports.SplitRows(runs)
		if err != nil || skip != "" {
			t.Fatal(skip, err)
		}
		for i, row := range rows {
			for k, v := range row.Values {
				if want := tt.worse && i == 1 && (k == 0 || k == 5); v.Worse != want {
					t.Errorf("%s: %s of %s is worse: %v", tt.name, reports.SplitQuantities[k].Name, row.Label, v.Worse)
				}
			}
		}
	}
	// What differs by less than 0.05 is not worse, though all seeds agree.
	for d, want := range map[float64]bool{0.0625: true, 0.03125: false} {
		rows, _, err := reports.SplitRows(append(of("measure", 0, 0, 0), of("less", d, d, d)...))
		if err != nil || rows[1].Values[0].Worse != want || rows[1].Values[5].Worse != want {
			t.Errorf("%v farther is worse: %v and %v, %v", d, rows[1].Values[0].Worse, rows[1].Values[5].Worse, err)
		}
	}
	rows, _, err := reports.SplitRows(append(of("measure", 0, 0, 0), of("more", -0.036, -0.056, -0.076)...))
	if err != nil || rows[1].Values[0].Worse || rows[1].Values[5].Worse {
		t.Errorf("what is nearer to what is wanted is worse: %v", err)
	}
}

// Rows are in the order of the runs, each number from the record that it is of.
func TestSplitRows(t *testing.T) {
	runs := append([]reports.Run{{Results: reports.Results{Name: "losses", Method: "other", Label: "method=other"}}}, reportstest.SplitRuns()...)
	rows, _, err := reports.SplitRows(runs)
	if err != nil {
		t.Fatal(err)
	}
	labels := ""
	for _, row := range rows {
		labels += row.Label + " "
	}
	reportstest.Equal(t, "rows", labels, "whole off noisy single ")
	for k, want := range [11]float64{0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.5, 0.4, 0.8, 0.7} { // of seed 0
		reportstest.Near(t, reports.SplitQuantities[k].Name, rows[0].Values[k].Values[0], want)
	}
}
