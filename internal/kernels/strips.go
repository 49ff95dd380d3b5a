package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// transposeReflected computes the gradient by the mirrored input and folds it; with padding 1,
// the gradient with padding of zeros and what the outermost lines add.
func transposeReflected[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w []F) {
	if g.Padding == 1 {
		ConvolveTransposed(Conv{Kernel: g.Kernel, Stride: g.Stride, Padding: 1}, y, yd, x, xd, w, nil)
		for _, s := range edgeStrips[F](g, yd, xd) {
			s.transpose(y, yd, x, xd, w)
		}
		return
	}
	whole := Dims{yd.N, yd.C, yd.H + 2*g.Padding, yd.W + 2*g.Padding}
	wide, give := borrow[F](whole.Len())
	defer give()
	wide = wide[:whole.Len()]
	ConvolveTransposed(Conv{Kernel: g.Kernel, Stride: g.Stride}, wide, whole, x, xd, w, nil)
	area, all := yd.H*yd.W, whole.H*whole.W
	planes(len(y), area, func(lo, hi int) {
		folded(y[lo:hi], wide[lo/area*all:hi/area*all], yd.H, yd.W, g.Padding)
	})
}

// A strip is the first or last line of an output, a row or a column: what its outermost tap reads
// there, beyond the image, is a line of the image, or the difference of two. What that adds is a
// convolution of a line.
type strip[F Float] struct {
	across       bool // a row; else a column
	last         bool
	taps         int // of a line of the kernel
	length, outs int // places of a line of the image, and of the output
	inner, edge  int // the line, and the one that is taken from it; -1: none
	// from is the place of a line that tap t reads for output place k; -1 for none.
	from func(k, t int) int
}

// edgeStrips are those of a convolution of padding 1 that is not of zeros, of an image to a grid
// of outputs, beside that with zeros. Rows are read with their padding; columns without, since
// the rows' share of the corners is already there.
func edgeStrips[F Float](g Conv, image, grid Dims) (out []strip[F]) {
	for _, across := range []bool{true, false} {
		lines, outs, length, side := grid.H, grid.W, image.W, image.H
		if !across {
			lines, outs, length, side = grid.W, grid.H, image.H, image.W
		}
		from := func(k, t int) int {
			switch u := k*g.Stride + t - 1; {
			case across && g.nearest:
				return min(max(u, 0), length-1)
			case across:
				return mirrorOf(u, length)
			case u < length:
				return u
			}
			return -1
		}
		first := strip[F]{across: across, taps: g.Kernel, length: length, outs: outs, inner: 1, edge: -1, from: from}
		last := first
		last.last, last.inner = true, side-2
		if g.nearest {
			first.inner, last.inner = 0, side-1
		}
		out = append(out, first)
		if (lines-1)*g.Stride+g.Kernel-2 == side { // the last tap reads beyond
			out = append(out, last)
		}
	}
	return out
}

// mirrorOf is the place of which place u of a line of n, or around it, is the mirror image.
func mirrorOf(u, n int) int { return max(u, -u) - 2*max(0, u-n+1) }

// transpose adds a strip's share of the gradient by the image, from that of the output, w out x
// in x taps x taps.
func (s strip[F]) transpose(dx []F, xd Dims, dy []F, yd Dims, w []F) {
	count := yd.N * s.outs * s.taps * xd.C
	a, giveA := borrow[F](count)
	defer giveA()
	rows, giveRows := borrow[F](yd.N * s.outs * yd.C)
	defer giveRows()
	out, lines := s.outputs(rows, yd), Dense(yd.N*s.outs, s.taps*xd.C, a[:count])
	s.read(out.Data, dy, yd)
	Gemm(lines, out, s.weights(w, yd.C, xd.C), false)
	s.scatter(dx, xd, lines.Data)
}

// place is the offset of place k of a line of a plane, and the distance to the next.
func (s strip[F]) place(plane, line int, d Dims) (at, step int) {
	if s.across {
		return plane*d.H*d.W + line*d.W, 1
	}
	return plane*d.H*d.W + line, d.W
}

// output is the line of the output.
func (s strip[F]) output(yd Dims) int {
	switch {
	case !s.last:
		return 0
	case s.across:
		return yd.H - 1
	}
	return yd.W - 1
}

// table is the place of a line that every tap reads for every output place.
func (s strip[F]) table() []int {
	at := make([]int, s.outs*s.taps)
	for i := range at {
		at[i] = s.from(i/s.taps, i%s.taps)
	}
	return at
}

// lines are the differences as each output place reads them: a row for every place of every
// sample, a column for every channel of every tap.
func (s strip[F]) lines(data, x []F, xd Dims) Matrix[F] {
	width, table := s.taps*xd.C, s.table()
	m := Dense(xd.N*s.outs, width, data[:xd.N*s.outs*width])
	parallel.For(xd.N, func(n int) {
		line, give := borrow[F](s.length * xd.C)
		defer give()
		for c := range xd.C {
			inner, step := s.place(n*xd.C+c, s.inner, xd)
			edge, _ := s.place(n*xd.C+c, s.edge, xd)
			for k := range s.length {
				line[k*xd.C+c] = x[inner+k*step] - x[edge+k*step]
			}
		}
		for i, at := range table {
			copy(m.Data[(n*s.outs*s.taps+i)*xd.C:][:xd.C], line[at*xd.C:])
		}
	})
	return m
}

// scatter adds gradients of lines to that of the image.
func (s strip[F]) scatter(dx []F, xd Dims, lines []F) {
	table, e := s.table(), engineOf[F]()
	parallel.For(xd.N, func(n int) {
		line, give := borrow[F](s.length * xd.C)
		defer give()
		line = line[:s.length*xd.C]
		clear(line)
		for i, at := range table {
			if at >= 0 {
				e.axpy(line[at*xd.C:(at+1)*xd.C], 1, lines[(n*s.outs*s.taps+i)*xd.C:][:xd.C])
			}
		}
		for c := range xd.C {
			inner, step := s.place(n*xd.C+c, s.inner, xd)
			for k := range s.length {
				dx[inner+k*step] += line[k*xd.C+c]
			}
			if s.edge < 0 {
				continue
			}
			edge, _ := s.place(n*xd.C+c, s.edge, xd)
			for k := range s.length {
				dx[edge+k*step] -= line[k*xd.C+c]
			}
		}
	})
}

// end is the place within a kernel of a strip's first tap, and the distance to the next.
func (s strip[F]) end() (first, step int) {
	first, step = 0, 1
	if !s.across {
		step = s.taps
	}
	if s.last {
		first = (s.taps - 1) * (s.taps + 1 - step)
	}
	return first, step
}

// weights are those that a strip takes: a row for every output channel, a column for every input
// channel of every tap.
func (s strip[F]) weights(w []F, outs, ins int) Matrix[F] {
	m, kk := Dense(outs, s.taps*ins, make([]F, outs*s.taps*ins)), s.taps*s.taps
	first, step := s.end()
	parallel.Blocks(outs, 16, func(_, lo, hi int) {
		for o := lo; o < hi; o++ {
			to := m.Data[o*s.taps*ins:][:s.taps*ins]
			for c := range ins {
				from := w[(o*ins+c)*kk:][:kk]
				for t := range s.taps {
					to[t*ins+c] = from[first+t*step]
				}
			}
		}
	})
	return m
}

// addWeights adds a strip's share of the gradient by the weights, laid out as weights does.
func (s strip[F]) addWeights(dw, sums []F, outs, ins int) {
	kk := s.taps * s.taps
	first, step := s.end()
	parallel.Blocks(outs, 16, func(_, lo, hi int) {
		for o := lo; o < hi; o++ {
			from := sums[o*s.taps*ins:][:s.taps*ins]
			for c := range ins {
				to := dw[(o*ins+c)*kk:][:kk]
				for t := range s.taps {
					to[first+t*step] += from[t*ins+c]
				}
			}
		}
	})
}

// outputs are the places of a strip of every sample, by output channels.
func (s strip[F]) outputs(data []F, yd Dims) Matrix[F] {
	return Dense(yd.N*s.outs, yd.C, data[:yd.N*s.outs*yd.C])
}

// read fills rows with the places of a strip.
func (s strip[F]) read(rows, dy []F, yd Dims) {
	parallel.For(yd.N, func(n int) {
		for o := range yd.C {
			at, step := s.place(n*yd.C+o, s.output(yd), yd)
			for k := range s.outs {
				rows[(n*s.outs+k)*yd.C+o] = dy[at+k*step]
			}
		}
	})
}

// add adds rows to the places of a strip.
func (s strip[F]) add(y []F, yd Dims, rows []F) {
	parallel.For(yd.N, func(n int) {
		for o := range yd.C {
			at, step := s.place(n*yd.C+o, s.output(yd), yd)
			for k := range s.outs {
				y[at+k*step] += rows[(n*s.outs+k)*yd.C+o]
			}
		}
	})
}
