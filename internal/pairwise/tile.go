package pairwise

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

// Tile is the number of rows of a tile of pairs, for sums that keep no n x n matrix.
const Tile = 256

// Points are the rows of a matrix, ready for distances by tiles.
type Points struct {
	n, d   int
	data   []float64 // rows, centred when wide
	square []float64 // nil for a narrow matrix
}

// NewPoints prepares the rows of x (n x d). It keeps a copy: memory 8 n d bytes.
func NewPoints(x *mat.Dense) *Points {
	n, d := x.Dims()
	prepared := newPoints(x, centreOf(x))
	p := &Points{n: n, d: d, data: make([]float64, 0, n*d), square: prepared.square}
	for _, row := range prepared.rows {
		p.data = append(p.data, row...)
	}
	return p
}

// Rows is the number of points.
func (p *Points) Rows() int { return p.n }

// Squared writes the squared Euclidean distances of rows i0..i1 (rows of dst) from rows
// j0..j1 (columns): exactly symmetric, zero for a row and itself.
func (p *Points) Squared(dst []float64, i0, i1, j0, j1 int) {
	rows, cols, d := i1-i0, j1-j0, p.d
	dst = dst[:rows*cols]
	if p.square == nil {
		for i := range rows {
			a := p.data[(i0+i)*d : (i0+i+1)*d]
			for j := range cols {
				dst[i*cols+j] = direct(a, p.data[(j0+j)*d:(j0+j+1)*d])
			}
		}
		return
	}
	a, b := kernels.Dense(rows, d, p.data[i0*d:i1*d]), kernels.Dense(cols, d, p.data[j0*d:j1*d])
	kernels.Gemm(kernels.Dense(rows, cols, dst), a, b.T(), false)
	for i := range rows {
		row, own := dst[i*cols:(i+1)*cols], p.square[i0+i]
		for j, product := range row {
			sum := own + p.square[j0+j]
			d2 := sum - 2*product
			if d2 < nearDuplicate*sum {
				d2 = direct(p.data[(i0+i)*d:(i0+i+1)*d], p.data[(j0+j)*d:(j0+j+1)*d])
			}
			row[j] = d2
		}
	}
}

// ForTiles calls do for the tiles of the pairs of n rows, j not above i, in parallel: for each
// row tile in turn all its column tiles at once. After a row tile, fold is called with its
// number, so that sums of a row tile are added in order without keeping those of all tiles.
func ForTiles(n int, do func(ti, tj, i0, i1, j0, j1 int), fold func(ti int)) {
	for ti := range Tiles(n) {
		i0, i1 := ti*Tile, min(n, (ti+1)*Tile)
		parallel.For(ti+1, func(tj int) { do(ti, tj, i0, i1, tj*Tile, min(n, (tj+1)*Tile)) })
		fold(ti)
	}
}

// Tiles is the number of row tiles of n rows.
func Tiles(n int) int { return (n + Tile - 1) / Tile }

// Matrix returns the n x n squared distances after change was applied to each tile (nil:
// none), row-major and exactly symmetric. Time O(n^2 d), memory 8 n^2 bytes.
func (p *Points) Matrix(change func(tile []float64)) []float64 {
	n := p.n
	out := make([]float64, n*n)
	ForTiles(n, func(_, _, i0, i1, j0, j1 int) {
		tile := make([]float64, (i1-i0)*(j1-j0))
		p.Squared(tile, i0, i1, j0, j1)
		if change != nil {
			change(tile)
		}
		cols := j1 - j0
		for i := i0; i < i1; i++ {
			row := tile[(i-i0)*cols : (i-i0+1)*cols]
			copy(out[i*n+j0:i*n+j1], row)
			if i0 == j0 {
				continue // the tile is symmetric: its rows are its columns
			}
			for j, v := range row {
				out[(j0+j)*n+i] = v
			}
		}
	}, func(int) {})
	return out
}
