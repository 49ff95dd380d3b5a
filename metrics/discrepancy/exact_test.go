package discrepancy

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/combin"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// Of eight rows p is the share of the divisions at least as far apart, the samples as they came and their mirror image among them.
func TestExactTestsByEnumeration(t *testing.T) {
	x, y := numbers(0, 1, 2, 4), numbers(2, 3, 5, 9)
	all := stack(x, y)
	for _, name := range []string{"mmd2", "mmd2-unbiased", "mmd2-multi", "energy", "energy-unbiased", "energy-coefficient", "kid", "frechet", "coral"} {
		m := reference.Must[metrics.Descriptor](t)(metrics.Measures.Get(name))
		r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{Permutations: 1}))
		reached, divisions := 0.0, combin.Combinations(8, 4)
		for _, first := range divisions {
			var others []int
			for i := range 8 {
				if !slices.Contains(first, i) {
					others = append(others, i)
				}
			}
			if v := reference.Must[metrics.Result](t)(m.Compute(rows.Take(all, first), rows.Take(all, others), metrics.Settings{})); v.Value >= r.Value-1e-12*(1+math.Abs(r.Value)) {
				reached++
			}
		}
		if want := reached / float64(len(divisions)); !(math.Abs(*r.P-want) <= 1e-12) || r.Method != "exact permutation" || r.Resamples != 40320 || reached < 2 {
			t.Errorf("%s: p %v by %s of %d, want %v", name, *r.P, r.Method, r.Resamples, want)
		}
	}
	// Within two classes of two rows each: of the four ways two are those that came, each class its own way.
	labelled := func(values, labels []float64) *mat.Dense {
		out := mat.NewDense(len(values), 2, nil)
		out.SetCol(0, values)
		out.SetCol(1, labels)
		return out
	}
	m := reference.Must[metrics.Descriptor](t)(metrics.Measures.Get("mmd2-given-label"))
	r := reference.Must[metrics.Result](t)(m.Compute(labelled([]float64{0, 5}, []float64{0, 1}), labelled([]float64{1, 7}, []float64{0, 1}), metrics.Settings{Permutations: 1}))
	if *r.P != 1 || r.N != 4 { // exchanging two single rows changes nothing
		t.Errorf("single rows of two classes: p %v of %d rows", *r.P, r.N)
	}
}

// The rows of a result are those that it used: all, or of probes as many of either sample.
func TestRowsUsed(t *testing.T) {
	x, y := normal(23, 2, 0, "used x"), normal(30, 2, 1, "used y")
	probes := []string{"a-distance", "domain-probe", "domain-auroc", "c2st-logit", "js-divergence"}
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Discrepancy || m.Labels {
			continue
		}
		want := 53
		if slices.Contains(probes, m.Name) {
			want = 46
		}
		if r := reference.Must[metrics.Result](t)(m.Compute(x, y, metrics.Settings{})); r.N != want {
			t.Errorf("%s: %d rows, want %d", m.Name, r.N, want)
		}
	}
}

// Of two rows of the second sample that are farthest off along each axis the largest distance is along the diagonal: W_2 of
// two points is their distance, which no direction but one has.
func TestMaxSlicedOfTwoPoints(t *testing.T) {
	x, y := mat.NewDense(1, 3, []float64{1, 2, 3}), mat.NewDense(1, 3, []float64{3, 5, 9})
	r := reference.Must[metrics.Result](t)(MaxSliced(x, y, metrics.Settings{}))
	if !(math.Abs(r.Value-7) <= 1e-6) {
		t.Errorf("%v, want 7", r.Value)
	}
	for i, b := range [][2]*mat.Dense{{numbers(math.NaN(), 1), numbers(1, 2)}, {numbers(1, 2), numbers(math.NaN(), 1)}} {
		_, err := MMDGivenLabel(b[0], b[1], []int{0, 0}, []int{0, 0}, V, Kernel{}, none)
		if want := fmt.Sprintf("metrics: mmd2-given-label: %s: row 0, column 0 is NaN, want a finite number", []string{"x", "y"}[i]); fmt.Sprint(err) != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
