package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// depthSpan is the number of places summed before a partial gradient is set
// aside: long sums are cut here whatever the number of threads.
const depthSpan = 4096

// ConvolveWeight sets dw (out x in x k x k) to the gradient of Convolve by its
// weight, from the output's gradient dy and the input x. With the roles of x and
// dy exchanged it is the gradient of ConvolveTransposed by its weight.
func ConvolveWeight[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	kk := g.Kernel * g.Kernel
	m, n, places := yd.C, xd.C*kk, yd.H*yd.W
	check("weight gradient", len(dw), m*n)
	check("output gradient", len(dy), yd.Len())
	check("convolution input", len(x), xd.Len())
	depth := max(1, yd.N*places/depthSpan)
	parts, give := borrow[F](depth * m * n)
	defer give()
	clear(parts)
	storePart := func(part int, c []F, ldc, col, cols int) {
		for i := range m {
			copy(parts[part*m*n+i*n+col:][:cols], c[i*ldc:i*ldc+cols])
		}
	}
	product[F]{
		m: m, n: n, k: yd.N * places,
		packA: func(dst []F, mr, row, k0, k1 int) { packChannels(dst, mr, row, k0, k1, dy, yd) },
		packB: func(dst []F, nr, col, k0, k1 int) { packReads(g, dst, nr, col, k0, k1, x, xd, yd) },
		depth: depth, storePart: storePart,
		store: func(c []F, ldc, col, cols int) { storePart(0, c, ldc, col, cols) },
	}.run()
	parallel.Blocks(m*n, 4096, func(_, lo, hi int) {
		copy(dw[lo:hi], parts[lo:hi])
		for d := 1; d < depth; d++ {
			for i, v := range parts[d*m*n+lo : d*m*n+hi] {
				dw[lo+i] += v
			}
		}
	})
}

// packChannels packs channels row..row+mr of all places k0..k1 of a batch.
func packChannels[F Float](dst []F, mr, row, k0, k1 int, y []F, d Dims) {
	places := d.H * d.W
	rows := min(mr, d.C-row)
	if rows < mr {
		clear(dst)
	}
	for k := k0; k < k1; {
		n, p := k/places, k%places
		run := min(k1-k, places-p)
		for r := range rows {
			src := y[(n*d.C+row+r)*places+p:][:run]
			out := dst[(k-k0)*mr+r:]
			for i, v := range src {
				out[i*mr] = v
			}
		}
		k += run
	}
}

// packReads packs, for places k0..k1, what the weights col..col+nr read there.
func packReads[F Float](g Conv, dst []F, nr, col, k0, k1 int, x []F, xd, yd Dims) {
	kk, area := g.Kernel*g.Kernel, xd.H*xd.W
	var off, dy, dx [32]int
	valid := min(nr, xd.C*kk-col)
	for j := range valid {
		c, t := (col+j)/kk, (col+j)%kk
		dy[j], dx[j] = t/g.Kernel-g.Padding, t%g.Kernel-g.Padding
		off[j] = c*area + dy[j]*xd.W + dx[j]
	}
	if valid < nr {
		clear(dst)
	}
	places := yd.H * yd.W
	for k := k0; k < k1; k++ {
		n, p := k/places, k%places
		y0, x0 := p/yd.W*g.Stride, p%yd.W*g.Stride
		at := n*xd.C*area + y0*xd.W + x0
		row := dst[(k-k0)*nr:][:valid]
		top, left := y0-g.Padding, x0-g.Padding
		if top >= 0 && left >= 0 && top+g.Kernel <= xd.H && left+g.Kernel <= xd.W {
			for j := range row {
				row[j] = x[at+off[j]]
			}
			continue
		}
		for j := range row {
			if uint(y0+dy[j]) < uint(xd.H) && uint(x0+dx[j]) < uint(xd.W) {
				row[j] = x[at+off[j]]
			} else {
				row[j] = 0
			}
		}
	}
}
