package independence

import (
	"math"

	"gonum.org/v1/gonum/floats"

	"github.com/venn-adapt/venn/internal/pairwise"
)

// The moments of a pair of kernel matrices with zero diagonal are all that the V- and
// U-statistics, their normalisers and most approximations of their null need: one pass over the
// pairs, O(n) memory.
type moments struct {
	n          int
	rowX, rowY []float64 // row sums
	xx, yy, xy float64   // sums of the products of entries over ordered pairs
}

// newMoments adds up the tiles of two matrices in a fixed order.
func newMoments(x, y *gram) *moments {
	n := x.rows()
	m := &moments{n: n, rowX: make([]float64, n), rowY: make([]float64, n)}
	parts := make([]tileSums, pairwise.Slots(n))
	pairwise.ForTiles(n, func(at pairwise.Block) {
		p := &parts[at.Slot]
		*p = tileSums{}
		a, b := tiles.Get().(*[pairwise.Tile * pairwise.Tile]float64), tiles.Get().(*[pairwise.Tile * pairwise.Tile]float64)
		x.tile(a[:], at.I0, at.I1, at.J0, at.J1)
		y.tile(b[:], at.I0, at.I1, at.J0, at.J1)
		p.add(a[:], b[:], at.I1-at.I0, at.J1-at.J0)
		tiles.Put(a)
		tiles.Put(b)
	}, func(at pairwise.Block) {
		p, twice := &parts[at.Slot], at.Times()
		m.xx, m.yy, m.xy = m.xx+twice*p.xx, m.yy+twice*p.yy, m.xy+twice*p.xy
		floats.Add(m.rowX[at.I0:at.I1], p.rowX[:at.I1-at.I0])
		floats.Add(m.rowY[at.I0:at.I1], p.rowY[:at.I1-at.I0])
		if !at.Diagonal() { // the columns of this tile are rows of the one mirrored
			floats.Add(m.rowX[at.J0:at.J1], p.columnX[:at.J1-at.J0])
			floats.Add(m.rowY[at.J0:at.J1], p.columnY[:at.J1-at.J0])
		}
	})
	return m
}

// tileSums are those of one tile.
type tileSums struct {
	xx, yy, xy       float64
	rowX, rowY       [pairwise.Tile]float64
	columnX, columnY [pairwise.Tile]float64
}

func (p *tileSums) add(a, b []float64, rows, cols int) {
	for i := range rows {
		ra, rb := a[i*cols:(i+1)*cols], b[i*cols:(i+1)*cols]
		p.xx += floats.Dot(ra, ra)
		p.yy += floats.Dot(rb, rb)
		p.xy += floats.Dot(ra, rb)
		p.rowX[i], p.rowY[i] = floats.Sum(ra), floats.Sum(rb)
		floats.Add(p.columnX[:cols], ra)
		floats.Add(p.columnY[:cols], rb)
	}
}

// statistic is the mean of the product of two centred matrices given the sum of their
// products and their row sums: for V  S/n^2 - 2 a.b/n^3 + a..b../n^4, for U the form of
// Szekely and Rizzo over distinct indices.
func (m *moments) statistic(product float64, a, b []float64, e Estimator) float64 {
	n := float64(m.n)
	cross, total := floats.Dot(a, b), floats.Sum(a)*floats.Sum(b)
	if e == U {
		return (product - 2*cross/(n-2) + total/((n-1)*(n-2))) / (n * (n - 3))
	}
	return (product - 2*cross/n + total/(n*n)) / (n * n)
}

func (m *moments) covariance(e Estimator) float64 { return m.statistic(m.xy, m.rowX, m.rowY, e) }

// own is the statistic of a block with itself, exactly 0 where it is rounding.
func (m *moments) own(e Estimator) (x, y float64) {
	clean := func(v, square float64) float64 {
		if math.Abs(v) <= rounding*square/(float64(m.n)*float64(m.n)) {
			return 0
		}
		return v
	}
	return clean(m.statistic(m.xx, m.rowX, m.rowX, e), m.xx), clean(m.statistic(m.yy, m.rowY, m.rowY, e), m.yy)
}

// rounding is the share of the mean squared entry below which a block's own statistic is
// rounding: bias correction leaves exactly nothing of some patterns, such as one row
// that differs from equal others.
const rounding = 1e-13

// A centred summarises a doubly centred matrix: its trace, sum of squared entries and sum of
// squared diagonal entries.
type centred struct{ trace, square, diagonal float64 }

// centred gives those of both blocks. The diagonal of the centred matrix is -2 a_i./n + a_../n^2.
func (m *moments) centred() (x, y centred) {
	n := float64(m.n)
	one := func(row []float64, square float64) centred {
		total := floats.Sum(row) / (n * n)
		c := centred{square: square - 2*floats.Dot(row, row)/n + total*total*n*n}
		for _, r := range row {
			d := total - 2*r/n
			c.trace += d
			c.diagonal += d * d
		}
		return c
	}
	return one(m.rowX, m.xx), one(m.rowY, m.yy)
}
