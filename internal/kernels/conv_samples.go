package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// sampleLanes are the samples whose same places fill two registers.
const sampleLanes = 2 * lineLanes

// alongSamples says whether a convolution is computed for several samples at a time, place by place: small images, to as
// many channels as leave lanes idle where these are the lanes. No tap is taken that meets zeros alone.
func (c convolution[F]) alongSamples() bool {
	return c.byPlaces() && c.yd.W < lineLanes && c.xd.N >= sampleLanes && !c.gathers[0].reflect && c.inOneSum() &&
		c.fills(blocks(c.xd.N, sampleLanes)*sampleLanes, c.xd.N) && c.readingsOf(1) != nil
}

// A reading is what an output place reads: rows of a kernel with so many taps each, from offsets in the
// weights and in the image, and what is left out of the weights after each row.
type reading struct{ a, b, rows, taps, skip int }

// A sampled is a convolution along samples at work: blocks of lineLanes samples, the values of each place side by side.
type sampled[F Float] struct {
	convolution[F]
	e            *engine[F]
	tile         lineTile[F]
	groups, size int // of output channels, and weights of one
	packed       []F
	readings     []reading
	blocks       int
	from, to     int // values of a sample
}

// runAlongSamples sums in the order of run, so that it gives the same bits. Pairs of blocks go through
// caches whole where there are enough of them for all threads.
func (c convolution[F]) runAlongSamples() {
	check("convolution output", len(c.y), c.yd.Len())
	check("convolution input", len(c.x), c.xd.Len())
	s := sampled[F]{convolution: c, e: engineOf[F](), blocks: blocks(c.xd.N, lineLanes), from: c.xd.C * c.xd.H * c.xd.W, to: c.yd.C * c.yd.H * c.yd.W}
	s.tile = s.e.lineTileFor(c.yd.C)
	var givePacked func()
	s.groups, s.size, s.packed, givePacked = c.packedLines(s.tile.mr)
	defer givePacked()
	s.readings = c.readingsOf(s.tile.mr)
	pairs := blocks(s.blocks, 2)
	if pairs >= parallel.Threads() {
		parallel.For(pairs, func(pair int) {
			in, give := borrow[F](sampleLanes * s.from)
			defer give()
			out, giveOut := borrow[F](sampleLanes * s.to)
			defer giveOut()
			n := min(2, s.blocks-2*pair)
			for i := range n {
				s.layOut(in[i*lineLanes*s.from:], 2*pair+i)
			}
			for g := range s.groups {
				s.multiply(out, in, n, g)
			}
			for i := range n {
				s.layBack(out[i*lineLanes*s.to:], 2*pair+i)
			}
		})
		return
	}
	in, give := borrow[F](s.blocks * lineLanes * s.from)
	defer give()
	out, giveOut := borrow[F](s.blocks * lineLanes * s.to)
	defer giveOut()
	parallel.For(s.blocks, func(i int) { s.layOut(in[i*lineLanes*s.from:], i) })
	parallel.For(pairs*s.groups, func(u int) {
		first := u / s.groups * 2
		s.multiply(out[first*lineLanes*s.to:], in[first*lineLanes*s.from:], min(2, s.blocks-first), u%s.groups)
	})
	parallel.For(s.blocks, func(i int) { s.layBack(out[i*lineLanes*s.to:], i) })
}

// layOut turns the samples of a block, as many as there are: channel, place, sample.
func (s *sampled[F]) layOut(in []F, block int) {
	n := block * lineLanes
	s.e.transpose(in, lineLanes, s.x[n*s.from:], s.from, min(lineLanes, s.xd.N-n), s.from)
}

// layBack is the way back, of outputs.
func (s *sampled[F]) layBack(out []F, block int) {
	n := block * lineLanes
	s.e.transpose(s.y[n*s.to:], s.to, out, lineLanes, s.to, min(lineLanes, s.xd.N-n))
}

// multiply computes a group of output channels of one block or two.
func (s *sampled[F]) multiply(out, in []F, n, g int) {
	area, image := s.yd.H*s.yd.W, s.xd.H*s.xd.W
	first := min(g*s.tile.mr, s.yd.C-s.tile.mr)
	out = out[first*area*lineLanes:]
	var bias []F
	if s.bias != nil {
		bias = s.bias[first:]
	}
	further := (n - 1) * lineLanes // one block is computed twice
	for p, r := range s.readings {
		s.tile.run(r.rows, r.taps, s.xd.C, s.packed[g*s.size+r.a:], r.skip, in[r.b:], s.gathers[0].down()*s.xd.W*lineLanes, lineLanes, image*lineLanes, further*s.from,
			bias, out[p*lineLanes:], area*lineLanes, further*s.to)
	}
}

// readingsOf are what each output place reads, in order; nil where one reads nothing. Weights are packed in groups of mr channels.
func (c convolution[F]) readingsOf(mr int) (out []reading) {
	ga := c.gathers[0]
	tap := c.xd.C * mr // values of the packed weights
	for y := range c.yd.H {
		first, last := len(ga.runs), 0
		for i, r := range ga.runs {
			if at := y + r.dy; at >= 0 && at < c.xd.H {
				first, last = min(first, i), i+1
			}
		}
		for x := range c.yd.W {
			s := c.tapsWithin(ga, x)
			if first >= last || s.taps == 0 {
				return nil
			}
			r := ga.runs[first]
			out = append(out, reading{a: (first*ga.taps + s.from) * tap, b: ((y+r.dy)*c.xd.W + x + r.dx + s.from) * lineLanes,
				rows: last - first, taps: s.taps, skip: (ga.taps - s.taps) * tap})
		}
	}
	return out
}
