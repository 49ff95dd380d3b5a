package discrepancy

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/metrics"
)

// supportByHand counts with sorted distances: rows of y in open balls to the fifth neighbour of rows of x, and the other way.
func supportByHand(x, y *mat.Dense) map[string]float64 {
	ball := func(b *mat.Dense, i int) float64 {
		n, _ := b.Dims()
		var d []float64
		for j := range n {
			d = append(d, math.Abs(b.At(i, 0)-b.At(j, 0)))
		}
		slices.Sort(d)
		return d[5] // d[0] is the row itself
	}
	n, _ := x.Dims()
	m, _ := y.Dims()
	out := map[string]float64{}
	in := make([]bool, m)
	for i := range n {
		covered, recalled := false, false
		for j := range m {
			d := math.Abs(x.At(i, 0) - y.At(j, 0))
			if d < ball(x, i)-1e-9 {
				out["density"] += 1 / float64(5*m)
				covered, in[j] = true, true
			}
			recalled = recalled || d < ball(y, j)-1e-9
		}
		if covered {
			out["coverage"] += 1 / float64(n)
		}
		if recalled {
			out["recall"] += 1 / float64(n)
		}
	}
	for _, hit := range in {
		if hit {
			out["precision"] += 1 / float64(m)
		}
	}
	return out
}

// Support of samples of unequal size, spread and place against plain counts.
func TestSupportAgainstCounts(t *testing.T) {
	x, y := ladder(17, func(i float64) float64 { return i * i }), ladder(11, func(i float64) float64 { return 90 + 3.5*i })
	want := supportByHand(x, y)
	s := reference.Must[Support](t)(SupportOf(x, y, 5))
	for name, got := range map[string]float64{"precision": s.Precision, "recall": s.Recall, "density": s.Density, "coverage": s.Coverage} {
		if !(math.Abs(got-want[name]) <= 1e-12) || want[name] == 0 || want[name] == 1 {
			t.Errorf("%s %v, want %v", name, got, want[name])
		}
	}
	for name, v := range want { // by their names too
		m, err := metrics.Measures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{})); !(math.Abs(r.Value-v) <= 1e-12) {
			t.Errorf("%s %v, want %v", name, r.Value, v)
		}
	}
	equal := mat.NewDense(8, 1, nil) // a row and seven others: every ball is empty
	m, _ := metrics.Measures.Get("density")
	if r := reference.Must[metrics.Result](t)(m.Compute(equal, ladder(8, func(i float64) float64 { return i }), metrics.Settings{})); !slices.Contains(r.Warnings, "8 balls of radius 0 hold nothing: duplicated rows") {
		t.Errorf("equal rows: %q", r.Warnings)
	}
}

// Forms that other packages call, by hand: the cubic kernel (u + 1)^3 less 1 without the diagonal, one factor of the
// variance, and warnings of either sample.
func TestOtherFormsByHand(t *testing.T) {
	// x = 0, 1 and y = 2, 3 in one column: k(0,1) = 1, k(2,3) = 7^3, k(0, .) = 1, k(1, 2) = 27, k(1, 3) = 64.
	if v := reference.Must[float64](t)(KIDOf(numbers(0, 1), numbers(2, 3))); !(math.Abs(v-(1+343-2*(1+1+27+64)/4.0)) <= 1e-9) {
		t.Errorf("KID %v", v)
	}
	one := reference.Must[metrics.Result](t)(MMD(numbers(0), numbers(2), V, Kernel{Width: 1, Variances: []float64{4}}, none))
	if want := 2 - 2*math.Exp(-0.5); !(math.Abs(one.Value-want) <= 1e-12) || one.Name != "mmd2" {
		t.Errorf("a factor of 4: %+v, want %v", one, want)
	}
	two := reference.Must[metrics.Result](t)(MMD(numbers(0), numbers(2), V, Kernel{Width: 1, Variances: []float64{4, 1}}, none))
	if want := 2 - math.Exp(-0.5) - math.Exp(-2); !(math.Abs(two.Value-want) <= 1e-12) || two.Name != "mmd2-multi" {
		t.Errorf("factors of 4 and 1: %+v, want %v", two, want)
	}
	for _, sizes := range [][2]int{{4, 6}, {6, 4}} {
		r := reference.Must[metrics.Result](t)(Frechet(mat.NewDense(sizes[0], 5, rowsOf(sizes[0], 5)), mat.NewDense(sizes[1], 5, rowsOf(sizes[1], 5)), none))
		if len(r.Warnings) != 2 {
			t.Errorf("%v rows of 5 columns: %q", sizes, r.Warnings)
		}
	}
}
