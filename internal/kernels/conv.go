package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// Convolve sets y (N x out x Ho x Wo) to the convolution of x with w (out x in x k
// x k) plus bias (out values, or nil). Time 2·N·out·Ho·Wo·in·k² operations.
func Convolve[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	kk := g.Kernel * g.Kernel
	check("convolution weight", len(w), yd.C*xd.C*kk)
	if g.single(xd, yd) {
		convolveSingle(g, y, yd, x, xd, w, bias)
		return
	}
	if g.tiled(xd, yd) {
		convolveTiled(g, false, y, yd, x, xd, w, bias)
		return
	}
	if g.winograd(xd.N, xd.C, yd.C, yd.H, yd.W) {
		newFast(g, false, y, yd, x, xd, w, bias).run()
		return
	}
	c := convolution[F]{gathers: g.forward(), y: y, yd: yd, x: x, xd: xd, w: w, perOut: xd.C * kk, perIn: kk, bias: bias}
	if c.spreads() {
		c.runSpread()
		return
	}
	c.runBest()
}

// ConvolveTransposed sets y to the transposed convolution of x (N x in x H x W)
// with w (in x out x k x k) plus bias (out values, or nil). It is also the
// gradient of Convolve by its input, where w is out x in x k x k and x the
// gradient of the output; with reflected padding it is that alone, and takes no bias.
func ConvolveTransposed[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	kk := g.Kernel * g.Kernel
	check("transposed convolution weight", len(w), yd.C*xd.C*kk)
	if g.tiled(yd, xd) {
		convolveTiled(g, true, y, yd, x, xd, w, bias)
		return
	}
	if g.Reflect {
		transposeReflected(g, y, yd, x, xd, w)
		return
	}
	if g.single(yd, xd) {
		transposeSingle(g, y, yd, x, xd, w, bias)
		return
	}
	if g.winograd(xd.N, xd.C, yd.C, xd.H, xd.W) {
		newFast(g, true, y, yd, x, xd, w, bias).run()
		return
	}
	c := convolution[F]{gathers: g.transposed(), y: y, yd: yd, x: x, xd: xd, w: w, perOut: kk, perIn: yd.C * kk, bias: bias}
	if phases := len(c.gathers); phases > 1 && phases*yd.C <= engineOf[F]().wideRows().nr {
		c.runMerged()
		return
	}
	if c.spreads() {
		c.runSpread()
		return
	}
	c.runBest()
}

const (
	groupPlaces  = 256     // output places that a block of work has, at least
	leastBlocks  = 8       // blocks of work, where the shape has as many
	chunkValues  = 1 << 15 // of output held in scratch before it is laid out
	weightValues = 1 << 16 // of packed weights that go by while a chunk is computed
)

// A convolution computes y from x by its gathers. Weight (out, in, t) lies at
// w[out·perOut + in·perIn + t].
type convolution[F Float] struct {
	gathers       []gather
	y, x, w, bias []F
	yd, xd        Dims
	perOut, perIn int

	e          *engine[F]
	kernel     rowTile[F]
	pad        padded
	rows, cols int   // of the grid of places
	strips     int   // of nr output channels
	packed     [][]F // weights of each gather: strip, run, tap, channel, nr of the strip's kernel
	biases     []F   // padded to whole strips
	// A chunk is some lines of one sample or, where all fit, some whole samples; across says that
	// a tile has rows of mr samples.
	width, samples, lines int
	across                bool
	tables                map[[2]int][]table // of each gather, by samples and lines
}

// run cuts the work into groups of samples; where they are few, the strips of
// output channels are shared out too, over inputs laid out beforehand.
func (c convolution[F]) run() {
	check("convolution output", len(c.y), c.yd.Len())
	check("convolution input", len(c.x), c.xd.Len())
	c.e = engineOf[F]()
	c.kernel = c.e.rowsFor(c.yd.C)
	step := c.gathers[0].outStep
	c.rows, c.cols = blocks(c.yd.H, step), blocks(c.yd.W, step)
	c.pad = paddedFor(c.gathers, c.rows, c.cols, c.xd.C)
	c.strips = blocks(c.yd.C, c.kernel.nr)
	defer c.pack()()

	group := min(c.xd.N, blocks(groupPlaces, c.yd.H*c.yd.W))
	if blocks(c.xd.N, group)*c.strips < leastBlocks { // few places and few channels: smaller groups
		group = 1
		if c.strips > 1 {
			group = max(1, 2*c.xd.N*c.strips/leastBlocks)
		}
		whole := c.kernel.mr / common(c.kernel.mr, c.rows*c.cols) // samples that fill whole tiles
		group = min(c.xd.N, blocks(group, whole)*whole)
	}
	if c.across = c.acrossSamples(); c.across {
		group = min(c.xd.N, c.kernel.mr)
	}
	groups := blocks(c.xd.N, group)
	split := min(c.strips, blocks(leastBlocks, groups))
	wide := blocks(c.strips, split)
	c.layOut(group, wide)
	if split == 1 {
		parallel.Blocks(c.xd.N, group, func(_, lo, hi int) {
			in, give := borrow[F]((hi - lo) * c.pad.len())
			defer give()
			c.fill(in, lo, hi)
			c.group(in, lo, hi, 0, c.strips)
		})
		return
	}
	in, give := borrow[F](c.xd.N * c.pad.len())
	defer give()
	parallel.For(c.xd.N, func(n int) { c.fill(in[n*c.pad.len():], n, n+1) })
	parallel.For(groups*split, func(u int) {
		lo, s := u/split*group, u%split*wide
		if s < c.strips {
			c.group(in[lo*c.pad.len():], lo, min(c.xd.N, lo+group), s, min(c.strips, s+wide))
		}
	})
}

// kernelOf is the row tile of a strip: the last may have few channels left.
func (c *convolution[F]) kernelOf(s int) rowTile[F] { return c.e.rowsHolding(c.yd.C - s*c.kernel.nr) }

// fill lays out samples lo..hi.
func (c *convolution[F]) fill(in []F, lo, hi int) {
	size := c.xd.C * c.xd.H * c.xd.W
	for n := lo; n < hi; n++ {
		fillPadded(c.e, c.pad, in[(n-lo)*c.pad.len():], c.x[n*size:(n+1)*size], c.xd.H, c.xd.W)
	}
}

// layOut sets the size of chunks of groups of samples and of `wide` strips, and
// makes the tables of every size that occurs.
func (c *convolution[F]) layOut(group, wide int) {
	c.width = wide * c.kernel.nr
	step := c.gathers[0].outStep
	c.lines = max(1, chunkValues/(c.width*c.cols*step*step))
	c.samples = max(1, min(group, c.lines/c.rows))
	c.lines = min(c.lines, c.rows)
	if c.across {
		c.samples, c.lines = group, c.rows
	}
	c.tables = map[[2]int][]table{}
	for lo := 0; lo < c.xd.N; lo += group {
		hi := min(c.xd.N, lo+group)
		for n := lo; n < hi; n += c.samples {
			for line := 0; line < c.rows; line += c.lines {
				size := [2]int{min(c.samples, hi-n), min(c.lines, c.rows-line)}
				for i := len(c.tables[size]); i < len(c.gathers); i++ {
					c.tables[size] = append(c.tables[size], c.table(c.gathers[i], size[0], size[1]))
				}
			}
		}
	}
}

// group computes strips s0..s1 of samples lo..hi, whose inputs are in.
func (c *convolution[F]) group(in []F, lo, hi, s0, s1 int) {
	step := c.gathers[0].outStep
	out, give := borrow[F]((c.samples*c.lines*c.cols*step*step + 1) * c.width)
	defer give()
	for n := lo; n < hi; n += c.samples {
		for line := 0; line < c.rows; line += c.lines {
			samples, lines := min(c.samples, hi-n), min(c.lines, c.rows-line)
			chunk := in[(n-lo)*c.pad.len()+line*c.gathers[0].step*c.pad.wide*c.pad.channels:]
			c.compute(out, chunk, c.tables[[2]int{samples, lines}], s0, s1)
			for i := range samples {
				c.store(out[i*c.rows*c.cols*step*step*c.width:], n+i, line, lines, s0, s1)
			}
		}
	}
}

// compute fills out, channels last, with a chunk of strips s0..s1.
func (c *convolution[F]) compute(out, in []F, tables []table, s0, s1 int) {
	mr, nr := c.kernel.mr, c.kernel.nr
	if c.bias != nil {
		for i := 0; i+c.width <= len(out); i += c.width {
			copy(out[i:], c.biases[s0*nr:s1*nr])
		}
	}
	for i, ga := range c.gathers {
		t, k := tables[i], ga.taps*c.xd.C
		atOnce := max(1, weightValues/max(1, k*nr)) // runs
		for s := s0; s < s1; s++ {
			b, kernel := c.packed[i][s*len(ga.runs)*k*nr:], c.kernelOf(s)
			for r := 0; r == 0 || r < len(ga.runs); r += atOnce {
				for tile, span := range t.spans {
					first, runs := span.runs(r, r+atOnce) // none sets zeros, or adds none
					own := span.taps * c.xd.C
					kernel.run(runs, own, (k-own)*kernel.nr, in, t.at[(tile*len(ga.runs)+first)*mr:], b[(first*k+span.from*c.xd.C)*kernel.nr:],
						out[(s-s0)*nr:], t.to[tile*mr:(tile+1)*mr], r > 0 || c.bias != nil)
				}
			}
		}
	}
}

// store lays out some lines of one sample, from strip s0 on, as channels of y.
func (c *convolution[F]) store(out []F, n, line, lines, s0, s1 int) {
	step := c.gathers[0].outStep
	first, area := s0*c.kernel.nr, c.yd.H*c.yd.W
	channels := min(s1*c.kernel.nr, c.yd.C) - first
	row, rows := line*step, min(lines*step, c.yd.H-line*step)
	y := c.y[(n*c.yd.C+first)*area+row*c.yd.W:]
	if c.cols*step == c.yd.W {
		c.e.transpose(y, area, out, c.width, rows*c.yd.W, channels)
		return
	}
	for r := range rows {
		c.e.transpose(y[r*c.yd.W:], area, out[r*c.cols*step*c.width:], c.width, c.yd.W, channels)
	}
}

// pack packs weights and biases and returns what gives the buffers back.
func (c *convolution[F]) pack() (give func()) {
	nr, channels := c.kernel.nr, c.xd.C
	var gives []func()
	for _, ga := range c.gathers {
		size := len(ga.runs) * ga.taps * channels * nr
		packed, give := borrow[F](c.strips * size)
		const part = 64 // channels: few strips are packed by several workers
		parts := blocks(channels, part)
		parallel.For(c.strips*parts, func(u int) {
			s, lo := u/parts, u%parts*part
			c.packStrip(ga, packed[s*size:(s+1)*size], s, lo, min(channels, lo+part))
		})
		c.packed, gives = append(c.packed, packed), append(gives, give)
	}
	c.biases = widened(c.bias, c.strips*nr)
	return func() {
		for _, give := range gives {
			give()
		}
	}
}

// packStrip packs the weights of a strip of output channels and input channels lo..hi:
// run, tap, channel, nr of the strip's kernel.
func (c *convolution[F]) packStrip(ga gather, dst []F, s, lo, hi int) {
	nr, channels := c.kernelOf(s).nr, c.xd.C
	first := s * c.kernel.nr
	outs := min(nr, c.yd.C-first)
	kk := min(c.perIn, c.perOut)
	const together = 8 // channels turned at a time, so that copies are long
	turned, give := borrow[F](kk * together * nr)
	defer give()
	clear(turned)
	for in := lo; in < hi; in += together {
		count := min(together, hi-in)
		for i := range count {
			c.e.transpose(turned[i*nr:], together*nr, c.w[first*c.perOut+(in+i)*c.perIn:], c.perOut, outs, kk)
		}
		for r, reads := range ga.runs {
			for j, t := range reads.w {
				copy(dst[((r*ga.taps+j)*channels+in)*nr:][:count*nr], turned[t*together*nr:])
			}
		}
	}
}
