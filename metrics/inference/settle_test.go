package inference

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
)

// byCounts are accuracies over 157 rows of a method with the given counts more right than one with these.
func byCounts(more []int) (a, b []float64) {
	for i, d := range more {
		right := []int{31, 100, 63, 77, 120, 90, 41, 12}[i]
		a, b = append(a, float64(right+d)/157), append(b, float64(right)/157)
	}
	return a, b
}

// Counts of 8 and -8, 4 and -4 tie, which their accuracies as they are rounded do not. By hand: sizes 1 4 4 7 8 8 15
// 16 have ranks 1 2.5 2.5 4 5.5 5.5 7 8; the negative ones 1, 4, 8 add up to 9, and 31 of the 256 sign vectors come
// to 9 or less, so that p is 62/256 = 0.2422; Holm's of two comparisons is 0.4844.
func TestWilcoxonOfCounts(t *testing.T) {
	more := []int{-8, -4, -1, 4, 7, 8, 15, 16}
	a, b := byCounts(more)
	if a[5]-b[5] == b[0]-a[0] {
		t.Fatal("the accuracies tie by themselves: the case shows nothing")
	}
	w := reference.Must[WilcoxonTest](t)(Wilcoxon(a, b))
	if w.P != 62.0/256 || w.Minus != 9 || w.Plus != 27 || w.N != 8 || !(math.Abs(w.Biserial-0.5) <= 1e-12) {
		t.Errorf("%+v, want p 0.2421875 of ranks 27 and 9", w)
	}
	scores := mat.NewDense(8, 3, nil)
	scores.SetCol(0, b)
	scores.SetCol(1, a)
	other, _ := byCounts([]int{1, -1, 2, -2, 3, -3, 4, -4})
	scores.SetCol(2, other)
	c := reference.Must[[]Comparison](t)(PairwiseHolm(scores, 0))
	if len(c) != 2 || c[0].Adjusted != 124.0/256 || c[1].Wilcoxon.P != 1 || c[1].Adjusted != 1 {
		t.Errorf("%+v, want Holm's 0.484375 and 1", c)
	}
}

// meanOf is rounded as it is added up, which constants are not.
func meanOf(v ...float64) float64 {
	var sum float64
	for _, u := range v {
		sum += u
	}
	return sum / float64(len(v))
}

// Means over seeds that are equal in counts differ by 0, in every test of pairs.
func TestZerosOfMeansOverSeeds(t *testing.T) {
	a := []float64{meanOf(0.1, 0.2, 0.3), 0.5, 0.9}
	b := []float64{meanOf(0.3, 0.2, 0.1), 0.4, 0.9}
	if a[0] == b[0] {
		t.Fatal("the means are equal by themselves: the case shows nothing")
	}
	d := reference.Must[[]float64](t)(Differences(a, b))
	if d[0] != 0 || !(math.Abs(d[1]-0.1) <= 1e-15) || d[2] != 0 {
		t.Errorf("differences %v, want 0, 0.1, 0", d)
	}
	if w := reference.Must[WilcoxonTest](t)(Wilcoxon(a, b)); w.N != 1 || w.Plus != 1 {
		t.Errorf("wilcoxon %+v, want one difference", w)
	}
	// Signs of the one difference: p = 1.
	if p := reference.Must[PairedTest](t)(PairedPermutation(a, b, 0)); p.P != 1 || p.Better != 0.5 {
		t.Errorf("sign flips %+v, want p 1 and 0.5", p)
	}
	if _, err := Differences([]float64{1}, []float64{1, 2}); err == nil {
		t.Error("lengths 1 and 2 are taken")
	}
	if _, err := Differences([]float64{math.NaN()}, []float64{1}); err == nil {
		t.Error("NaN is taken")
	}
}

// Sign flips tie by a share of the differences, in any unit: of 1, 2, 4 only all of one sign reach the sum.
func TestSignFlipsInAnyUnit(t *testing.T) {
	for _, unit := range []float64{1, 1e-13, 1e-30, 1e30} {
		p := reference.Must[PairedTest](t)(PairedPermutation([]float64{unit, 2 * unit, 4 * unit}, make([]float64, 3), 0))
		if p.P != 0.25 || p.Better != 0.125 {
			t.Errorf("unit %g: p %v and %v, want 1/4 and 1/8", unit, p.P, p.Better)
		}
	}
}

// Equal differences have no deviation, though their mean is rounded.
func TestEqualDifferencesOfT(t *testing.T) {
	a, b := byCounts([]int{8, 8, 8, 8, 8, 8, 8, 8})
	p := reference.Must[PairedTest](t)(PairedT(a, b))
	if p.P != 0 || p.Better != 0 || !math.IsInf(p.T, 1) || !math.IsNaN(p.Effect) || !slices.Contains(p.Warnings, "all differences are equal") {
		t.Errorf("%+v, want p 0 with a warning", p)
	}
}

// Equal scores get the mean of their ranks, and methods of equal sums of ranks the same mean rank: by hand, over two
// tasks, ranks 1 2.5 2.5 and 3 1.5 1.5, and over three tasks any order of 1 2 3 sums to 6.
func TestFriedmanOfEqualScores(t *testing.T) {
	third, other := meanOf(0.1, 0.2, 0.3), meanOf(0.3, 0.2, 0.1)
	f := reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(2, 3, []float64{0.5, third, other, 0.1, other, third}), true, 0))
	if !slices.Equal(f.Ranks, []float64{2, 2, 2}) {
		t.Errorf("ranks %v, want 2 2 2", f.Ranks)
	}
	f = reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(2, 3, []float64{0.5, third, other, 0.4, other, third}), true, 0))
	if !slices.Equal(f.Ranks, []float64{1, 2.5, 2.5}) {
		t.Errorf("ranks %v, want 1 2.5 2.5", f.Ranks)
	}
	f = reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(7, 3, []float64{
		3, 2, 1, 2, 1, 3, 1, 3, 2, 3, 1, 2, 2, 3, 1, 1, 2, 3, 2, 2, 2,
	}), false, 0))
	if f.Ranks[0] != f.Ranks[1] || f.Ranks[1] != f.Ranks[2] || f.Ranks[0] != 2 || f.P != 1 {
		t.Errorf("ranks %v, p %v, want 2 of each and 1", f.Ranks, f.P)
	}
}

func TestSettle(t *testing.T) {
	for _, tt := range []struct{ values, want []float64 }{
		{[]float64{2 * meanOf(0.1, 0.2), 1, 0.3}, []float64{0.3, 1, 0.3}},
		{[]float64{-1, -1 + 1e-13, 0, 1e-13}, []float64{-1, -1, 0, 0}},
		{[]float64{1, 1 + 1e-11}, []float64{1, 1 + 1e-11}},
		{[]float64{1e-30, 2e-30}, []float64{1e-30, 2e-30}},
		{nil, nil},
	} {
		if got := Settle(tt.values); !slices.Equal(got, tt.want) {
			t.Errorf("%v: %v, want %v", tt.values, got, tt.want)
		}
	}
}
