package independence

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

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
	tested := 0
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
		for k, v := range r.Null {
			p := stream.Permutation(stream.New(3, "permutation", m.Name, k), n)
			want := reference.Must[metrics.Result](t)(m.Compute(x, rows.Take(other, p), metrics.Settings{Seed: 3}))
			if !(math.Abs(v-want.Value) <= 1e-9*(1+math.Abs(v))) || len(r.Null) != 4 {
				t.Errorf("%s: permutation %d of %d: %v, want %v", m.Name, k, len(r.Null), v, want.Value)
			}
		}
	}
	if tested < 34 { // and what somebody has added
		t.Errorf("only %d measures have a null or, by the list, none", tested)
	}
}
