package discrepancy

import (
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/metrics"
)

// Under permutations the area under the curve has the mean and the spread of Mann and Whitney's
// statistic, 1/2 and sqrt((m+n+1)/(12mn)) of m and n held-out rows, a half of each sample; of
// one law p is not small, of two far apart it is the smallest there is.
func TestAUROCUnderPermutations(t *testing.T) {
	const rows, permutations = 200, 499
	r := rand.New(rand.NewPCG(8, 8))
	x, y := mat.NewDense(rows, 2, nil), mat.NewDense(rows, 2, nil)
	for _, m := range []*mat.Dense{x, y} {
		m.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, m)
	}
	far := mat.DenseCopyOf(y)
	far.Apply(func(_, _ int, v float64) float64 { return v + 5 }, far)
	for name, tt := range map[string]struct {
		y         *mat.Dense
		low, high float64 // of p
	}{"one law": {y, 0.05, 1}, "two": {far, 1.0 / (permutations + 1), 1.0 / (permutations + 1)}} {
		got, err := DomainAUROC(x, tt.y, metrics.Settings{Permutations: permutations, Seed: 3})
		if err != nil || got.P == nil || len(got.Null) != permutations {
			t.Fatalf("%s: %+v, %v", name, got, err)
		}
		if p := *got.P; !(p >= tt.low-1e-12 && p <= tt.high+1e-12) {
			t.Errorf("%s: p is %v, want %v to %v", name, p, tt.low, tt.high)
		}
		mean, deviation := stat.MeanStdDev(got.Null, nil)
		const held = rows / 2
		want := math.Sqrt((2*held + 1.0) / (12 * held * held))
		if !(math.Abs(mean-0.5) <= 4*want/math.Sqrt(permutations)) || !(math.Abs(deviation/want-1) <= 4/math.Sqrt(2*permutations)) {
			t.Errorf("%s: the null has the mean %v and the deviation %v, want 0.5 and %v", name, mean, deviation, want)
		}
	}
}
