package inference

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/reference"
)

func TestErrorsOfProportionsAndIntervals(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(Wilson(0, 0)), "metrics: wilson interval: 0 of 0"},
		{second(Wilson(-1, 5)), "metrics: wilson interval: -1 of 5"},
		{second(Wilson(6, 5)), "metrics: wilson interval: 6 of 5"},
		{second(McNemar(-1, 2, 0)), "metrics: mcnemar: -1 and 2 rows of 0"},
		{second(McNemar(1, -2, 0)), "metrics: mcnemar: 1 and -2 rows of 0"},
		{second(McNemar(1, 2, -3)), "metrics: mcnemar: 1 and 2 rows of -3"},
		{second(McNemar(3, 2, 4)), "metrics: mcnemar: 3 and 2 rows of 4"},
		{second(OverSeeds(nil, 0.95)), "metrics: t-interval: no values"},
		{second(OverSeeds([]float64{1}, 1)), "metrics: t-interval: level 1, want a number between 0 and 1"},
		{second(OverSeeds([]float64{1}, 0)), "metrics: t-interval: level 0, want a number between 0 and 1"},
		{second(OverSeeds([]float64{1, math.Inf(1)}, 0.5)), "metrics: t-interval: value 1 is +Inf, want a finite number"},
		{second(OverSeeds([]float64{math.NaN()}, 0.5)), "metrics: t-interval: value 0 is NaN, want a finite number"},
	} {
		if got := fmt.Sprint(tt.err); got != tt.want {
			t.Errorf("error %q, want %q", got, tt.want)
		}
	}
}

// All hits end at 1, and begin where the closed form says.
func TestWilsonOfAllHits(t *testing.T) {
	if all := reference.Must[Interval](t)(Wilson(7, 7)); all.High != 1 || all.Estimate != 1 || all.N != 7 || !(math.Abs(all.Low-7/(7+3.8414588206941254)) <= 1e-12) {
		t.Errorf("Wilson, 7 of 7: %+v", all)
	}
}

// McNemar by hand: 1 and 3 rows of 16; 13 and 13 of 100, the least number with the normal form.
func TestMcNemarByHand(t *testing.T) {
	m := reference.Must[McNemarTest](t)(McNemar(1, 3, 16))
	// P(Bin(4, 1/2) <= 1) = 5/16, P(= 1) = 4/16.
	if m.First != 1 || m.Second != 3 || !(math.Abs(m.Exact-0.625) <= 1e-12) || !(math.Abs(m.MidP-0.375) <= 1e-12) || !math.IsNaN(m.ChiSquare) {
		t.Errorf("%+v", m)
	}
	if m.Difference != -0.125 || !(math.Abs(m.StandardError-math.Sqrt(3.75)/16) <= 1e-12) {
		t.Errorf("%+v", m)
	}
	even := reference.Must[McNemarTest](t)(McNemar(13, 13, 26))
	if even.Exact != 1 || even.ChiSquare != 1 || even.Difference != 0 || !(math.Abs(even.StandardError-1/math.Sqrt(26)) <= 1e-12) {
		t.Errorf("%+v", even)
	}
	if m := reference.Must[McNemarTest](t)(McNemar(13, 12, 0)); !math.IsNaN(m.ChiSquare) || m.Difference != 0 || m.StandardError != 0 {
		t.Errorf("25 rows: %+v", m)
	}
	// |20 - 6| - 1 = 13, 169/26 = 6.5: erfc(sqrt(6.5/2)).
	if m := reference.Must[McNemarTest](t)(McNemar(20, 6, 0)); !(math.Abs(m.ChiSquare-math.Erfc(math.Sqrt(3.25))) <= 1e-12) {
		t.Errorf("26 rows: %+v", m)
	}
}

// A bootstrap over rows whose statistic is one row: the means of resamples are those of the rows drawn.
func TestReplicatesByHand(t *testing.T) {
	first := func(rows []int) float64 { return float64(rows[0]) }
	b := reference.Must[*Replicates](t)(Resample(4, 4000, 1, "first", first))
	var count [4]int
	for _, v := range b.Sorted {
		count[int(v)]++
	}
	for k, c := range count {
		if c < 850 || c > 1150 { // 1000, standard deviation 27
			t.Errorf("row %d drawn first %d of 4000 times", k, c)
		}
	}
	if b.Estimate != 0 || b.N != 4 || !slices.IsSorted(b.Sorted) {
		t.Errorf("estimate %v of %d rows", b.Estimate, b.N)
	}
	i := reference.Must[Interval](t)(b.Percentile(0.95))
	if i.Low != 0 || i.High != 3 || !slices.Equal(i.Warnings, []string{"4 rows: the interval is too short"}) {
		t.Errorf("%+v", i)
	}
	ten := reference.Must[*Replicates](t)(Resample(10, 5, 1, "first", first))
	if i := reference.Must[Interval](t)(ten.Percentile(0.5)); i.Warnings != nil {
		t.Errorf("ten rows: %+v", i)
	}
	// Left out are all rows one at a time up to 2000, then 200 groups: each row is left out once.
	for _, tt := range []struct{ n, groups int }{{5, 5}, {2000, 2000}, {2001, 200}} {
		left := make([]int, tt.n)
		r := &Replicates{N: tt.n}
		err := r.LeaveOut(func(rows []int) float64 {
			in := make([]bool, tt.n)
			for _, i := range rows {
				in[i] = true
			}
			for i := range in {
				if !in[i] {
					left[i]++
				}
			}
			return float64(len(rows))
		})
		if err != nil || len(r.Jackknife) != tt.groups || slices.Min(left) != 1 || slices.Max(left) != 1 {
			t.Errorf("%d rows: %d groups, %v", tt.n, len(r.Jackknife), err)
		}
	}
	if _, err := Resample(3, 5, 1, "nan", func([]int) float64 { return math.NaN() }); fmt.Sprint(err) != "metrics: bootstrap: value 0 is NaN, want a finite number" {
		t.Errorf("a statistic that is not finite: %v", err)
	}
}
