package inference

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
)

func TestErrorsNameWhatWasAsked(t *testing.T) {
	one, two := []float64{1}, []float64{1, 2}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{second(PairedPermutation(one, two, 0)), "metrics: paired permutation: 1 and 2 values, want as many and at least 1"},
		{second(PairedPermutation(nil, nil, 0)), "metrics: paired permutation: 0 and 0 values, want as many and at least 1"},
		{second(PairedT(one, one)), "metrics: paired t: 1 and 1 values, want as many and at least 2"},
		{second(CorrectedT(one, one, 0)), "metrics: corrected t: 1 and 1 values, want as many and at least 2"},
		{second(CorrectedT(two, two, -0.5)), "metrics: corrected t: ratio of test to training rows -0.5, want a number from 0"},
		{second(CorrectedT(two, two, math.Inf(1))), "metrics: corrected t: ratio of test to training rows +Inf, want a number from 0"},
		{second(Wilcoxon(nil, nil)), "metrics: wilcoxon: 0 and 0 values, want as many and at least 1"},
		{second(Friedman(mat.NewDense(1, 3, nil), true, 0)), "metrics: friedman: 1 tasks and 3 methods, want at least two of each"},
		{second(Friedman(mat.NewDense(3, 1, nil), true, 0)), "metrics: friedman: 3 tasks and 1 methods, want at least two of each"},
		{second(NemenyiQuantile(1, 0.05)), "metrics: nemenyi: 1 methods at level 0.05, want at least 2 and a level between 0 and 1"},
		{second(NemenyiQuantile(3, 0)), "metrics: nemenyi: 3 methods at level 0, want at least 2 and a level between 0 and 1"},
		{second(NemenyiQuantile(3, 1)), "metrics: nemenyi: 3 methods at level 1, want at least 2 and a level between 0 and 1"},
		{second(CriticalDifference(3, 0, 0.05)), "metrics: nemenyi: 0 tasks, want at least 1"},
		{second(PairwiseHolm(mat.NewDense(3, 2, nil), 2)), "metrics: pairwise tests: method 2 of 2, want at least two and one of them"},
		{second(PairwiseHolm(mat.NewDense(3, 1, nil), -1)), "metrics: pairwise tests: method -1 of 1, want at least two and one of them"},
		{second(BenjaminiHochberg([]float64{-0.5})), "metrics: benjamini-hochberg: p-value 0 is -0.5, want 0 to 1"},
		{second(Holm([]float64{-0.5})), "metrics: holm: p-value 0 is -0.5, want 0 to 1"},
		{second(BayesianSignedRank(one, two, 0, 0)), "metrics: bayesian signed rank: 1 and 2 values, want as many and at least 1"},
		{second(Resample(0, 5, 0, "x", nil)), "metrics: bootstrap: 0 rows and 5 resamples, want at least one of each"},
		{second(Resample(5, 0, 0, "x", nil)), "metrics: bootstrap: 5 rows and 0 resamples, want at least one of each"},
		{second((&Replicates{N: 3}).BCa(0.95)), "metrics: bca interval: no jackknife: call LeaveOut first"},
		{second(SeedsNeeded(1, 0, 0.8)), "metrics: seeds needed: effect 1, level 0, power 0.8: want an effect and levels between 0 and 1"},
		{second(SeedsNeeded(1, 0.05, 1)), "metrics: seeds needed: effect 1, level 0.05, power 1: want an effect and levels between 0 and 1"},
		{second(SeedsNeeded(0.001, 0.05, 0.8)), "metrics: seeds needed: effect 0.001 needs more than 100000"},
		{second(SmallestShown(1, 2)), "metrics: smallest difference shown: 1 seeds, deviation 2"},
		{second(SmallestShown(2, -1)), "metrics: smallest difference shown: 2 seeds, deviation -1"},
		{second(InterquartileMean(nil, 7, 0.95, 0)), "metrics: interquartile mean: 0 tasks and 7 resamples, want at least one of each"},
		{second(InterquartileMean([][]float64{{1}}, 0, 0.95, 0)), "metrics: interquartile mean: 1 tasks and 0 resamples, want at least one of each"},
	} {
		if got := fmt.Sprint(tt.err); got != tt.want {
			t.Errorf("error %q, want %q", got, tt.want)
		}
	}
	if _, _, err := Equivalent(two, two, 0); fmt.Sprint(err) != "metrics: equivalence: margin 0, want a number above 0" {
		t.Errorf("no margin: %v", err)
	}
}

// One difference d and the prior's zero, of weights w ~ Beta(1, 1/2) and 1 - w: the pair with itself counts w^2, the two
// together 2 w (1-w) at the mean d/2, zero with itself the rest. For d > 2 rope the first method has 1 - (1-w)^2, above a half
// with the chance 2^(-1/4); for rope < d < 2 rope only w^2, with the chance sqrt(1 - sqrt(1/2)).
func TestSignedRankPosteriorByHand(t *testing.T) {
	for _, tt := range []struct{ d, want float64 }{
		{1, math.Pow(2, -0.25)}, {0.6, math.Sqrt(1 - math.Sqrt(0.5))}, {0.4, 0},
	} {
		p := reference.Must[Posterior](t)(BayesianSignedRank([]float64{tt.d}, []float64{0}, 0.45, 3))
		q := reference.Must[Posterior](t)(BayesianSignedRank([]float64{0}, []float64{tt.d}, 0.45, 3))
		if !(math.Abs(p.First-tt.want) <= 0.008) || p.Second != 0 || !(math.Abs(p.First+p.Equal-1) <= 1e-12) {
			t.Errorf("difference %v: %+v, want %v", tt.d, p, tt.want)
		}
		if q.Second != p.First || q.First != 0 || q.Equal != p.Equal {
			t.Errorf("difference %v the other way: %+v", -tt.d, q)
		}
	}
	// A difference of just the rope is practically equal, in both tests.
	for name, f := range map[string]func(a, b []float64, rope float64, seed uint64) (Posterior, error){"signed rank": BayesianSignedRank} {
		for _, d := range []float64{0.5, -0.5} {
			if p := reference.Must[Posterior](t)(f([]float64{d, d}, []float64{0, 0}, 0.5, 1)); p != (Posterior{Equal: 1}) {
				t.Errorf("%s of a difference of the rope: %+v", name, p)
			}
		}
	}
}

// Sign flips by hand: differences 1 and 3 have the sums 4, 2, -2, -4 under all signs.
func TestSignFlipsByHand(t *testing.T) {
	for _, tt := range []struct {
		d         []float64
		p, better float64
	}{
		{[]float64{1, 3}, 0.5, 0.25},
		{[]float64{-1, 3}, 1, 0.5},
		{[]float64{-1, -3}, 0.5, 1},
		{[]float64{2}, 1, 0.5},
	} {
		got := reference.Must[PairedTest](t)(PairedPermutation(tt.d, make([]float64, len(tt.d)), 0))
		least := fmt.Sprintf("%d pairs: no two-sided p below %.3g exists", len(tt.d), math.Exp2(1-float64(len(tt.d))))
		if got.P != tt.p || got.Better != tt.better || got.Method != "exact permutation" || !math.IsNaN(got.T) || !slices.Equal(got.Warnings, []string{least}) {
			t.Errorf("%v: %+v", tt.d, got)
		}
	}
	// Of 17 pairs that agree, 9999 drawn flips with the observed: 2 in 2^17 are as far, so that the least p is 1/10000.
	all := slices.Repeat([]float64{1}, 17)
	for seed := range uint64(3) {
		got := reference.Must[PairedTest](t)(PairedPermutation(all, make([]float64, 17), seed))
		if p := got.P * 10000; !(math.Abs(p-math.Round(p)) <= 1e-9) || p < 1 || p > 4 || got.Better > got.P || got.Better < 1e-4 || got.Warnings != nil {
			t.Errorf("17 pairs that agree: %+v", got)
		}
	}
	// Of 70 pairs of +-1 with the sum 10: P(|S| >= 10) of a binomial law, more than one word of signs.
	d := make([]float64, 70)
	for i := range d {
		d[i] = 1
		if i%7 >= 4 {
			d[i] = -1
		}
	}
	want := 0.0
	ways := math.Exp2(-70) // of k positive signs
	for k := range 71 {
		if sum := 2*k - 70; sum >= 10 || sum <= -10 {
			want += ways
		}
		ways *= float64(70-k) / float64(k+1)
	}
	if got := reference.Must[PairedTest](t)(PairedPermutation(d, make([]float64, 70), 5)); !(math.Abs(got.P-want) <= 0.02) || !(math.Abs(got.Better-want/2) <= 0.015) {
		t.Errorf("70 pairs: p %v and %v, want %v and %v", got.P, got.Better, want, want/2)
	}
}

// Equal differences have no deviation: what both t-tests say of them.
func TestTOfEqualDifferences(t *testing.T) {
	for _, tt := range []struct{ d, t, p, better float64 }{
		{0, 0, 1, 1}, {2, math.Inf(1), 0, 0}, {-2, math.Inf(-1), 0, 1},
	} {
		a := []float64{tt.d, tt.d, tt.d}
		for _, got := range []PairedTest{reference.Must[PairedTest](t)(PairedT(a, make([]float64, 3))), reference.Must[PairedTest](t)(CorrectedT(a, make([]float64, 3), 0.5))} {
			if got.T != tt.t || got.P != tt.p || got.Better != tt.better || got.N != 3 || got.Mean != tt.d || !slices.Equal(got.Warnings, []string{"all differences are equal"}) {
				t.Errorf("differences of %v: %+v", tt.d, got)
			}
		}
	}
	// Two differences 1 and 3: t = 2/(sqrt 2/sqrt 2) = 2 of one degree, p = 1 - 2 atan(2)/pi; with the ratio 3/2, t = 1, p = 1/2.
	a, zero := []float64{1, 3}, []float64{0, 0}
	plain, corrected := reference.Must[PairedTest](t)(PairedT(a, zero)), reference.Must[PairedTest](t)(CorrectedT(a, zero, 1.5))
	want := 1 - 2*math.Atan(2)/math.Pi
	if !(math.Abs(plain.P-want) <= 1e-12) || !(math.Abs(plain.Better-want/2) <= 1e-12) || !(math.Abs(plain.T-2) <= 1e-12) || !(math.Abs(plain.Effect-math.Sqrt2) <= 1e-12) || plain.Method != "t" {
		t.Errorf("%+v, want p %v", plain, want)
	}
	if !(math.Abs(corrected.P-0.5) <= 1e-12) || !(math.Abs(corrected.Better-0.25) <= 1e-12) || !(math.Abs(corrected.T-1) <= 1e-12) || corrected.Method != "corrected t" {
		t.Errorf("%+v", corrected)
	}
	if zero := reference.Must[PairedTest](t)(CorrectedT(a, zero, 0)); !(math.Abs(zero.T-2) <= 1e-12) {
		t.Errorf("ratio 0 is Student's: %+v", zero)
	}
	// Two seeds: (12.7062047364 + 1.3763819205) / sqrt(2), quantiles of one degree, tan(0.475 pi) and tan(0.3 pi).
	if v := reference.Must[float64](t)(SmallestShown(2, 3)); !(math.Abs(v-3*(math.Tan(0.475*math.Pi)+math.Tan(0.3*math.Pi))/math.Sqrt2) <= 1e-9) {
		t.Errorf("two seeds: %v", v)
	}
}

// Seeds are drawn within each task: with a middle half of tasks that do not vary, neither does the mean.
func TestInterquartileMeanByTask(t *testing.T) {
	flat := [][]float64{{1, 1, 1, 1, 1}, {2, 2, 2, 2, 2}, {3, 3, 3, 3, 3}, {9, 9, 9, 9, 9}}
	i := reference.Must[Interval](t)(InterquartileMean(flat, 50, 0.95, 1))
	if i.Estimate != 2.5 || i.Low != 2.5 || i.High != 2.5 || i.N != 20 || i.Warnings != nil {
		t.Errorf("%+v", i)
	}
	// One task of two seeds and one of six: the warning names the fewest, wherever it stands; no quarter of 3 is cut.
	for _, scores := range [][][]float64{{{1, 3}, {2, 2, 2, 2, 2, 2}}, {{2, 2, 2, 2, 2, 2}, {1, 3}}} {
		i := reference.Must[Interval](t)(InterquartileMean(scores, 50, 0.95, 1))
		if i.Estimate != 2 || !slices.Equal(i.Warnings, []string{"2 seeds in a task, fewer than 5"}) {
			t.Errorf("%+v", i)
		}
	}
	if i := reference.Must[Interval](t)(InterquartileMean([][]float64{{1, 2, 6}}, 1, 0.95, 1)); i.Estimate != 3 {
		t.Errorf("three scores: %+v", i)
	}
	// Of 2001 resamples of the scores 0 and 1 the mean is 0, 1/2 or 1 with the chances 1/4, 1/2, 1/4: at the level 0.4 the
	// interval is 1/2 alone, at 0.6 all.
	for level, want := range map[float64][2]float64{0.4: {0.5, 0.5}, 0.6: {0, 1}} {
		i := reference.Must[Interval](t)(InterquartileMean([][]float64{{0, 1}}, 2001, level, 1))
		if i.Low != want[0] || i.High != want[1] {
			t.Errorf("level %v: %v to %v", level, i.Low, i.High)
		}
	}
}

// Friedman's numbers by hand: two tasks and two methods that differ, p of permutations a half.
func TestFriedmanByHand(t *testing.T) {
	f := reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(2, 2, []float64{1, 2, 3, 4}), true, 1))
	if f.Tasks != 2 || f.Methods != 2 || !slices.Equal(f.Ranks, []float64{2, 1}) || !(math.Abs(f.ChiSquare-2) <= 1e-12) || !math.IsInf(f.F, 1) || f.PF != 0 || f.Method != "permutation" || !(math.Abs(f.P-0.5) <= 0.02) {
		t.Errorf("%+v", f)
	}
	// Ranks (1, 2, 3) and (1, 2.5, 2.5), lower better: means 1, 2.25, 2.75; sum of squares 1 + 1/16 + 9/16 = 13/8; 12*2/12 of it
	// is 13/4; ties 6 of 2*3*8 = 48: over 7/8 it is 26/7; F = 26/7 / (4 - 26/7) = 13.
	f = reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(2, 3, []float64{1, 2, 3, 0, 5, 5}), false, 1))
	if !slices.Equal(f.Ranks, []float64{1, 2.25, 2.75}) || !(math.Abs(f.ChiSquare-26.0/7) <= 1e-12) || !(math.Abs(f.F-13) <= 1e-9) || !(math.Abs(f.PChiSquare-math.Exp(-13.0/7)) <= 1e-12) || !(math.Abs(f.PF-1.0/14) <= 1e-12) {
		t.Errorf("%+v", f) // F of 2 and 2 degrees: P(F > f) = 1/(1 + f)
	}
	tied := reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(2, 2, nil), true, 1))
	if tied.P != 1 || tied.PF != 1 || tied.PChiSquare != 1 || tied.Method != "Iman-Davenport F" || !slices.Equal(tied.Warnings, []string{"all methods are tied on every task"}) {
		t.Errorf("all tied: %+v", tied)
	}
	// A clear order on 5 of 9 tasks is rare: no permutation of 9999 but the observed reaches 9 tasks in agreement.
	same := mat.NewDense(9, 3, nil)
	same.Apply(func(_, j int, _ float64) float64 { return float64(j) }, same)
	if f := reference.Must[FriedmanTest](t)(Friedman(same, true, 1)); f.P != 1e-4 {
		t.Errorf("nine tasks in agreement: p %v, want 1/10000", f.P)
	}
}

// What stands at a bound, by hand: ropes and margins of 0 and of just the end, warnings of just 0.05, cuts of scores.
func TestBoundsByHand(t *testing.T) {
	if p := reference.Must[Posterior](t)(BayesianSignedRank([]float64{1}, []float64{0}, 0, 1)); p.Second != 0 || p.First+p.Equal != 1 {
		t.Errorf("a rope of 0: %+v", p)
	}
	// Means 1 and -1 with an interval from the mean less to the mean plus h: within any margin above 1 + h, in none below.
	d := []float64{0.5, 1, 1.5}
	h := 2.919985580353726 * 0.5 / math.Sqrt(3) // Student's 95% quantile of 2 degrees
	zero := make([]float64, 3)
	for _, tt := range []struct {
		margin float64
		want   bool
	}{{1 + h + 1e-9, true}, {1 + h - 1e-9, false}, {0.1, false}} {
		up, i, err := Equivalent(d, zero, tt.margin)
		down, j, _ := Equivalent(zero, d, tt.margin)
		if err != nil || up != tt.want || down != tt.want || !(math.Abs(i.High-1-h) <= 1e-9) || !(math.Abs(j.Low+1+h) <= 1e-9) {
			t.Errorf("margin %v: %v and %v, %+v", tt.margin, up, down, i)
		}
	}
	// Hodges and Lehmann's median of pair means: of 1, 2, 6 they are 1, 1.5, 2, 3.5, 4, 6.
	if w := reference.Must[WilcoxonTest](t)(Wilcoxon([]float64{1, 2, 6}, zero)); w.HodgesLehmann != 2.75 || w.Plus != 6 || w.Minus != 0 || w.Biserial != 1 || w.P != 0.25 || w.Method != "exact" {
		t.Errorf("%+v", w)
	}
	// One pair of scores: a permutation test of one sign has no deviation.
	if one := reference.Must[PairedTest](t)(PairedPermutation([]float64{2}, []float64{1}, 0)); !math.IsNaN(one.Effect) || one.N != 1 || one.Mean != 1 {
		t.Errorf("one pair: %+v", one)
	}
	// Of ten scores in any order two are cut at each end.
	if i := reference.Must[Interval](t)(InterquartileMean([][]float64{{9, 0, 8, 1, 70, 3, 6, 4, 5, -20}}, 40, 0.95, 1)); i.Estimate != (1+3+4+5+6+8)/6.0 || i.Low > i.Estimate || i.High < i.Estimate || i.Low < -20 {
		t.Errorf("%+v", i)
	}
	// Cliques of methods whose ranks just reach the difference are none; each largest group once.
	if got := Cliques([]float64{1, 2, 2.5}, 1); len(got) != 1 || !slices.Equal(got[0], []int{1, 2}) {
		t.Errorf("cliques %v", got)
	}
	// Equal p-values keep their places and have one adjusted value.
	if got := reference.Must[[]float64](t)(Holm([]float64{0.02, 0.01, 0.02, 0.01})); !slices.Equal(got, []float64{0.04, 0.04, 0.04, 0.04}) {
		t.Errorf("Holm of ties %v", got)
	}
}
