package inference

import (
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
)

func TestReferenceAdjusted(t *testing.T) {
	b := reference.Metrics(t)
	p := b.Floats("pv")
	for id, f := range map[string]func([]float64) ([]float64, error){
		"holm": Holm, "bh": BenjaminiHochberg,
	} {
		b.Check("adjust", id, reference.Must[[]float64](t)(f(p))...)
	}
}

func TestReferencePaired(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Floats("pa"), b.Floats("pb")
	p := reference.Must[PairedTest](t)(PairedPermutation(x, y, 0))
	b.Check("permutation.paired", "two_sided", p.P)
	b.Check("permutation.paired", "one_sided", p.Better)
	student := reference.Must[PairedTest](t)(PairedT(x, y))
	b.Check("t.interval", "t", student.T)
	b.Check("t.interval", "p", student.P)
	b.Check("t.interval", "dz", student.Effect)
	d := []float64{0.021, 0.034, -0.004, 0.018, 0.027}
	corrected := reference.Must[PairedTest](t)(CorrectedT(d, make([]float64, 5), 0.25))
	b.Check("nadeau_bengio", "t", corrected.T)
	b.Check("nadeau_bengio", "p", corrected.P)
	w := reference.Must[WilcoxonTest](t)(Wilcoxon(x, y))
	b.Check("wilcoxon", "n_nonzero", float64(w.N))
	b.Check("wilcoxon", "w_plus", w.Plus)
	b.Check("wilcoxon", "w_minus", w.Minus)
	b.Check("wilcoxon", "p_normal", w.Normal)
	b.Check("wilcoxon", "p_normal_cc", w.Continuity)
	b.Check("wilcoxon", "p_exact", w.P)
	m := reference.Must[McNemarTest](t)(McNemar(5, 15, 0))
	b.Check("mcnemar", "p_exact", m.Exact)
	b.Check("mcnemar", "p_mid", m.MidP)
	b.Check("mcnemar", "p_chi2_cc", chiSquareContinuity(5, 15))
}

func TestReferenceFriedman(t *testing.T) {
	b := reference.Metrics(t)
	f := reference.Must[FriedmanTest](t)(Friedman(b.Matrix("meth"), true, 0))
	b.Check("friedman", "mean_ranks", f.Ranks...)
	b.Check("friedman", "chi2", f.ChiSquare)
	b.Check("friedman", "p", f.PChiSquare)
	b.Check("friedman", "f", f.F)
	b.Check("friedman", "f_p", f.PF)
	if f.P != f.PF || f.Method != "Iman-Davenport F" {
		t.Errorf("10 tasks, 4 methods: %v by %s", f.P, f.Method)
	}
	b.Check("friedman", "q", reference.Must[float64](t)(NemenyiQuantile(4, 0.05)))
	b.Check("friedman", "cd", reference.Must[float64](t)(CriticalDifference(4, 10, 0.05)))
	for part, alpha := range map[string]float64{"a01": 0.01, "a05": 0.05, "a10": 0.1} {
		var q []float64
		for k := 2; k <= 20; k++ {
			q = append(q, reference.Must[float64](t)(NemenyiQuantile(k, alpha)))
		}
		b.Check("nemenyi.q", part, q...)
	}
}

func TestReferenceBootstrap(t *testing.T) {
	b := reference.Metrics(t)
	x := b.Floats("bs")
	mean := func(rows []int) float64 {
		var sum float64
		for _, i := range rows {
			sum += x[i]
		}
		return sum / float64(len(rows))
	}
	r := &Replicates{Estimate: mean(rows.All(12)), N: 12}
	for drawn := range slices.Chunk(b.Ints("bidx"), 12) {
		r.Sorted = append(r.Sorted, mean(drawn))
	}
	slices.Sort(r.Sorted)
	if err := r.LeaveOut(mean); err != nil {
		t.Fatal(err)
	}
	percentile, bca := reference.Must[Interval](t)(r.Percentile(0.95)), reference.Must[Interval](t)(r.BCa(0.95))
	b.Check("bootstrap", "percentile", percentile.Low, percentile.High)
	b.Check("bootstrap", "z0", r.bias())
	b.Check("bootstrap", "acceleration", r.acceleration())
	low, high := bcaLevels(r.bias(), r.acceleration(), 0.95)
	b.Check("bootstrap", "bca_levels", low, high)
	b.Check("bootstrap", "bca", bca.Low, bca.High)
}

func TestReferenceSeeds(t *testing.T) {
	var got []float64
	for _, effect := range []float64{0.5, 0.8, 1, 1.5, 2} {
		got = append(got, float64(reference.Must[int](t)(SeedsNeeded(effect, 0.05, 0.8))))
	}
	reference.Metrics(t).Check("seeds", "", got...)
	// By hand: (2.2621571628 + 0.8834038600) / sqrt(10), quantiles of Student's t with 9 degrees.
	if v := reference.Must[float64](t)(SmallestShown(10, 1)); !(math.Abs(v-0.994713) <= 1e-5) {
		t.Errorf("smallest difference shown by 10 seeds: %v", v)
	}
}

func TestEdgesOfTests(t *testing.T) {
	same := []float64{1, 2, 3}
	if w := reference.Must[WilcoxonTest](t)(Wilcoxon(same, same)); w.P != 1 || w.N != 0 || w.Plus != 0 {
		t.Errorf("Wilcoxon of equal scores: %+v", w)
	}
	if m := reference.Must[McNemarTest](t)(McNemar(0, 0, 10)); m.Exact != 1 || m.MidP != 1 {
		t.Errorf("McNemar without discordant rows: %+v", m)
	}
	tied := reference.Must[FriedmanTest](t)(Friedman(mat.NewDense(3, 3, []float64{1, 1, 1, 2, 2, 2, 0, 0, 0}), true, 0))
	if tied.P != 1 || tied.ChiSquare != 0 || len(tied.Warnings) == 0 {
		t.Errorf("Friedman of tied methods: %+v", tied)
	}
	perfect := mat.NewDense(12, 4, nil)
	perfect.Apply(func(_, j int, _ float64) float64 { return float64(j) }, perfect)
	if f := reference.Must[FriedmanTest](t)(Friedman(perfect, false, 0)); f.PF != 0 || f.Ranks[0] != 1 {
		t.Errorf("Friedman of perfect agreement: %+v", f)
	}
	// Five pairs that all agree: the smallest p there is, 2^(1-5), and a warning.
	p := reference.Must[PairedTest](t)(PairedPermutation([]float64{2, 3, 4, 5, 6}, []float64{1, 1, 1, 1, 1}, 0))
	if p.P != 0.0625 || !strings.Contains(strings.Join(p.Warnings, ""), "0.0625") {
		t.Errorf("five pairs: %+v", p)
	}
	if e := reference.Must[PairedTest](t)(PairedT([]float64{2, 2}, []float64{1, 1})); e.P != 0 || len(e.Warnings) == 0 {
		t.Errorf("equal differences: %+v", e)
	}
	// A constant statistic has no BCa correction.
	r := reference.Must[*Replicates](t)(Resample(20, 50, 0, "flat", func([]int) float64 { return 1 }))
	if err := r.LeaveOut(func([]int) float64 { return 1 }); err != nil {
		t.Fatal(err)
	}
	if i := reference.Must[Interval](t)(r.BCa(0.95)); i.Low != 1 || i.High != 1 || len(i.Warnings) == 0 {
		t.Errorf("constant statistic: %+v", i)
	}
	for name, err := range map[string]error{
		"lengths":    second(PairedT([]float64{1, 2}, []float64{1})),
		"NaN":        second(Wilcoxon([]float64{math.NaN()}, []float64{1})),
		"negative":   second(McNemar(-1, 2, 0)),
		"one method": second(Friedman(mat.NewDense(3, 1, nil), true, 0)),
		"NaN score":  second(Friedman(mat.NewDense(2, 2, []float64{1, 2, math.NaN(), 1}), true, 0)),
		"no seeds":   second(InterquartileMean([][]float64{{1}, {}}, 10, 0.95, 0)),
		"no effect":  second(SeedsNeeded(0, 0.05, 0.8)),
		"rope":       second(BayesianSignedRank([]float64{1}, []float64{0}, -1, 0)),
		"column":     second(PairwiseHolm(mat.NewDense(3, 2, nil), 2)),
	} {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func second[T any](_ T, err error) error { return err }

// The exact law against the plain enumeration of all signs, ties and all.
func TestExactSignedRankAgainstEnumeration(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d := rapid.SliceOfN(rapid.SampledFrom([]float64{-3, -2, -1, 1, 2, 3}), 1, 9).Draw(rt, "differences")
		w := reference.Must[WilcoxonTest](t)(Wilcoxon(d, make([]float64, len(d))))
		ranks, _ := signedRanks(d)
		above := 0
		for signs := range 1 << len(d) {
			var plus float64
			for i, r := range ranks {
				if signs>>i&1 == 1 {
					plus += r
				}
			}
			if plus >= math.Max(w.Plus, w.Minus) {
				above++
			}
		}
		if want := math.Min(1, 2*float64(above)/float64(int(1)<<len(d))); !(math.Abs(w.P-want) <= 1e-15) {
			rt.Errorf("%v: p %v, want %v", d, w.P, want)
		}
	})
}

// Drawn sign flips approach the enumeration: 17 pairs against Student's t.
func TestDrawnSignFlips(t *testing.T) {
	r := stream.New(3, "flips")
	a, b := make([]float64, 17), make([]float64, 17)
	for i := range a {
		a[i], b[i] = r.NormFloat64()+0.4, r.NormFloat64()
	}
	drawn := reference.Must[PairedTest](t)(PairedPermutation(a, b, 1))
	student := reference.Must[PairedTest](t)(PairedT(a, b))
	if drawn.Method != "permutation" || !(math.Abs(drawn.P-student.P) <= 0.03) {
		t.Errorf("p %v by %s, Student's %v", drawn.P, drawn.Method, student.P)
	}
}

// Two methods: Nemenyi's quantile is the normal one, and Friedman's ranks are those of the
// sign test.
func TestTwoMethods(t *testing.T) {
	if q := reference.Must[float64](t)(NemenyiQuantile(2, 0.05)); !(math.Abs(q-1.959963984540054) <= 1e-9) {
		t.Errorf("q of two methods %v", q)
	}
	scores := mat.NewDense(6, 2, []float64{1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 2, 1})
	f := reference.Must[FriedmanTest](t)(Friedman(scores, true, 0))
	// 5 of 6 tasks agree: P(|heads - 3| >= 2) = 14/64 by hand.
	if f.Method != "permutation" || !(math.Abs(f.P-14.0/64) <= 0.015) {
		t.Errorf("p %v by %s, want about 0.21875", f.P, f.Method)
	}
}

func TestCliques(t *testing.T) {
	for _, tt := range []struct {
		ranks    []float64
		critical float64
		want     [][]int
	}{
		{[]float64{1, 2, 3, 4}, 1.5, [][]int{{0, 1}, {1, 2}, {2, 3}}},
		{[]float64{4, 1.2, 1, 3.9}, 1, [][]int{{2, 1}, {3, 0}}},
		{[]float64{1, 2, 3}, 5, [][]int{{0, 1, 2}}},
		{[]float64{1, 2, 3}, 0.5, nil},
	} {
		got := Cliques(tt.ranks, tt.critical)
		if !slices.EqualFunc(got, tt.want, slices.Equal[[]int]) {
			t.Errorf("%v at %v: %v, want %v", tt.ranks, tt.critical, got, tt.want)
		}
	}
}

func TestPairwiseHolm(t *testing.T) {
	scores := reference.Metrics(t).Matrix("meth")
	all := reference.Must[[]Comparison](t)(PairwiseHolm(scores, -1))
	ours := reference.Must[[]Comparison](t)(PairwiseHolm(scores, 3))
	if len(all) != 6 || len(ours) != 3 || ours[0].First != 3 {
		t.Fatalf("%d and %d comparisons", len(all), len(ours))
	}
	for _, c := range all {
		if c.Adjusted < c.Wilcoxon.P {
			t.Errorf("adjusted %v below %v", c.Adjusted, c.Wilcoxon.P)
		}
	}
}

// By hand: the middle half of 1..8 is 3, 4, 5, 6.
func TestInterquartileMean(t *testing.T) {
	i := reference.Must[Interval](t)(InterquartileMean([][]float64{{8, 1, 6, 3}, {2, 7, 4, 5}}, 400, 0.95, 1))
	if i.Estimate != 4.5 || !(i.Low < 4.5 && i.High > 4.5) || len(i.Warnings) != 1 {
		t.Errorf("%+v", i)
	}
	outlier := reference.Must[Interval](t)(InterquartileMean([][]float64{{8e9, 1, 6, 3}, {2, 7, 4, 5}}, 1, 0.95, 1))
	if outlier.Estimate != 4.5 {
		t.Errorf("an outlier moves the mean to %v", outlier.Estimate)
	}
}

// All mass on one side, symmetric data, and all inside the rope.
func TestBayesian(t *testing.T) {
	for name, f := range map[string]func(a, b []float64, rope float64, seed uint64) (Posterior, error){"signed rank": BayesianSignedRank} {
		up := []float64{3, 4, 5, 6, 7, 5, 4, 6, 5, 3}
		zero := make([]float64, 10)
		if p := reference.Must[Posterior](t)(f(up, zero, 1, 1)); p.First < 0.98 {
			t.Errorf("%s: clear difference: %+v", name, p)
		}
		if p := reference.Must[Posterior](t)(f(zero, up, 1, 1)); p.Second < 0.98 {
			t.Errorf("%s: clear difference the other way: %+v", name, p)
		}
		if p := reference.Must[Posterior](t)(f(up, up, 1, 1)); p.Equal < 0.98 {
			t.Errorf("%s: no difference: %+v", name, p)
		}
		mixed := reference.Must[Posterior](t)(f([]float64{2, -2, 3, -3, 4, -4}, make([]float64, 6), 0.5, 1))
		if !(math.Abs(mixed.First-mixed.Second) <= 0.02) {
			t.Errorf("%s: symmetric differences: %+v", name, mixed)
		}
	}
	// By hand: one positive and no other difference, prior weight w = Beta(1/2, 1) at zero inside the rope. A mean
	// of two draws is 0 only for two zeros: the first is the most probable where w^2 < 1/2, and
	// P(w < sqrt(1/2)) = 2^(-1/4).
	p := reference.Must[Posterior](t)(BayesianSignedRank([]float64{1}, []float64{0}, 0.1, 1))
	if !(math.Abs(p.First-math.Exp2(-0.25)) <= 0.01) {
		t.Errorf("one difference: %v, want 0.8409", p.First)
	}
}

func TestEquivalence(t *testing.T) {
	r := stream.New(8, "equivalent")
	a, b := make([]float64, 30), make([]float64, 30)
	for i := range a {
		b[i] = r.NormFloat64()
		a[i] = b[i] + 0.1*r.NormFloat64()
	}
	if yes, i, err := Equivalent(a, b, 0.2); err != nil || !yes {
		t.Errorf("within 0.2: %v, %+v, %v", yes, i, err)
	}
	if yes, _, _ := Equivalent(a, b, 0.001); yes {
		t.Error("within 0.001: equivalent")
	}
}
