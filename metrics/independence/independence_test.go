package independence

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func book(t testing.TB) *reference.Book { return reference.Open(t, "../testdata/reference.json") }

func must(t testing.TB) func(metrics.Result, error) metrics.Result {
	return func(r metrics.Result, err error) metrics.Result {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func TestReferenceHSIC(t *testing.T) {
	b := book(t)
	x, y, z := b.Matrix("X"), b.Matrix("Y"), b.Matrix("Z")
	b.Check("median.distance", "", pairwise.Median(x, nil, 0))
	none := metrics.Settings{}
	b.Check("hsic.biased", "", must(t)(HSIC(x, y, V, Widths{}, none)).Value)
	b.Check("hsic.unbiased", "", must(t)(HSIC(x, y, U, Widths{}, none)).Value)
	b.Check("hsic.unbiased.null", "", must(t)(HSIC(x, z, U, Widths{}, none)).Value)
	b.Check("hsic.unbiased.n8", "", must(t)(HSIC(b.Matrix("x8"), b.Matrix("y8"), U, Widths{1, 1}, none)).Value)
}

func TestReferenceExactPermutation(t *testing.T) {
	b := book(t)
	x, y := b.Matrix("x8"), b.Matrix("y8")
	asked := metrics.Settings{Permutations: 99}
	r := must(t)(HSIC(x, y, V, Widths{1, 1}, asked))
	b.Check("hsic.perm.exact8", "stat", r.Value)
	b.Check("hsic.perm.exact8", "p", *r.P)
	b.Check("hsic.perm.exact8", "perm_mean", stat.Mean(r.Null, nil))
	if r.Resamples != 40320 || r.Method != "exact permutation" {
		t.Errorf("%d resamples by %q, want all 40320", r.Resamples, r.Method)
	}
	// The mean of the unbiased form over all permutations is zero.
	if u := must(t)(HSIC(x, y, U, Widths{1, 1}, asked)); math.Abs(stat.Mean(u.Null, nil)) > 1e-15 {
		t.Errorf("mean of the unbiased null %g, want 0", stat.Mean(u.Null, nil))
	}
	d := must(t)(DistanceCorrelation(x, y, V, asked))
	b.Check("dcov.perm.exact8", "p", *d.P)
	cov, err := DistanceCovariance(x, y, V)
	if err != nil {
		t.Fatal(err)
	}
	b.Check("dcov.perm.exact8", "stat", cov.Covariance)
}

func TestReferenceGivenPermutations(t *testing.T) {
	b := book(t)
	k, l := gaussian(b.Matrix("ta"), 1, 0), gaussian(b.Matrix("tb"), 1, 0)
	var given [][]int
	for row := range slices.Chunk(b.Ints("perms24"), 24) {
		given = append(given, row)
	}
	kc := centre(k, 24, V)
	observed, values := covariance(kc, l, 24, nil, V), null(kc, l, 24, given, V)
	b.Check("hsic.perm.given", "stat", observed)
	b.Check("hsic.perm.given", "null_first3", values[:3]...)
	b.Check("hsic.perm.given", "p", metrics.PValue(observed, values, tolerance(observed, 0, 0, V), false))
}

func TestReferenceDistances(t *testing.T) {
	b := book(t)
	for _, tt := range []struct{ id, x, y string }{
		{"dcor.dep", "X", "Y"}, {"dcor.ind", "X", "Z"}, {"dcor.wide", "W1", "W2"},
		{"dcor.1d", "u", "v"}, {"dcor.1d.ties", "ta", "tb"},
	} {
		x, y := b.Matrix(tt.x), b.Matrix(tt.y)
		v, err := DistanceCovariance(x, y, V)
		if err != nil {
			t.Fatal(err)
		}
		u, err := DistanceCovariance(x, y, U)
		if err != nil {
			t.Fatal(err)
		}
		b.Check(tt.id, "dcov_sq", v.Covariance)
		b.Check(tt.id, "dvar_x_sq", v.VarianceX)
		b.Check(tt.id, "dvar_y_sq", v.VarianceY)
		b.Check(tt.id, "dcov_u", u.Covariance)
		b.Check(tt.id, "dcor", must(t)(DistanceCorrelation(x, y, V, metrics.Settings{})).Value)
		b.Check(tt.id, "dcor_u", must(t)(DistanceCorrelation(x, y, U, metrics.Settings{})).Value)
	}
	w2 := b.Matrix("W2")
	n, d := w2.Dims()
	rolled := mat.NewDense(n, d, nil)
	for i := range n {
		rolled.SetRow(i, w2.RawRowView((i+n-5)%n))
	}
	b.Check("wide.shuffled", "dcor", must(t)(DistanceCorrelation(b.Matrix("W1"), rolled, V, metrics.Settings{})).Value)
	b.Check("wide.shuffled", "dcor_u", must(t)(DistanceCorrelation(b.Matrix("W1"), rolled, U, metrics.Settings{})).Value)
}

// Bivariate normal data of correlation 1/2 approach the closed forms of the cards;
// the tolerance is four standard errors at n = 1500, found by repeating the draw.
func TestPopulationValues(t *testing.T) {
	x, y := mat.NewDense(1500, 1, nil), mat.NewDense(1500, 1, nil)
	r := stream.New(5, "bivariate")
	for i := range 1500 {
		u := r.NormFloat64()
		x.Set(i, 0, u)
		y.Set(i, 0, 0.5*u+math.Sqrt(0.75)*r.NormFloat64())
	}
	if h := must(t)(HSIC(x, y, U, Widths{1, 1}, metrics.Settings{})).Value; math.Abs(h-0.010763320143793886) > 0.004 {
		t.Errorf("HSIC %v, want about 0.01076", h)
	}
	if d := must(t)(DistanceCorrelation(x, y, V, metrics.Settings{})).Value; math.Abs(d-0.45412650444024766) > 0.09 {
		t.Errorf("dCor %v, want about 0.4541", d)
	}
}

func TestEdgeCases(t *testing.T) {
	b := book(t)
	x, y := b.Matrix("X"), b.Matrix("Y")
	constant := mat.NewDense(40, 2, nil)
	constant.Apply(func(int, int, float64) float64 { return 3 }, constant)
	short := mat.NewDense(3, 1, []float64{1, 2, 4})
	bad := mat.DenseCopyOf(x)
	bad.Set(7, 1, math.NaN())
	huge := mat.DenseCopyOf(x)
	huge.Scale(1e200, huge)
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Independence {
			continue
		}
		s := metrics.Settings{Permutations: 19}
		for _, pair := range [][2]*mat.Dense{{constant, y}, {x, constant}} {
			r := must(t)(m.Compute(pair[0], pair[1], s))
			if r.Value != 0 || *r.P != 1 || !r.Degenerate || len(r.Warnings) == 0 {
				t.Errorf("%s of a constant block: %+v, want 0, p = 1, degenerate", m.Name, r)
			}
		}
		for _, tt := range []struct {
			x, y *mat.Dense
			want string
		}{
			{x, short, "40 rows in x, 3 in y"},
			{bad, y, "row 7, column 1 is NaN"},
			{huge, y, "too large"},
		} {
			if _, err := m.Compute(tt.x, tt.y, s); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: error %v, want %q", m.Name, err, tt.want)
			}
		}
		_, err := m.Compute(short, short, s)
		if m.MinRows == 4 && (err == nil || !strings.Contains(err.Error(), "3 rows, want at least 4")) {
			t.Errorf("%s of 3 rows: error %v", m.Name, err)
		}
		if m.MinRows == 2 && err != nil {
			t.Errorf("%s of 3 rows: %v", m.Name, err)
		}
		// y = x: no permutation of 19 reaches the statistic.
		if r := must(t)(m.Compute(x, x, s)); *r.P != 1.0/20 || (strings.HasPrefix(m.Name, "dcor") && math.Abs(r.Value-1) > 1e-12) {
			t.Errorf("%s of equal blocks: %v with p %v", m.Name, r.Value, *r.P)
		}
	}
	// Discrete data: permutations that change nothing count as ties, not by chance.
	two := mat.NewDense(20, 1, nil)
	two.Set(0, 0, 1)
	if r := must(t)(DistanceCorrelation(two, two, V, metrics.Settings{Permutations: 999})); math.Abs(*r.P-0.05) > 0.025 {
		t.Errorf("one odd row of 20: p %v, want about 1/20", *r.P)
	}
	// By hand: the bias-corrected matrix of that block is zero in every entry.
	if r := must(t)(DistanceCorrelation(two, two, U, metrics.Settings{Permutations: 9})); !r.Degenerate || r.Value != 0 {
		t.Errorf("one odd row of 20: %+v, want degenerate", r)
	}
}

// Invariances that the descriptors state, and symmetry in the two blocks.
func TestInvariances(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		n, d := rapid.IntRange(5, 30).Draw(rt, "n"), rapid.IntRange(1, 20).Draw(rt, "d")
		r := stream.New(rapid.Uint64().Draw(rt, "seed"), "invariance")
		x, y := mat.NewDense(n, d, nil), mat.NewDense(n, 2, nil)
		for i := range n {
			for j := range d {
				x.Set(i, j, r.NormFloat64())
			}
			y.SetRow(i, []float64{x.At(i, 0) + r.NormFloat64(), r.NormFloat64()})
		}
		angle, shift, scale := r.Float64(), 10*r.NormFloat64(), 0.1+r.Float64()
		turned := mat.NewDense(n, 2, nil)
		for i := range n {
			u, v := y.At(i, 0), y.At(i, 1)
			turned.SetRow(i, []float64{
				scale*(u*math.Cos(angle)-v*math.Sin(angle)) + shift,
				scale*(u*math.Sin(angle)+v*math.Cos(angle)) - shift,
			})
		}
		order := stream.Permutation(r, n)
		px, py := mat.NewDense(n, d, nil), mat.NewDense(n, 2, nil)
		for i, o := range order {
			px.SetRow(i, x.RawRowView(o))
			py.SetRow(i, y.RawRowView(o))
		}
		for _, m := range metrics.Measures.All() {
			if m.Kind != metrics.Independence {
				continue
			}
			value := func(a, b *mat.Dense) float64 { return must(t)(m.Compute(a, b, metrics.Settings{})).Value }
			want := value(x, y)
			for i, got := range []float64{value(y, x), value(x, turned), value(px, py)} {
				if math.Abs(got-want) > 1e-6*math.Max(math.Abs(want), 1e-3) {
					rt.Errorf("%s: change %d gives %v, want %v", m.Name, i, got, want)
				}
			}
			if want < m.Range[0] || want > m.Range[1] {
				rt.Errorf("%s: %v is outside %v", m.Name, want, m.Range)
			}
		}
	})
}

// The tests hold their level on independent data: of 400 tests at 5%, 10 to 32 reject
// (2.5% to 8%), as the cards ask.
func TestLevel(t *testing.T) {
	reject := map[string]int{}
	for set := range 400 {
		r := stream.New(11, "level", set)
		x, y := mat.NewDense(20, 2, nil), mat.NewDense(20, 1, nil)
		for i := range 20 {
			x.SetRow(i, []float64{r.NormFloat64(), r.ExpFloat64()})
			y.Set(i, 0, r.NormFloat64())
		}
		for _, m := range metrics.Measures.All() {
			if m.Kind == metrics.Independence && *must(t)(m.Compute(x, y, metrics.Settings{Permutations: 99, Seed: uint64(set)})).P <= 0.05 {
				reject[m.Name]++
			}
		}
	}
	for _, m := range metrics.Measures.All() {
		if c := reject[m.Name]; m.Kind == metrics.Independence && (c < 10 || c > 32) {
			t.Errorf("%s: %d of 400 reject at 5%%, want 10 to 32", m.Name, c)
		}
	}
}

func TestSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	b := book(t)
	s := metrics.Settings{Permutations: 99, Seed: 3}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Independence {
			continue
		}
		runtime.GOMAXPROCS(1)
		one := must(t)(m.Compute(b.Matrix("X"), b.Matrix("Y"), s))
		runtime.GOMAXPROCS(4)
		four := must(t)(m.Compute(b.Matrix("X"), b.Matrix("Y"), s))
		if one.Value != four.Value || *one.P != *four.P || !slices.Equal(one.Null, four.Null) {
			t.Errorf("%s differs between 1 and 4 processors", m.Name)
		}
	}
}

func BenchmarkPermutationTest(b *testing.B) {
	r := stream.New(1, "bench")
	x, y := mat.NewDense(2000, 64, nil), mat.NewDense(2000, 64, nil)
	for i := range 2000 {
		for j := range 64 {
			x.Set(i, j, r.NormFloat64())
			y.Set(i, j, r.NormFloat64())
		}
	}
	for _, name := range []string{"hsic", "dcor-u"} {
		m, _ := metrics.Measures.Get(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b)(m.Compute(x, y, metrics.Settings{Permutations: 499}))
			}
		})
	}
}
