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
		row, own, squares := dst[i*cols:(i+1)*cols], p.square[i0+i], p.square[j0:j1]
		for j, product := range row[:len(squares)] {
			sum := own + squares[j]
			d2 := sum - 2*product
			if d2 < nearDuplicate*sum {
				d2 = direct(p.data[(i0+i)*d:(i0+i+1)*d], p.data[(j0+j)*d:(j0+j+1)*d])
			}
			row[j] = d2
		}
	}
}

// slots is the most tiles of a batch of ForTiles.
const slots = 128

// A Block is a tile of the pairs of n rows, on the diagonal or below: rows I0..I1 with rows J0..J1.
type Block struct {
	Index          int // among all tiles, row by row
	Slot           int // below Slots(n): where it may leave what is to be folded
	I0, I1, J0, J1 int
}

// Diagonal says whether the rows are the columns. Other tiles stand for their mirror image too.
func (b Block) Diagonal() bool { return b.I0 == b.J0 }

// Times is how many tiles of the whole square a tile stands for: 1 on the diagonal, 2 elsewhere.
func (b Block) Times() float64 {
	if b.Diagonal() {
		return 1
	}
	return 2
}

// ForTiles calls do for all tiles of the pairs of n rows, a batch of them in parallel, and then fold for each of the
// batch in the order of tiles, so that sums are added in order without keeping those of all tiles.
func ForTiles(n int, do, fold func(b Block)) {
	batch := make([]Block, 0, Slots(n))
	finish := func() {
		parallel.For(len(batch), func(i int) { do(batch[i]) })
		for _, b := range batch {
			fold(b)
		}
		batch = batch[:0]
	}
	index := 0
	for i0 := 0; i0 < n; i0 += Tile {
		for j0 := 0; j0 <= i0; j0 += Tile {
			batch = append(batch, Block{index, len(batch), i0, min(n, i0+Tile), j0, min(n, j0+Tile)})
			index++
			if len(batch) == cap(batch) {
				finish()
			}
		}
	}
	finish()
}

// Slots is the most tiles of n rows that are computed before they are folded.
func Slots(n int) int { return min(slots, Blocks(n)) }

// Blocks is the number of tiles of the pairs of n rows, those above the diagonal left out.
func Blocks(n int) int {
	t := (n + Tile - 1) / Tile
	return t * (t + 1) / 2
}

// Matrix returns the n x n squared distances after change was applied to each tile (nil:
// none), row-major and exactly symmetric. Time O(n^2 d), memory 8 n^2 bytes.
func (p *Points) Matrix(change func(tile []float64)) []float64 {
	n := p.n
	out := make([]float64, n*n)
	ForTiles(n, func(b Block) {
		tile := make([]float64, (b.I1-b.I0)*(b.J1-b.J0))
		p.Squared(tile, b.I0, b.I1, b.J0, b.J1)
		if change != nil {
			change(tile)
		}
		cols := b.J1 - b.J0
		for i := b.I0; i < b.I1; i++ {
			row := tile[(i-b.I0)*cols : (i-b.I0+1)*cols]
			copy(out[i*n+b.J0:i*n+b.J1], row)
			if b.Diagonal() {
				continue // the tile is symmetric: its rows are its columns
			}
			for j, v := range row {
				out[(b.J0+j)*n+i] = v
			}
		}
	}, func(Block) {})
	return out
}
