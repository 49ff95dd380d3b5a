package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// padded is a copy of a batch, zero-padded and split by phase, so that
// neighbouring places read neighbouring values at any step between reads: plane
// (py, px) of a channel holds at (i, j) the input at (i·step+py+top, j·step+px+left).
type padded[F Float] struct {
	step, top, left int
	high, wide      int // of a phase plane
	channel         int // values of one channel
	sample          int // values of one sample
	data            []F // N x C x step² x high x wide
	give            func()
}

// pad copies x with room for the reads of every gather; all have one step.
func pad[F Float](gathers []gather, x []F, xd Dims) padded[F] {
	var top, left, bottom, right, rows, cols int
	for _, ga := range gathers {
		rows, cols = max(rows, ga.rows), max(cols, ga.cols)
		for _, t := range ga.taps {
			top, left, bottom, right = min(top, t.dy), min(left, t.dx), max(bottom, t.dy), max(right, t.dx)
		}
	}
	s := gathers[0].step
	p := padded[F]{step: s, top: top, left: left, high: rows + (bottom-top)/s, wide: cols + (right-left)/s}
	p.channel = s * s * p.high * p.wide
	p.sample = xd.C * p.channel
	p.data, p.give = borrow[F](xd.N * p.sample)
	parallel.Blocks(xd.N*xd.C, planesPerBlock, func(_, lo, hi int) {
		for c := lo; c < hi; c++ {
			p.split(p.data[c*p.channel:(c+1)*p.channel], x[c*xd.H*xd.W:(c+1)*xd.H*xd.W], xd.H, xd.W)
		}
	})
	return p
}

// split fills the phase planes of one channel of h x w values.
func (p padded[F]) split(dst, src []F, h, w int) {
	s := p.step
	clear(dst)
	for py := range s {
		for px := range s {
			plane := dst[(py*s+px)*p.high*p.wide:][:p.high*p.wide]
			first := max(0, (s-1-px-p.left)/s) // first column inside the image
			for i := range p.high {
				y := i*s + py + p.top
				if y < 0 || y >= h {
					continue
				}
				row, line := src[y*w:(y+1)*w], plane[i*p.wide:(i+1)*p.wide]
				if s == 1 {
					copy(line[first:], row[first+p.left:])
					continue
				}
				for j, x := first, first*s+px+p.left; j < len(line) && x < len(row); j, x = j+1, x+s {
					line[j] = row[x]
				}
			}
		}
	}
}

// patches is the patch matrix of a batch under a gather: row in·taps+t of the
// column of a place is what tap t reads there in channel in. It is not stored;
// strips of it are packed from the padded batch.
type patches[F Float] struct {
	padded[F]
	ga     gather
	places int
	total  int   // columns
	rows   []int // offset of each row of the patch matrix from its place
}

func newPatches[F Float](ga gather, p padded[F], xd Dims) patches[F] {
	m := patches[F]{padded: p, ga: ga, places: ga.rows * ga.cols, total: xd.N * ga.rows * ga.cols}
	for c := range xd.C {
		for _, t := range ga.taps {
			y, x := t.dy-p.top, t.dx-p.left
			m.rows = append(m.rows, c*p.channel+(y%p.step*p.step+x%p.step)*p.high*p.wide+y/p.step*p.wide+x/p.step)
		}
	}
	return m
}

// pack packs columns col..col+nr, rows k0..k1, for a product.
func (p patches[F]) pack(dst []F, nr, col, k0, k1 int) {
	valid := min(nr, p.total-col)
	if valid < nr {
		clear(dst)
	}
	for j := 0; j < valid; {
		n, place := (col+j)/p.places, (col+j)%p.places
		row, x := place/p.ga.cols, place%p.ga.cols
		run := min(valid-j, p.ga.cols-x)
		packRun(dst[j:], nr, run, p.data[n*p.sample+row*p.wide+x:], p.rows[k0:k1])
		j += run
	}
}

// packRun copies run neighbouring values from each offset of src to every nr-th
// place of dst. The usual lengths are copied as arrays, which compile to a few
// vector moves.
func packRun[F Float](dst []F, nr, run int, src []F, offsets []int) {
	switch run {
	case 2:
		for i, o := range offsets {
			*(*[2]F)(dst[i*nr:]) = *(*[2]F)(src[o:])
		}
	case 4:
		for i, o := range offsets {
			*(*[4]F)(dst[i*nr:]) = *(*[4]F)(src[o:])
		}
	case 8:
		for i, o := range offsets {
			*(*[8]F)(dst[i*nr:]) = *(*[8]F)(src[o:])
		}
	case 16:
		for i, o := range offsets {
			*(*[16]F)(dst[i*nr:]) = *(*[16]F)(src[o:])
		}
	case 32:
		for i, o := range offsets {
			*(*[32]F)(dst[i*nr:]) = *(*[32]F)(src[o:])
		}
	default:
		for i, o := range offsets {
			copy(dst[i*nr:i*nr+run], src[o:])
		}
	}
}
