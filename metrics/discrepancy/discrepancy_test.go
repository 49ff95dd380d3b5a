package discrepancy

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

func must(t testing.TB) func(metrics.Result, error) metrics.Result {
	return func(r metrics.Result, err error) metrics.Result {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
}

func normal(n, d int, mean float64, purpose ...any) *mat.Dense {
	r := stream.New(4, purpose...)
	x := mat.NewDense(n, d, nil)
	for i := range n {
		for j := range d {
			x.Set(i, j, mean+r.NormFloat64())
		}
	}
	return x
}

func TestReferenceMMD(t *testing.T) {
	b := reference.Open(t, "../testdata/reference.json")
	x, y := b.Matrix("A"), b.Matrix("B")
	pooled := mat.NewDense(55, 3, nil)
	pooled.Stack(x, y)
	b.Check("median.pooled", "", pairwise.Median(pooled, nil, 0))
	none, several := metrics.Settings{}, Kernel{Variances: Several}
	b.Check("mmd2.biased", "", must(t)(MMD(x, y, V, Kernel{}, none)).Value)
	b.Check("mmd2.unbiased", "", must(t)(MMD(x, y, U, Kernel{}, none)).Value)
	b.Check("mmd2.multi", "biased", must(t)(MMD(x, y, V, several, none)).Value)
	b.Check("mmd2.multi", "unbiased", must(t)(MMD(x, y, U, several, none)).Value)
	// The 54 cyclic shifts of the domain labels.
	g, _ := Kernel{}.matrix(pooled, 0)
	sums := make([]float64, 55)
	for i := range sums {
		sums[i] = floats.Sum(g[i*55 : (i+1)*55])
	}
	var shifts [][]int
	for s := range 55 {
		var rows []int
		for i := range 25 {
			rows = append(rows, (i+s)%55)
		}
		shifts = append(shifts, rows)
	}
	values, scale := split(g, sums, shifts, 25, 30, U)
	b.Check("mmd2.perm.cyclic", "null_first3", values[1:4]...)
	b.Check("mmd2.perm.cyclic", "p", metrics.PValue(values[0], values[1:], metrics.TieTolerance*scale, false))
}

// Two normal samples of unit variance, means one apart: the closed form of the cards is
// 0.177268; the tolerance is four standard errors at 1000 rows, found by repeating.
func TestPopulationMMD(t *testing.T) {
	v := must(t)(MMD(normal(1000, 1, 0, "p0"), normal(1000, 1, 1, "p1"), U, Kernel{Width: 1}, metrics.Settings{})).Value
	if math.Abs(v-0.17726763491986186) > 0.06 {
		t.Errorf("MMD^2 %v, want about 0.1773", v)
	}
}

func TestMMDEdges(t *testing.T) {
	x := normal(40, 3, 0, "edge")
	flat := mat.NewDense(20, 3, nil)
	s := metrics.Settings{Permutations: 19}
	bad := mat.DenseCopyOf(x)
	bad.Set(3, 2, math.Inf(1))
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Discrepancy {
			continue
		}
		if r := must(t)(m.Compute(flat, flat, s)); !r.Degenerate || *r.P != 1 || r.Value != map[bool]float64{true: 0.5}[m.Name == "domain-probe"] {
			t.Errorf("%s of collapsed samples: %+v", m.Name, r)
		}
		for _, tt := range []struct {
			x, y *mat.Dense
			want string
		}{
			{x, normal(9, 2, 0), "3 columns in x, 2 in y"},
			{bad, x, "row 3, column 2 is +Inf"},
			{x, mat.NewDense(1, 3, nil), "1 rows, want at least"},
		} {
			if _, err := m.Compute(tt.x, tt.y, s); m.MinRows > 1 && (err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("%s: error %v, want %q", m.Name, err, tt.want)
			}
		}
		if strings.HasPrefix(m.Name, "mmd2") {
			r := must(t)(m.Compute(x, x, s))
			if biased := m.Range[0] == 0; biased && math.Abs(r.Value) > 1e-15 || !biased && r.Value > 0 {
				t.Errorf("%s of equal samples: %v", m.Name, r.Value)
			}
		}
	}
	one := must(t)(MMD(mat.NewDense(1, 1, []float64{0}), mat.NewDense(1, 1, []float64{2}), V, Kernel{Width: 1}, metrics.Settings{}))
	if want := 2 - 2*math.Exp(-2); math.Abs(one.Value-want) > 1e-15 { // by hand
		t.Errorf("two points: %v, want %v", one.Value, want)
	}
	if _, err := MMD(x, x, V, Kernel{Width: -1}, s); err == nil {
		t.Error("negative width: no error")
	}
}

func TestLevelOfMMD(t *testing.T) {
	reject := map[Estimator]int{}
	for set := range 400 {
		x, y := normal(10, 2, 0, "level", set, "x"), normal(14, 2, 0, "level", set, "y")
		for _, e := range []Estimator{V, U} {
			if *must(t)(MMD(x, y, e, Kernel{}, metrics.Settings{Permutations: 99, Seed: uint64(set)})).P <= 0.05 {
				reject[e]++
			}
		}
	}
	if reject[V] < 10 || reject[V] > 32 || reject[U] < 10 || reject[U] > 32 {
		t.Errorf("%v of 400 reject at 5%%, want 10 to 32", reject)
	}
}

func TestReferenceADistance(t *testing.T) {
	// The published arithmetic: 63 held-out hits of 100.
	if p := binomialTail(63, 100); math.Abs(p-0.0060164878626817395) > 1e-12 {
		t.Errorf("P(Bin >= 63) = %v", p)
	}
	if binomialTail(0, 7) != 1 || math.Abs(binomialTail(7, 7)-1.0/128) > 1e-15 {
		t.Error("binomial ends are wrong")
	}
}

// N(0,I) against means one apart: the Bayes error is Phi(-1/2) = 0.308538, so the
// A-distance is 0.7659; the interval of 1000 held-out rows covers it.
func TestProbeOfKnownDistance(t *testing.T) {
	x, y := normal(1000, 4, 0, "q0"), normal(1400, 4, 0, "q1")
	for i := range 1400 {
		y.Set(i, 0, y.At(i, 0)+1)
	}
	s := metrics.Settings{Seed: 1}
	d, p := must(t)(ADistance(x, y, s)), must(t)(DomainProbe(x, y, s))
	if d.Interval[0] > 0.76585 || d.Interval[1] < 0.76585 || math.Abs(d.Value-2*(2*p.Value-1)) > 1e-12 || *p.P > 1e-6 {
		t.Errorf("A-distance %+v, probe %+v", d, p)
	}
	same := must(t)(DomainProbe(x, normal(1000, 4, 0, "q2"), s))
	if same.Interval[0] > 0.5 || same.Interval[1] < 0.5 {
		t.Errorf("equal domains: %v in %v, want 0.5 inside", same.Value, same.Interval)
	}
	far := must(t)(ADistance(x, normal(1000, 4, 50, "q3"), s))
	if far.Value != 2 {
		t.Errorf("domains far apart: %v, want 2", far.Value)
	}
}

func TestSameBytesOnAnyNumberOfProcessors(t *testing.T) {
	x, y := normal(150, 20, 0, "b0"), normal(130, 20, 0.1, "b1")
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Discrepancy {
			continue
		}
		runtime.GOMAXPROCS(1)
		one := must(t)(m.Compute(x, y, metrics.Settings{Permutations: 49}))
		runtime.GOMAXPROCS(4)
		four := must(t)(m.Compute(x, y, metrics.Settings{Permutations: 49}))
		if one.Value != four.Value || *one.P != *four.P || !slices.Equal(one.Null, four.Null) {
			t.Errorf("%s differs between 1 and 4 processors", m.Name)
		}
	}
}

func BenchmarkMeasures(b *testing.B) {
	x, y := normal(2000, 64, 0, "m0"), normal(2000, 64, 0.05, "m1")
	for _, name := range []string{"mmd2", "a-distance"} {
		m, _ := metrics.Measures.Get(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				must(b)(m.Compute(x, y, metrics.Settings{Permutations: 499}))
			}
		})
	}
}
