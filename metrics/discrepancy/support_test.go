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
		if math.Abs(got-want[name]) > 1e-12 || want[name] == 0 || want[name] == 1 {
			t.Errorf("%s %v, want %v", name, got, want[name])
		}
	}
	for name, v := range want { // by their names too
		m, err := metrics.Measures.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{})); math.Abs(r.Value-v) > 1e-12 {
			t.Errorf("%s %v, want %v", name, r.Value, v)
		}
	}
	equal := mat.NewDense(8, 1, nil) // a row and seven others: every ball is empty
	m, _ := metrics.Measures.Get("density")
	if r := reference.Must[metrics.Result](t)(m.Compute(equal, ladder(8, func(i float64) float64 { return i }), metrics.Settings{})); !slices.Contains(r.Warnings, "8 balls of radius 0 hold nothing: duplicated rows") {
		t.Errorf("equal rows: %q", r.Warnings)
	}
}
