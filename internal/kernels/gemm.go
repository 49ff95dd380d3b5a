package kernels

import (
	"runtime"
	"sync/atomic"
	"unsafe"

	"github.com/venn-adapt/venn/internal/parallel"
)

// A Matrix is a row-major view: element (i, j) lies at Data[i*Stride+j], or at
// Data[j*Stride+i] when Transposed.
type Matrix[F Float] struct {
	Rows, Cols int
	Data       []F
	Stride     int
	Transposed bool
}

// Dense views data as a rows x cols matrix without gaps.
func Dense[F Float](rows, cols int, data []F) Matrix[F] {
	check("matrix", len(data), rows*cols)
	return Matrix[F]{Rows: rows, Cols: cols, Data: data, Stride: cols}
}

// T is the transposed view.
func (a Matrix[F]) T() Matrix[F] {
	return Matrix[F]{Rows: a.Cols, Cols: a.Rows, Data: a.Data, Stride: a.Stride, Transposed: !a.Transposed}
}

const (
	gemmBytes = 1536 // of a column of B multiplied at a time: a panel of A stays in the first cache
	gemmLayer = 4    // of those packed at a time: workers wait for each other twice a layer
	gemmRows  = 192  // of C that one block of work owns, at most
	gemmCols  = 256  // of C that one block of work owns, at most: its B stays in the second cache
)

// gemmDepth is how many rows of B are multiplied at a time.
func gemmDepth[F Float]() int {
	var f F
	return gemmBytes / int(unsafe.Sizeof(f))
}

// Gemm sets c = a·b, or adds a·b to c when accumulate is true. c is not transposed.
// Every element is one sum in a fixed order, cut every 384 terms (192 in float64).
// Time 2·m·n·k operations; extra memory of 6·(m+n) KiB at most.
func Gemm[F Float](c, a, b Matrix[F], accumulate bool) {
	multiply(c, a, b, nil, accumulate)
}

// A Packed is a matrix laid out once as the right operand of many products.
type Packed[F Float] struct {
	shape Matrix[F] // without data
	data  []F       // blocks of gemmDepth() rows, each in strips of columns
}

// Pack copies b (k x n), columns rounded up to whole strips.
func Pack[F Float](b Matrix[F]) *Packed[F] {
	e := engineOf[F]()
	nr := e.wideTile().nr
	strips := blocks(b.Cols, nr)
	p := &Packed[F]{Matrix[F]{Rows: b.Rows, Cols: b.Cols}, make([]F, b.Rows*strips*nr)}
	depth := gemmDepth[F]()
	for k0 := 0; k0 < b.Rows; k0 += depth {
		k1 := min(b.Rows, k0+depth)
		for s := range strips {
			b.T().pack(e, p.data[(k0*strips+s*(k1-k0))*nr:][:(k1-k0)*nr], nr, s*nr, k0, k1)
		}
	}
	return p
}

// GemmPacked is Gemm with a right operand that has been packed.
func GemmPacked[F Float](c, a Matrix[F], b *Packed[F], accumulate bool) {
	multiply(c, a, b.shape, b.data, accumulate)
}

// multiply is Gemm; packed is b, or nil where it has yet to be packed.
func multiply[F Float](c, a, b Matrix[F], packed []F, accumulate bool) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows || c.Transposed {
		panic("kernels: gemm: shapes do not fit")
	}
	if c.Rows == 0 || c.Cols == 0 {
		return
	}
	if a.Cols == 0 {
		for i := 0; i < c.Rows && !accumulate; i++ {
			clear(c.Data[i*c.Stride:][:c.Cols])
		}
		return
	}
	g := gemm[F]{c: c, e: engineOf[F](), ready: packed != nil}
	g.mr, g.nr = g.e.wideTile().mr, g.e.wideTile().nr
	g.panels, g.strips = blocks(c.Rows, g.mr), blocks(c.Cols, g.nr)
	layer := min(gemmLayer*gemmDepth[F](), a.Cols)
	packedA, giveA := borrow[F](g.panels * g.mr * layer)
	defer giveA()
	g.a, g.bt = packedA, b.T()
	if packed == nil {
		buffer, giveB := borrow[F](g.strips * g.nr * layer)
		defer giveB()
		g.b = buffer
	}
	for k0 := 0; k0 < a.Cols; k0 += layer {
		if packed != nil {
			g.b = packed[k0*g.strips*g.nr:]
		}
		g.layer(a, k0, min(a.Cols, k0+layer), accumulate || k0 > 0)
	}
}

// blocks is n/size rounded up.
func blocks(n, size int) int { return (n + size - 1) / size }

// gemm is a product under way.
type gemm[F Float] struct {
	c, bt          Matrix[F]
	e              *engine[F]
	mr, nr         int
	panels, strips int
	a, b           []F  // packed
	ready          bool // b is packed already
}

// layer sets or adds to C the product over terms k0..k1, packed in blocks of
// gemmDepth() terms.
func (g *gemm[F]) layer(a Matrix[F], k0, k1 int, add bool) {
	depth, parts := gemmDepth[F](), g.panels
	if !g.ready {
		parts += g.strips
	}
	parts *= blocks(k1-k0, depth)
	high := min(gemmRows/g.mr, g.panels)
	wide := max(1, min(gemmCols/g.nr, blocks(g.strips, 4)))
	across := blocks(g.strips, wide)
	// Packing and multiplying are one loop, since to start its workers costs as much as
	// packing does. All packing has been taken up before the first product is, so that
	// a product waits for what others are just packing, at most.
	const atOnce = 8
	packing := blocks(parts, atOnce)
	var packed atomic.Int64
	parallel.For(packing+blocks(g.panels, high)*across, func(u int) {
		if u < packing {
			defer packed.Add(1)
			for part := u * atOnce; part < min(parts, (u+1)*atOnce); part++ {
				g.pack(a, k0, k1, part)
			}
			return
		}
		for packed.Load() < int64(packing) {
			runtime.Gosched()
		}
		edge, give := borrow[F](g.mr * g.nr)
		defer give()
		p, s := (u-packing)/across*high, (u-packing)%across*wide
		for first := 0; first < k1-k0; first += depth {
			k := min(depth, k1-k0-first)
			for i := p; i < min(g.panels, p+high); i++ {
				for j := s; j < min(g.strips, s+wide); j++ {
					g.tile(i, j, g.a[(first*g.panels+i*k)*g.mr:], g.b[(first*g.strips+j*k)*g.nr:], k, add || first > 0, edge)
				}
			}
		}
	})
}

// pack packs one panel of A or strip of B of one block of the layer k0..k1.
func (g *gemm[F]) pack(a Matrix[F], k0, k1, part int) {
	each := g.panels
	if !g.ready {
		each += g.strips
	}
	depth := gemmDepth[F]()
	first, i := part/each*depth, part%each
	k := min(depth, k1-k0-first)
	if i < g.panels {
		a.pack(g.e, g.a[(first*g.panels+i*k)*g.mr:][:g.mr*k], g.mr, i*g.mr, k0+first, k0+first+k)
		return
	}
	s := i - g.panels
	g.bt.pack(g.e, g.b[(first*g.strips+s*k)*g.nr:][:g.nr*k], g.nr, s*g.nr, k0+first, k0+first+k)
}

// tile computes one tile of C, by way of edge, room for one, where it sticks out.
func (g *gemm[F]) tile(i, j int, a, b []F, k int, add bool, edge []F) {
	row, col := i*g.mr, j*g.nr
	rows, cols := min(g.mr, g.c.Rows-row), min(g.nr, g.c.Cols-col)
	tile := g.e.tileHolding(cols)
	if rows == g.mr && cols == tile.nr {
		tile.run(1, 1, k, a, 0, 0, g.mr, b, g.nr, g.c.Data[row*g.c.Stride+col:], g.c.Stride, add)
		return
	}
	tile.run(1, 1, k, a, 0, 0, g.mr, b, g.nr, edge, g.nr, false)
	for r := range rows {
		to, from := g.c.Data[(row+r)*g.c.Stride+col:][:cols], edge[r*g.nr:]
		if !add {
			copy(to, from)
			continue
		}
		for x := range to {
			to[x] += from[x]
		}
	}
}

// pack writes rows row..row+r, columns k0..k1, as groups of r; rows past the last
// are zero.
func (a Matrix[F]) pack(e *engine[F], dst []F, r, row, k0, k1 int) {
	rows := min(r, a.Rows-row)
	if rows < r {
		clear(dst)
	}
	if !a.Transposed {
		e.transpose(dst, r, a.Data[row*a.Stride+k0:], a.Stride, rows, k1-k0)
		return
	}
	for k := k0; k < k1; k++ {
		copy(dst[(k-k0)*r:(k-k0)*r+rows], a.Data[k*a.Stride+row:])
	}
}
