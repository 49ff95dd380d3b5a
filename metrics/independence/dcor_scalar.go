package independence

import (
	"slices"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/internal/rows"
)

// scalarRounding is the share of the distance variances by which rounding may part two
// permutations that are equal: the sums of the fast form cancel.
const scalarRounding = 1e-10

// scalarDistances is the distance covariance of two columns in O(n log n): both are kept in
// the order of x, centred.
//
// X. Huo and G. J. Szekely, "Fast computing for distance covariance" (2016); A.
// Chaudhuri and W. Hu, "A fast algorithm for computing distance correlation" (2019).
type scalarDistances struct {
	n          int
	order      []int // of the rows by x
	x, y       []float64
	rank       []int // of y among its distinct values, in the order of the rows
	levels     int
	rowX, rowY []float64 // row sums of the distances, in the order of the rows
}

func newScalarDistances(x, y []float64) *scalarDistances {
	n := len(x)
	centred := func(v []float64) []float64 {
		out := slices.Clone(v)
		floats.AddConst(-floats.Sum(v)/float64(n), out)
		return out
	}
	d := &scalarDistances{n: n, x: centred(x), y: centred(y)}
	var orderY []int
	d.order, d.rowX = distanceSums(d.x)
	orderY, d.rowY = distanceSums(d.y)
	d.rank = make([]int, n)
	for k, i := range orderY {
		if k == 0 || d.y[i] != d.y[orderY[k-1]] {
			d.levels++
		}
		d.rank[i] = d.levels
	}
	return d
}

// distanceSums returns the order of the values and sum_j |v_i - v_j| for each row.
func distanceSums(v []float64) (order []int, sums []float64) {
	n := len(v)
	order, sums = rows.Ascending(v), make([]float64, n)
	total, running := floats.Sum(v), 0.0
	for k, i := range order {
		running += v[i]
		sums[i] = float64(2*(k+1)-n)*v[i] + total - 2*running
	}
	return order, sums
}

// product is sum_ij |x_i - x_j| |y_p(i) - y_p(j)|, p nil for the identity: twice
// n sum xy - sum x sum y, less what pairs of discordant order count with the wrong sign. Those
// are found by a Fenwick tree over the ranks of y that holds, of the rows gone
// before, their number and their sums of y, x and xy.
func (d *scalarDistances) product(p []int) float64 {
	type sums struct{ count, x, y, xy float64 }
	tree := make([]sums, d.levels+1)
	var all sums
	var plain, wrong float64
	for _, i := range d.order {
		from := i
		if p != nil {
			from = p[i]
		}
		x, y, rank := d.x[i], d.y[from], d.rank[from]
		below := sums{}
		for k := rank; k > 0; k &= k - 1 {
			t := &tree[k]
			below.count, below.x, below.y, below.xy = below.count+t.count, below.x+t.x, below.y+t.y, below.xy+t.xy
		}
		c, sx, sy, sxy := all.count-below.count, all.x-below.x, all.y-below.y, all.xy-below.xy
		wrong += x*y*c - x*sy - y*sx + sxy
		plain += x * y
		all.count, all.x, all.y, all.xy = all.count+1, all.x+x, all.y+y, all.xy+x*y
		for k := rank; k <= d.levels; k += k & -k {
			t := &tree[k]
			t.count, t.x, t.y, t.xy = t.count+1, t.x+x, t.y+y, t.xy+x*y
		}
	}
	n := float64(d.n)
	return 2 * (n*plain - all.x*all.y - 2*wrong)
}

// statistic fills in the covariance and the variances.
func (d *scalarDistances) statistic(e Estimator) DistanceStatistic {
	square := func(v []float64) float64 { return 2 * float64(d.n) * floats.Dot(v, v) } // v is centred
	m := &moments{n: d.n, rowX: d.rowX, rowY: d.rowY, xx: square(d.x), yy: square(d.y), xy: d.product(nil)}
	vx, vy := m.own(e)
	return DistanceStatistic{m.covariance(e), vx, vy}
}

// permuted is the covariance with the rows of y permuted.
func (d *scalarDistances) permuted(p []int, e Estimator) float64 {
	m := &moments{n: d.n}
	row := make([]float64, d.n)
	for i, from := range p {
		row[i] = d.rowY[from]
	}
	return m.statistic(d.product(p), d.rowX, row, e)
}
