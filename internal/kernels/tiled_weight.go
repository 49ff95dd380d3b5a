package kernels

import "github.com/venn-adapt/venn/internal/parallel"

const kernelsTurned = 8 // input channels whose weights are turned at a time, so that copies are long

// pack makes squares of the weights and returns what gives the buffer back.
func (c *tiledProduct[F]) pack() (give func()) {
	nr := c.kernel.nr
	c.slot = c.strips*c.sets*c.terms*nr + apart
	packed, give := borrow[F](c.side * c.side * c.slot)
	c.packed = packed
	c.biases = widened(c.bias, c.strips*nr)
	const part = 32 // of the channels that are summed over: few strips are packed by several workers
	channels := c.terms
	if !c.back {
		channels = c.image.C
	}
	parts := blocks(channels, part)
	parallel.For(c.strips*parts, func(u int) {
		s, lo := u/parts, u%parts*part
		c.packStrip(s, lo, min(channels, lo+part))
	})
	return give
}

// packStrip makes squares of the weights of a strip for channels lo..hi of those that are summed
// over: the image's or, with back, the grid's.
func (c *tiledProduct[F]) packStrip(s, lo, hi int) {
	nr, k, channels := c.kernel.nr, c.g.Kernel, c.image.C
	kk, first := k*k, s*nr
	outs := min(nr, c.to.C-first)
	turned, give := borrow[F](kernelsTurned * kk * nr)
	defer give()
	clear(turned)
	square, giveSquare := borrow[F](c.whole * c.whole * nr)
	defer giveSquare()
	clear(square) // taps that a kernel does not have
	for in := lo; in < hi; in += kernelsTurned {
		count := min(kernelsTurned, hi-in)
		if c.back {
			for i := range count {
				c.e.transpose(turned[i*kk*nr:], nr, c.w[((in+i)*channels+first)*kk:], kk, outs, kk)
			}
		} else {
			c.e.transpose(turned, nr, c.w[(first*channels+in)*kk:], channels*kk, outs, count*kk)
		}
		for i := range count {
			from := turned[i*kk*nr:]
			if c.whole > k {
				for a := range k {
					copy(square[a*c.whole*nr:], from[a*k*nr:(a+1)*k*nr])
				}
				from = square
			}
			for phase := range c.phases {
				to := (s*c.terms + phase*channels + in + i) * nr
				if c.back {
					to = ((s*c.sets+phase)*c.terms + in + i) * nr
				}
				at, step := (phase/c.g.Stride*c.whole+phase%c.g.Stride)*nr, c.g.Stride*nr
				c.form.weigh(nr, c.packed, to, c.side*c.slot, c.slot, from, at, c.whole*step, step)
			}
		}
	}
}

// tiledWeight is the gradient by the weight under way: of every slot the products of the squares of
// the image and of the output's gradient, summed over tiles: sums is slot, panel, mr, width.
type tiledWeight[F Float] struct {
	tiling[F]
	dw, dy, x []F
	panels    int // of one slot
	strips    int
	width     int // output channels, padded to whole strips
}

// weightTiled is ConvolveWeight.
func weightTiled[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	c := tiledWeight[F]{tiling: newTiling[F](g, xd, yd), dw: dw, dy: dy, x: x}
	c.panels, c.strips = blocks(c.phases*xd.C, c.e.wideTile().mr), blocks(yd.C, c.e.wideTile().nr)
	c.width = c.strips * c.e.wideTile().nr
	c.run()
}

// run sums over all samples, of which some at a time are made squares, by all workers; then they
// share the panels out.
func (c *tiledWeight[F]) run() {
	each, all := c.down*c.across, c.side*c.side*c.panels
	samples := min(c.image.N, blocks(sharedTiles, each))
	sums, give := borrow[F](all * c.e.wideTile().mr * c.width)
	defer give()
	in, out := c.squares(samples*each, c.phases*c.image.C), c.squares(samples*each, c.width)
	defer in.give()
	defer out.give()
	for n := 0; n < c.image.N; n += samples {
		count := min(samples, c.image.N-n)
		parallel.For(count, func(i int) { c.divide(in, out, n+i, i*each) })
		parallel.Blocks(all, blocks(all, 4*leastBlocks), func(_, lo, hi int) {
			for p := lo; p < hi; p++ {
				c.panel(sums, in, out, count*each, p, n > 0)
			}
		})
	}
	c.finish(sums)
}

// divide makes squares of sample n, from tile first on.
func (c *tiledWeight[F]) divide(in, out squares[F], n, first int) {
	image, give := borrow[F](c.pad.len())
	defer give()
	size, area := c.image.C*c.image.H*c.image.W, c.grid.H*c.grid.W
	fillPadded(c.e, c.pad, image, c.x[n*size:(n+1)*size], c.image.H, c.image.W)
	c.analyse(in, first, image, 0, c.down)
	places, givePlaces := borrow[F](area * c.width)
	defer givePlaces()
	if c.width > c.grid.C {
		clear(places[:area*c.width])
	}
	c.e.transpose(places, c.width, c.dy[n*c.grid.C*area:], area, c.grid.C, area)
	c.spread(out, first, places, 0, c.down)
}

// panel sums one panel over count tiles; more says that sums holds a part already.
func (c *tiledWeight[F]) panel(sums []F, in, out squares[F], count, p int, more bool) {
	mr, nr := c.e.wideTile().mr, c.e.wideTile().nr
	slot, first := p/c.panels, p%c.panels*mr
	a, b := in.data[slot*in.slot+first:], out.data[slot*out.slot:]
	for s := range c.strips {
		c.e.tileHolding(c.grid.C-s*nr).run(1, 1, count, a, 0, 0, in.terms, b[s*nr:], c.width, sums[p*mr*c.width+s*nr:], c.width, more)
	}
}

// finish folds the squares of sums into taps.
func (c *tiledWeight[F]) finish(sums []F) {
	k, step, width, channels := c.g.Kernel, c.g.Stride, c.width, c.image.C
	kk, slot := k*k, c.panels*c.e.wideTile().mr*c.width
	parallel.Blocks(channels, kernelsTurned, func(_, lo, hi int) {
		taps, give := borrow[F](kernelsTurned * kk * width)
		defer give()
		square, giveSquare := borrow[F](c.whole * c.whole * width)
		defer giveSquare()
		for in := lo; in < hi; in++ {
			for phase := range c.phases {
				at := (phase/step*c.whole + phase%step) * width
				c.form.unweigh(width, square, at, step*c.whole*width, step*width, sums, (phase*channels+in)*width, c.side*slot, slot)
			}
			for a := range k {
				copy(taps[((in-lo)*kk+a*k)*width:][:k*width], square[a*c.whole*width:])
			}
		}
		c.e.transpose(c.dw[lo*kk:], channels*kk, taps, width, (hi-lo)*kk, c.grid.C)
	})
}
