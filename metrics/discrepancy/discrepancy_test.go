package discrepancy

import (
	"math"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

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
	b := reference.Metrics(t)
	x, y := b.Matrix("A"), b.Matrix("B")
	pooled := mat.NewDense(55, 3, nil)
	pooled.Stack(x, y)
	b.Check("median.pooled", "", pairwise.Median(pooled, 0))
	none, several := metrics.Settings{}, Kernel{Variances: Several}
	b.Check("mmd2.biased", "", reference.Must[metrics.Result](t)(MMD(x, y, V, Kernel{}, none)).Value)
	b.Check("mmd2.unbiased", "", reference.Must[metrics.Result](t)(MMD(x, y, U, Kernel{}, none)).Value)
	b.Check("mmd2.multi", "biased", reference.Must[metrics.Result](t)(MMD(x, y, V, several, none)).Value)
	b.Check("mmd2.multi", "unbiased", reference.Must[metrics.Result](t)(MMD(x, y, U, several, none)).Value)
	// The 54 cyclic shifts of the domain labels.
	var shifts [][]int
	for s := range 55 {
		var rows []int
		for i := range 25 {
			rows = append(rows, (i+s)%55)
		}
		shifts = append(shifts, rows)
	}
	var values []float64
	for _, t := range newPool(Kernel{}.tiler(pooled, none), 25, 30, U).terms(shifts) {
		values = append(values, t[0]+t[1]+t[2])
	}
	b.Check("mmd2.perm.cyclic", "null_first3", values[1:4]...)
	b.Check("mmd2.perm.cyclic", "p", metrics.PValue(values[0], values[1:], metrics.TieTolerance, false))
}

func TestReferenceEnergy(t *testing.T) {
	b := reference.Metrics(t)
	x, y := b.Matrix("A"), b.Matrix("B")
	v := reference.Must[metrics.Result](t)(Energy(x, y, V, metrics.Settings{})).Value
	b.Check("energy", "v", v)
	b.Check("energy", "test", 25*30*v/55)
	b.Check("energy", "sqrt", math.Sqrt(v))
	b.Check("energy", "u", reference.Must[metrics.Result](t)(Energy(x, y, U, metrics.Settings{})).Value)
	b.Check("energy", "coef", reference.Must[metrics.Result](t)(EnergyCoefficient(x, y, metrics.Settings{})).Value)
}

// A kept matrix and one computed again give the same bytes, over several tiles.
func TestKeptTiles(t *testing.T) {
	x, y := normal(300, 20, 0, "k0"), normal(280, 20, 0.1, "k1")
	k := Kernel{}.tiler(stack(x, y), metrics.Settings{})
	free, kept := newPool(k, 300, 280, U), newPool(k, 300, 280, U)
	kept.kept = make([][]float64, pairwise.Blocks(580))
	for range 2 {
		divisions := [][]int{stream.Permutation(stream.New(1, "d"), 580), stream.Permutation(stream.New(2, "d"), 580)}
		if a, b := free.terms(divisions), kept.terms(divisions); a[0] != b[0] || a[1] != b[1] {
			t.Errorf("%v without, %v with the matrix kept", a, b)
		}
	}
	// Against the plain sums.
	points := pairwise.Squared(stack(x, y))
	var aa, bb, ab float64
	for i := range 580 {
		for j := range 580 {
			d := math.Sqrt(points[i*580+j])
			switch {
			case i < 300 && j < 300:
				aa += d
			case i >= 300 && j >= 300:
				bb += d
			case i < 300:
				ab += d
			}
		}
	}
	want := 2*ab/(300*280) - aa/(300*300) - bb/(280*280)
	if got := reference.Must[metrics.Result](t)(Energy(x, y, V, metrics.Settings{})).Value; !(math.Abs(got-want) <= 1e-11) {
		t.Errorf("energy %v, want %v", got, want)
	}
}

// Two normal samples of unit variance, means one apart: the closed form of the cards is
// 0.177268; the tolerance is four standard errors at 1000 rows, found by repeating.
func TestPopulationMMD(t *testing.T) {
	v := reference.Must[metrics.Result](t)(MMD(normal(1000, 1, 0, "p0"), normal(1000, 1, 1, "p1"), U, Kernel{Width: 1}, metrics.Settings{})).Value
	if !(math.Abs(v-0.17726763491986186) <= 0.06) {
		t.Errorf("MMD^2 %v, want about 0.1773", v)
	}
}

func TestMMDEdges(t *testing.T) {
	x := normal(40, 3, 0, "edge")
	s := metrics.Settings{Permutations: 19}
	one := reference.Must[metrics.Result](t)(MMD(mat.NewDense(1, 1, []float64{0}), mat.NewDense(1, 1, []float64{2}), V, Kernel{Width: 1}, metrics.Settings{}))
	if want := 2 - 2*math.Exp(-2); !(math.Abs(one.Value-want) <= 1e-15) { // by hand
		t.Errorf("two points: %v, want %v", one.Value, want)
	}
	if _, err := MMD(x, x, V, Kernel{Width: -1}, s); err == nil {
		t.Error("negative width: no error")
	}
}

func TestReferenceADistance(t *testing.T) {
	// The published arithmetic: 63 held-out hits of 100.
	if p := binomialTail(63, 100); !(math.Abs(p-0.0060164878626817395) <= 1e-12) {
		t.Errorf("P(Bin >= 63) = %v", p)
	}
	if binomialTail(0, 7) != 1 || !(math.Abs(binomialTail(7, 7)-1.0/128) <= 1e-15) {
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
	d, p := reference.Must[metrics.Result](t)(ADistance(x, y, s)), reference.Must[metrics.Result](t)(DomainProbe(x, y, s))
	if d.Interval[0] > 0.76585 || d.Interval[1] < 0.76585 || !(math.Abs(d.Value-2*(2*p.Value-1)) <= 1e-12) || *p.P > 1e-6 {
		t.Errorf("A-distance %+v, probe %+v", d, p)
	}
	same := reference.Must[metrics.Result](t)(DomainProbe(x, normal(1000, 4, 0, "q2"), s))
	if same.Interval[0] > 0.5 || same.Interval[1] < 0.5 {
		t.Errorf("equal domains: %v in %v, want 0.5 inside", same.Value, same.Interval)
	}
	far := reference.Must[metrics.Result](t)(ADistance(x, normal(1000, 4, 50, "q3"), s))
	if far.Value != 2 {
		t.Errorf("domains far apart: %v, want 2", far.Value)
	}
}

func BenchmarkMeasures(b *testing.B) {
	x, y := normal(2000, 64, 0, "m0"), normal(2000, 64, 0.05, "m1")
	for _, name := range []string{"mmd2", "a-distance"} {
		m, _ := metrics.Measures.Get(name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				reference.Must[metrics.Result](b)(m.Compute(x, y, metrics.Settings{Permutations: 499}))
			}
		})
	}
}
