package metrics_test

import (
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

// alike are the kinds of measures that are computed.
var alike = []metrics.Kind{metrics.Independence, metrics.Discrepancy, metrics.Disentanglement}

// ofRows is data of a measure with so many rows; factors go through their levels.
func ofRows(m metrics.Descriptor, n int) (x, y *mat.Dense) {
	if m.Kind != metrics.Disentanglement {
		x, y = independentPair(m, max(n, 1), 1, 7)
		if rows, d := y.Dims(); rows > n {
			y = mat.DenseCopyOf(y.Slice(0, n, 0, d))
		}
		return x, y
	}
	x, _ = independentPair(metrics.Descriptor{Name: m.Name}, n, 2, 7)
	y = mat.NewDense(n, 2, nil)
	y.Apply(func(i, j int, _ float64) float64 { return float64(i >> j & 1) }, y)
	return x, y
}

// A measure takes as few rows as its descriptor says, and refuses fewer as such.
func TestFewestRows(t *testing.T) {
	for _, kind := range alike {
		for _, m := range computed(kind) {
			for n := max(1, m.MinRows-1); n <= m.MinRows; n++ {
				x, y := ofRows(m, n)
				_, err := m.Compute(x, y, metrics.Settings{})
				few := err != nil && strings.Contains(err.Error(), "want") && strings.Contains(err.Error(), " rows")
				if few != (n < m.MinRows) {
					t.Errorf("%s of %d rows: %v, want at least %d", m.Name, n, err, m.MinRows)
				}
			}
		}
	}
}

// withoutPermutations have a test that is asked of no permutations, or say so of a probe that cannot be trained.
var withoutPermutations = append([]string{"cca", "c2st-logit", "domain-auroc", "js-divergence"}, approximate...)

// A block in which all rows are equal has p = 1 where a test was asked for, and none where it was not.
func TestCollapsedWithAndWithoutTest(t *testing.T) {
	for _, kind := range alike {
		for _, m := range computed(kind) {
			x, y := ofRows(m, 60)
			x.Zero()
			if kind == metrics.Discrepancy {
				y.Zero()
			}
			for _, permutations := range []int{0, 19} {
				r := run(t, m, x, y, metrics.Settings{Permutations: permutations})
				asked := permutations > 0 && kind != metrics.Disentanglement
				if !r.Degenerate || asked && (r.P == nil || *r.P != 1) && tests(m) || !asked && r.P != nil && !slices.Contains(withoutPermutations, m.Name) {
					t.Errorf("%s with %d permutations: %+v", m.Name, permutations, r)
				}
			}
		}
	}
}

// tests says whether a measure makes a permutation test at all.
func tests(m metrics.Descriptor) bool {
	x, y := ofRows(m, 30)
	r, err := m.Compute(x, y, metrics.Settings{Permutations: 9})
	return err == nil && r.P != nil
}
