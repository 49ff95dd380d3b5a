package kernels

import "github.com/venn-adapt/venn/internal/parallel"

const (
	depthBlock  = 256 // rows of B packed at a time: a panel of A stays in the first-level cache
	columnBlock = 128 // columns of C that one block of work owns
)

// A product is C = A·B with A m x k and B k x n, given by functions that pack
// tiles of A and B and store finished columns of C. Matrices that exist only
// implicitly (the patches of an image) are products with their own packers.
type product[F Float] struct {
	m, n, k int
	// packA writes rows row..row+mr of A, columns k0..k1, as k groups of mr;
	// rows past m are zero.
	packA func(dst []F, mr, row, k0, k1 int)
	// packB writes columns col..col+nr of B, rows k0..k1, as k groups of nr;
	// columns past n are zero.
	packB func(dst []F, nr, col, k0, k1 int)
	// store takes columns col..col+cols of C: m rows, ldc apart.
	store func(c []F, ldc, col, cols int)
	// depth splits the sum over k into this many parts, each stored on its own
	// through storePart, so that a small C with a long sum has blocks to share out.
	depth     int
	storePart func(part int, c []F, ldc, col, cols int)
}

// run computes the product. Every element of C is one sum in a fixed order.
func (p product[F]) run() {
	mk := microOf[F]()
	panels := (p.m + mk.mr - 1) / mk.mr
	packedA, giveA := borrow[F](panels * mk.mr * p.k)
	defer giveA()
	parallel.For(panels, func(i int) {
		for k0 := 0; k0 < p.k; k0 += depthBlock {
			k1 := min(p.k, k0+depthBlock)
			at := (k0*panels + i*(k1-k0)) * mk.mr
			p.packA(packedA[at:at+(k1-k0)*mk.mr], mk.mr, i*mk.mr, k0, k1)
		}
	})
	width := (columnBlock + mk.nr - 1) / mk.nr * mk.nr
	blocks := (p.n + width - 1) / width
	parts, span := 1, p.k
	if p.depth > 1 {
		span = (p.k + p.depth - 1) / p.depth
		span = (span + depthBlock - 1) / depthBlock * depthBlock
		parts = (p.k + span - 1) / span
	}
	parallel.For(blocks*parts, func(u int) {
		block, part := u%blocks, u/blocks
		col := block * width
		cols := min(width, p.n-col)
		k0, k1 := part*span, min(p.k, (part+1)*span)
		c, giveC := borrow[F](panels * mk.mr * width)
		defer giveC()
		clear(c)
		p.columns(mk, packedA, c, width, panels, col, cols, k0, k1)
		if p.depth > 1 {
			p.storePart(part, c, width, col, cols)
		} else {
			p.store(c, width, col, cols)
		}
	})
}

// columns adds A[:, k0:k1]·B[k0:k1, col:col+cols] to c.
func (p product[F]) columns(mk *micro[F], packedA, c []F, ldc, panels, col, cols, k0, k1 int) {
	strips := (cols + mk.nr - 1) / mk.nr
	packedB, giveB := borrow[F](strips * mk.nr * depthBlock)
	defer giveB()
	for ; k0 < k1; k0 += depthBlock {
		end := min(k1, k0+depthBlock)
		depth := end - k0
		for s := range strips {
			p.packB(packedB[s*depth*mk.nr:(s+1)*depth*mk.nr], mk.nr, col+s*mk.nr, k0, end)
		}
		for i := range panels {
			at := (k0*panels + i*depth) * mk.mr
			a := packedA[at : at+depth*mk.mr]
			for s := range strips {
				mk.run(depth, a, packedB[s*depth*mk.nr:(s+1)*depth*mk.nr], c[i*mk.mr*ldc+s*mk.nr:], ldc)
			}
		}
	}
}
