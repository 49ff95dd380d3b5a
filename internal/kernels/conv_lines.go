package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// A lineTile sums, for mr channels, over rows x k x channels places, the packed A, of which skip values are left out after each
// row, times lineLanes values of B, which start at b[row·br + tap·bt + channel·bc], and as many shift further. The sum, after
// which bias is added unless it is nil, goes to c[i·ldc] and, of those further, to c[i·ldc + cshift].
type lineTile[F Float] struct {
	mr  int
	run func(rows, k, channels int, a []F, skip int, b []F, br, bt, bc, shift int, bias, c []F, ldc, cshift int)
}

const lineLanes = 16

// fewInputs are channels of images. Of so few, places of a line fill vectors as they lie, and
// outputs too: channels as lanes would have to be turned both ways.
const fewInputs = 4

// alongLines says whether a convolution is computed by the lines of its outputs: of few channels, or to as many as leave
// lanes idle where these are the lanes.
func (c convolution[F]) alongLines() bool {
	if !c.byPlaces() || c.yd.W < lineLanes || !c.inOneSum() {
		return false
	}
	return c.xd.C <= fewInputs || c.fills(blocks(c.yd.W, lineLanes)*lineLanes, c.yd.W)
}

// runBest computes it with those lanes that leave fewest idle: the bits are the same.
func (c convolution[F]) runBest() {
	switch {
	case c.alongLines():
		c.runAlongLines()
	case c.alongSamples():
		c.runAlongSamples()
	default:
		c.run()
	}
}

// byPlaces says whether there are loops for lines, for as many channels, and one gather that reads place by place.
func (c convolution[F]) byPlaces() bool {
	ga, lines := c.gathers[0], engineOf[F]().lines
	return len(lines) > 0 && len(c.gathers) == 1 && ga.step == 1 && ga.outStep == 1 && len(ga.runs) > 0 && c.yd.C >= lines[0].mr
}

// inOneSum says whether run adds up all runs of a kernel before it adds them to anything.
func (c convolution[F]) inOneSum() bool {
	ga := c.gathers[0]
	return len(ga.runs)*ga.taps*c.xd.C*engineOf[F]().rowsFor(c.yd.C).nr <= weightValues
}

// fills says whether so many lanes for so many places leave fewer idle, by a tenth at least, than channels do as lanes.
func (c convolution[F]) fills(lanes, places int) bool {
	e := engineOf[F]()
	mr, nr := e.lineTileFor(c.yd.C).mr, e.wideRows().nr
	return 10*blocks(c.yd.C, mr)*mr*lanes <= 9*blocks(c.yd.C, nr)*nr*places
}

// lineTileFor is the tile that so many channels fill best, the last of them by channels that
// another has computed already.
func (e *engine[F]) lineTileFor(channels int) lineTile[F] {
	best := e.lines[0]
	for _, t := range e.lines {
		if t.mr <= channels && blocks(channels, t.mr)*t.mr <= blocks(channels, best.mr)*best.mr {
			best = t
		}
	}
	return best
}

// runAlongLines sums in the order of run, so that it gives the same bits.
func (c convolution[F]) runAlongLines() {
	check("convolution output", len(c.y), c.yd.Len())
	check("convolution input", len(c.x), c.xd.Len())
	e, ga := engineOf[F](), c.gathers[0]
	t := e.lineTileFor(c.yd.C)
	pad := paddedFor(c.gathers, c.yd.H, c.yd.W, 1)
	in, give := c.linedUp(e, pad)
	defer give()
	groups, size, packed, givePacked := c.packedLines(t.mr)
	defer givePacked()
	from, to := c.segments(pad)
	area, plane := c.yd.H*c.yd.W, pad.len()
	parallel.For(c.yd.N*groups, func(u int) {
		n, g := u/groups, u%groups
		first := min(g*t.mr, c.yd.C-t.mr)
		x, y := in[n*c.xd.C*plane:], c.y[(n*c.yd.C+first)*area:(n*c.yd.C+first+t.mr)*area]
		var bias []F
		if c.bias != nil {
			bias = c.bias[first:]
		}
		for i := 0; i < len(from); i += 2 {
			k := min(i+1, len(from)-1)
			t.run(len(ga.runs), ga.taps, c.xd.C, packed[g*size:], 0, x[from[i]:], ga.down()*pad.wide, 1, plane, from[k]-from[i], bias, y[to[i]:], area, to[k]-to[i])
		}
	})
}

// linedUp are the planes of the input with what lies around them.
func (c convolution[F]) linedUp(e *engine[F], pad padded) (in []F, give func()) {
	area, plane := c.xd.H*c.xd.W, pad.len()
	if pad.top == 0 && pad.left == 0 && pad.high == c.xd.H && pad.wide == c.xd.W {
		return c.x, func() {}
	}
	in, give = borrow[F](c.xd.N * c.xd.C * plane)
	planes(len(c.x), area, func(lo, hi int) {
		for p := lo / area; p < hi/area; p++ {
			fillPadded(e, pad, in[p*plane:(p+1)*plane], c.x[p*area:(p+1)*area], c.xd.H, c.xd.W)
		}
	})
	return in, give
}

// down is how far the rows of the image that two runs of the kernel in turn read are apart.
func (ga gather) down() int {
	if len(ga.runs) < 2 {
		return 1
	}
	return ga.runs[1].dy - ga.runs[0].dy
}

// packedLines are the weights of groups of mr output channels, of so many values each.
func (c convolution[F]) packedLines(mr int) (groups, size int, packed []F, give func()) {
	ga := c.gathers[0]
	groups, size = blocks(c.yd.C, mr), len(ga.runs)*ga.taps*c.xd.C*mr
	packed, give = borrow[F](groups * size)
	parallel.For(groups, func(g int) { c.packLines(packed[g*size:(g+1)*size], min(g*mr, c.yd.C-mr), mr) })
	return groups, size, packed, give
}

// packLines packs the weights of mr output channels from the given one: run, tap, channel, mr.
func (c convolution[F]) packLines(dst []F, first, mr int) {
	for _, r := range c.gathers[0].runs {
		for _, t := range r.w {
			for in := range c.xd.C {
				for i := range mr {
					dst[i] = c.w[(first+i)*c.perOut+in*c.perIn+t]
				}
				dst = dst[mr:]
			}
		}
	}
}

// segments are where runs of lineLanes places of an output plane begin, the last of a line at its end whether or
// not the one before reaches into it, and where what the first tap reads for them does.
func (c convolution[F]) segments(pad padded) (from, to []int) {
	r := c.gathers[0].runs[0]
	for y := range c.yd.H {
		for x := 0; x < c.yd.W; x += lineLanes {
			at := min(x, c.yd.W-lineLanes)
			from, to = append(from, pad.at(y+r.dy, at+r.dx)), append(to, y*c.yd.W+at)
		}
	}
	return from, to
}

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
