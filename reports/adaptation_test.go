package reports

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// overTasks writes one run a task by hand: the better method wins every task by its
// own margin.
func overTasks(tasks []string, protocol map[string]string) []Run {
	var runs []Run
	for i, task := range tasks {
		base := 0.4 + 0.01*float64(i)
		runs = append(runs, Run{Results: Results{Format: 1, Name: "tasks", Label: fmt.Sprintf("features.task=%q", task), Task: task, Protocol: protocol, Adaptation: []Adaptation{
			{Name: "source-only", Adapter: "none", Classifier: "knn", Head: map[string]any{"k": 1}, Transductive: &Score{Accuracy: base}},
			{Name: "good", Adapter: "coral", Transductive: &Score{Accuracy: base + 0.1 + 0.001*float64(i)}},
		}}})
	}
	return runs
}

func TestAdaptationOverTasks(t *testing.T) {
	runs := overTasks([]string{"A->B", "A->C", "B->A", "B->C", "C->A", "C->B"}, nil)
	table, _, err := adaptationTable(runs)
	if err != nil {
		t.Fatal(err)
	}
	last := table.Rows[1][len(table.Columns)-2:]
	if table.Rows[1][0].Text != "good" || math.Abs(last[0].Value-52.75) > 1e-9 || last[1].Text != "1.00" {
		t.Errorf("row %v: want good with average 52.75 and rank 1", table.Rows[1])
	}
	tests, skip, err := adaptationTestsTable(runs)
	if err != nil || tests == nil {
		t.Fatalf("%q %v", skip, err)
	}
	// Six wins of six with different margins: the exact two-sided p is 2/2^6.
	if p := tests.Rows[0][6].Value; math.Abs(p-2.0/64) > 1e-12 {
		t.Errorf("p %v, want 1/32", p)
	}
	if _, skip, _ := adaptationTestsTable(runs[:5]); !strings.Contains(skip, "5 tasks, fewer than the 6") {
		t.Errorf("five tasks: %q", skip)
	}
}

func TestSelectors(t *testing.T) {
	value := func(v float64) *float64 { return &v }
	candidate := func(truth float64, scores map[string]float64) Candidate {
		return Candidate{Scores: scores, Oracle: value(truth)}
	}
	run := Run{Results: Results{Selection: []Selection{{Name: "m", Candidates: []Candidate{
		candidate(0.3, map[string]float64{"right": 1, "wrong": 3}),
		candidate(0.5, map[string]float64{"right": 2, "wrong": 2}),
		candidate(0.8, map[string]float64{"right": 3, "wrong": 1}),
	}}}}}
	table, _, err := selectorsTable([]Run{run})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"m right 80.00 0.00 0 1.00 1", "m wrong 30.00 50.00 1 -1.00 1", "m oracle 80.00 0.00 0  1"}
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

// The shipped figures are read whole, and every printed average is that of its tasks
// to the digits it has, but for the ones that the source itself misprints.
func TestClaims(t *testing.T) {
	claims, err := Claims()
	if err != nil || len(claims) != 605 {
		t.Fatalf("%d claims, %v", len(claims), err)
	}
	off := 0
	for _, benchmark := range []string{"office-caltech10-surf", "office-caltech10-surf-20splits"} {
		for _, table := range claimTables(claims, benchmark) {
			var sum, mean float64
			n := 0
			for _, c := range table.claims {
				if c.Task == average {
					mean = c.Percent
					continue
				}
				sum, n = sum+c.Percent, n+1
			}
			if mean > 0 && math.Abs(sum/float64(n)-mean) > 0.06 {
				off++
				t.Logf("%s of %s: average %.2f of %d tasks, printed %.2f", table.method, table.source, sum/float64(n), n, mean)
			}
		}
	}
	if off != 1 { // the SVM row of the MEDA tables
		t.Errorf("%d averages do not follow from their tasks, want one", off)
	}
}

func TestCompare(t *testing.T) {
	claims, err := Claims()
	if err != nil {
		t.Fatal(err)
	}
	nn := map[string]float64{}
	var tasks []string
	for _, c := range claimTables(claims, "office-caltech10-surf")[0].tasks() {
		nn[c.Task], tasks = c.Percent, append(tasks, c.Task)
	}
	protocol := map[string]string{"benchmark": "office-caltech10-surf", "split": "full source"}
	build := func(change func(a *Adaptation, task string)) []Run {
		runs := overTasks(tasks, protocol)
		for i := range runs {
			a := &runs[i].Results.Adaptation[0]
			a.Transductive = &Score{Accuracy: nn[tasks[i]] / 100}
			change(a, tasks[i])
		}
		return runs
	}
	for _, tt := range []struct {
		name    string
		runs    []Run
		verdict Verdict
		remark  string
		missed  bool
	}{
		{"same", build(func(*Adaptation, string) {}), Reproduced, "", false},
		{"one task higher", build(func(a *Adaptation, task string) {
			if task == "C->A" {
				a.Transductive.Accuracy += 0.005
			}
		}), Near, "1 of 12 tasks off by more than 0.1 points", true},
		{"all lower", build(func(a *Adaptation, _ string) { a.Transductive.Accuracy -= 0.01 }), Worse, "12 of 12", true},
		{"other classifier", build(func(a *Adaptation, _ string) { a.Classifier = "lda" }), NotComparable, "classifier: published knn, here lda", false},
		{"other k", build(func(a *Adaptation, _ string) { a.Head = map[string]any{"k": 3} }), NotComparable, "head.k: published 1, here 3", false},
		{"a task missing", build(func(*Adaptation, string) {})[1:], NotComparable, "11 of 12 tasks comparable; C->A: no run of none", false},
	} {
		compared, err := Compare(tt.runs)
		if err != nil {
			t.Fatal(err)
		}
		c := compared[0]
		if c.Average.Verdict != tt.verdict || !strings.Contains(c.Average.Remark, tt.remark) || c.Missed() != tt.missed {
			t.Errorf("%s: %s (%q), missed %v; want %s (%q), %v", tt.name, c.Average.Verdict, c.Average.Remark, c.Missed(), tt.verdict, tt.remark, tt.missed)
		}
		if rows := len(CompareTable(compared, true).Rows); rows < 100 {
			t.Errorf("%s: %d rows", tt.name, rows)
		}
	}
	if _, err := Compare(overTasks(tasks, map[string]string{"benchmark": "unheard-of"})); err == nil || !strings.Contains(fmt.Sprint(err), `no published figures of benchmark "unheard-of"`) {
		t.Errorf("unknown benchmark: %v", err)
	}
	if _, err := Compare(overTasks(tasks, nil)); err == nil || !strings.Contains(fmt.Sprint(err), "name 0 benchmarks") {
		t.Errorf("no benchmark: %v", err)
	}
}
