package published

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// The shipped figures are read whole, and every printed average is that of its tasks
// to the digits it has, but for the ones that the source itself misprints.
func TestClaims(t *testing.T) {
	claims, err := Claims()
	if err != nil || len(claims) != 852 {
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
			if mean > 0 && !(math.Abs(sum/float64(n)-mean) <= 0.06) {
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
	build := func(change func(a *reports.Adaptation, task string)) []reports.Run {
		runs := reportstest.OverTasks(tasks, protocol)
		for i := range runs {
			a := &runs[i].Results.Adaptation[0]
			a.Transductive = &reports.Score{Accuracy: nn[tasks[i]] / 100}
			change(a, tasks[i])
		}
		return runs
	}
	for _, tt := range []struct {
		name    string
		runs    []reports.Run
		verdict Verdict
		remark  string
		missed  bool
	}{
		{"same", build(func(*reports.Adaptation, string) {}), Reproduced, "", false},
		{"one task higher", build(func(a *reports.Adaptation, task string) {
			if task == "C->A" {
				a.Transductive.Accuracy += 0.005
			}
		}), Near, "1 of 12 tasks off by more than 0.1 points", true},
		{"all lower", build(func(a *reports.Adaptation, _ string) { a.Transductive.Accuracy -= 0.01 }), Worse, "12 of 12", true},
		{"other classifier", build(func(a *reports.Adaptation, _ string) { a.Classifier = "lda" }), NotComparable, "classifier: published knn, here lda", false},
		{"other k", build(func(a *reports.Adaptation, _ string) { a.Head = map[string]any{"k": 3} }), NotComparable, "head.k: published 1, here 3", false},
		{"a task missing", build(func(*reports.Adaptation, string) {})[1:], NotComparable, "11 of 12 tasks comparable; C->A: no run of none", false},
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
	if _, err := Compare(reportstest.OverTasks(tasks, map[string]string{"benchmark": "unheard-of"})); err == nil || !strings.Contains(fmt.Sprint(err), `no published figures of benchmark "unheard-of"`) {
		t.Errorf("unknown benchmark: %v", err)
	}
	if _, err := Compare(reportstest.OverTasks(tasks, nil)); err == nil || !strings.Contains(fmt.Sprint(err), "name 0 benchmarks") {
		t.Errorf("no benchmark: %v", err)
	}
}
