package discrepancy

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

const (
	mixed     = 10 // neighbours looked at
	siteBlock = 64 // sites whose distances are computed together
)

// Mixing is the share of rows of the own domain among the 10 nearest other rows of the pooled samples,
// averaged over both domains, less what chance gives: 0 where the domains are well mixed, about 1/2
// where they are apart. Rows as near as the 10th share the places that are left among them in equal
// parts, so that ties favour no row and no domain. Test by permuting the domain labels. Errors as MMD, and
// fewer than 11 rows of either. Time O((m+n)^2 d). M. F. Schilling, "Multivariate two-sample tests based on
// nearest neighbors" (1986).
func Mixing(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("neighbour-mixing", x, y, mixed+1, s)
	if done || err != nil {
		return r, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	g := newSites(stack(x, y), mixed)
	of := func(p []int) float64 {
		own := g.own(p[:m])
		fm, fn := float64(m), float64(n)
		share := (own[0]/(mixed*fm) + own[1]/(mixed*fn)) / 2
		return share - ((fm-1)/(fm+fn-1)+(fn-1)/(fm+fn-1))/2
	}
	r.Value = of(rows.All(m + n))
	r.Test(r.Value, m+n, s, metrics.TieTolerance, func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for b, p := range permutations {
			out[b] = of(p)
		}
		return out
	})
	return r.Finish()
}

// sites are the different rows of a pooled sample: rows that are equal stand at one site and have the same
// neighbours, so that many duplicates cost no more than one.
type sites struct {
	of    []int       // the site of each row
	count []float64   // rows at each site
	near  [][]visited // whose rows are neighbours of a site's rows
}

// visited is a site whose rows are neighbours, each with a weight: 1 where it is nearer than the k-th neighbour, a
// fraction where it is as near as that.
type visited struct {
	site   int
	weight float64
}

// newSites finds for every row its k nearest other rows.
func newSites(all *mat.Dense, k int) *sites {
	n, _ := all.Dims()
	order := rows.All(n)
	slices.SortFunc(order, func(a, b int) int { return slices.Compare(all.RawRowView(a), all.RawRowView(b)) })
	s := &sites{of: make([]int, n)}
	var first []int // a row of each site
	for place, i := range order {
		if place == 0 || !slices.Equal(all.RawRowView(i), all.RawRowView(order[place-1])) {
			first, s.count = append(first, i), append(s.count, 0)
		}
		s.of[i] = len(first) - 1
		s.count[s.of[i]]++
	}
	points := pairwise.NewPoints(rows.Take(all, first))
	s.near = make([][]visited, len(first))
	parallel.Blocks(len(first), siteBlock, func(_, lo, hi int) {
		d2 := make([]float64, (hi-lo)*len(first))
		points.Squared(d2, lo, hi, 0, len(first))
		for i := lo; i < hi; i++ {
			s.near[i] = s.neighbours(i, d2[(i-lo)*len(first):(i-lo+1)*len(first)], float64(k))
		}
	})
	return s
}

// neighbours shares k places among the other rows, from the nearest site on. Distances that only rounding parts, as
// of whole numbers after a change of scale, are equal.
func (s *sites) neighbours(own int, d2 []float64, k float64) []visited {
	order := rows.Ascending(d2)
	rounding := metrics.TieTolerance * d2[order[len(order)-1]]
	rowsAt := func(site int) float64 {
		if site == own {
			return s.count[site] - 1
		}
		return s.count[site]
	}
	var out []visited
	for lo := 0; lo < len(order) && k > 0; {
		hi, tied := lo, 0.0
		for hi < len(order) && d2[order[hi]]-d2[order[lo]] <= rounding {
			tied += rowsAt(order[hi])
			hi++
		}
		weight := min(1, k/max(tied, 1))
		for _, site := range order[lo:hi] {
			out = append(out, visited{site, weight})
		}
		k -= tied
		lo = hi
	}
	return out
}

// own adds up, for the rows of the first sample and for the others, the neighbours of the own sample.
func (s *sites) own(first []int) (sums [2]float64) {
	one := make([]float64, len(s.count)) // rows of the first sample at each site
	for _, i := range first {
		one[s.of[i]]++
	}
	for i, list := range s.near {
		a, b := one[i], s.count[i]-one[i]
		for _, v := range list {
			c, d := one[v.site], s.count[v.site]-one[v.site]
			if v.site == i { // a row is no neighbour of itself
				c, d = max(0, c-1), max(0, d-1)
			}
			sums[0] += v.weight * a * c
			sums[1] += v.weight * b * d
		}
	}
	return sums
}

func init() {
	describe(metrics.Descriptor{Name: "neighbour-mixing", Doc: "share of the own domain among 10 nearest neighbours, less chance", Range: [2]float64{-1, 1},
		Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time (m+n)^2 d + 10 (m+n) permutations",
		Citation: "Schilling, Multivariate two-sample tests based on nearest neighbors, JASA 1986", MinRows: mixed + 1, Compute: Mixing})
}
