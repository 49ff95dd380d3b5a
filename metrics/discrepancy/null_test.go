package discrepancy

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// The null of a test is the measure of the pooled rows in another order, cut where the samples met; but for two tests whose
// classifier is fitted once, and those that permute within labels.
func TestNullIsTheMeasureOfOtherDivisions(t *testing.T) {
	x, y := normal(23, 2, 0, "null x"), normal(27, 2, 0.7, "null y")
	all := stack(x, y)
	without := []string{"a-distance", "coverage", "density", "domain-probe", "frechet-infinity", "js-divergence", "mmd2-linear-time", "precision", "recall"}
	tested := 0
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Discrepancy || m.Labels || slices.Contains([]string{"c2st-logit", "domain-auroc"}, m.Name) {
			continue
		}
		r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Seed: 3, Permutations: 3}))
		if (r.Null == nil) == slices.Contains(without, m.Name) {
			tested++
		}
		reached := 1.0
		for _, v := range r.Null {
			if v >= r.Value-1e-9 {
				reached++
			}
		}
		if r.Null != nil && (r.Method != "permutation" || r.Resamples != 3 || !(math.Abs(*r.P-reached/4) <= 1e-12)) {
			t.Errorf("%s: p %v by %s of %d, want %v", m.Name, *r.P, r.Method, r.Resamples, reached/4)
		}
		for k, v := range r.Null {
			p := stream.Permutation(stream.New(3, "permutation", m.Name, k), 50)
			want := reference.Must[metrics.Result](t)(m.Compute(rows.Take(all, p[:23]), rows.Take(all, p[23:]), metrics.Settings{Seed: 3}))
			if !(math.Abs(v-want.Value) <= 1e-9*(1+math.Abs(v))) || len(r.Null) != 3 {
				t.Errorf("%s: permutation %d of %d: %v, want %v", m.Name, k, len(r.Null), v, want.Value)
			}
		}
	}
	if tested < 25 { // and what somebody has added
		t.Errorf("only %d measures have a null or, by the list, none", tested)
	}
}

// Of unequal samples each subset takes as many rows as the smaller has, from either; where both are whole there is one.
func TestSubsetsOfKID(t *testing.T) {
	x, y := normal(9, 2, 0, "subset x"), normal(12, 2, 1, "subset y")
	for _, tt := range []struct{ m, n, subsets int }{{9, 12, 100}, {9, 9, 1}} {
		a, b := rows.Take(x, rows.All(tt.m)), rows.Take(y, rows.All(tt.n))
		var values []float64
		for k := range tt.subsets {
			some := stream.Permutation(stream.New(7, "kid", "y", k), tt.n)[:9]
			others := stream.Permutation(stream.New(7, "kid", "x", k), tt.m)[:9]
			values = append(values, reference.Must[float64](t)(KIDOf(rows.Take(a, others), rows.Take(b, some))))
		}
		mean, variance := stat.PopMeanVariance(values, nil)
		r := reference.Must[metrics.Result](t)(KID(a, b, metrics.Settings{Seed: 7}))
		if !(math.Abs(r.Parts[0].Value-mean) <= 1e-12) || !(math.Abs(r.Parts[1].Value-math.Sqrt(variance)) <= 1e-9) {
			t.Errorf("%d and %d rows: %+v, want %v and %v", tt.m, tt.n, r.Parts, mean, math.Sqrt(variance))
		}
		// The other way round it is the same but for rounding.
		s := reference.Must[metrics.Result](t)(KID(b, a, metrics.Settings{}))
		if !(math.Abs(s.Value-r.Value) <= 1e-12) || (tt.subsets == 1) != (s.Parts[1].Value == 0) {
			t.Errorf("exchanged: %+v of %+v", s, r)
		}
	}
}
