package inference

import (
	"math"
	"math/bits"
	"testing"

	"pgregory.net/rapid"
)

// By hand: of 0.2, 0.8 and 0.5 with scores 3, 1 and 2, one is 0.5 on average; of the pairs the
// first is chosen twice and the third once; of all three the first. The best of each subset: 0.5,
// (0.8 + 0.5 + 0.8)/3, 0.8.
func TestExpectedBestByHand(t *testing.T) {
	values := []float64{0.2, 0.8, 0.5}
	for _, tt := range []struct{ scores, want []float64 }{
		{[]float64{3, 1, 2}, []float64{0.5, 0.3, 0.2}},
		{values, []float64{0.5, 0.7, 0.8}},
		{[]float64{1, 1, 1}, []float64{0.5, (0.2 + 0.2 + 0.8) / 3, 0.2}},
		{[]float64{math.Inf(-1), 0, math.Inf(-1)}, []float64{0.5, (0.8 + 0.2 + 0.8) / 3, 0.8}},
	} {
		got, err := ExpectedBest(tt.scores, values)
		if err != nil {
			t.Fatal(err)
		}
		for n, want := range tt.want {
			if !(math.Abs(got[n]-want) <= 1e-15) {
				t.Errorf("scores %v, best of %d: %v, want %v", tt.scores, n+1, got[n], want)
			}
		}
	}
}

// Over every subset, one by one.
func TestExpectedBestOverAllSubsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 10).Draw(t, "items")
		scores := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) float64 { return float64(rapid.IntRange(-3, 3).Draw(t, "score")) }), n, n).Draw(t, "scores")
		values := rapid.SliceOfN(rapid.Float64Range(-1, 1), n, n).Draw(t, "values")
		got, err := ExpectedBest(scores, values)
		if err != nil || len(got) != n {
			t.Fatal(got, err)
		}
		sum, count := make([]float64, n), make([]float64, n)
		for set := uint(1); set < 1<<n; set++ {
			best := -1
			for i := range n {
				if set>>i&1 == 1 && (best < 0 || scores[i] > scores[best]) {
					best = i
				}
			}
			sum[bits.OnesCount(set)-1] += values[best]
			count[bits.OnesCount(set)-1]++
		}
		for k := range n {
			if want := sum[k] / count[k]; !(math.Abs(got[k]-want) <= 1e-12) {
				t.Errorf("best of %d among %v by %v: %v, want %v", k+1, values, scores, got[k], want)
			}
		}
	})
}

// Many items keep their digits: the mean first, the best last, rising between by their own values.
func TestExpectedBestOfMany(t *testing.T) {
	values := make([]float64, 5000)
	for i := range values {
		values[i] = float64((i * 7919) % len(values))
	}
	got, err := ExpectedBest(values, values)
	if err != nil {
		t.Fatal(err)
	}
	// The expected maximum of n of 0 ... N-1 is n (N+1)/(n+1) - 1.
	for _, n := range []int{1, 2, 20, 2500, 4999, 5000} {
		if want := float64(n)*5001/float64(n+1) - 1; !(math.Abs(got[n-1]-want) <= 1e-8) {
			t.Errorf("best of %d: %v, want %v", n, got[n-1], want)
		}
	}
}

func TestExpectedBestRefuses(t *testing.T) {
	for _, tt := range [][2][]float64{{{}, {}}, {{1}, {1, 2}}, {{math.NaN()}, {1}}, {{1}, {math.NaN()}}, {{1}, {math.Inf(1)}}} {
		if got, err := ExpectedBest(tt[0], tt[1]); err == nil {
			t.Errorf("%v: %v", tt, got)
		}
	}
}
