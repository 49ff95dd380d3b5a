package main

import (
	"encoding/json"
	"strings"
	"testing"
)

const scoresTable = `task,base,first,second
m,0.81,0.86,0.80
m,0.79,0.83,0.82
m,0.83,0.85,0.81
m,0.80,0.87,0.83
u,0.78,0.80,0.77
u,0.82,0.88,0.84
u,0.77,0.84,0.79
u,0.84,0.85,0.82
`

// Each cell stands in its own column, by what SciPy says of the same scores
// (metrics/inference/testdata/scores.json); posteriors by which of the three is likely.
func TestMeasureScores(t *testing.T) {
	sandbox(t)
	write(t, "scores.csv", scoresTable)
	code, text, stderr := venn("measure", "scores", "scores.csv", "--against", "base", "--margin", "0.02")
	if code != exitOK || stderr != "venn: 4 seeds in a task, fewer than 5\nvenn: 8 rows: the interval is too short\n" {
		t.Fatalf("exit %d, %q", code, stderr)
	}
	tables := strings.Split(text, "\n\n")
	cells := func(table, row int) []string { return strings.Fields(strings.Split(tables[table], "\n")[row]) }
	for _, tt := range []struct {
		table, row int
		want       string // of its first fields
	}{
		{0, 2, "first 8 0.8475 0.02493 0.8267 to 0.8683"},
		{0, 3, "second 8 0.81 0.02268 0.791 to 0.829"},
		{1, 0, "against base, run by run"},
		{1, 2, "first 0.0425 0.02264 to 0.06236 0.001463 0.007812 0.007812 0.01562 0.01562"},
		{1, 3, "second 0.005 -0.01343 to 0.02343 0.5415 0.4688 0.6328 0.6328 0.6328"},
		{2, 1, "first 1.789 0.02738 5"},
		{2, 2, "second 0.2269 0.02541 155"},
	} {
		if got := strings.Join(cells(tt.table, tt.row), " "); !strings.HasPrefix(got, tt.want) {
			t.Errorf("row %d of table %d is %q, want %q", tt.row, tt.table, got, tt.want)
		}
	}
	if first := cells(0, 2); first[10] != "0.85" {
		t.Errorf("interquartile mean in %q", first)
	}
	if first, second := cells(2, 1), cells(2, 2); first[4] < "0.9" || first[7] != "no" || second[5] < "0.9" || second[7] != "yes" {
		t.Errorf("posteriors %q, %q", first, second)
	}
	code, text, _ = venn("measure", "scores", "scores.csv", "--json")
	var record struct {
		Methods   []struct{ Method string }
		Contrasts []struct {
			Method, Against string
			Difference      float64
			Student         []float64 `json:"student_95"`
		}
	}
	if err := json.Unmarshal([]byte(text), &record); code != exitOK || err != nil {
		t.Fatalf("exit %d, %v", code, err)
	}
	if c := record.Contrasts[1]; len(record.Methods) != 3 || c.Method != "second" || c.Against != "first" || c.Difference > -0.0374 || c.Student[0] > c.Difference {
		t.Errorf("%+v", record)
	}
}

// Tables that cannot be compared are refused with the place and what was wanted.
func TestMeasureScoresRefuses(t *testing.T) {
	sandbox(t)
	for want, text := range map[string]string{
		"scores.csv is empty, want a line of methods' names":                           "",
		"scores.csv: 1 methods, want at least two columns":                             "task,a\nx,1\n",
		"scores.csv: 1 rows, want at least two runs":                                   "a,b\n1,2\n",
		`scores.csv:3: b: "two", want a number`:                                        "a,b\n1,2\n1,two\n",
		`scores.csv:2: a: "NaN", want a finite number`:                                 "a,b\nNaN,2\n1,3\n",
		`scores.csv:1: column 1 is called "0.5", want the name of a method, each once`: "0.5,0.6\n1,2\n",
		`scores.csv:1: column 2 is called "a", want the name of a method, each once`:   "a,a\n1,2\n",
		"scores.csv: line 3: 3 fields, line 1 has 2":                                   "a,b\n1,2\n1,2,3\n",
	} {
		write(t, "scores.csv", text)
		if code, _, stderr := venn("measure", "scores", "scores.csv"); code != exitUsage || !strings.Contains(stderr, want) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("%q: exit %d, %q, want %q", text, code, stderr, want)
		}
	}
	write(t, "scores.csv", scoresTable)
	for want, args := range map[string][]string{
		`has no method "frist"; did you mean "first"?`: {"scores.csv", "--against", "frist"},
		"want a number above 0 and one from 0":         {"scores.csv", "--margin", "0"},
		"none.csv":                                     {"none.csv"},
	} {
		if code, _, stderr := venn(append([]string{"measure", "scores"}, args...)...); code != exitUsage || !strings.Contains(stderr, want) {
			t.Errorf("%v: exit %d, %q, want %q", args, code, stderr, want)
		}
	}
}
