package discrepancy

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// begin checks both samples and starts a result; done says that they are one point, which the result
// then tells.
func begin(name string, x, y *mat.Dense, minRows int, s metrics.Settings) (r metrics.Result, done bool, err error) {
	if err := metrics.CheckPair(name, x, y, minRows, false); err != nil {
		return r, false, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	r = start(name, m, n, s)
	if metrics.Constant(stack(x, y)) {
		return r.Collapse("all rows of both samples are equal", s.Permutations > 0), true, nil
	}
	return r, false, nil
}

// permutePooled tests by computing the statistic anew for each division of the pooled rows.
func permutePooled(r *metrics.Result, x, y *mat.Dense, s metrics.Settings, tolerance float64, statistic func(x, y *mat.Dense) float64) {
	m, d := x.Dims()
	n, _ := y.Dims()
	all := stack(x, y)
	r.Test(r.Value, m+n, s, tolerance, func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		parallel.For(len(out), func(b int) {
			shuffled := mat.NewDense(m+n, d, nil)
			for i, from := range permutations[b] {
				shuffled.SetRow(i, all.RawRowView(from))
			}
			out[b] = statistic(shuffled.Slice(0, m, 0, d).(*mat.Dense), shuffled.Slice(m, m+n, 0, d).(*mat.Dense))
		})
		return out
	})
}
