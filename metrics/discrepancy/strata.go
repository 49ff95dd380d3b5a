package discrepancy

import (
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// A stratum is a part of the pooled rows within which rows may change their sample, and its weight.
type stratum struct {
	*pool
	rows   []int // of the pooled rows, those of the first sample first
	weight float64
}

// test fills in the weighted sum of the statistic over strata of n pooled rows and its permutation test.
func (f member) test(r *metrics.Result, strata []stratum, n int, s metrics.Settings) {
	if metrics.Lots(n, s) > 1 && n <= KeptRows {
		for _, t := range strata {
			t.kept = make([][]float64, pairwise.Blocks(t.m+t.n))
		}
	}
	first := true // the samples as they are come along with the first lot
	var scale float64
	pass := func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for _, t := range strata {
			divisions := t.within(permutations, n)
			if first {
				divisions = append([][]int{rows.All(len(t.rows))}, divisions...)
			}
			terms := t.terms(divisions)
			if first {
				r.Value += t.weight * f.value(terms[0])
				scale += t.weight * f.scale(terms[0])
				terms = terms[1:]
			}
			for b, v := range terms {
				out[b] += t.weight * f.value(v)
			}
		}
		first = false
		return out
	}
	if s.Permutations <= 0 {
		pass(nil)
	}
	r.TestAlong(n, s, pass, func() float64 { return r.Value - metrics.TieTolerance*scale })
}

// within restricts permutations of n pooled rows to a stratum: its rows, by their place in it, in the order in which a
// permutation has them, which is as uniform among them as it is among all.
func (t stratum) within(permutations [][]int, n int) [][]int {
	if len(t.rows) == n {
		return permutations
	}
	place := make([]int, n)
	for i := range place {
		place[i] = -1
	}
	for k, i := range t.rows {
		place[i] = k
	}
	out := make([][]int, len(permutations))
	for b, p := range permutations {
		out[b] = make([]int, 0, len(t.rows))
		for _, i := range p {
			if place[i] >= 0 {
				out[b] = append(out[b], place[i])
			}
		}
	}
	return out
}
