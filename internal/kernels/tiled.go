package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// Convolutions of kernel 3 and stride 1, and of kernel 4 or 5 and stride 2, over tiles of 4 x 4
// places, with a quarter of the products or a little more: of stride 2 as the sum of four over the
// pixels of each parity, of 2 or 3 taps a direction. A tile of the input becomes squares of slots,
// one for each parity and channel; slots of one place, times matrices of weights that became squares
// too, add up to those of the outputs (winograd.Of). The gradients by input and weight are the
// transposed maps, so they take the same products; what lies around an image, zeros or mirrored, is
// folded back at the end.
//
// The maps have factors up to 8, so sums round some ten times as much as plain ones: who asks for
// Tiles says that this is fine.

const (
	tileSide      = 4
	tiledChannels = 16      // in and out, at least: the lanes of the widest vectors
	tiledTiles    = 32      // of a batch, at least: fewer are not worth the larger weights
	tiledWeights  = 8 << 20 // transformed values, at most: more take too much memory
	tiledChunk    = 48      // tiles computed at a time, at least: they meet every weight once
)

// tiled says whether a convolution of an image to a grid of places is computed in this way.
func (g Conv) tiled(image, grid Dims) bool {
	kind := g.Stride == 1 && g.Kernel == 3 || g.Stride == 2 && (g.Kernel == 4 || g.Kernel == 5)
	side := tileSide + g.taps() - 1
	return g.Tiles && kind && g.Padding == (g.Kernel-1)/2 && image.H == g.Stride*grid.H && image.W == g.Stride*grid.W && grid.H%tileSide == 0 && grid.W%tileSide == 0 &&
		min(image.C, grid.C) >= tiledChannels && grid.N*grid.H*grid.W/(tileSide*tileSide) >= tiledTiles && side*side*g.Stride*g.Stride*image.C*grid.C <= tiledWeights
}

// tiling is the geometry of a convolution over tiles.
type tiling[F Float] struct {
	g            Conv
	e            *engine[F]
	form         form[F]
	image, grid  Dims
	pad          padded // of the image
	side         int    // slots of a line of a tile
	whole        int    // of a kernel with as many taps of every parity
	phases       int    // parities of a place
	down, across int    // tiles of a sample
}

func newTiling[F Float](g Conv, image, grid Dims) tiling[F] {
	e, taps := engineOf[F](), g.taps()
	c := tiling[F]{g: g, e: e, form: e.forms[taps-2], image: image, grid: grid, side: tileSide + taps - 1, whole: g.Stride * taps,
		phases: g.Stride * g.Stride, down: grid.H / tileSide, across: grid.W / tileSide}
	wide := g
	wide.Kernel = c.whole
	c.pad = paddedFor(wide.forward(), grid.H, grid.W, image.C)
	return c
}

// squares holds tiles by slots: slot, tile, term.
type squares[F Float] struct {
	data        []F
	terms, slot int // values of a tile in a slot, and from one slot to the next
	give        func()
}

func (c *tiling[F]) squares(tiles, terms int) squares[F] {
	slot := tiles*terms + apart
	data, give := borrow[F](c.side * c.side * slot)
	return squares[F]{data, terms, slot, give}
}

// analyse makes squares of some lines of tiles of a sample's image, laid out in src, from tile first
// on. Terms are phase, channel.
func (c *tiling[F]) analyse(to squares[F], first int, src []F, line, lines int) {
	channels, step := c.image.C, c.g.Stride
	row := c.pad.wide * channels
	for i := range lines * c.across {
		y, x := (line+i/c.across)*tileSide*step, i%c.across*tileSide*step
		for phase := range c.phases {
			at := (y+phase/step)*row + (x+phase%step)*channels
			c.form.analyse(channels, to.data, (first+i)*to.terms+phase*channels, c.side*to.slot, to.slot, src, at, step*row, step*channels)
		}
	}
}

// spread makes squares of some lines of tiles of a sample's places, laid out in src with as many
// channels as there are terms.
func (c *tiling[F]) spread(to squares[F], first int, src []F, line, lines int) {
	for i := range lines * c.across {
		at := ((line+i/c.across)*c.grid.W + i%c.across) * tileSide * to.terms
		c.form.spread(to.terms, to.data, (first+i)*to.terms, c.side*to.slot, to.slot, src, at, c.grid.W*to.terms, to.terms)
	}
}

// tiledProduct is a convolution under way, or with back the gradient by its image: from squares of
// terms to squares of results, a set of channels for each phase of the image or one.
type tiledProduct[F Float] struct {
	tiling[F]
	back          bool
	y, x, w, bias []F
	to            Dims
	kernel        rowTile[F]
	terms, sets   int
	strips        int // of the channels of a set
	slot          int // values from one slot of packed to the next
	packed        []F // slot, strip, set, term, nr
	biases        []F
}

// convolveTiled is Convolve to y or, with back, ConvolveTransposed to y.
func convolveTiled[F Float](g Conv, back bool, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	check("convolution output", len(y), yd.Len())
	check("convolution input", len(x), xd.Len())
	c := tiledProduct[F]{back: back, y: y, x: x, w: w, bias: bias, to: yd, terms: g.Stride * g.Stride * xd.C, sets: 1}
	if c.tiling = newTiling[F](g, xd, yd); back {
		c.tiling = newTiling[F](g, yd, xd)
		c.terms, c.sets = xd.C, c.phases
	}
	c.kernel = c.e.rowsFor(yd.C)
	c.strips = blocks(yd.C, c.kernel.nr)
	c.run()
}

// run cuts the samples into groups; where they are few, strips of channels are shared out too, over
// squares made beforehand.
func (c *tiledProduct[F]) run() {
	defer c.pack()()
	tiles := c.down * c.across
	group := min(c.to.N, blocks(tiledChunk, tiles))
	groups := blocks(c.to.N, group)
	if groups >= leastBlocks {
		parallel.Blocks(c.to.N, group, func(_, lo, hi int) { c.group(lo, hi) })
		return
	}
	split := min(c.strips, blocks(leastBlocks, groups))
	wide := blocks(c.strips, split)
	in := c.squares(c.to.N*tiles, c.terms)
	defer in.give()
	parallel.For(c.to.N, func(n int) { c.prepare(in, n*tiles, n) })
	parallel.For(groups*split, func(u int) {
		lo, s := u/split*group, u%split*wide
		if s >= c.strips {
			return
		}
		c.deliver(in, lo*tiles, lo, min(c.to.N, lo+group), s, min(c.strips, s+wide))
	})
}

// deliver computes strips s0..s1 of samples lo..hi, whose squares are in from tile first on.
func (c *tiledProduct[F]) deliver(in squares[F], first, lo, hi, s0, s1 int) {
	tiles := c.down * c.across
	out := c.multiply(in, first, (hi-lo)*tiles, s0, s1)
	defer out.give()
	for n := lo; n < hi; n++ {
		places, give := c.blank(s0, s1)
		c.finish(places, out, (n-lo)*tiles, 0, c.down)
		c.store(places, n, s0, s1)
		give()
	}
}

// group computes samples lo..hi: all at once where they are small, else one after the other in
// chunks of lines of tiles.
func (c *tiledProduct[F]) group(lo, hi int) {
	if tiles := c.down * c.across; hi-lo > 1 {
		in := c.squares((hi-lo)*tiles, c.terms)
		defer in.give()
		for n := lo; n < hi; n++ {
			c.prepare(in, (n-lo)*tiles, n)
		}
		c.deliver(in, 0, lo, hi, 0, c.strips)
		return
	}
	lines := min(c.down, blocks(tiledChunk, c.across))
	in := c.squares(lines*c.across, c.terms)
	defer in.give()
	scratch, give := c.load(lo)
	defer give()
	places, givePlaces := c.blank(0, c.strips)
	defer givePlaces()
	for line := 0; line < c.down; line += lines {
		high := min(lines, c.down-line)
		c.divide(in, 0, scratch, line, high)
		out := c.multiply(in, 0, high*c.across, 0, c.strips)
		c.finish(places, out, 0, line, high)
		out.give()
	}
	c.store(places, lo, 0, c.strips)
}

// prepare makes squares of all of sample n, from tile first on.
func (c *tiledProduct[F]) prepare(to squares[F], first, n int) {
	scratch, give := c.load(n)
	defer give()
	c.divide(to, first, scratch, 0, c.down)
}

// load lays out what sample n is computed from, channels last.
func (c *tiledProduct[F]) load(n int) (scratch []F, give func()) {
	if c.back {
		area := c.grid.H * c.grid.W
		scratch, give = borrow[F](area * c.terms)
		c.e.transpose(scratch, c.terms, c.x[n*c.terms*area:], area, c.terms, area)
		return scratch, give
	}
	size := c.image.C * c.image.H * c.image.W
	scratch, give = borrow[F](c.pad.len())
	fillPadded(c.e, c.pad, scratch, c.x[n*size:(n+1)*size], c.image.H, c.image.W)
	return scratch, give
}

// divide makes squares of what is laid out.
func (c *tiledProduct[F]) divide(to squares[F], first int, src []F, line, lines int) {
	if c.back {
		c.spread(to, first, src, line, lines)
		return
	}
	c.analyse(to, first, src, line, lines)
}

// multiply makes the squares of strips s0..s1 of the results of some tiles: terms are set, channel.
func (c *tiledProduct[F]) multiply(in squares[F], first, tiles, s0, s1 int) squares[F] {
	kernel := c.kernel
	width := (s1 - s0) * kernel.nr
	out := c.squares(tiles+1, c.sets*width)
	whole := blocks(tiles, kernel.mr) * kernel.mr
	at, ct := make([]int32, whole), make([]int32, whole)
	for i := range whole { // rows past the last read the last and write to a spare place
		at[i], ct[i] = int32((first+min(i, tiles-1))*c.terms), int32(min(i, tiles)*out.terms)
	}
	for slot := range c.side * c.side {
		biased := c.bias != nil && !c.back && slot == c.side+1 // reaches each output once
		a, to := in.data[slot*in.slot:], out.data[slot*out.slot:]
		if biased {
			for t := range tiles {
				copy(to[t*width:(t+1)*width], c.biases[s0*kernel.nr:])
			}
		}
		for s := s0; s < s1; s++ {
			for set := range c.sets {
				b := c.packed[slot*c.slot+(s*c.sets+set)*c.terms*kernel.nr:]
				for t := 0; t < whole; t += kernel.mr {
					kernel.run(1, c.terms, 0, a, at[t:], b, to[set*width+(s-s0)*kernel.nr:], ct[t:], biased)
				}
			}
		}
	}
	return out
}

// blank is room for the places of a sample, strips s0..s1, channels last: of the padded image that
// gradients are added to, or the grid's.
func (c *tiledProduct[F]) blank(s0, s1 int) (places []F, give func()) {
	width := (s1 - s0) * c.kernel.nr
	if !c.back {
		return borrow[F](c.grid.H * c.grid.W * width)
	}
	n := c.pad.high * c.pad.wide * width
	places, give = borrow[F](n)
	clear(places[:n])
	for i := 0; i < n && c.bias != nil; i += width {
		copy(places[i:i+width], c.biases[s0*c.kernel.nr:])
	}
	return places, give
}

// finish turns squares of results, from tile first on, into lines of tiles of places.
func (c *tiledProduct[F]) finish(places []F, from squares[F], first, line, lines int) {
	width, step := from.terms/c.sets, c.g.Stride
	for i := range lines * c.across {
		y, x, at := (line+i/c.across)*tileSide, i%c.across*tileSide, (first+i)*from.terms
		if !c.back {
			c.form.gather(width, places, (y*c.grid.W+x)*width, c.grid.W*width, width, from.data, at, c.side*from.slot, from.slot)
			continue
		}
		for phase := range c.phases {
			to := ((y*step+phase/step)*c.pad.wide + x*step + phase%step) * width
			c.form.back(width, places, to, step*c.pad.wide*width, step*width, from.data, at+phase*width, c.side*from.slot, from.slot)
		}
	}
}

// store lays out a sample's places as channels of y.
func (c *tiledProduct[F]) store(places []F, n, s0, s1 int) {
	first, width := s0*c.kernel.nr, (s1-s0)*c.kernel.nr
	channels, area := min(s1*c.kernel.nr, c.to.C)-first, c.to.H*c.to.W
	y := c.y[(n*c.to.C+first)*area:]
	if !c.back {
		c.e.transpose(y, area, places, width, area, channels)
		return
	}
	p := c.pad
	p.channels = width
	if p.reflect {
		unmirror(c.e, p, places, c.to.H, c.to.W)
	}
	tight, give := borrow[F](area * width)
	defer give()
	for i := range c.to.H {
		copy(tight[i*c.to.W*width:(i+1)*c.to.W*width], places[p.at(i, 0):])
	}
	c.e.transpose(y, area, tight, width, area, channels)
}
