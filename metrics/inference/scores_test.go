package inference

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// scoresGolden are scores of three methods with what SciPy says of them (testdata/scores.py).
func scoresGolden(t *testing.T) (Table, map[string]map[string]json.RawMessage) {
	t.Helper()
	data, err := os.ReadFile("testdata/scores.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Scores map[string][]float64
		Want   map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &file); err != nil {
		t.Fatal(err)
	}
	table := Table{Methods: []string{"base", "first", "second"}, Tasks: make([]string, 8)}
	for _, m := range table.Methods {
		table.Scores = append(table.Scores, file.Scores[m])
	}
	return table, file.Want
}

// near compares numbers with those of a record.
func near(t *testing.T, record map[string]json.RawMessage, key string, tolerance float64, got ...float64) {
	t.Helper()
	var want []float64
	if err := json.Unmarshal(record[key], &want); err != nil {
		want = make([]float64, 1)
		if err := json.Unmarshal(record[key], &want[0]); err != nil {
			t.Fatal(key, err)
		}
	}
	if len(got) != len(want) {
		t.Fatalf("%s: %d numbers, want %d", key, len(got), len(want))
	}
	for i := range got {
		if !(math.Abs(got[i]-want[i]) <= tolerance) {
			t.Errorf("%s is %v, want %v", key, got, want)
		}
	}
}

func TestScores(t *testing.T) {
	table, want := scoresGolden(t)
	summaries, err := table.Summaries(1)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range summaries {
		r := want[table.Methods[i]]
		near(t, r, "mean", 1e-12, s.Mean)
		near(t, r, "sd", 1e-12, s.SD)
		near(t, r, "student", 1e-9, s.Student.Low, s.Student.High)
		near(t, r, "bca", 0.0013, s.Bootstrap.Low, s.Bootstrap.High) // of 9999 resamples, whose means go in steps of 0.00125
		near(t, r, "middle", 1e-12, s.Middle.Estimate)
		if s.Method != table.Methods[i] || s.N != 8 || !(s.Middle.Low < s.Middle.Estimate && s.Middle.Estimate < s.Middle.High) {
			t.Errorf("%+v", s)
		}
	}
	contrasts, err := table.Contrasts(0, 0.02, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	overlapping, err := table.Contrasts(0, 0.01, 0.5, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range contrasts {
		r := want[table.Methods[i+1]]
		near(t, r, "t", 1e-9, c.Student)
		near(t, r, "corrected", 1e-9, overlapping[i].Student)
		near(t, r, "difference", 1e-9, c.Mean.Low, c.Mean.High)
		near(t, r, "within", 1e-9, c.Within.Low, c.Within.High)
		near(t, r, "flips", 1e-12, c.Flips)
		near(t, r, "wilcoxon", 1e-12, c.SignedRank)
		near(t, r, "effect", 1e-9, c.Effect)
		near(t, r, "needed", 0, float64(c.Needed))
		near(t, r, "shown", 1e-9, c.SmallestShown)
		if c.Method != table.Methods[i+1] || c.Against != "base" || c.N != 8 {
			t.Errorf("%+v", c)
		}
	}
	// The second is within 0.02 of the base, but not within 0.01; the first in neither.
	if contrasts[0].Equivalent || !contrasts[1].Equivalent || overlapping[1].Equivalent {
		t.Errorf("equivalent: %v, %v; within 0.01 %v", contrasts[0].Equivalent, contrasts[1].Equivalent, overlapping[1].Equivalent)
	}
	if a, b := contrasts[0], contrasts[1]; a.Holm != 2*a.Flips || b.Holm != b.Flips || a.FalseRate != 2*a.Flips || b.FalseRate != b.Flips {
		t.Errorf("adjusted: %+v, %+v", a, b)
	}
	if p, q := contrasts[0].Posterior, contrasts[1].Posterior; p.First < 0.95 || q.Equal < 0.5 {
		t.Errorf("posteriors %+v and %+v", p, q)
	}
}

// Another method may be the one that others are compared with; the sign turns with it. Tasks
// keep their runs together.
func TestScoresTheOtherWay(t *testing.T) {
	table, _ := scoresGolden(t)
	if table.Best() != 1 {
		t.Errorf("the best is %d, want the first method", table.Best())
	}
	c, err := table.Contrasts(1, 0.02, 0, 1)
	if err != nil {
		t.Fatal(err)
	}
	if c[0].Method != "base" || c[1].Method != "second" || c[0].Against != "first" || !(math.Abs(c[0].Mean.Estimate+0.0425) <= 1e-12) || c[0].Posterior.Second < 0.95 {
		t.Errorf("%+v", c[0])
	}
	table.Tasks = []string{"p", "q", "p", "q", "q", "p", "p", "p"}
	if got := table.byTask([]float64{0, 1, 2, 3, 4, 5, 6, 7}); !slices.Equal(got[0], []float64{0, 2, 5, 6, 7}) || !slices.Equal(got[1], []float64{1, 3, 4}) {
		t.Errorf("by task %v", got)
	}
	one := Table{Methods: []string{"m", "n"}, Tasks: []string{""}, Scores: [][]float64{{0.5}, {0.75}}}
	s, err := one.Summaries(1)
	if err != nil || s[0].Mean != 0.5 || !math.IsNaN(s[0].SD) || !math.IsNaN(s[0].Bootstrap.Low) || s[1].Middle.Estimate != 0.75 {
		t.Errorf("one run: %+v, %v", s, err)
	}
	for _, tt := range []struct {
		margin, overlap float64
		want            string
	}{{0.1, 0, "n and m: metrics: paired t: 1 and 1 values"}, {0.1, 2, "n and m: metrics: paired t: 1 and 1 values"}} {
		if _, err := one.Contrasts(0, tt.margin, tt.overlap, 1); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%v", err)
		}
	}
	if _, err := table.Contrasts(0, 0, 0, 1); err == nil || !strings.Contains(err.Error(), "margin") && !strings.Contains(err.Error(), "equivalence") {
		t.Errorf("no margin: %v", err)
	}
	if _, err := table.Contrasts(0, 0.1, -1, 1); err == nil || !strings.Contains(err.Error(), "ratio") {
		t.Errorf("overlap below 0: %v", err)
	}
}
