package probe

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/zscore"
)

// tied is the share of a squared distance within which others equal it.
const tied = 1e-12

// NeighbourValues is the mean of y over the 5 nearest rows of train for each row of test, on columns z-scored with training
// figures; where none varies, the mean of y. Rows at equal distance share the places that are left to them, so that the
// order of rows says nothing.
func NeighbourValues(train *mat.Dense, y []float64, test *mat.Dense) ([]float64, error) {
	m, _ := test.Dims()
	out := make([]float64, m)
	scale := zscore.Learn(train)
	if len(scale.Columns) == 0 {
		for i := range out {
			for _, v := range y {
				out[i] += v / float64(len(y))
			}
		}
		return out, nil
	}
	neighbourShares(scale.Apply(test), scale.Apply(train), nearest, func(i, row int, share float64) { out[i] += share * y[row] })
	return out, nil
}

// neighbourShares tells for each query the rows of x among its k nearest with their shares, which add up to 1: 1/k
// each, and of rows at the distance of the k-th, however many, what is left to them in equal parts.
func neighbourShares(queries, x *mat.Dense, k int, tell func(query, row int, share float64)) {
	m, _ := queries.Dims()
	n, _ := x.Dims()
	k = min(k, n)
	open := rows.All(m)
	for count := min(n, k+1); len(open) > 0; count = min(n, 4*count) {
		var more []int // queries whose ties go on beyond count rows
		for at, list := range pairwise.Nearest(rows.Take(queries, open), x, count) {
			edge := list[k-1].Squared
			if count < n && list[count-1].Squared <= edge*(1+tied) {
				more = append(more, open[at])
				continue
			}
			nearer, equal := 0, 0
			for _, c := range list {
				switch {
				case c.Squared < edge*(1-tied):
					nearer++
				case c.Squared <= edge*(1+tied):
					equal++
				}
			}
			for j, c := range list[:nearer+equal] {
				share := 1 / float64(k)
				if j >= nearer {
					share *= float64(k-nearer) / float64(equal)
				}
				tell(open[at], c.Row, share)
			}
		}
		open = more
	}
}
