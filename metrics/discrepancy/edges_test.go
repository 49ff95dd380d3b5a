package discrepancy

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/metrics"
)

func numbers(values ...float64) *mat.Dense { return mat.NewDense(len(values), 1, values) }

func ladder(n int, of func(i float64) float64) *mat.Dense {
	out := mat.NewDense(n, 1, nil)
	for i := range n {
		out.Set(i, 0, of(float64(i)))
	}
	return out
}

// Every measure by its name on two samples of one column with closed forms: 0 to 11, and the same moved by 5.
func TestMeasuresOfAShiftByHand(t *testing.T) {
	const n, shift = 12, 5.0
	x, y := ladder(n, func(i float64) float64 { return i }), ladder(n, func(i float64) float64 { return i + shift })
	within, between := 0.0, 0.0 // sums of distances
	for i := range n {
		for j := range n {
			within += math.Abs(float64(i - j))
			between += math.Abs(float64(i-j) - shift)
		}
	}
	energy := 2*between/(n*n) - 2*within/(n*n)
	for name, want := range map[string]float64{
		"sliced-w1": shift, "sliced-w2": shift, "max-sliced-w2": shift, "w2-exact": shift * shift, "frechet": shift * shift, "coral": 0, "sinkhorn": shift * shift,
		"energy": energy, "energy-unbiased": 2*between/(n*n) - 2*within/(n*(n-1)), "energy-coefficient": energy / (2 * between / (n * n)),
	} {
		m, err := metrics.Measures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Compute(x, y, metrics.Settings{})
		if err != nil || !(math.Abs(r.Value-want) <= 1e-6*(1+want)) || r.Name != name {
			t.Errorf("%s: %+v, %v, want %v", name, r, err, want)
		}
		if !slices.Contains(r.Warnings, "12 and 12 rows, fewer than 100 in a sample") || r.N != 24 {
			t.Errorf("%s: %d rows, warnings %q", name, r.N, r.Warnings)
		}
	}
}

// Covariances of twice the rows are four times theirs: CORAL (3 v)^2/4, its logarithmic form ln^2 4, Frechet v for equal means.
func TestMomentsByHand(t *testing.T) {
	x, y := numbers(-1, 0, 1), numbers(-2, 0, 2) // variances 1 and 4
	if v := reference.Must[metrics.Result](t)(CORAL(x, y, none)).Value; !(math.Abs(v-9.0/4) <= 1e-12) {
		t.Errorf("CORAL %v", v)
	}
	f := reference.Must[FrechetParts](t)(FrechetOf(x, numbers(1, 3, 5)))
	if !(math.Abs(f.Distance-(9+1)) <= 1e-12) || !(math.Abs(f.Means-9) <= 1e-12) || !(math.Abs(f.RootTrace-2) <= 1e-12) {
		t.Errorf("Frechet %+v", f)
	}
	r := reference.Must[metrics.Result](t)(Frechet(mat.NewDense(4, 5, rowsOf(4, 5)), mat.NewDense(6, 5, rowsOf(6, 5)), none))
	if !slices.Contains(r.Warnings, "4 and 6 rows of 5 columns: the bias is large") || r.Parts[0].Name != "means" || r.Parts[1].Name != "root trace" {
		t.Errorf("%+v", r)
	}
	if r := reference.Must[metrics.Result](t)(Frechet(mat.NewDense(5, 5, rowsOf(5, 5)), mat.NewDense(6, 5, rowsOf(6, 5)), none)); len(r.Warnings) != 1 {
		t.Errorf("as many rows as columns: %q", r.Warnings)
	}
}

func rowsOf(n, d int) []float64 {
	out := make([]float64, n*d)
	for i := range out {
		out[i] = math.Sin(float64(i * i))
	}
	return out
}

func TestErrorTexts(t *testing.T) {
	a, b := numbers(0, 1, 2), numbers(3, 4)
	only := func(_ any, err error) error { return err }
	split := func(_ *mat.Dense, _ []int, err error) error { return err }
	unequal := mat.NewDense(3, 2, []float64{1, 0, 2, 0.5, 3, 1})
	for _, tt := range []struct {
		err  error
		want string
	}{
		{only(FrechetOf(a, numbers(1))), "frechet: 1 rows, want at least 2"},
		{only(SupportOf(a, b, 0)), "support: 0 neighbours of 3 and 2 rows, want fewer"},
		{only(SupportOf(a, b, 2)), "support: 2 neighbours of 3 and 2 rows, want fewer"},
		{only(SupportOf(b, a, 2)), "support: 2 neighbours of 2 and 3 rows, want fewer"},
		{only(SinkhornOf(a, b, -1, 0)), "sinkhorn: epsilon -1, want a number above 0"},
		{only(SinkhornOf(a, b, math.Inf(1), 0)), "sinkhorn: epsilon +Inf, want a number above 0"},
		{only(SinkhornOf(mat.NewDense(8193, 1, nil), b, 1, 0)), "sinkhorn: 8193 and 2 rows need 1024 MiB of costs and plan, at most 1024: draw subsamples"},
		{only(SinkhornOf(b, mat.NewDense(9000, 1, nil), 1, 0)), "sinkhorn: 2 and 9000 rows need 1235 MiB of costs and plan, at most 1024: draw subsamples"},
		{only(ExactTransport(a, b, 3)), "w2-exact: 3 and 2 rows, p = 3: want at most 2000, and 1 or 2"},
		{only(ExactTransport(mat.NewDense(2001, 1, nil), b, 2)), "w2-exact: 2001 and 2 rows, p = 2: want at most 2000, and 1 or 2"},
		{only(MMD(a, b, V, Kernel{Width: math.Inf(1)}, none)), "mmd2: kernel width +Inf, want a number above 0, or 0 for the median"},
		{only(MMD(a, b, U, Kernel{Variances: []float64{1, 0}}, none)), "mmd2-multi-unbiased: kernel variance factor 0, want a number above 0"},
		{only(MMD(a, b, U, Kernel{Variances: []float64{math.Inf(1)}}, none)), "mmd2-unbiased: kernel variance factor +Inf, want a number above 0"},
		{only(MMD(a, b, Estimator(2), Kernel{}, none)), "mmd2: unknown estimator 2"},
		{only(MMD(a, numbers(1), U, Kernel{}, none)), "mmd2-unbiased: 1 rows, want at least 2"},
		{only(MMDGivenLabel(a, b, []int{0, 1, 2}, []int{0, 1}, Estimator(3), Kernel{}, none)), "mmd2-given-label: unknown estimator 3"},
		{only(MMDGivenLabel(a, b, []int{0, 1, 2}, []int{0, 1}, U, Kernel{Width: -2}, none)), "mmd2-given-label-unbiased: kernel width -2, want a number above 0, or 0 for the median"},
		{only(MMDGivenLabel(a, b, []int{0, 1, 2}, []int{0, 1, 1}, U, Kernel{}, none)), "mmd2-given-label-unbiased: 3 and 3 labels for 3 and 2 rows"},
		{split(splitLabels("m: x", a)), "m: x: 1 columns, want features and a last column of labels"},
		{split(splitLabels("m: x", unequal)), "m: x: label of row 1 is 0.5, want a whole number"},
		{only(LinearMMD(a, ladder(9, math.Sqrt), Kernel{}, none)), "mmd2-linear-time: 3 rows, want at least 4"},
		{only(LinearMMD(a, b, Kernel{Width: -1}, none)), "mmd2-linear-time: kernel width -1, want a number above 0, or 0 for the median"},
		{only(FrechetInfinity(ladder(19, math.Sqrt), ladder(30, math.Sqrt), none)), "frechet-infinity: 19 rows, want at least 20"},
		{only(Mixing(ladder(10, math.Sqrt), ladder(30, math.Sqrt), none)), "neighbour-mixing: 10 rows, want at least 11"},
		{only(DomainProbe(ladder(9, math.Sqrt), ladder(30, math.Sqrt), none)), "domain-probe: 9 rows, want at least 10"},
	} {
		if got := fmt.Sprint(tt.err); got != "metrics: "+tt.want {
			t.Errorf("error %q, want %q", got, "metrics: "+tt.want)
		}
	}
}

// What a probe of two equal domains and of held-out rows that are few says.
func TestProbeByHand(t *testing.T) {
	m, _ := metrics.Measures.Get("a-distance")
	x, y := ladder(12, func(i float64) float64 { return i }), ladder(15, func(i float64) float64 { return i + 100 })
	far := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Seed: 2}))
	// 6 held-out rows of each, all right: p = 2^-12, Wilson's lower end 12/(12 + z^2).
	low := 12 / (12 + 3.8414588206941254)
	if far.Name != "a-distance" || far.N != 24 || far.Value != 2 || !(math.Abs(*far.P-math.Exp2(-12)) <= 1e-15) || far.Method != "exact binomial" || !(math.Abs(far.Interval[0]-2*(2*low-1)) <= 1e-9) || far.Interval[1] != 2 {
		t.Errorf("%+v, p %v", far, *far.P)
	}
	if !slices.Contains(far.Warnings, "6 held-out rows of a domain, fewer than 20") || !slices.Contains(far.Warnings, "12 and 12 rows, fewer than 100 in a sample") {
		t.Errorf("warnings %q", far.Warnings)
	}
	many := reference.Must[metrics.Result](t)(DomainProbe(ladder(39, math.Sqrt), ladder(39, math.Sqrt), none))
	if len(many.Warnings) != 1 { // 20 held out: of few rows alone
		t.Errorf("39 rows: %q", many.Warnings)
	}
	// Equal domains: some seed's error is above a half, its distance below 0 is told and cut.
	told := false
	for seed := range uint64(20) {
		s := metrics.Settings{Seed: seed}
		d, p := reference.Must[metrics.Result](t)(ADistance(x, x, s)), reference.Must[metrics.Result](t)(DomainProbe(x, x, s))
		raw := 2 * (2*p.Value - 1)
		want := fmt.Sprintf("raw value %.4g, reported as 0", raw)
		if d.Value != math.Max(0, raw) || slices.Contains(d.Warnings, want) != (raw < 0) {
			t.Errorf("seed %d: %v of %v, %q", seed, d.Value, raw, d.Warnings)
		}
		told = told || raw < 0
	}
	if !told {
		t.Error("no seed has more errors than hits: nothing is proven")
	}
	equal := mat.NewDense(12, 1, nil)
	if d := reference.Must[metrics.Result](t)(ADistance(equal, equal, none)); d.Value != 0 || d.Interval != nil || !d.Degenerate || *d.P != 1 {
		t.Errorf("one point: %+v", d)
	}
	if p := reference.Must[metrics.Result](t)(DomainProbe(equal, equal, none)); p.Value != 0.5 || !slices.Equal(p.Interval, []float64{0, 1}) || !p.Degenerate || *p.P != 1 || p.Method != "degenerate" || !slices.Contains(p.Warnings, "collapsed: all training rows of both samples are equal") {
		t.Errorf("one point: %+v", p)
	}
	for name, want := range map[string]float64{"c2st-logit": 0, "domain-auroc": 0, "js-divergence": 0} {
		m, _ := metrics.Measures.Get(name)
		if r := reference.Must[metrics.Result](t)(m.Compute(equal, equal, none)); r.Value != want || !r.Degenerate {
			t.Errorf("%s of one point: %+v", name, r)
		}
		if name != "c2st-logit" {
			if r := reference.Must[metrics.Result](t)(m.Compute(x, y, none)); r.Value < map[string]float64{"domain-auroc": 1, "js-divergence": 0.6}[name] || r.Value > 1 {
				t.Errorf("%s of domains far apart: %v", name, r.Value)
			}
		} else if r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Permutations: 400})); r.Value < 3 || *r.P > 0.01 {
			t.Errorf("logits of domains far apart: %v, p %v", r.Value, *r.P)
		}
	}
	// Logits of certain and wrong: the floor of 1e-7 on each side; of no opinion: nothing.
	wrong := heldOut{a: []float64{1e3, 1e3}, b: []float64{-1e3}}
	if v := jensenShannon(wrong); !(math.Abs(v-(math.Ln2+math.Log(1e-7))) <= 1e-12) {
		t.Errorf("certain and wrong: %v", v)
	}
	if v := jensenShannon(heldOut{a: []float64{0}, b: []float64{0, 0}}); !(math.Abs(v) <= 1e-15) {
		t.Errorf("no opinion: %v", v)
	}
	if v := jensenShannon(heldOut{a: []float64{-math.Log(3)}, b: []float64{math.Log(3)}}); !(math.Abs(v-(math.Ln2+math.Log(0.75))) <= 1e-12) {
		t.Errorf("three to one: %v", v)
	}
}

// The derivative of the squared distance along a direction is its difference quotient, for samples of unequal size.
func TestGradientAlongByDifferences(t *testing.T) {
	x, y := normal(7, 3, 0, "g0"), normal(5, 3, 1, "g1")
	direction := []float64{0.6, 0, 0.8}
	of := func(v []float64) float64 { return alongEach(x, y, mat.NewDense(1, 3, v), 2)[0] }
	g := gradientAlong(x, y, direction)
	for j := range 3 {
		up, down := slices.Clone(direction), slices.Clone(direction)
		up[j] += 1e-6
		down[j] -= 1e-6
		if want := (of(up) - of(down)) / 2e-6; !(math.Abs(g[j]-want) <= 1e-6*(1+math.Abs(want))) {
			t.Errorf("direction %d: %v, want %v", j, g[j], want)
		}
	}
	// From one direction across, the ascent finds that of the shift: the distance of the means of samples of one form.
	a := mat.NewDense(4, 2, []float64{0, 0, 0, 1, 1, 0, 1, 1})
	b := mat.DenseCopyOf(a)
	for i := range 4 {
		floats.Add(b.RawRowView(i), []float64{6, 0})
	}
	if v := maxSliced(a, b, mat.NewDense(1, 2, []float64{0.2, math.Sqrt(0.96)})); !(math.Abs(v-6) <= 1e-6) {
		t.Errorf("largest distance %v, want 6", v)
	}
}

// Linear-time pairs by hand: h of the pairs (0, 1; 3, 5) and (2, 2; 4, 4), a row left out.
func TestLinearPairsByHand(t *testing.T) {
	x, y := numbers(0, 1, 2, 2, 9), numbers(3, 5, 4, 4)
	k := func(d float64) float64 { return math.Exp(-d * d / 2) }
	h := []float64{k(1) + k(2) - k(5) - k(2), 2 - 2*k(2)}
	mean, deviation := (h[0]+h[1])/2, math.Abs(h[0]-h[1])/math.Sqrt2
	r := reference.Must[metrics.Result](t)(linearMMD(x, y, []int{0, 1, 2, 3, 4}, []int{0, 1, 2, 3}, Kernel{Width: 1}, none))
	z := math.Sqrt2 * mean / deviation
	if !(math.Abs(r.Value-mean) <= 1e-12) || !(math.Abs(r.Parts[0].Value-deviation) <= 1e-12) || !(math.Abs(r.Parts[1].Value-z) <= 1e-9) || !(math.Abs(*r.P-math.Erfc(z/math.Sqrt2)/2) <= 1e-12) || !slices.Contains(r.Warnings, "1 rows of the larger sample left out") {
		t.Errorf("%+v, want %v", r, mean)
	}
	if even := reference.Must[metrics.Result](t)(linearMMD(y, numbers(0, 1, 2, 7), []int{0, 1, 2, 3}, []int{0, 1, 2, 3}, Kernel{Width: 1}, none)); len(even.Warnings) != 1 {
		t.Errorf("even samples: %q", even.Warnings)
	}
	same := reference.Must[metrics.Result](t)(linearMMD(numbers(0, 1, 0, 1), numbers(3, 4, 3, 4), []int{0, 1, 2, 3}, []int{0, 1, 2, 3}, Kernel{Width: 1}, none))
	if !same.Degenerate || *same.P != 1 || !slices.Contains(same.Warnings, "collapsed: all pairs have one value") {
		t.Errorf("pairs that do not spread: %+v", same)
	}
}
