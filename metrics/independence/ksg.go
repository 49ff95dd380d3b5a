package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// A Neighbours is an estimator of mutual information by nearest neighbours in the maximum norm.
type Neighbours int

// The estimators, of continuous data unless said. They differ by a few hundredths of a nat:
// a published number must name its own.
const (
	KSG1 Neighbours = iota // Kraskov et al. equation 8: counts strictly inside the k-th neighbour's distance
	KSG2                   // Kraskov et al. equation 9: counts up to the edges of the rectangle of the k neighbours
	// MesnerShalizi takes mixtures with atoms (ReLU codes, integers) as they are, without noise. O.
	// C. Mesner and C. R. Shalizi (2021).
	MesnerShalizi
	GaoPaper // Gao et al. 2017 as printed: low on mixtures
	GaoCode  // Gao et al. as in their code: high on small lattices
)

// neighboursAsked is k of the registered measures.
const neighboursAsked = 3

// MutualInformation estimates the mutual information of the paired rows of x (n x p) and y
// (n x q) in nats from the k nearest neighbours. It is not cut at 0: averages and
// permutation tests need the negative values. Columns are taken as they are: z-score and
// break ties before (Prepare). It reaches at most psi(n) - psi(k), about ln(n/k), and is
// strongly low in more than about ten columns. It fails on unequal rows, k outside [1,
// n-1] and values that are not finite. Time O(n^2 (p + q)) at worst and about O(n^1.5) for
// two columns, memory O(n (p + q)).
//
// A. Kraskov, H. Stoegbauer and P. Grassberger, "Estimating mutual information" (2004).
func MutualInformation(x, y *mat.Dense, k int, of Neighbours) (float64, error) {
	n, _ := x.Dims()
	if err := metrics.CheckPair("ksg", x, y, 2, true); err != nil {
		return 0, err
	}
	if k < 1 || k >= n {
		return 0, fmt.Errorf("metrics: ksg: %d neighbours of %d rows, want 1 to %d", k, n, n-1)
	}
	if of < KSG1 || of > GaoCode {
		return 0, fmt.Errorf("metrics: ksg: unknown estimator %d", of)
	}
	return newCloud(x, k).information(newCloud(y, k), of), nil
}

// A cloud is a block ready for searches in the maximum norm: its rows in the order of the
// first column, along which a search can stop.
type cloud struct {
	n, d, k int
	rows    []float64 // in order of the first column
	first   []float64 // the first column of those
	order   []int     // row of x at each place
	place   []int     // place of each row of x
}

func newCloud(x *mat.Dense, k int) *cloud {
	n, d := x.Dims()
	c := &cloud{n: n, d: d, k: k, order: rows.Ascending(mat.Col(nil, 0, x)), place: make([]int, n), first: make([]float64, n), rows: make([]float64, 0, n*d)}
	for at, i := range c.order {
		c.place[i], c.first[at] = at, x.At(i, 0)
		c.rows = append(c.rows, x.RawRowView(i)...)
	}
	return c
}

// distance is the maximum norm between two places; the same bits in both orders.
func (c *cloud) distance(a, b int) float64 {
	if c.d == 1 {
		return math.Abs(c.first[a] - c.first[b])
	}
	u, v := c.rows[a*c.d:(a+1)*c.d], c.rows[b*c.d:(b+1)*c.d]
	var top float64
	for i, s := range u {
		if d := math.Abs(s - v[i]); d > top {
			top = d
		}
	}
	return top
}

// count is the number of other rows nearer than radius to a place, strictly or not.
func (c *cloud) count(at int, radius float64, strict bool) int {
	outside := func(d float64) bool { return d > radius || (strict && d == radius) }
	v := c.first[at]
	if c.d == 1 { // differences are monotone along the order, rounding and all
		lo, hi := 0, at // the first place that is inside
		for lo < hi {
			if m := (lo + hi) / 2; outside(v - c.first[m]) {
				lo = m + 1
			} else {
				hi = m
			}
		}
		first := lo
		lo, hi = at+1, c.n // the first place after that is outside
		for lo < hi {
			if m := (lo + hi) / 2; outside(c.first[m] - v) {
				hi = m
			} else {
				lo = m + 1
			}
		}
		return lo - first - 1
	}
	count := 0
	for i := at - 1; i >= 0 && !outside(v-c.first[i]); i-- {
		if !outside(c.distance(at, i)) {
			count++
		}
	}
	for i := at + 1; i < c.n && !outside(c.first[i]-v); i++ {
		if !outside(c.distance(at, i)) {
			count++
		}
	}
	return count
}

// A near is a joint neighbour: the distances in both blocks.
type near struct{ joint, x, y float64 }

// inOrderOf has the rows of y at the places of their partners in c, for distances alone: neighbours in x are then
// near each other in memory.
func (y *cloud) inOrderOf(c *cloud) *cloud {
	out := &cloud{n: y.n, d: y.d, rows: make([]float64, 0, len(y.rows)), first: make([]float64, y.n)}
	for at, i := range c.order {
		from := y.place[i]
		out.first[at] = y.first[from]
		out.rows = append(out.rows, y.rows[from*y.d:(from+1)*y.d]...)
	}
	return out
}

// nearest finds the k nearest joint neighbours of a row, nearest first, walking outward in x
// until its first column alone is farther than the k-th; beside is y in the order of c.
func (c *cloud) nearest(at int, beside *cloud, list []near) []near {
	list = list[:0]
	v, w, radius := c.first[at], beside.first[at], math.Inf(1) // radius: of the k-th so far
	visit := func(i int) {
		dy := beside.distance(at, i)
		if dy >= radius {
			return
		}
		dx := c.distance(at, i)
		if dx >= radius {
			return
		}
		t := near{max(dx, dy), dx, dy}
		if len(list) == c.k {
			list = list[:c.k-1]
		}
		j := len(list)
		list = append(list, t)
		for ; j > 0 && list[j-1].joint > t.joint; j-- {
			list[j] = list[j-1]
		}
		list[j] = t
		if len(list) == c.k {
			radius = list[c.k-1].joint
		}
	}
	lo, hi := at-1, at+1
	for lo >= 0 || hi < c.n {
		left, right := math.Inf(1), math.Inf(1)
		if lo >= 0 {
			left = v - c.first[lo]
		}
		if hi < c.n {
			right = c.first[hi] - v
		}
		if min(left, right) >= radius {
			break
		}
		i := hi
		if left <= right {
			i = lo
			lo--
		} else {
			hi++
		}
		// Most rows are too far in y already: they cost no call.
		if d := beside.first[i] - w; d < radius && -d < radius {
			visit(i)
		}
	}
	return list
}

// joint counts other rows within radius, or at 0, of a row in both blocks.
func (c *cloud) jointCount(at int, beside *cloud, radius float64) int {
	v, count := c.first[at], 0
	in := func(i int) {
		if c.distance(at, i) <= radius && beside.distance(at, i) <= radius {
			count++
		}
	}
	for i := at - 1; i >= 0 && v-c.first[i] <= radius; i-- {
		in(i)
	}
	for i := at + 1; i < c.n && c.first[i]-v <= radius; i++ {
		in(i)
	}
	return count
}

const cloudBlock = 64 // rows of a block of work

// information is the estimate; terms are added by blocks in their order.
func (c *cloud) information(y *cloud, of Neighbours) float64 {
	psi, beside := digammas(c.n), y.inOrderOf(c)
	parts := make([]float64, (c.n+cloudBlock-1)/cloudBlock)
	parallel.Blocks(c.n, cloudBlock, func(b, lo, hi int) {
		list := make([]near, 0, c.k)
		for at := lo; at < hi; at++ {
			list = c.nearest(at, beside, list)
			parts[b] += c.term(at, y, beside, list, of, psi)
		}
	})
	var mean float64
	for _, p := range parts {
		mean += p
	}
	mean /= float64(c.n)
	switch of {
	case KSG1:
		return psi[c.k] + psi[c.n] + mean
	case KSG2:
		return psi[c.k] - 1/float64(c.k) + psi[c.n] + mean
	case MesnerShalizi:
		return psi[c.n] + mean
	}
	return math.Log(float64(c.n)) + mean
}

// term is a row's share of the mean.
func (c *cloud) term(at int, y, beside *cloud, list []near, of Neighbours, psi []float64) float64 {
	own, radius := y.place[c.order[at]], list[len(list)-1].joint
	switch of {
	case KSG1:
		return -psi[c.count(at, radius, true)+1] - psi[y.count(own, radius, true)+1]
	case KSG2:
		var ex, ey float64
		for _, t := range list {
			ex, ey = math.Max(ex, t.x), math.Max(ey, t.y)
		}
		return -psi[c.count(at, ex, false)] - psi[y.count(own, ey, false)]
	case MesnerShalizi:
		return psi[c.jointCount(at, beside, radius)] - psi[c.count(at, radius, false)] - psi[y.count(own, radius, false)]
	}
	k := c.k
	if radius == 0 {
		k = c.jointCount(at, beside, 0)
	}
	if of == GaoPaper {
		return psi[k] - math.Log(float64(c.count(at, radius, false)+1)) - math.Log(float64(y.count(own, radius, false)+1))
	}
	if radius == 0 {
		return psi[k+1] - psi[c.count(at, 0, false)+1] - psi[y.count(own, 0, false)+1]
	}
	return psi[k] - psi[c.count(at, radius, true)+1] - psi[y.count(own, radius, true)+1]
}

// digammas is psi(m) for m up to n + 1 (0 unused): gonum's is off by 5e-11 at small whole numbers.
func digammas(n int) []float64 {
	const eulerGamma = 0.57721566490153286060651209008240243
	psi := make([]float64, n+2)
	psi[0], psi[1] = math.NaN(), -eulerGamma
	for m := 2; m < len(psi); m++ {
		psi[m] = psi[m-1] + 1/float64(m-1)
	}
	return psi
}

func init() {
	const kraskov = "Kraskov, Stoegbauer and Grassberger, Estimating mutual information, 2004"
	for _, d := range []struct {
		name, doc, citation string
		of                  Neighbours
	}{
		{"ksg", "mutual information by 3 nearest neighbours, first estimator, in nats, not cut at 0", kraskov, KSG1},
		{"ksg-2", "mutual information by 3 nearest neighbours, second estimator, in nats, not cut at 0", kraskov, KSG2},
		{"ksg-mixed", "mutual information by 3 nearest neighbours of codes with atoms, in nats, not cut at 0", "Mesner and Shalizi, Conditional mutual information estimation for mixed, discrete and continuous data, 2021", MesnerShalizi},
	} {
		metrics.Measures.Add(d.name, metrics.Descriptor{
			Name: d.name, Kind: metrics.Independence, Doc: d.doc, Unit: "nats", Range: [2]float64{math.Inf(-1), math.Inf(1)}, Better: metrics.LowerIsBetter,
			Invariant: []string{"row order", "translation", "scale"}, Citation: d.citation, MinRows: neighboursAsked + 1,
			Cost: "time n^2 (p + q) (1 + permutations) at worst, memory n (p + q); blocks of more than 10 columns are projected to 10 principal components",
			Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
				return neighbourMeasure(d.name, x, y, d.of, s)
			},
		})
	}
}

// neighbourMeasure prepares both blocks, estimates and permutes. The mean of the null, which is the
// bias at this n and these widths, is a part.
func neighbourMeasure(name string, x, y *mat.Dense, of Neighbours, s metrics.Settings) (metrics.Result, error) {
	if err := metrics.CheckPair(name, x, y, neighboursAsked+1, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	a, note, err := Prepare(x, of != MesnerShalizi, s.Seed, "x")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: x: %w", name, err)
	}
	r.Warnings = append(r.Warnings, note...)
	b, note, err := Prepare(y, of != MesnerShalizi, s.Seed, "y")
	if err != nil {
		return metrics.Result{}, fmt.Errorf("metrics: %s: y: %w", name, err)
	}
	r.Warnings = append(r.Warnings, note...)
	cx := newCloud(a, neighboursAsked)
	r.Value = cx.information(newCloud(b, neighboursAsked), of)
	permuteRows(&r, b, s, 1e-12, func(y *mat.Dense) float64 { return cx.information(newCloud(y, neighboursAsked), of) })
	if len(r.Null) > 0 {
		var mean float64
		for _, v := range r.Null {
			mean += v / float64(len(r.Null))
		}
		r.Parts = append(r.Parts, metrics.Part{Name: "mean of the null", Value: mean})
	}
	return r.Finish()
}

// permuteRows tests by computing the statistic anew for each permutation of the rows of y.
func permuteRows(r *metrics.Result, y *mat.Dense, s metrics.Settings, tolerance float64, statistic func(y *mat.Dense) float64) {
	n, _ := y.Dims()
	r.Test(r.Value, n, s, tolerance, func(permutations [][]int) []float64 {
		return each(permutations, func(p []int) float64 {
			return statistic(rows.Take(y, p))
		})
	})
}
