package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// The convolution of kernel 4, stride 2 and padding 1, and its transpose, split by
// the parity of pixels into convolutions of two taps a direction. Two outputs of
// such a one in a row need three products instead of four:
//
//	d0·g0 + d1·g1 = (d0−d1)·g0 + d1·(g0+g1)
//	d1·g0 + d2·g1 = d1·(g0+g1) − (d1−d2)·g1
//
// so a tile of 2 x 2 outputs takes 9 products of matrices instead of 16. Its factors
// are sums of two values at most, so it rounds about as the plain sum does.
//
// S. Winograd, "Arithmetic Complexity of Computations", SIAM 1980; A. Lavin and
// S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, F(2, 2).

const (
	winogradChannels = 16      // in, at least, and out, more: fewer are not worth the sums
	winogradTiles    = 96      // of a batch, at least: fewer are not worth the larger weights
	winogradWeights  = 5 << 20 // transformed values, at most: more take too much memory
	chunkTiles       = 96      // computed at a time, about: they meet every weight once
	slotsTile        = 9       // products of a tile
)

// winograd says whether a convolution of n samples to a grid of places is computed
// in this way.
func (g Conv) winograd(n, in, out, rows, cols int) bool {
	return g.Kernel == 4 && g.Stride == 2 && g.Padding == 1 && g.Extra == 0 && rows%2 == 0 && cols%2 == 0 && n*rows*cols/4 >= winogradTiles &&
		in >= winogradChannels && out > winogradChannels && 4*slotsTile*in*out <= winogradWeights
}

// A product says that slot `to` of a tile's results is slot `from` of what its input
// became, times a matrix of the weights.
type product struct{ from, to int }

// A fast is a convolution under way in this manner. Tiles are 2 x 2 places of a
// grid: the outputs of the convolution, the inputs of the transposed one.
type fast[F Float] struct {
	y, x, w, bias []F
	yd, xd        Dims
	transposed    bool

	e            *engine[F]
	pad          padded
	down, across int // tiles of a sample
	from         int // slots of a tile's input
	terms        int // of a slot
	products     []product
	strips       int
	width        int // output channels, padded to whole strips
	packed       []F // product, strip, term, nr
	biases       []F
}

// newFast is the transposed or plain convolution of x to y, with sizes settled.
func newFast[F Float](g Conv, transposed bool, y []F, yd Dims, x []F, xd Dims, w, bias []F) *fast[F] {
	check("convolution output", len(y), yd.Len())
	check("convolution input", len(x), xd.Len())
	c := &fast[F]{y: y, x: x, w: w, bias: bias, yd: yd, xd: xd, transposed: transposed, e: engineOf[F]()}
	c.strips = blocks(yd.C, c.e.wideRows().nr)
	c.width = c.strips * c.e.wideRows().nr
	gathers, rows, cols := g.forward(), yd.H, yd.W
	if transposed {
		gathers, rows, cols = g.transposed(), xd.H, xd.W
	}
	c.pad = paddedFor(gathers, rows, cols, xd.C)
	c.down, c.across = rows/2, cols/2
	if !transposed {
		c.from, c.terms = slotsTile, 4*xd.C
		for p := range slotsTile {
			c.products = append(c.products, product{p, p})
		}
		return c
	}
	// Even outputs read the first three of the five slots of a line, odd ones the last.
	c.from, c.terms = 25, xd.C
	for phase := range 4 {
		for p := range slotsTile {
			c.products = append(c.products, product{(p/3+phase/2*2)*5 + p%3 + phase%2*2, phase*slotsTile + p})
		}
	}
	return c
}

// run cuts the samples into groups; where they are few, strips of output channels
// are shared out too, over inputs transformed beforehand.
func (c *fast[F]) run() {
	defer c.pack()()
	tiles := c.down * c.across
	group := min(c.xd.N, blocks(chunkTiles, tiles))
	groups := blocks(c.xd.N, group)
	if groups >= leastBlocks {
		parallel.Blocks(c.xd.N, group, func(_, lo, hi int) { c.group(lo, hi) })
		return
	}
	split := min(c.strips, blocks(leastBlocks, groups))
	wide := blocks(c.strips, split)
	size := tiles * c.from * c.terms
	in, give := borrow[F](c.xd.N * size)
	defer give()
	parallel.For(c.xd.N, func(n int) {
		scratch, give := borrow[F](c.pad.len())
		defer give()
		c.fill(scratch, n)
		c.analyse(in[n*size:], scratch, 0, c.down)
	})
	parallel.For(groups*split, func(u int) {
		lo, s := u/split*group, u%split*wide
		if s < c.strips {
			c.multiply(in[lo*size:], lo, min(c.xd.N, lo+group)-lo, 0, c.down, s, min(c.strips, s+wide))
		}
	})
}

// fill lays out sample n, channels last.
func (c *fast[F]) fill(dst []F, n int) {
	size := c.xd.C * c.xd.H * c.xd.W
	fillPadded(c.e, c.pad, dst, c.x[n*size:(n+1)*size], c.xd.H, c.xd.W)
}

// group computes samples lo..hi: all at once where they are small, else one after
// the other in chunks of lines of tiles.
func (c *fast[F]) group(lo, hi int) {
	scratch, give := borrow[F](c.pad.len())
	defer give()
	lines := min(c.down, max(1, chunkTiles/c.across))
	size := c.down * c.across * c.from * c.terms
	in, giveIn := borrow[F](max((hi-lo)*size, lines*c.across*c.from*c.terms))
	defer giveIn()
	if lines == c.down {
		for n := lo; n < hi; n++ {
			c.fill(scratch, n)
			c.analyse(in[(n-lo)*size:], scratch, 0, c.down)
		}
		c.multiply(in, lo, hi-lo, 0, c.down, 0, c.strips)
		return
	}
	for n := lo; n < hi; n++ {
		c.fill(scratch, n)
		for line := 0; line < c.down; line += lines {
			c.analyse(in, scratch, line, min(lines, c.down-line))
			c.multiply(in, n, 1, line, min(lines, c.down-line), 0, c.strips)
		}
	}
}

// analyse transforms some lines of tiles of a sample laid out in src: tile, slot,
// term. The terms of a plain convolution are (phase, channel).
func (c *fast[F]) analyse(dst, src []F, line, lines int) {
	channels := c.xd.C
	row := c.pad.wide * channels
	for i := range lines * c.across {
		ty, tx := line+i/c.across, i%c.across
		tile := i * c.from * c.terms
		if c.transposed {
			c.e.analyse4(channels, dst, tile, 5*c.terms, c.terms, src, 2*ty*row+2*tx*channels, row, channels)
			continue
		}
		for phase := range 4 {
			at := (4*ty+phase/2)*row + (4*tx+phase%2)*channels
			c.e.analyse3(channels, dst, tile+phase*channels, 3*c.terms, c.terms, src, at, 2*row, 2*channels)
		}
	}
}

// multiply computes strips s0..s1 of some lines of tiles of count samples from n on,
// whose transformed inputs are in.
func (c *fast[F]) multiply(in []F, n, count, line, lines, s0, s1 int) {
	kernel := c.e.wideRows()
	width := (s1 - s0) * kernel.nr
	tiles := count * lines * c.across
	whole := blocks(tiles, kernel.mr) * kernel.mr
	tile := len(c.products) * width
	out, give := borrow[F]((tiles + 1) * tile)
	defer give()
	at, ct := make([]int32, whole), make([]int32, whole)
	for i := range whole { // rows past the last read the last and write to a spare place
		at[i], ct[i] = int32(min(i, tiles-1)*c.from*c.terms), int32(min(i, tiles)*tile)
	}
	for i, p := range c.products {
		middle := c.bias != nil && p.to%slotsTile == 4 // reaches each output once
		if middle {
			for t := range tiles {
				copy(out[t*tile+p.to*width:][:width], c.biases[s0*kernel.nr:])
			}
		}
		for s := s0; s < s1; s++ {
			b := c.packed[(i*c.strips+s)*c.terms*kernel.nr:]
			to := out[p.to*width+(s-s0)*kernel.nr:]
			for t := 0; t < whole; t += kernel.mr {
				kernel.run(1, c.terms, 0, in[p.from*c.terms:], at[t:], b, to, ct[t:], middle)
			}
		}
	}
	c.finish(out, n, count, line, lines, s0, s1)
}

// finish turns the products of tiles into outputs and lays them out as channels.
func (c *fast[F]) finish(out []F, n, count, line, lines, s0, s1 int) {
	step := 2
	if c.transposed {
		step = 4
	}
	width := (s1 - s0) * c.e.wideRows().nr
	tile := len(c.products) * width
	area, row := c.yd.H*c.yd.W, c.yd.W*width
	first := s0 * c.e.wideRows().nr
	channels := min(s1*c.e.wideRows().nr, c.yd.C) - first
	places, give := borrow[F](lines * step * row)
	defer give()
	for k := range count {
		for i := range lines * c.across {
			at := i/c.across*step*row + i%c.across*step*width
			from := (k*lines*c.across + i) * tile
			if !c.transposed {
				c.e.gather(width, places, at, row, width, out, from, 3*width, width)
				continue
			}
			for phase := range 4 {
				c.e.gather(width, places, at+phase/2*row+phase%2*width, 2*row, 2*width, out, from+phase*slotsTile*width, 3*width, width)
			}
		}
		y := c.y[((n+k)*c.yd.C+first)*area+line*step*c.yd.W:]
		c.e.transpose(y, area, places, width, lines*step*c.yd.W, channels)
	}
}

// pack transforms and packs the weights and returns what gives the buffer back.
func (c *fast[F]) pack() (give func()) {
	nr := c.e.wideRows().nr
	size := c.terms * nr
	packed, give := borrow[F](len(c.products) * c.strips * size)
	c.packed = packed
	c.biases = widened(c.bias, c.width)
	parallel.For(c.strips, func(s int) {
		turned := make([]F, 16*nr)
		first := s * nr
		outs := min(nr, c.yd.C-first)
		for in := range c.xd.C {
			perOut, perIn := c.xd.C*16, 16
			if c.transposed {
				perOut, perIn = 16, c.yd.C*16
			}
			c.e.transpose(turned, nr, c.w[first*perOut+in*perIn:], perOut, outs, 16)
			for phase := range 4 {
				c.packPhase(turned, s, phase, in)
			}
		}
	})
	return give
}

// packPhase packs the taps of one phase of one input channel for nr outputs. The
// plain convolution's phase p of a line has taps p and p+2. Of the transposed one,
// even outputs have taps 3 and 1, odd ones 2 and 0, in the order of the inputs, so
// their slots are filled from the last.
func (c *fast[F]) packPhase(turned []F, s, phase, in int) {
	nr := c.e.wideRows().nr
	slot := c.strips * c.terms * nr // from one product to the next
	py, px := phase/2, phase%2
	if !c.transposed {
		c.e.spread(nr, c.packed, (s*c.terms+phase*c.xd.C+in)*nr, 3*slot, slot, turned, (py*4+px)*nr, 8*nr, 2*nr)
		return
	}
	last := (phase*slotsTile+slotsTile-1)*slot + (s*c.terms+in)*nr
	c.e.spread(nr, c.packed, last, -3*slot, -slot, turned, ((1-py)*4+1-px)*nr, 8*nr, 2*nr)
}
