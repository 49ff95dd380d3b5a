package kernels

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
