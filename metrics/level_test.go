package metrics_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"sort"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// A nullCase draws two blocks without dependence, or two samples of one law, as files hold them: the rows of a
// sample may be sorted, which says nothing of the law.
type nullCase struct {
	name string
	kind metrics.Kind
	draw func(m metrics.Descriptor, set int) (x, y *mat.Dense)
}

// A law draws one row.
type law func(r *rand.Rand, row []float64)

func continuous(r *rand.Rand, row []float64) {
	for j := range row {
		row[j] = r.NormFloat64()
	}
}

func tied(r *rand.Rand, row []float64) {
	for j := range row {
		row[j] = float64(r.IntN(3))
	}
}

// twoClasses are two clouds far apart.
func twoClasses(r *rand.Rand, row []float64) {
	centre := 6 * float64(r.IntN(2))
	for j := range row {
		row[j] = centre + r.NormFloat64()
	}
}

// sample draws n rows of d columns.
func sample(of law, n, d int, purpose ...any) *mat.Dense {
	r := stream.New(77, purpose...)
	out := mat.NewDense(n, d, nil)
	for i := range n {
		of(r, out.RawRowView(i))
	}
	return out
}

// sorted orders rows by the key of their place.
func sorted(key func(i int) float64, blocks ...*mat.Dense) {
	n, _ := blocks[0].Dims()
	order := rows.All(n)
	sort.SliceStable(order, func(a, b int) bool { return key(order[a]) < key(order[b]) })
	for _, b := range blocks {
		b.Copy(rows.Take(b, order))
	}
}

func twoSamples(of law, sizes [2]int, sort bool) func(m metrics.Descriptor, set int) (x, y *mat.Dense) {
	return func(m metrics.Descriptor, set int) (x, y *mat.Dense) {
		x, y = sample(of, sizes[0], 2, "level", m.Name, set, "x"), sample(of, sizes[1], 2, "level", m.Name, set, "y")
		if sort {
			sorted(func(i int) float64 { return x.At(i, 0) }, x)
			sorted(func(i int) float64 { return y.At(i, 0) }, y)
		}
		if labelled(m) {
			x, y = withLabels(x), withLabels(y)
		}
		return x, y
	}
}

func pairsOf(of law, n, p, q int, key func(x, y []float64) float64) func(m metrics.Descriptor, set int) (x, y *mat.Dense) {
	return func(m metrics.Descriptor, set int) (x, y *mat.Dense) {
		x, y = sample(of, n, p, "level", m.Name, set, "x"), sample(of, n, q, "level", m.Name, set, "y")
		if m.Labels {
			y = sample(tied, n, 1, "level", m.Name, set, "y")
		}
		if key != nil {
			sorted(func(i int) float64 { return key(x.RawRowView(i), y.RawRowView(i)) }, x, y)
		}
		return x, y
	}
}

func up(_, y []float64) float64    { return y[0] }
func down(_, y []float64) float64  { return -y[0] }
func along(x, y []float64) float64 { return x[0] + y[0] }

// nullCases are unequal sizes (of samples, or of the widths of blocks), ties and sorted rows, alone and together.
var nullCases = []nullCase{
	{"unequal sizes", metrics.Discrepancy, twoSamples(continuous, [2]int{24, 72}, false)},
	{"unequal sizes, exchanged", metrics.Discrepancy, twoSamples(continuous, [2]int{72, 24}, false)},
	{"ties", metrics.Discrepancy, twoSamples(tied, [2]int{20, 80}, false)},
	{"ties, exchanged", metrics.Discrepancy, twoSamples(tied, [2]int{80, 20}, false)},
	{"ties, sorted", metrics.Discrepancy, twoSamples(tied, [2]int{40, 40}, true)},
	{"sorted rows", metrics.Discrepancy, twoSamples(twoClasses, [2]int{50, 90}, true)},
	{"unequal widths", metrics.Independence, pairsOf(continuous, 36, 1, 3, nil)},
	{"unequal widths, exchanged", metrics.Independence, pairsOf(continuous, 36, 3, 1, nil)},
	{"ties", metrics.Independence, pairsOf(tied, 36, 1, 1, nil)},
	{"ties, sorted by y", metrics.Independence, pairsOf(tied, 36, 2, 1, up)},
	{"ties, sorted by y downwards", metrics.Independence, pairsOf(tied, 36, 2, 1, down)},
	{"ties, sorted by the sum", metrics.Independence, pairsOf(tied, 36, 1, 2, along)},
	{"sorted by y", metrics.Independence, pairsOf(continuous, 60, 1, 1, up)},
	{"sorted by the sum", metrics.Independence, pairsOf(continuous, 60, 2, 1, along)},
}

// atMost is the number of rejections among n tests of this level that a right test passes once in ten thousand times.
func atMost(n int, level float64) int {
	b, most := distuv.Binomial{N: float64(n), P: level}, 0
	for b.CDF(float64(most)) < 0.9999 {
		most++
	}
	return most
}

// levelOf is what a test at 5% may reject under the null: 5%, and of an approximation what its documentation says.
func levelOf(m metrics.Descriptor) float64 {
	switch {
	case m.Name == "dcor-u-t":
		return 0.12 // of blocks of one column, for which it is not meant
	case slices.Contains(approximate, m.Name):
		return 0.09
	}
	return 0.05
}

// rejections counts p-values up to 5% over null data sets; tested is false for a measure without a test.
func (c nullCase) rejections(t *testing.T, m metrics.Descriptor, sets, permutations int) (rejected int, tested bool) {
	t.Helper()
	p, fault := make([]float64, sets), make([]error, sets)
	parallel.For(sets, func(set int) {
		x, y := c.draw(m, set)
		r, err := m.Compute(x, y, metrics.Settings{Permutations: permutations, Seed: uint64(set)})
		if fault[set] = err; err == nil && r.P != nil {
			p[set] = *r.P
		}
	})
	for set, v := range p {
		if fault[set] != nil {
			t.Errorf("%s, %s: %v", m.Name, c.name, fault[set])
			return 0, false
		}
		if v > 0 && v <= 0.05+1e-12 {
			rejected++
		}
	}
	return rejected, slices.Max(p) > 0
}

// No test rejects a true null more often than it says, whatever the sizes, with ties, and in files that are sorted:
// the order of rows says nothing of their law.
func TestLevelOfUnequalTiedAndSorted(t *testing.T) {
	sets, all := 40, os.Getenv("VENN_STATISTICS") != ""
	if all {
		sets = nullSets
	}
	covered := map[string]bool{}
	for _, c := range nullCases {
		for _, m := range computed(c.kind) {
			if !all && (slices.Contains(dear, m.Name) || slices.Contains(slow, m.Name)) {
				continue
			}
			rejected, tested := c.rejections(t, m, sets, 19)
			if !tested {
				continue
			}
			covered[m.Name] = true
			if most := atMost(sets, levelOf(m)); rejected > most {
				t.Errorf("%s, %s: %d of %d reject a true null at 5%%, want at most %d", m.Name, c.name, rejected, sets, most)
			}
		}
	}
	if len(covered) < 40 {
		t.Errorf("%d tests were covered, want every registered one: %v", len(covered), covered)
	}
}

// slow are the tests that fit a model: `make statistics` has them.
var slow = []string{"a-distance", "domain-probe", "c2st-logit", "domain-auroc", "hsic-spectral", "nocco"}

// The two cases in which true nulls were rejected, with enough sets to see a level of 8%.
func TestLevelWhereOrderAndTiesOnceCounted(t *testing.T) {
	for _, c := range []struct {
		measure string
		nullCase
	}{
		{"mmd2-linear-time", nullCase{"sorted by class", metrics.Discrepancy, twoSamples(twoClasses, [2]int{100, 200}, true)}},
		{"mmd2-linear-time", nullCase{"sorted by class, exchanged", metrics.Discrepancy, twoSamples(twoClasses, [2]int{200, 100}, true)}},
		{"neighbour-mixing", nullCase{"ties", metrics.Discrepancy, twoSamples(tied, [2]int{40, 160}, false)}},
		{"neighbour-mixing", nullCase{"ties, exchanged", metrics.Discrepancy, twoSamples(tied, [2]int{160, 40}, false)}},
		{"neighbour-mixing", nullCase{"ties, 100 and 50", metrics.Discrepancy, twoSamples(tied, [2]int{100, 50}, false)}},
		{"codec", nullCase{"ties, sorted", metrics.Independence, pairsOf(tied, 60, 2, 1, down)}},
		{"codec", nullCase{"ties, sorted", metrics.Independence, pairsOf(tied, 60, 2, 1, up)}},
	} {
		m, err := metrics.Measures.Get(c.measure)
		if err != nil {
			t.Fatal(err)
		}
		const sets = 400
		rejected, _ := c.rejections(t, m, sets, 19)
		if most := atMost(sets, 0.05); rejected > most || rejected < 4 {
			t.Errorf("%s, %s: %d of %d reject a true null at 5%%, want 4 to %d", c.measure, c.name, rejected, sets, most)
		}
	}
}
