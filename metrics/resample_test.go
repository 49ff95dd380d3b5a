package metrics_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// No permutation comes twice, whichever lot it is of; each has every row once.
func TestPermutationsDiffer(t *testing.T) {
	for _, s := range []metrics.Settings{{Permutations: 600, Seed: 3}, {Permutations: 600, Seed: 3, Sequential: true}} {
		r := metrics.Result{Name: "lots"}
		var seen []string
		calls := 0
		r.Test(1, 20, s, 0, func(lot [][]int) []float64 {
			calls++
			for _, p := range lot {
				seen = append(seen, fmt.Sprint(p))
				if sorted := slices.Sorted(slices.Values(p)); len(sorted) != 20 || sorted[0] != 0 || len(slices.Compact(sorted)) != 20 {
					t.Fatalf("permutation %v", p)
				}
			}
			return make([]float64, len(lot))
		})
		slices.Sort(seen)
		if n := len(slices.Compact(seen)); n != 600 || r.Resamples != 600 || len(r.Null) != 600 || *r.P != 1.0/601 {
			t.Errorf("%d of 600 permutations differ; %d resamples, p %v", n, r.Resamples, *r.P)
		}
		if most := metrics.Lots(20, s); calls != most {
			t.Errorf("%d lots, %d were announced", calls, most)
		}
	}
}

// nulls gives permutation b the b-th value, whatever it is.
func nulls(values func(b int) float64) func(lot [][]int) []float64 {
	b := 0
	return func(lot [][]int) []float64 {
		out := make([]float64, len(lot))
		for i := range out {
			out[i] = values(b)
			b++
		}
		return out
	}
}

// p-values by hand: (1 + reached)/(1 + drawn); all n! without the one; 20 over those made for a test that stops.
func TestPValuesByHand(t *testing.T) {
	every := func(k int) func(b int) float64 {
		return func(b int) float64 {
			if b%k == k-1 {
				return 5 - 1e-9 // reaches the statistic within the tolerance
			}
			return 4
		}
	}
	for _, tt := range []struct {
		name            string
		rows            int
		s               metrics.Settings
		values          func(b int) float64
		p               float64
		method          string
		resamples, lots int
	}{
		{"drawn", 30, metrics.Settings{Permutations: 300}, every(10), 31.0 / 301, "permutation", 300, 1},
		{"in two lots", 30, metrics.Settings{Permutations: 1025}, every(5), 206.0 / 1026, "permutation", 1025, 2},
		{"of 4 rows", 4, metrics.Settings{Permutations: 1}, every(6), 4.0 / 24, "exact permutation", 24, 1},
		{"of 8 rows", 8, metrics.Settings{Permutations: 1, Sequential: true}, every(40), 1008.0 / 40320, "exact permutation", 40320, 40},
		{"stops in the first lot", 30, metrics.Settings{Permutations: 999, Sequential: true}, every(2), 20.0 / 40, "sequential permutation", 40, 16},
		{"stops in a later lot", 30, metrics.Settings{Permutations: 999, Sequential: true}, every(10), 20.0 / 200, "sequential permutation", 200, 16},
		{"does not stop", 30, metrics.Settings{Permutations: 100, Sequential: true}, every(10), 11.0 / 101, "sequential permutation", 100, 2},
	} {
		r := metrics.Result{Name: "by hand"}
		r.Test(5, tt.rows, tt.s, 1e-8, nulls(tt.values))
		if r.P == nil || !(math.Abs(*r.P-tt.p) <= 1e-15) || r.Method != tt.method || r.Resamples != tt.resamples || len(r.Null) != tt.resamples {
			t.Errorf("%s: %v by %s, %d resamples, null of %d; want %v by %s, %d", tt.name, *r.P, r.Method, r.Resamples, len(r.Null), tt.p, tt.method, tt.resamples)
		}
		if got := metrics.Lots(tt.rows, tt.s); got != tt.lots {
			t.Errorf("%s: %d lots, want %d", tt.name, got, tt.lots)
		}
	}
	r := metrics.Result{}
	r.Test(5, 30, metrics.Settings{}, 0, nulls(every(2)))
	if r.P != nil || r.Method != "" || r.Null != nil || metrics.Lots(30, metrics.Settings{}) != 0 || metrics.Lots(4, metrics.Settings{}) != 0 {
		t.Errorf("no permutations asked for: %+v", r)
	}
}

// Of 1<<14 rows no more than 256 permutations are handed out at a time; of few no more than 1024.
func TestLotsHoldMemory(t *testing.T) {
	for _, tt := range []struct{ rows, want int }{{9, 3}, {4096, 3}, {8192, 5}, {16384, 9}, {1 << 20, 9}} {
		if got := metrics.Lots(tt.rows, metrics.Settings{Permutations: 2050}); got != tt.want {
			t.Errorf("%d rows: %d lots of 2050, want %d", tt.rows, got, tt.want)
		}
	}
}

func TestResultsOfFewOrCollapsedRows(t *testing.T) {
	if r := metrics.Start("m", 99, metrics.Settings{Seed: 4}); r.Name != "m" || r.N != 99 || r.Seed != 4 || !slices.Equal(r.Warnings, []string{"99 rows, fewer than 100"}) {
		t.Errorf("99 rows: %+v", r)
	}
	if r := metrics.Start("m", 100, metrics.Settings{}); len(r.Warnings) != 0 {
		t.Errorf("100 rows: %+v", r)
	}
	half := 0.5
	full := metrics.Result{Name: "m", Value: 3, P: &half, Method: "permutation", Resamples: 9, Null: []float64{1}, Interval: []float64{1, 2}, Warnings: []string{"first"}}
	for _, tested := range []bool{true, false} {
		r := full.Collapse("all rows equal", tested)
		if r.Value != 0 || !r.Degenerate || r.Null != nil || r.Interval != nil || !slices.Equal(r.Warnings, []string{"first", "collapsed: all rows equal"}) {
			t.Errorf("collapsed: %+v", r)
		}
		if tested && (*r.P != 1 || r.Method != "degenerate" || r.Resamples != 0) {
			t.Errorf("collapsed under a test: p %v by %s of %d", *r.P, r.Method, r.Resamples)
		}
	}
	var r metrics.Result
	r.Approximate(0.25, "gamma")
	if *r.P != 0.25 || r.Method != "gamma" {
		t.Errorf("approximated: %+v", r)
	}
}

func TestCheckPairSaysWhat(t *testing.T) {
	nan := mat.NewDense(3, 2, []float64{0, 0, 0, 0, 0, math.NaN()})
	for _, tt := range []struct {
		x, y   *mat.Dense
		least  int
		paired bool
		want   string
	}{
		{numbered(0, 5), numbered(0, 6), 2, true, "metrics: m: 5 rows in x, 6 in y, want pairs"},
		{numbered(0, 3), nan, 2, false, "metrics: m: 1 columns in x, 2 in y, want as many"},
		{numbered(0, 3), numbered(0, 4), 4, false, "metrics: m: 3 rows, want at least 4"},
		{numbered(0, 4), numbered(0, 3), 4, false, "metrics: m: 3 rows, want at least 4"},
		{nan, numbered(0, 3), 3, true, "metrics: m: x: row 2, column 1 is NaN, want a finite number"},
		{numbered(0, 3), nan, 3, true, "metrics: m: y: row 2, column 1 is NaN, want a finite number"},
		{&mat.Dense{}, &mat.Dense{}, 0, true, "metrics: m: x: 0 rows and 0 columns, want at least one of each"},
		{numbered(0, 3), numbered(0, 4), 3, false, ""},
		{numbered(0, 3), mat.NewDense(3, 2, nil), 3, true, ""},
	} {
		err := metrics.CheckPair("m", tt.x, tt.y, tt.least, tt.paired)
		if (err == nil) != (tt.want == "") || err != nil && err.Error() != tt.want {
			t.Errorf("error %v, want %q", err, tt.want)
		}
	}
}

func TestLabelsAreWholeNumbers(t *testing.T) {
	got, err := metrics.Labels("m", []float64{-1e9, 0, 3, 1e9})
	if err != nil || !slices.Equal(got, []int{-1e9, 0, 3, 1e9}) {
		t.Errorf("labels %v, %v", got, err)
	}
	for _, bad := range []float64{0.5, 1e9 + 1, math.Inf(1), math.NaN()} {
		want := fmt.Sprintf("metrics: m: label of row 1 is %v, want a whole number", bad)
		if _, err := metrics.Labels("m", []float64{1, bad}); err == nil || err.Error() != want {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// A permutation at just the threshold counts; the 20th may be the first of a lot.
func TestThresholdsAreReached(t *testing.T) {
	if p := metrics.PValue(5, []float64{4, 4.5, 3, 6}, 0.5, false); p != 3.0/5 {
		t.Errorf("drawn: p %v, want 3/5", p)
	}
	if p := metrics.PValue(5, []float64{4, 4.5, 5, 6}, 0.5, true); p != 3.0/4 {
		t.Errorf("exact: p %v, want 3/4", p)
	}
	r := metrics.Result{Name: "by hand"}
	r.Test(5, 30, metrics.Settings{Permutations: 999, Sequential: true}, 0, nulls(func(b int) float64 {
		if b < 19 || b == 64 { // the first of the second lot
			return 5
		}
		return 0
	}))
	if *r.P != 20.0/65 || r.Resamples != 65 {
		t.Errorf("p %v of %d, want 20/65", *r.P, r.Resamples)
	}
}
