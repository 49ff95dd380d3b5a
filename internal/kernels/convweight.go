package kernels

import "github.com/venn-adapt/venn/internal/parallel"

const (
	partValues  = 1 << 22 // of partial weight gradients held at once, about
	partPlaces  = 1024    // that a part sums over, at least: fewer are not worth sums of their own
	chunkPlaces = 256     // summed in registers before they reach memory
)

// ConvolveWeight sets dw (out x in x k x k) to the gradient of Convolve by its
// weight, from the output's gradient dy and the input x. With the roles of x and
// dy exchanged it is the gradient of ConvolveTransposed by its weight.
//
// The sum over samples is cut into parts by shape alone, folded in order.
func ConvolveWeight[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	check("weight gradient", len(dw), yd.C*xd.C*g.Kernel*g.Kernel)
	check("output gradient", len(dy), yd.Len())
	check("convolution input", len(x), xd.Len())
	if g.single(xd, yd) {
		weightSingle(g, dw, dy, yd, x, xd)
		return
	}
	if g.tiled(xd, yd) {
		weightTiled(g, dw, dy, yd, x, xd)
		return
	}
	if g.winograd(xd.N, xd.C, yd.C, yd.H, yd.W) {
		newFastWeight(g, dw, dy, yd, x, xd).run()
		return
	}
	if g.Stride == 1 && g.Kernel >= wideKernel && 2*g.Padding == g.Kernel-1 && yd.C <= fewChannels && xd.C > 2*yd.C {
		convolveFewWeight(g, dw, dy, yd, x, xd)
		return
	}
	e := engineOf[F]()
	tiles := e.tilesFor(g.Kernel * xd.C)
	wide := tiles[len(tiles)-1]
	c := weightGradient[F]{Conv: g, dw: dw, dy: dy, x: x, yd: yd, xd: xd, e: e, tiles: tiles, mr: wide.mr, nr: wide.nr,
		pad: paddedFor(g.forward(), yd.H, yd.W, xd.C), strips: blocks(yd.C, wide.nr), panels: blocks(g.Kernel*xd.C, wide.mr)}
	c.width = c.strips * wide.nr
	c.run()
}

// tilesFor are the tiles for so many rows: those of fewer where they leave a fifth less idle.
func (e *engine[F]) tilesFor(rows int) []tile[F] {
	if len(e.few) > 0 {
		mr, few := e.wideTile().mr, e.few[0].mr
		if 5*blocks(rows, few)*few <= 4*blocks(rows, mr)*mr {
			return e.few
		}
	}
	return e.tiles
}

// weightGradient sums, for every row of a kernel, products of the values that row
// reads at a place (its taps times the input channels, in panels of mr) with the
// place's output gradients (in strips of nr): sums is kernel row, panel, mr, width.
type weightGradient[F Float] struct {
	Conv
	dw, dy, x []F
	yd, xd    Dims
	e         *engine[F]
	tiles     []tile[F]
	mr, nr    int // of the widest of them
	pad       padded
	panels    int // of one kernel row
	strips    int
	width     int // output channels, padded to whole strips
}

func (c *weightGradient[F]) run() {
	all := c.Kernel * c.panels
	size := all * c.mr * c.width
	parts := max(1, min(partValues/size, leastBlocks, c.yd.N*c.places()/partPlaces))
	each := blocks(c.yd.N, parts)
	parts = blocks(c.yd.N, each)
	split := min(all, blocks(leastBlocks, parts))
	sums, give := borrow[F](parts * size)
	defer give()
	if split == 1 {
		parallel.Blocks(c.yd.N, each, func(part, lo, hi int) { c.part(sums[part*size:], lo, hi) })
	} else {
		in, giveIn := borrow[F](c.yd.N * c.pad.len())
		defer giveIn()
		out, giveOut := borrow[F](c.yd.N * c.places() * c.width)
		defer giveOut()
		parallel.For(c.yd.N, func(n int) { c.fill(in[n*c.pad.len():], out[n*c.places()*c.width:], n) })
		deep := blocks(all, split)
		parallel.For(parts*split, func(u int) {
			lo, p := u/split*each, u%split*deep
			hi := min(c.yd.N, lo+each)
			c.add(sums[u/split*size:], in[lo*c.pad.len():], out[lo*c.places()*c.width:], hi-lo, p, min(all, p+deep), false)
		})
	}
	c.finish(sums, parts, size)
}

func (c *weightGradient[F]) places() int { return c.yd.H * c.yd.W }

// part sums over samples lo..hi, laid out as they are needed.
func (c *weightGradient[F]) part(sums []F, lo, hi int) {
	group := min(hi-lo, blocks(chunkPlaces, c.places()))
	in, giveIn := borrow[F](group * c.pad.len())
	defer giveIn()
	out, giveOut := borrow[F](group * c.places() * c.width)
	defer giveOut()
	for n := lo; n < hi; n += group {
		count := min(group, hi-n)
		for i := range count {
			c.fill(in[i*c.pad.len():], out[i*c.places()*c.width:], n+i)
		}
		c.add(sums, in, out, count, 0, c.Kernel*c.panels, n > lo)
	}
}

// fill lays out sample n: its input padded and its output gradient, channels last. What a broken strip has beyond
// them is of sums that are not used.
func (c *weightGradient[F]) fill(in, out []F, n int) {
	size := c.xd.C * c.xd.H * c.xd.W
	fillPadded(c.e, c.pad, in, c.x[n*size:(n+1)*size], c.xd.H, c.xd.W)
	c.e.transpose(out, c.width, c.dy[n*c.yd.C*c.places():], c.places(), c.yd.C, c.places())
}

// add sums panels p0..p1 over count samples; more says that sums holds a part
// already.
func (c *weightGradient[F]) add(sums, in, out []F, count, p0, p1 int, more bool) {
	lines, samples := c.yd.H, max(1, chunkPlaces/c.places())
	if c.places() > chunkPlaces {
		lines = max(1, chunkPlaces/c.yd.W)
	}
	for n := 0; n < count; n += samples {
		for line := 0; line < c.yd.H; line += lines {
			for p := p0; p < p1; p++ {
				c.panel(sums, in[n*c.pad.len():], out[n*c.places()*c.width:], min(samples, count-n), line, min(lines, c.yd.H-line), p, more || n+line > 0)
			}
		}
	}
}

// panel sums one panel over some lines of some samples.
func (c *weightGradient[F]) panel(sums, in, out []F, samples, line, lines, p int, add bool) {
	mr, nr, step := c.mr, c.nr, c.Stride*c.pad.channels
	row, first := p/c.panels, p%c.panels*mr
	a := in[c.pad.at(line*c.Stride+row-c.Padding, -c.Padding)+first:]
	b := out[line*c.yd.W*c.width:]
	for s := range c.strips {
		holding(c.tiles, c.yd.C-s*nr).run(samples, lines, c.yd.W, a, c.pad.len(), step*c.pad.wide, step, b[s*nr:], c.width, sums[p*mr*c.width+s*nr:], c.width, add)
	}
}

// finish folds the parts into the first and lays it out as weights.
func (c *weightGradient[F]) finish(sums []F, parts, size int) {
	fold(c.e, sums, parts, size)
	channels, kk := c.xd.C, c.Kernel*c.Kernel
	parallel.Blocks(channels, 16, func(_, lo, hi int) {
		taps, give := borrow[F](kk * c.width) // of one input channel, together
		defer give()
		for in := lo; in < hi; in++ {
			for t := range kk {
				row, col := t/c.Kernel, t%c.Kernel
				copy(taps[t*c.width:(t+1)*c.width], sums[(row*c.panels*c.mr+col*channels+in)*c.width:])
			}
			c.e.transpose(c.dw[in*kk:], channels*kk, taps, c.width, kk, c.yd.C)
		}
	})
}

// fold adds the parts of sums, of size values each, to the first, in order.
func fold[F Float](e *engine[F], sums []F, parts, size int) {
	const block = 4096
	if parts == 1 {
		return
	}
	parallel.Blocks(size, block, func(_, lo, hi int) {
		for p := 1; p < parts; p++ {
			e.axpy(sums[lo:hi], 1, sums[p*size+lo:p*size+hi])
		}
	})
}

// fewChannels of an output leave most of a strip idle, unless the roles are exchanged; kernels
// have to be wide for this to be worth it.
const fewChannels, wideKernel = 4, 6

// convolveFewWeight is ConvolveWeight of a convolution of stride 1 that keeps the image's size:
// dw[o, c, a, b] = Σ_u x[c, u]·dy[o, u − (a, b)], u over the padded image, is the gradient by the
// weight of a convolution of dy to the channels of x, turned by half a turn.
func convolveFewWeight[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	wide := Dims{xd.N, xd.C, xd.H + 2*g.Padding, xd.W + 2*g.Padding}
	around, give := borrow[F](wide.Len())
	defer give()
	around = around[:wide.Len()]
	area, whole := xd.H*xd.W, wide.H*wide.W
	p := padded{high: wide.H, wide: wide.W, channels: 1, top: g.Padding, left: g.Padding, reflect: g.Reflect, nearest: g.nearest}
	e := engineOf[F]()
	planes(len(x), area, func(lo, hi int) {
		for at := lo; at < hi; at += area {
			fillPadded(e, p, around[at/area*whole:(at/area+1)*whole], x[at:at+area], xd.H, xd.W)
		}
	})
	turned, giveTurned := borrow[F](len(dw))
	defer giveTurned()
	turned = turned[:len(dw)]
	ConvolveWeight(Conv{Kernel: g.Kernel, Stride: 1, Padding: g.Kernel - 1}, turned, around, wide, dy, yd)
	kk := g.Kernel * g.Kernel
	for o := range yd.C {
		for c := range xd.C {
			to, from := dw[(o*xd.C+c)*kk:(o*xd.C+c+1)*kk], turned[(c*yd.C+o)*kk:(c*yd.C+o+1)*kk]
			for t := range to {
				to[t] = from[kk-1-t]
			}
		}
	}
}
