package tables

import (
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

func TestAdaptationOverTasks(t *testing.T) {
	runs := reportstest.OverTasks([]string{"A->B", "A->C", "B->A", "B->C", "C->A", "C->B"}, nil)
	table, _, err := adaptationTable(runs)
	if err != nil {
		t.Fatal(err)
	}
	last := table.Rows[1][len(table.Columns)-2:]
	if table.Rows[1][0].Text != "good" || !(math.Abs(last[0].Value-52.75) <= 1e-9) || last[1].Text != "1.00" {
		t.Errorf("row %v: want good with average 52.75 and rank 1", table.Rows[1])
	}
	tests, skip, err := adaptationTestsTable(runs)
	if err != nil || tests == nil {
		t.Fatalf("%q %v", skip, err)
	}
	// Six wins of six with different margins: the exact two-sided p is 2/2^6.
	if p := tests.Rows[0][6].Value; !(math.Abs(p-2.0/64) <= 1e-12) {
		t.Errorf("p %v, want 1/32", p)
	}
	if _, skip, _ := adaptationTestsTable(runs[:5]); !strings.Contains(skip, "5 tasks, fewer than the 6") {
		t.Errorf("five tasks: %q", skip)
	}
}

// A method that two studies have on a task is two methods: those of a reference are no further seeds of one's own.
func TestAdaptationOfTwoStudies(t *testing.T) {
	run := func(study, task, label string, accuracy float64) reports.Run {
		return reports.Run{Results: reports.Results{Name: study, Task: task, Label: label, Adaptation: []reports.Adaptation{{Name: "m", Transductive: hit(accuracy)}},
			Selection: []reports.Selection{{Name: "m", Candidates: []reports.Candidate{{Oracle: &accuracy}}}}}}
	}
	for _, tt := range []struct {
		want string
		runs []reports.Run
	}{
		{"mine m 25.00, mine (reference) m 75.00, ", []reports.Run{run("mine", "A->B", "", 0.25), run("mine (reference)", "A->B", "", 0.75)}},
		{"m 25.00, ", []reports.Run{run("mine", "A->B", "", 0.25), run("theirs", "B->A", "", 0.75)}},
		{"x=1 m 25.00, x=2 m 75.00, ", []reports.Run{run("mine", "A->B", "x=1 features.task=A->B", 0.25), run("mine", "A->B", "features.task=A->B x=2", 0.75)}},
	} {
		table, _, err := adaptationTable(tt.runs)
		if err != nil {
			t.Fatal(err)
		}
		got, picked := "", ""
		for _, row := range table.Rows {
			got += row[0].Text + " " + row[2].Text + ", "
		}
		if got != tt.want {
			t.Errorf("rows %s, want %s", got, tt.want)
		}
		if table, _, err = selectorsTable(tt.runs); err != nil {
			t.Fatal(err)
		}
		for _, row := range table.Rows {
			picked += row[0].Text + " " + row[2].Text + ", "
		}
		if len(table.Rows) > 1 && picked != tt.want {
			t.Errorf("selectors %s, want %s", picked, tt.want)
		}
	}
}

// A seed in which a method could not be fitted is not left out without a word.
func TestAdaptationOfSomeSeeds(t *testing.T) {
	run := func(seed uint64, a reports.Adaptation) reports.Run {
		a.Name = "m"
		return reports.Run{Results: reports.Results{Seed: seed, Task: "A->B", Adaptation: []reports.Adaptation{a}}}
	}
	wantTable(t, "adaptation", []reports.Run{run(0, reports.Adaptation{Transductive: hit(0.25)}), run(1, reports.Adaptation{Error: "one class"})}, "method | use | A->B", "m | transductive | 25.00^a",
		"a: of 1 of 2 seeds; in the others: one class",
		"- accuracy on the target in percent; transductive: on the rows that adaptation saw without their labels; inductive: on rows that it did not see",
		"- no target label was used; settings are as the spec gives them")
}

func TestSelectors(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	candidate := func(truth float64, scores map[string]float64) reports.Candidate {
		return reports.Candidate{Scores: scores, Oracle: value(truth)}
	}
	run := reports.Run{Results: reports.Results{Selection: []reports.Selection{{Name: "m", Candidates: []reports.Candidate{
		candidate(0.3, map[string]float64{"right": 1, "wrong": 3, "some": 2}),
		candidate(0.5, map[string]float64{"right": 2, "wrong": 2, "some": 1}),
		candidate(0.8, map[string]float64{"right": 3, "wrong": 1, "some": 3}),
	}}}}}
	table, _, err := selectorsTable([]reports.Run{run})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"m right 80.00 0.00 0 1.00 1.00 1",
		"m some 80.00 0.00 0 0.50 0.65 1", // the best is right, the worst two are exchanged
		"m wrong 30.00 50.00 1 -1.00 -1.00 1", "m oracle 80.00 0.00 0   1"}
	for i, row := range table.Rows {
		var words []string
		for _, c := range row {
			words = append(words, c.Text)
		}
		if got := strings.Join(words, " "); got != want[i] {
			t.Errorf("row %d: %q, want %q", i, got, want[i])
		}
	}
}
