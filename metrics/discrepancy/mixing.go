package discrepancy

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/metrics"
)

const mixed = 10 // neighbours looked at

// Mixing is the share of rows of the own domain among the 10 nearest other rows of the pooled samples,
// averaged over both domains, less what chance gives: 0 where the domains are well mixed, about 1/2
// where they are apart. Test by permuting the domain labels. Errors as MMD, and fewer than 11 rows of
// either. Time O((m+n)^2 d). M. F. Schilling, "Multivariate two-sample tests based on nearest
// neighbors" (1986).
func Mixing(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("neighbour-mixing", x, y, mixed+1, s)
	if done || err != nil {
		return r, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	all := stack(x, y)
	near := make([][]int, m+n)
	for i, list := range pairwise.Nearest(all, all, mixed+1) {
		for _, c := range list {
			if c.Row != i && len(near[i]) < mixed {
				near[i] = append(near[i], c.Row)
			}
		}
	}
	of := func(p []int) float64 {
		first := make([]bool, m+n)
		for _, i := range p[:m] {
			first[i] = true
		}
		var own [2]float64
		for i, list := range near {
			for _, j := range list {
				if first[i] == first[j] {
					if first[i] {
						own[0]++
					} else {
						own[1]++
					}
				}
			}
		}
		fm, fn := float64(m), float64(n)
		share := (own[0]/(mixed*fm) + own[1]/(mixed*fn)) / 2
		return share - ((fm-1)/(fm+fn-1)+(fn-1)/(fm+fn-1))/2
	}
	identity := make([]int, m+n)
	for i := range identity {
		identity[i] = i
	}
	r.Value = of(identity)
	r.Test(r.Value, m+n, s, metrics.TieTolerance, func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for b, p := range permutations {
			out[b] = of(p)
		}
		return out
	})
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "neighbour-mixing", Doc: "share of the own domain among 10 nearest neighbours, less chance", Range: [2]float64{-1, 1},
		Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time (m+n)^2 d + 10 (m+n) permutations",
		Citation: "Schilling, Multivariate two-sample tests based on nearest neighbors, JASA 1986", MinRows: mixed + 1, Compute: Mixing})
}
