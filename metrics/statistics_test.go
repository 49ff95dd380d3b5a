package metrics_test

import (
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
)

// The tests of this file simulate whether tests hold their level, p-values are uniform, power grows and intervals
// cover. `make statistics` runs them, in a few minutes; every draw is seeded, so what passes passes again.
func statistics(t *testing.T) {
	t.Helper()
	if os.Getenv("VENN_STATISTICS") == "" {
		t.Skip("a simulation of minutes: make statistics runs it")
	}
}

const nullSets = 400

// within is the central 99% interval of the number of rejections at 5% among n tests.
func within(n int) (lo, hi int) {
	b := distuv.Binomial{N: float64(n), P: 0.05}
	for b.CDF(float64(lo)) < 0.005 {
		lo++
	}
	for hi = lo; b.CDF(float64(hi)) < 0.995; hi++ {
	}
	return lo, hi
}

// independentPair is normal and exponential, or for labels normal and three classes; or two samples of one law.
func independentPair(m metrics.Descriptor, n, width, set int) (x, y *mat.Dense) {
	r := stream.New(21, "null", m.Name, set)
	fill := func(n, d int) *mat.Dense {
		out := mat.NewDense(n, d, nil)
		out.Apply(func(_, j int, _ float64) float64 {
			if j%2 == 1 {
				return r.ExpFloat64()
			}
			return r.NormFloat64()
		}, out)
		return out
	}
	x = fill(n, width)
	switch {
	case labelled(m):
		x, y = withLabels(x), withLabels(fill(n+4, width))
	case m.Labels:
		y = mat.NewDense(n, 1, nil)
		y.Apply(func(_, _ int, _ float64) float64 { return float64(r.IntN(3)) }, y)
	case m.Kind == metrics.Discrepancy:
		y = fill(n+4, width)
	default:
		y = fill(n, width)
	}
	return x, y
}

// pValues are those of a measure over null data sets, in the order of the sets.
func pValues(t *testing.T, m metrics.Descriptor, n, width, sets int, s metrics.Settings) []float64 {
	t.Helper()
	out := make([]float64, sets)
	fault := make([]error, sets)
	parallel.For(sets, func(set int) {
		x, y := independentPair(m, n, width, set)
		own := s
		own.Seed = uint64(set)
		r, err := m.Compute(x, y, own)
		switch {
		case err != nil:
			fault[set] = err
		case r.P == nil:
			out[set] = math.NaN()
		default:
			out[set] = *r.P
		}
	})
	for _, err := range fault {
		if err != nil {
			t.Fatalf("%s: %v", m.Name, err)
		}
	}
	return out
}

// approximate are the measures whose p-value is no permutation: their level is what it is, and
// TestLevelOfApproximations states it.
var approximate = []string{"hsic-gamma", "hsic-spectral", "hsic-moments", "dcor-u-t", "dcor-u-chi2", "hsic-block", "hsic-linear-time", "mmd2-linear-time", "a-distance", "domain-probe"}

// dear are the tests that compute anew under each permutation what takes long.
var dear = []string{"sinkhorn", "w2-exact", "max-sliced-w2", "sliced-w1", "sliced-w2", "mgc"}

// Every permutation test rejects at 5% as often as it says, and its p-values are uniform. The simulation that a
// test fails by chance is one in a hundred a measure; with one seed for all it is a fixed list.
func TestLevelAndUniformity(t *testing.T) {
	statistics(t)
	lo, hi := within(nullSets)
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			if slices.Contains(approximate, m.Name) {
				continue
			}
			draws := 99
			if slices.Contains(dear, m.Name) {
				draws = 19
			}
			p := pValues(t, m, 24, 2, nullSets, metrics.Settings{Permutations: draws})
			if math.IsNaN(p[0]) {
				continue // a measure without a test
			}
			rejected, bins := 0, make([]float64, 10)
			for _, v := range p {
				if v <= 0.05+1e-12 {
					rejected++
				}
				bins[min(9, int(math.Ceil(v*10-1e-9))-1)]++
			}
			var chi float64
			for _, b := range bins {
				chi += (b - nullSets/10) * (b - nullSets/10) / (nullSets / 10)
			}
			uniform := distuv.ChiSquared{K: 9}.Survival(chi)
			t.Logf("%-22s %2d of %d at 5%%, uniformity p %.3f", m.Name, rejected, nullSets, uniform)
			if rejected < lo || rejected > hi {
				t.Errorf("%s: %d of %d reject at 5%%, want %d to %d", m.Name, rejected, nullSets, lo, hi)
			}
			if uniform < 0.001 {
				t.Errorf("%s: p-values by tenths %v: uniformity p %.2g", m.Name, bins, uniform)
			}
		}
	}
}

// Stopping early changes the work, not the level.
func TestLevelOfSequentialTest(t *testing.T) {
	statistics(t)
	m, _ := metrics.Measures.Get("dcor-u")
	lo, hi := within(1000)
	rejected := 0
	for _, v := range pValues(t, m, 20, 2, 1000, metrics.Settings{Permutations: 399, Sequential: true}) {
		if v <= 0.05 {
			rejected++
		}
	}
	if t.Logf("%d of 1000 at 5%%", rejected); rejected < lo || rejected > hi {
		t.Errorf("%d of 1000 reject at 5%%, want %d to %d", rejected, lo, hi)
	}
}

// What approximations do at 5%, by the width of both blocks: bounds from the cards or the doc comment of the test.
func TestLevelOfApproximations(t *testing.T) {
	statistics(t)
	for _, tt := range []struct {
		name     string
		n, width int
		lo, hi   float64 // share rejected
	}{
		{"hsic-gamma", 50, 1, 0.025, 0.08}, {"hsic-gamma", 50, 32, 0, 0.02}, // far too conservative in many columns
		{"hsic-spectral", 50, 1, 0.02, 0.08},
		{"hsic-moments", 50, 1, 0.025, 0.08}, {"hsic-moments", 50, 8, 0.025, 0.08}, {"hsic-moments", 50, 32, 0.025, 0.08},
		{"dcor-u-t", 50, 8, 0.025, 0.085}, {"dcor-u-t", 50, 32, 0.025, 0.08},
		{"dcor-u-chi2", 50, 1, 0.02, 0.08}, {"dcor-u-chi2", 50, 32, 0, 0.06},
		{"hsic-block", 400, 2, 0.02, 0.09}, {"hsic-linear-time", 200, 2, 0.02, 0.09},
		{"mmd2-linear-time", 200, 2, 0.02, 0.09},
		{"domain-probe", 60, 2, 0, 0.08}, // discrete: an exact binomial test is below its level
	} {
		m, err := metrics.Measures.Get(tt.name)
		if err != nil {
			t.Fatal(err)
		}
		rejected := 0.0
		for _, v := range pValues(t, m, tt.n, tt.width, nullSets, metrics.Settings{}) {
			if v <= 0.05 {
				rejected += 1.0 / nullSets
			}
		}
		t.Logf("%-18s n %3d, width %2d: %.3f at 5%%", tt.name, tt.n, tt.width, rejected)
		if rejected < tt.lo || rejected > tt.hi {
			t.Errorf("%s of width %d: %.3f reject at 5%%, want %g to %g", tt.name, tt.width, rejected, tt.lo, tt.hi)
		}
	}
}

// Power grows with n and with the strength of the dependence or shift.
func TestPowerGrows(t *testing.T) {
	statistics(t)
	const sets = 200
	power := func(m metrics.Descriptor, n int, strength float64) float64 {
		found := make([]float64, sets)
		parallel.For(sets, func(set int) {
			r := stream.New(5, "power", m.Name, set)
			x, y := mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil)
			x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
			for i := range n {
				if m.Kind == metrics.Discrepancy {
					y.SetRow(i, []float64{r.NormFloat64() + strength, r.NormFloat64()})
				} else {
					y.SetRow(i, []float64{strength*x.At(i, 0) + math.Sqrt(1-strength*strength)*r.NormFloat64(), r.NormFloat64()})
				}
			}
			if res, err := m.Compute(x, y, metrics.Settings{Permutations: 99, Seed: uint64(set)}); err == nil && *res.P <= 0.05 {
				found[set] = 1
			}
		})
		var sum float64
		for _, f := range found {
			sum += f / sets
		}
		return sum
	}
	for _, name := range []string{"hsic", "hsic-unbiased", "dcor", "dcor-u", "cka-linear-debiased", "ksg", "mgc", "cca", "mmd2", "mmd2-unbiased", "energy", "frechet", "c2st-logit", "sliced-w2"} {
		m, err := metrics.Measures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		byRows := []float64{power(m, 20, 0.6), power(m, 40, 0.6), power(m, 80, 0.6)}
		byStrength := []float64{power(m, 40, 0), power(m, 40, 0.6), power(m, 40, 0.9)}
		t.Logf("%-20s by rows %.2f, by strength %.2f", name, byRows, byStrength)
		for what, p := range map[string][]float64{"rows": byRows, "strength": byStrength} {
			if !(p[0] < p[1] && (p[1] < p[2] || p[2] > 0.99)) {
				t.Errorf("%s: power by %s is %v, want it to grow", name, what, p)
			}
		}
	}
}

// Intervals of 95% cover in 93% to 97% of samples from n = 10 on: Student's and the expanded bootstrap of a mean,
// BCa from 50 rows; the plain percentile interval does not at 10, as its doc comment says.
func TestCoverageOfIntervals(t *testing.T) {
	statistics(t)
	const sets = 2000
	cover := func(n int, of func(x []float64, set int) (inference.Interval, error)) float64 {
		hit := make([]float64, sets)
		parallel.For(sets, func(set int) {
			r := stream.New(8, "coverage", n, set)
			x := make([]float64, n)
			for i := range x {
				x[i] = r.NormFloat64()
			}
			if i, err := of(x, set); err == nil && i.Low <= 0 && 0 <= i.High {
				hit[set] = 1
			}
		})
		var sum float64
		for _, h := range hit {
			sum += h / sets
		}
		return sum
	}
	mean := func(x []float64) func(rows []int) float64 {
		return func(rows []int) float64 {
			var sum float64
			for _, i := range rows {
				sum += x[i]
			}
			return sum / float64(len(rows))
		}
	}
	student := func(x []float64, _ int) (inference.Interval, error) { return inference.OverSeeds(x, 0.95) }
	boot := func(kind string) func(x []float64, set int) (inference.Interval, error) {
		return func(x []float64, set int) (inference.Interval, error) {
			b, err := inference.Resample(len(x), 999, uint64(set), kind, mean(x))
			if err != nil {
				return inference.Interval{}, err
			}
			if kind == "bca" {
				if err := b.LeaveOut(mean(x)); err != nil {
					return inference.Interval{}, err
				}
				return b.BCa(0.95)
			}
			return b.Percentile(0.95)
		}
	}
	for _, tt := range []struct {
		name   string
		n      int
		of     func(x []float64, set int) (inference.Interval, error)
		lo, hi float64
	}{
		{"t", 5, student, 0.93, 0.97}, {"t", 10, student, 0.93, 0.97}, {"t", 30, student, 0.93, 0.97},
		{"bca", 50, boot("bca"), 0.93, 0.97},
		{"percentile", 10, boot("percentile"), 0.87, 0.93}, {"percentile", 50, boot("percentile"), 0.92, 0.97},
	} {
		c := cover(tt.n, tt.of)
		t.Logf("%-10s n %2d: %.3f", tt.name, tt.n, c)
		if c < tt.lo || c > tt.hi {
			t.Errorf("%s interval of %d: covers %.3f, want %g to %g", tt.name, tt.n, c, tt.lo, tt.hi)
		}
	}
}

// Intervals by halves of an unbiased pair statistic cover its population value: dCor_U of a bivariate normal law of
// correlation 1/2, 0.4541^2 on its scale.
func TestCoverageOfSubsamples(t *testing.T) {
	statistics(t)
	const sets = 400
	m, _ := metrics.Measures.Get("dcor-u")
	truth := 0.45412650444024766 * 0.45412650444024766
	hit := make([]float64, sets)
	parallel.For(sets, func(set int) {
		r := stream.New(9, "subsample coverage", set)
		x, y := mat.NewDense(100, 1, nil), mat.NewDense(100, 1, nil)
		for i := range 100 {
			u := r.NormFloat64()
			x.Set(i, 0, u)
			y.Set(i, 0, u/2+math.Sqrt(0.75)*r.NormFloat64())
		}
		s := metrics.Settings{Seed: uint64(set)}
		res, err := m.Compute(x, y, s)
		if err == nil && m.Subsample(&res, x, y, 200, s) == nil && res.Interval[0] <= truth && truth <= res.Interval[1] {
			hit[set] = 1
		}
	})
	var covered float64
	for _, h := range hit {
		covered += h / sets
	}
	if t.Logf("%.3f", covered); covered < 0.91 || covered > 0.98 {
		t.Errorf("intervals by halves cover %.3f, want 0.91 to 0.98", covered)
	}
}

// The tests that compare methods hold their level too.
func TestLevelOfComparisons(t *testing.T) {
	statistics(t)
	const sets = 2000
	lo, hi := within(sets)
	for _, tt := range []struct {
		name    string
		exactly bool // continuous enough to reach the level; else below it
		p       func(set int) (float64, error)
	}{
		{"sign flip of 12 pairs", true, func(set int) (float64, error) {
			a, b := twoOf(12, set)
			r, err := inference.PairedPermutation(a, b, 0)
			return r.P, err
		}},
		{"t of 8 pairs", true, func(set int) (float64, error) {
			a, b := twoOf(8, set)
			r, err := inference.PairedT(a, b)
			return r.P, err
		}},
		{"Wilcoxon of 20 pairs", false, func(set int) (float64, error) {
			a, b := twoOf(20, set)
			r, err := inference.Wilcoxon(a, b)
			return r.P, err
		}},
		{"Friedman of 12 tasks", true, func(set int) (float64, error) {
			r := stream.New(2, "friedman", set)
			x := mat.NewDense(12, 5, nil)
			x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
			f, err := inference.Friedman(x, true, 0)
			return f.P, err
		}},
		{"McNemar's mid-p of 60 rows", false, func(set int) (float64, error) {
			r := stream.New(2, "mcnemar", set)
			b := 0
			for range 60 {
				b += r.IntN(2)
			}
			m, err := inference.McNemar(b, 60-b, 0)
			return m.MidP, err
		}},
	} {
		rejected := 0
		for set := range sets {
			p, err := tt.p(set)
			if err != nil {
				t.Fatal(err)
			}
			if p <= 0.05 {
				rejected++
			}
		}
		t.Logf("%-28s %.3f at 5%%", tt.name, float64(rejected)/sets)
		if rejected > hi || (tt.exactly && rejected < lo) {
			t.Errorf("%s: %d of %d reject at 5%%, want %d to %d", tt.name, rejected, sets, lo, hi)
		}
	}
}

func twoOf(n, set int) (a, b []float64) {
	r := stream.New(2, "pairs", n, set)
	for range n {
		a, b = append(a, r.NormFloat64()), append(b, r.NormFloat64())
	}
	return a, b
}
