package metrics_test

import (
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// ofOtherThings are tests of the held-out rows of a classifier, of another number than the value, and of features that
// landmark rows give, which permuted rows draw anew.
var ofOtherThings = []string{"c2st-logit", "domain-auroc", "cca", "hsic-nystrom"}

// permuted is the data under a permutation: pooled rows of two samples change places, or the rows of y do.
func permuted(m metrics.Descriptor, x, y *mat.Dense, p []int) (a, b *mat.Dense) {
	if m.Kind == metrics.Independence {
		return x, rows.Take(y, p)
	}
	n, d := x.Dims()
	k, _ := y.Dims()
	all := mat.NewDense(n+k, d, nil)
	all.Stack(x, y)
	return rows.Take(all, p[:n]), rows.Take(all, p[n:])
}

// The null of a permutation test, which shares work between permutations, is what the measure itself says of the
// permuted rows, permutation b drawn from the stream (seed, permutation, measure, b): in the same order, since a test may
// be of a monotone function of the value, and with the p-value that counting those values gives.
func TestNullIsTheMeasureOfPermutedRows(t *testing.T) {
	const draws = 24
	s := metrics.Settings{Permutations: draws, Seed: 5}
	tested := 0
	for _, kind := range matrices {
		for _, m := range computed(kind) {
			if labelled(m) || slices.Contains(ofOtherThings, m.Name) || slices.Contains(approximate, m.Name) {
				continue
			}
			x, y := independentPair(m, 21, 2, 3)
			r := run(t, m, x, y, s)
			if r.P == nil {
				continue
			}
			tested++
			n, _ := x.Dims()
			if kind == metrics.Discrepancy {
				k, _ := y.Dims()
				n += k
			}
			values := make([]float64, draws)
			reached := 1
			for b := range values {
				u, v := permuted(m, x, y, stream.Permutation(stream.New(5, "permutation", m.Name, b), n))
				if values[b] = run(t, m, u, v, metrics.Settings{Seed: 5}).Value; values[b] >= r.Value-1e-9*math.Abs(r.Value) {
					reached++
				}
			}
			if !(math.Abs(*r.P-float64(reached)/(draws+1)) <= 1e-12) {
				t.Errorf("%s: p %v, want %d/%d", m.Name, *r.P, reached, draws+1)
			}
			if r.Null == nil {
				continue // of a measure whose test is of another scale
			}
			for i := range values {
				for j := range i {
					if up, null := values[i]-values[j], r.Null[i]-r.Null[j]; !(math.Abs(up) <= 1e-9) && up*null < 0 {
						t.Errorf("%s: permutations %d and %d: null %v and %v, the measure of their rows %v and %v", m.Name, j, i, r.Null[j], r.Null[i], values[j], values[i])
					}
				}
			}
		}
	}
	if tested < 40 {
		t.Errorf("%d measures were tested, want most of them", tested)
	}
}
