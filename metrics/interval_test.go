package metrics_test

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// numbered has one column, the row's number from 1000*block on.
func numbered(block, n int) *mat.Dense {
	out := mat.NewDense(n, 1, nil)
	for i := range n {
		out.Set(i, 0, float64(1000*block+i))
	}
	return out
}

// halves is a measure that notes the rows of every call; its value is the sum of all rows.
func halves(kind metrics.Kind, seen *[][2][]float64) metrics.Descriptor {
	return metrics.Descriptor{Name: "halves", Kind: kind, Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
		a, b := mat.Col(nil, 0, x), mat.Col(nil, 0, y)
		*seen = append(*seen, [2][]float64{a, b})
		if s.Permutations != 0 || s.Seed != 7 {
			return metrics.Result{}, fmt.Errorf("%d permutations of seed %d", s.Permutations, s.Seed)
		}
		return metrics.Result{Value: mat.Sum(x) + mat.Sum(y)}, nil
	}}
}

// distinctOf says whether rows are so many, each once, of a block numbered to n.
func distinctOf(rows []float64, block, n, count int) bool {
	rows = slices.Sorted(slices.Values(rows))
	return len(slices.Compact(slices.Clone(rows))) == count && len(rows) == count && rows[0] >= float64(1000*block) && rows[count-1] < float64(1000*block+n)
}

// With 61 halves the 2.5% quantile lies at 1.5 among 0 to 60: half-way between the second and the third.
func TestSubsampleByHand(t *testing.T) {
	for _, tt := range []struct {
		kind metrics.Kind
		m, n int
	}{{metrics.Independence, 15, 15}, {metrics.Discrepancy, 10, 31}} {
		var seen [][2][]float64
		d := halves(tt.kind, &seen)
		r := metrics.Result{Value: 100}
		if err := d.Subsample(&r, numbered(0, tt.m), numbered(1, tt.n), 61, metrics.Settings{Seed: 7, Permutations: 99}); err != nil {
			t.Fatal(err)
		}
		var values, all []float64
		for _, pair := range seen {
			x, y := pair[0], pair[1]
			if !distinctOf(x, 0, tt.m, tt.m/2) || !distinctOf(y, 1, tt.n, tt.n/2) {
				t.Fatalf("%v: halves %v and %v", tt.kind, x, y)
			}
			paired := slices.EqualFunc(x, y, func(u, v float64) bool { return v == u+1000 })
			if paired != (tt.kind == metrics.Independence) {
				t.Errorf("%v: rows %v beside %v", tt.kind, x, y)
			}
			var sum float64
			for _, v := range slices.Concat(x, y) {
				sum += v
			}
			values, all = append(values, sum), append(all, y...)
		}
		if distinct := slices.Compact(slices.Sorted(slices.Values(all))); len(distinct) != tt.n {
			t.Errorf("%v: all halves together hold %d of %d rows", tt.kind, len(distinct), tt.n)
		}
		var mean float64
		for _, v := range values {
			mean += v / 61
		}
		slices.Sort(values)
		low, high := 100+(values[1]+values[2])/2-mean, 100+(values[58]+values[59])/2-mean
		if len(r.Interval) != 2 || !(math.Abs(r.Interval[0]-low) <= 1e-9) || !(math.Abs(r.Interval[1]-high) <= 1e-9) || len(r.Warnings) != 0 || low == high {
			t.Errorf("%v: interval %v, want %v and %v; warnings %q", tt.kind, r.Interval, low, high, r.Warnings)
		}
	}
}

func TestSubsampleOfCollapsedHalves(t *testing.T) {
	for _, tt := range []struct {
		every    int // so many calls, one collapses
		count    int
		warning  string
		interval bool
	}{{5, 50, "10 of 50 subsamples collapsed", true}, {4, 52, "13 of 52 subsamples collapsed", false}} {
		calls := 0
		d := metrics.Descriptor{Name: "collapses", Compute: func(x, _ *mat.Dense, _ metrics.Settings) (metrics.Result, error) {
			calls++
			return metrics.Result{Value: mat.Sum(x), Degenerate: calls%tt.every == 0}, nil
		}}
		var r metrics.Result
		err := d.Subsample(&r, numbered(0, 20), numbered(0, 20), tt.count, metrics.Settings{})
		if err != nil || !slices.Equal(r.Warnings, []string{tt.warning}) || (r.Interval != nil) != tt.interval {
			t.Errorf("one of %d: %+v, %v", tt.every, r, err)
		}
	}
}

func TestSubsampleErrors(t *testing.T) {
	x := numbered(0, 10)
	d := metrics.Descriptor{Name: "fails", Compute: func(_, _ *mat.Dense, _ metrics.Settings) (metrics.Result, error) {
		return metrics.Result{}, errors.New("few rows")
	}}
	var r metrics.Result
	if err := d.Subsample(&r, x, x, 39, metrics.Settings{}); err == nil || err.Error() != "metrics: fails: 39 subsamples, want at least 40 for an interval" {
		t.Errorf("39 subsamples: %v", err)
	}
	if err := d.Subsample(&r, x, x, 40, metrics.Settings{}); err == nil || !strings.Contains(err.Error(), "interval by halves: few rows") {
		t.Errorf("a measure that fails: %v", err)
	}
}
