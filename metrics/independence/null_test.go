package independence

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// The null of a test is the measure of the rows of x with those of y in another order; but for landmarks, which stay those of
// the rows as they came.
func TestNullIsTheMeasureOfOtherPairs(t *testing.T) {
	const n = 25
	g := stream.New(5, "null")
	x, y, labels := mat.NewDense(n, 2, nil), mat.NewDense(n, 3, nil), mat.NewDense(n, 1, nil)
	for i := range n {
		a, b := g.NormFloat64(), g.NormFloat64()
		x.SetRow(i, []float64{a, b})
		y.SetRow(i, []float64{a + g.NormFloat64(), g.NormFloat64(), b * b})
		labels.Set(i, 0, math.Round(math.Max(-1, math.Min(1, a+g.NormFloat64()))))
	}
	without := []string{"cca", "dcor-u-chi2", "dcor-u-t", "gaussian-mi", "hsic-block", "hsic-gamma", "hsic-linear-time", "hsic-moments", "hsic-spectral"}
	for _, columns := range []int{2, 1} { // of single columns some have a faster way
		tested, means := 0, 0
		x, y := mat.DenseCopyOf(x.Slice(0, n, 0, columns)), mat.DenseCopyOf(y.Slice(0, n, 0, 2*columns-1))
		for _, m := range metrics.Measures.All() {
			if m.Kind != metrics.Independence || m.Name == "hsic-nystrom" {
				continue
			}
			other := y
			if m.Labels {
				other = labels
			}
			r := reference.Must[metrics.Result](t)(m.Compute(x, other, metrics.Settings{Seed: 3, Permutations: 4}))
			if (r.Null == nil) == slices.Contains(without, m.Name) {
				tested++
			}
			if i := slices.IndexFunc(r.Parts, func(p metrics.Part) bool { return p.Name == "mean of the null" }); i >= 0 {
				if want := stat.Mean(r.Null, nil); !(math.Abs(r.Parts[i].Value-want) <= 1e-12) || len(reference.Must[metrics.Result](t)(m.Compute(x, other, metrics.Settings{})).Parts) != len(r.Parts)-1 {
					t.Errorf("%s: mean of the null %v, want %v, and none without a test", m.Name, r.Parts[i].Value, want)
				}
				means++
			}
			reached := 1.0
			for _, v := range r.Null {
				if v >= r.Value-1e-9 {
					reached++
				}
			}
			if r.Null != nil && (r.Method != "permutation" || r.Resamples != 4 || !(math.Abs(*r.P-reached/5) <= 1e-12)) {
				t.Errorf("%s: p %v by %s of %d, want %v", m.Name, *r.P, r.Method, r.Resamples, reached/5)
			}
			rounding := 1e-9
			if m.Name == "hsic-cholesky" { // exact to a millionth of the trace
				rounding = 1e-6
			}
			for k, v := range r.Null {
				p := stream.Permutation(stream.New(3, "permutation", m.Name, k), n)
				want := reference.Must[metrics.Result](t)(m.Compute(x, rows.Take(other, p), metrics.Settings{Seed: 3}))
				if !(math.Abs(v-want.Value) <= rounding*(1+math.Abs(v))) || len(r.Null) != 4 {
					t.Errorf("%s: permutation %d of %d: %v, want %v", m.Name, k, len(r.Null), v, want.Value)
				}
			}
		}
		if means != 3 {
			t.Errorf("%d measures tell the mean of their null, want 3: those by neighbours", means)
		}
		if tested < 34 { // and what somebody has added
			t.Errorf("only %d measures have a null or, by the list, none", tested)
		}
	}
}
