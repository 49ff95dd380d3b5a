package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// runMerged computes all phases of a transposed convolution with few output
// channels at once, as one convolution whose output channels are (phase, channel):
// the lanes of a vector that one phase would leave idle. Weights that a phase
// does not have are zero.
func (c convolution[F]) runMerged() {
	step, phases := c.gathers[0].outStep, len(c.gathers)
	top, left, bottom, right := reach(c.gathers)
	high, wide := top+bottom+1, left+right+1
	merged := gather{taps: wide, step: 1, outStep: 1}
	for i := range high {
		r := run{dy: i - top, dx: -left}
		for j := range wide {
			r.w = append(r.w, i*wide+j)
		}
		merged.runs = append(merged.runs, r)
	}
	outs := phases * c.yd.C
	m := convolution[F]{gathers: []gather{merged}, x: c.x, xd: c.xd, perOut: c.xd.C * high * wide, perIn: high * wide,
		yd: Dims{c.xd.N, outs, blocks(c.yd.H, step), blocks(c.yd.W, step)}, w: make([]F, outs*c.xd.C*high*wide)}
	for p, ga := range c.gathers {
		for o := range c.yd.C {
			if c.bias != nil {
				m.bias = append(m.bias, c.bias[o])
			}
			for in := range c.xd.C {
				for _, r := range ga.runs {
					for j, t := range r.w {
						m.w[(p*c.yd.C+o)*m.perOut+in*m.perIn+(r.dy+top)*wide+r.dx+j+left] = c.w[o*c.perOut+in*c.perIn+t]
					}
				}
			}
		}
	}
	y, give := borrow[F](m.yd.Len())
	defer give()
	m.y = y[:m.yd.Len()]
	m.runBest()
	parallel.For(c.yd.N*c.yd.C, func(plane int) {
		n, o := plane/c.yd.C, plane%c.yd.C
		for p, ga := range c.gathers {
			src := m.y[(n*outs+p*c.yd.C+o)*m.yd.H*m.yd.W:]
			for i := 0; i*step+ga.outY < c.yd.H; i++ {
				line := c.y[plane*c.yd.H*c.yd.W+(i*step+ga.outY)*c.yd.W:][:c.yd.W]
				for j, x := 0, ga.outX; x < len(line); j, x = j+1, x+step {
					line[x] = src[i*m.yd.W+j]
				}
			}
		}
	})
}

// spreads says whether a convolution of stride 1 has so few output channels that its taps of a
// row, as channels too, fill a strip better. Smaller kernels keep the order of sums that networks
// have been trained with.
func (c convolution[F]) spreads() bool {
	ga, nr := c.gathers[0], engineOf[F]().wideRows().nr
	return len(c.gathers) == 1 && ga.step == 1 && ga.outStep == 1 && ga.taps >= wideKernel && ga.taps*c.yd.C <= nr
}

// runSpread computes the sum of each tap of the rows of a kernel by itself, as one convolution
// whose output channels are (tap, channel) and whose kernel is one column, and adds up what
// stands side by side.
func (c convolution[F]) runSpread() {
	ga, high := c.gathers[0], len(c.gathers[0].runs)
	column := gather{taps: 1, step: 1, outStep: 1, reflect: ga.reflect}
	for i, r := range ga.runs {
		column.runs = append(column.runs, run{dy: r.dy, dx: r.dx, w: []int{i}})
	}
	outs := ga.taps * c.yd.C
	m := convolution[F]{gathers: []gather{column}, x: c.x, xd: c.xd, perOut: c.xd.C * high, perIn: high,
		yd: Dims{c.yd.N, outs, c.yd.H, c.yd.W + ga.taps - 1}, w: make([]F, outs*c.xd.C*high)}
	for j := range ga.taps {
		for o := range c.yd.C {
			for in := range c.xd.C {
				for i, r := range ga.runs {
					m.w[(j*c.yd.C+o)*m.perOut+in*high+i] = c.w[o*c.perOut+in*c.perIn+r.w[j]]
				}
			}
		}
	}
	y, give := borrow[F](m.yd.Len())
	defer give()
	m.y = y[:m.yd.Len()]
	m.runBest()
	e, area, wide := engineOf[F](), c.yd.H*c.yd.W, m.yd.W
	parallel.For(c.yd.N*c.yd.C, func(plane int) {
		n, o := plane/c.yd.C, plane%c.yd.C
		for i := range c.yd.H {
			line := c.y[plane*area+i*c.yd.W:][:c.yd.W]
			for j := range ga.taps {
				from := m.y[((n*outs+j*c.yd.C+o)*m.yd.H+i)*wide+j:][:c.yd.W]
				if j == 0 {
					copy(line, from)
				} else {
					e.axpy(line, 1, from)
				}
			}
			if c.bias != nil {
				for k := range line {
					line[k] += c.bias[o]
				}
			}
		}
	})
}

// common is the greatest common divisor.
func common(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}

// single says whether a convolution from in has one place of output whose window holds all of the
// input, within zeros: a product of matrices, in which no zero is multiplied.
func (g Conv) single(in, out Dims) bool {
	return !g.Reflect && out.H == 1 && out.W == 1 && in.H+g.Padding <= g.Kernel && in.W+g.Padding <= g.Kernel
}

// windowed is w without what meets zeros alone: as many kernels of in.H x in.W values.
func windowed[F Float](g Conv, w []F, in Dims) (out []F, give func()) {
	size := in.H * in.W
	kernels := len(w) / (g.Kernel * g.Kernel)
	out, give = borrow[F](kernels * size)
	out = out[:kernels*size]
	parallel.Blocks(kernels, kernelsAtOnce, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			for y := range in.H {
				copy(out[k*size+y*in.W:][:in.W], w[(k*g.Kernel+g.Padding+y)*g.Kernel+g.Padding:])
			}
		}
	})
	return out, give
}

// kernelsAtOnce are copied in one block of work.
const kernelsAtOnce = 2048

// convolveSingle is Convolve of a single place.
func convolveSingle[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	own, give := windowed(g, w, xd)
	defer give()
	n := xd.C * xd.H * xd.W
	Gemm(Dense(yd.N, yd.C, y), Dense(xd.N, n, x), Dense(yd.C, n, own).T(), false)
	if bias != nil {
		AddRows(y, bias)
	}
}

// transposeSingle is ConvolveTransposed of a single place.
func transposeSingle[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	own, give := windowed(g, w, yd)
	defer give()
	area := yd.H * yd.W
	n := yd.C * area
	Gemm(Dense(yd.N, n, y), Dense(xd.N, xd.C, x), Dense(xd.C, n, own), false)
	for i := range bias {
		for s := range yd.N {
			plane := y[(s*yd.C+i)*area:][:area]
			for k := range plane {
				plane[k] += bias[i]
			}
		}
	}
}

// weightSingle is ConvolveWeight of a single place.
func weightSingle[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	n := xd.C * xd.H * xd.W
	own, give := borrow[F](yd.C * n)
	defer give()
	Gemm(Dense(yd.C, n, own[:yd.C*n]), Dense(yd.N, yd.C, dy).T(), Dense(xd.N, n, x), false)
	size := xd.H * xd.W
	parallel.Blocks(yd.C*xd.C, kernelsAtOnce, func(_, lo, hi int) {
		clear(dw[lo*g.Kernel*g.Kernel : hi*g.Kernel*g.Kernel])
		for k := lo; k < hi; k++ {
			for r := range xd.H {
				copy(dw[(k*g.Kernel+g.Padding+r)*g.Kernel+g.Padding:], own[k*size+r*xd.W:][:xd.W])
			}
		}
	})
}

// A table says where the tiles of a chunk read and write: at holds tile, run, row; to
// holds tile, row.
type table struct {
	at, to []int32
	spans  []span // of each tile
}

// A span is what a tile needs of a gather: the runs from the first to one before the last,
// and of each so many taps from one on. All else meets the zeros around the images.
type span struct{ first, last, from, taps int }

// acrossSamples says whether the rows of a tile are of one place of some samples each, not of
// neighbouring places: then it needs no tap that meets only zeros. Small images are worth
// it where many of the taps of their lines do.
func (c *convolution[F]) acrossSamples() bool {
	read, all := 0, 0
	for _, ga := range c.gathers {
		for x := range c.cols {
			read += c.tapsWithin(ga, x).taps
		}
		all += c.cols * ga.taps
		if ga.reflect {
			return false
		}
	}
	filled := blocks(c.xd.N, c.kernel.mr) * c.kernel.mr
	return c.rows*c.cols <= groupPlaces && 4*read*filled <= 3*all*c.xd.N
}

// tapsWithin are the taps of a gather that read pixels of the image at column x of the grid.
func (c *convolution[F]) tapsWithin(ga gather, x int) span {
	if len(ga.runs) == 0 {
		return span{}
	}
	at := x*ga.step + ga.runs[0].dx // of all runs
	from, to := max(0, -at), min(ga.taps, c.xd.W-at)
	if from >= to {
		return span{}
	}
	return span{from: from, taps: to - from}
}

func (c *convolution[F]) table(ga gather, samples, lines int) table {
	mr := c.kernel.mr
	places := samples * lines * c.cols
	tiles := blocks(places, mr)
	if c.across {
		tiles = lines * c.cols
	}
	t := table{at: make([]int32, tiles*len(ga.runs)*mr+1), to: make([]int32, tiles*mr), spans: make([]span, tiles)}
	wide := c.cols * ga.outStep
	for i := range tiles * mr {
		tile, row := i/mr, i%mr
		p, spare := min(i, places-1), i >= places // rows past the last read the last and write to a spare place
		if c.across {
			p, spare = min(row, samples-1)*tiles+tile, row >= samples
		}
		x, line, n := p%c.cols, p/c.cols%lines, p/c.cols/lines
		s := &t.spans[tile]
		if s.taps = ga.taps; c.across {
			within := c.tapsWithin(ga, x)
			s.from, s.taps = within.from, within.taps
		}
		for r, reads := range ga.runs {
			y := line*ga.step + reads.dy
			t.at[(tile*len(ga.runs)+r)*mr+row] = int32(n*c.pad.len() + c.pad.at(y, x*ga.step+reads.dx+s.from))
			if lines < c.rows || ga.reflect || y >= 0 && y < c.xd.H { // part of a sample may begin at any line
				s.need(r)
			}
		}
		to := ((n*lines+line)*ga.outStep+ga.outY)*wide + x*ga.outStep + ga.outX
		if spare {
			to = places * ga.outStep * ga.outStep
		}
		t.to[i] = int32(to * c.width)
	}
	return t
}

// need says that a tile needs a run.
func (s *span) need(r int) {
	if s.last == 0 {
		s.first = r
	}
	s.first, s.last = min(s.first, r), max(s.last, r+1)
}

// runs are those of r0..r1 that a tile needs, if any.
func (s span) runs(r0, r1 int) (first, count int) {
	first = max(r0, s.first)
	if count = min(r1, s.last) - first; count <= 0 || s.taps == 0 {
		return 0, 0
	}
	return first, count
}
