package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/metrics"
)

// mgcRows is the most rows of a multiscale graph correlation: maps of n x n.
const mgcRows = 2000

// A graph is one block of a multiscale graph correlation: column-centred distances and the
// dense ranks of the distances within each column, from 0 for the row itself.
type graph struct {
	n       int
	centred []float64
	ranks   []int32
	levels  int
}

func newGraph(x *mat.Dense) *graph {
	d := pairwise.Squared(x)
	for i, v := range d {
		d[i] = math.Sqrt(v)
	}
	n, _ := x.Dims()
	g := &graph{n: n, centred: make([]float64, n*n), ranks: make([]int32, n*n)}
	sorted := make([]float64, n)
	for j := range n {
		row := d[j*n : (j+1)*n] // the matrix is symmetric: row j is column j
		copy(sorted, row)
		slices.Sort(sorted)
		rounding := metrics.TieTolerance * sorted[n-1] // distances of whole numbers tie in any unit
		distinct := slices.CompactFunc(sorted, func(a, b float64) bool { return math.Abs(a-b) <= rounding })
		var mean float64
		for _, v := range row {
			mean += v
		}
		mean /= float64(n - 1)
		for i, v := range row {
			rank, found := slices.BinarySearch(distinct, v)
			if !found {
				rank-- // the first of those that rounding parts
			}
			g.ranks[i*n+j] = int32(rank)
			g.levels = max(g.levels, rank+1)
			if i != j {
				g.centred[i*n+j] = v - mean
			}
		}
	}
	return g
}

// transposed swaps rows and columns.
func (g *graph) transposed() *graph {
	t := &graph{n: g.n, centred: make([]float64, len(g.centred)), ranks: make([]int32, len(g.ranks)), levels: g.levels}
	for i := range g.n {
		for j := range g.n {
			t.centred[j*g.n+i], t.ranks[j*g.n+i] = g.centred[i*g.n+j], g.ranks[i*g.n+j]
		}
	}
	return t
}

// margin is the cumulated sum of the centred distances by rank.
func (g *graph) margin() []float64 {
	e := make([]float64, g.levels)
	for i, v := range g.centred {
		e[g.ranks[i]] += v
	}
	for k := 1; k < len(e); k++ {
		e[k] += e[k-1]
	}
	return e
}

// localCovariance is the map of sums of products up to rank k in g and l in h, less the product of the
// margins, with the rows of h permuted (nil: not).
func localCovariance(g, h *graph, eg, eh []float64, p []int) []float64 {
	n, cols := g.n, h.levels
	c := make([]float64, g.levels*cols)
	for i := range n {
		from := i
		if p != nil {
			from = p[i]
		}
		a, ra := g.centred[i*n:(i+1)*n], g.ranks[i*n:(i+1)*n]
		b, rb := h.centred[from*n:(from+1)*n], h.ranks[from*n:(from+1)*n]
		for j := range n {
			k := j
			if p != nil {
				k = p[j]
			}
			c[int(ra[j])*cols+int(rb[k])] += a[j] * b[k]
		}
	}
	for k := range g.levels {
		for l := 1; l < cols; l++ {
			c[k*cols+l] += c[k*cols+l-1]
		}
	}
	for k := 1; k < g.levels; k++ {
		for l := range cols {
			c[k*cols+l] += c[(k-1)*cols+l]
		}
	}
	for k := range g.levels {
		for l := range cols {
			c[k*cols+l] -= eg[k] * eh[l] / float64(n*n)
		}
	}
	return c
}

// localVariance is the diagonal of the map of a graph and its transpose.
func localVariance(g *graph) []float64 {
	e := g.margin()
	c := localCovariance(g, g.transposed(), e, e, nil)
	out := make([]float64, g.levels)
	for k := range out {
		out[k] = c[k*g.levels+k]
	}
	return out
}

// A multiscale holds what no permutation changes.
type multiscale struct {
	x, y   *graph
	ex, ey []float64
	vx, vy []float64
}

func newMultiscale(x, y *mat.Dense) *multiscale {
	gx, gy := newGraph(x), newGraph(y)
	m := &multiscale{x: gx, y: gy.transposed(), vx: localVariance(gx), vy: localVariance(gy)}
	m.ex, m.ey = m.x.margin(), m.y.margin()
	return m
}

// correlations is the map of local correlations.
func (m *multiscale) correlations(p []int) []float64 {
	c := localCovariance(m.x, m.y, m.ex, m.ey, p)
	cols := m.y.levels
	for k, vx := range m.vx {
		for l, vy := range m.vy {
			at := k*cols + l
			if vx <= 0 || vy <= 0 {
				c[at] = 0
			} else {
				c[at] = math.Min(1, c[at]/math.Sqrt(vx*vy))
			}
		}
	}
	return c
}

// statistic is the largest correlation of the largest smooth region of scales, or that of the
// whole sample; the scale counts from 1.
func (m *multiscale) statistic(p []int) (value float64, scaleX, scaleY int) {
	c := m.correlations(p)
	rows, cols := m.x.levels, m.y.levels
	last := c[len(c)-1]
	if min(rows, cols) == 1 {
		return last, rows, cols
	}
	n := float64(m.x.n - 1)
	shape := n*(n-3)/4 - 0.5
	threshold := math.Max(2*mathext.InvRegIncBeta(shape, shape, 1-0.02/n)-1, last)
	region := largestRegion(c, rows, cols, threshold)
	if len(region) < int(math.Ceil(0.02*float64(max(rows, cols))))*min(rows, cols) || len(region) == 0 {
		return last, rows, cols
	}
	top, at := math.Inf(-1), 0
	for _, k := range region { // in row-major order: the last that attains it stays
		if c[k] >= top {
			top, at = c[k], k
		}
	}
	if top < last {
		return last, rows, cols
	}
	return top, at/cols + 1, at%cols + 1
}

// largestRegion is the largest set of entries above the threshold that hang together by their four
// neighbours, the first in row-major order among equals, ascending.
func largestRegion(c []float64, rows, cols int, threshold float64) []int {
	seen := make([]bool, len(c))
	var best, stack []int
	for start, v := range c {
		if seen[start] || !(v > threshold) {
			continue
		}
		var region []int
		stack, seen[start] = append(stack[:0], start), true
		for len(stack) > 0 {
			at := stack[len(stack)-1]
			stack = stack[:len(stack)-1]
			region = append(region, at)
			i, j := at/cols, at%cols
			for _, to := range [4][2]int{{i - 1, j}, {i + 1, j}, {i, j - 1}, {i, j + 1}} {
				if to[0] < 0 || to[0] >= rows || to[1] < 0 || to[1] >= cols {
					continue
				}
				if k := to[0]*cols + to[1]; !seen[k] && c[k] > threshold {
					seen[k] = true
					stack = append(stack, k)
				}
			}
		}
		if len(region) > len(best) {
			best = region
		}
	}
	slices.Sort(best)
	return best
}

// MGC is the multiscale graph correlation of the paired rows of x (n x p) and y (n x q), in [-1,
// 1], 1 for a scaled rotation: the distance correlation over the k nearest neighbours in x and l
// in y, at the scale that is best and stable. Parts give the scale. The algorithm is that of
// SciPy. Constant blocks give 0, p = 1 and Degenerate. It fails on unequal rows, fewer than 5 or
// more than 2000, and values that are not finite. Time O(n^2 (p + q + log n + permutations)),
// memory about 60 n^2 bytes.
//
// J. T. Vogelstein et al., "Discovering and deciphering relationships across disparate data
// modalities" (2019).
func MGC(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "mgc"
	if err := metrics.CheckPair(name, x, y, 5, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	if n > mgcRows {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d rows, want at most %d: draw a subsample", name, n, mgcRows)
	}
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	m := newMultiscale(x, y)
	value, scaleX, scaleY := m.statistic(nil)
	r.Value = value
	r.Parts = []metrics.Part{{Name: "neighbours in x", Value: float64(scaleX)}, {Name: "neighbours in y", Value: float64(scaleY)}}
	if _, err := r.Finish(); err != nil {
		return r, err
	}
	r.Test(r.Value, n, s, metrics.TieTolerance, func(permutations [][]int) []float64 {
		return each(permutations, func(p []int) float64 {
			v, _, _ := m.statistic(p)
			return v
		})
	})
	return r, nil
}

func init() {
	metrics.Measures.Add("mgc", metrics.Descriptor{
		Name: "mgc", Kind: metrics.Independence, Doc: "multiscale graph correlation: distance correlation at the best stable scale of neighbours", Unit: "1",
		Range: [2]float64{-1, 1}, Better: metrics.LowerIsBetter, Invariant: []string{"row order", "translation", "rotation", "scale"},
		Cost: "time n^2 (p + q + permutations), memory 60 n^2 bytes, at most 2000 rows", Citation: "Vogelstein et al., Discovering and deciphering relationships across disparate data modalities, eLife 2019",
		MinRows: 5, Compute: MGC,
	})
}
