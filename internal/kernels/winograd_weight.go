package kernels

import "github.com/venn-adapt/venn/internal/parallel"

const (
	partTiles   = 128     // summed in registers before they reach memory, about
	sharedSums  = 1 << 19 // values of a weight gradient from which on all workers share one
	sharedTiles = 256     // transformed at a time for shared sums
)

// fastWeight is the gradient of a convolution of kernel 4, stride 2 and padding 1 by
// its weight (winograd.go): of every tile of 2 x 2 places the input becomes 9 slots
// of (phase, channel), the output's gradient 9 slots of channels, and the products of
// equal slots are summed over tiles: sums is slot, panel, mr, width.
type fastWeight[F Float] struct {
	dw, dy, x    []F
	yd, xd       Dims
	e            *engine[F]
	pad          padded
	down, across int // tiles of a sample
	terms        int // of an input slot
	panels       int // of one slot
	strips       int
	width        int // output channels, padded to whole strips
}

func newFastWeight[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) *fastWeight[F] {
	e := engineOf[F]()
	c := &fastWeight[F]{dw: dw, dy: dy, x: x, yd: yd, xd: xd, e: e, pad: paddedFor(g.forward(), yd.H, yd.W, xd.C),
		down: yd.H / 2, across: yd.W / 2, terms: 4 * xd.C, panels: blocks(4*xd.C, e.wideTile().mr), strips: blocks(yd.C, e.wideTile().nr)}
	c.width = c.strips * e.wideTile().nr
	return c
}

// run sums parts of the samples side by side, or, where sums are large, shares out
// the panels of one sum.
func (c *fastWeight[F]) run() {
	size := slotsTile * c.panels * c.e.wideTile().mr * c.width
	parts := min(leastBlocks, c.xd.N)
	if size >= sharedSums {
		parts = 1
	}
	each := blocks(c.xd.N, parts)
	parts = blocks(c.xd.N, each)
	sums, give := borrow[F](parts * size)
	defer give()
	if parts == 1 {
		c.shared(sums)
	} else {
		parallel.Blocks(c.xd.N, each, func(part, lo, hi int) { c.part(sums[part*size:], lo, hi) })
	}
	c.finish(sums, parts, size)
}

// part sums over samples lo..hi, some lines of tiles at a time.
func (c *fastWeight[F]) part(sums []F, lo, hi int) {
	lines := min(c.down, max(1, partTiles/c.across))
	samples := 1
	if lines == c.down {
		samples = min(hi-lo, max(1, partTiles/(c.down*c.across)))
	}
	t := c.tiles(samples * lines * c.across)
	defer t.give()
	image, giveImage := borrow[F](c.pad.len())
	defer giveImage()
	places, givePlaces := borrow[F](c.yd.H * c.yd.W * c.width)
	defer givePlaces()
	add := false
	for n := lo; n < hi; n += samples {
		for line := 0; line < c.down; line += lines {
			count, high := min(samples, hi-n), min(lines, c.down-line)
			for i := range count {
				if line == 0 {
					c.fill(image, places, n+i)
				}
				c.analyse(t, image, places, i*high*c.across, line, high)
			}
			c.add(sums, t, count*high*c.across, 0, slotsTile*c.panels, add)
			add = true
		}
	}
}

// shared sums over all samples, whose tiles are transformed a group at a time.
func (c *fastWeight[F]) shared(sums []F) {
	each := c.down * c.across
	samples := min(c.xd.N, blocks(sharedTiles, each))
	t := c.tiles(samples * each)
	defer t.give()
	all := slotsTile * c.panels
	for n := 0; n < c.xd.N; n += samples {
		count := min(samples, c.xd.N-n)
		parallel.For(count, func(i int) {
			image, giveImage := borrow[F](c.pad.len())
			defer giveImage()
			places, givePlaces := borrow[F](c.yd.H * c.yd.W * c.width)
			defer givePlaces()
			c.fill(image, places, n+i)
			c.analyse(t, image, places, i*each, 0, c.down)
		})
		parallel.Blocks(all, blocks(all, 4*leastBlocks), func(_, lo, hi int) {
			c.add(sums, t, count*each, lo, hi, n > 0)
		})
	}
}

// slots holds transformed tiles: slot, tile, then the terms of the input and the
// channels of the output's gradient.
type slots[F Float] struct {
	in, out         []F
	inSlot, outSlot int // values from one slot to the next
	give            func()
}

// apart is put between slots: a tile is written to all of them at once, and distances
// of a power of two would send these lines to one place of the cache.
const apart = 80

func (c *fastWeight[F]) tiles(n int) slots[F] {
	inSlot, outSlot := n*c.terms+apart, n*c.width+apart
	in, giveIn := borrow[F](slotsTile * inSlot)
	out, giveOut := borrow[F](slotsTile * outSlot)
	return slots[F]{in, out, inSlot, outSlot, func() { giveIn(); giveOut() }}
}

// fill lays out sample n: its input padded and its output gradient, channels last.
func (c *fastWeight[F]) fill(image, places []F, n int) {
	size, area := c.xd.C*c.xd.H*c.xd.W, c.yd.H*c.yd.W
	fillPadded(c.e, c.pad, image, c.x[n*size:(n+1)*size], c.xd.H, c.xd.W)
	if c.width > c.yd.C {
		clear(places[:area*c.width])
	}
	c.e.transpose(places, c.width, c.dy[n*c.yd.C*area:], area, c.yd.C, area)
}

// analyse transforms some lines of tiles of a sample, to tiles from first on.
func (c *fastWeight[F]) analyse(t slots[F], image, places []F, first, line, lines int) {
	channels := c.xd.C
	row := c.pad.wide * channels
	for i := range lines * c.across {
		ty, tx := line+i/c.across, i%c.across
		for phase := range 4 {
			at := (4*ty+phase/2)*row + (4*tx+phase%2)*channels
			c.e.analyse3(channels, t.in, (first+i)*c.terms+phase*channels, 3*t.inSlot, t.inSlot, image, at, 2*row, 2*channels)
		}
		c.e.spread(c.width, t.out, (first+i)*c.width, 3*t.outSlot, t.outSlot, places, (2*ty*c.yd.W+2*tx)*c.width, c.yd.W*c.width, c.width)
	}
}

// add sums panels p0..p1 over count tiles; more says that sums holds a part already.
func (c *fastWeight[F]) add(sums []F, t slots[F], count, p0, p1 int, more bool) {
	mr, nr := c.e.wideTile().mr, c.e.wideTile().nr
	for p := p0; p < p1; p++ {
		slot, first := p/c.panels, p%c.panels*mr
		a, b := t.in[slot*t.inSlot+first:], t.out[slot*t.outSlot:]
		for s := range c.strips {
			c.e.tileHolding(c.yd.C-s*nr).run(1, 1, count, a, 0, 0, c.terms, b[s*nr:], c.width, sums[p*mr*c.width+s*nr:], c.width, more)
		}
	}
}

// finish folds the parts into the first, and the slots into the taps of each phase.
func (c *fastWeight[F]) finish(sums []F, parts, size int) {
	fold(c.e, sums, parts, size)
	slot := c.panels * c.e.wideTile().mr * c.width
	parallel.Blocks(c.xd.C, 8, func(_, lo, hi int) {
		taps, give := borrow[F](16 * c.width)
		defer give()
		for in := lo; in < hi; in++ {
			for phase := range 4 {
				from := (phase*c.xd.C + in) * c.width
				c.e.gather(c.width, taps, (phase/2*4+phase%2)*c.width, 8*c.width, 2*c.width, sums, from, 3*slot, slot)
			}
			c.e.transpose(c.dw[in*16:], c.xd.C*16, taps, c.width, 16, c.yd.C)
		}
	})
}
