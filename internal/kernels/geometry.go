package kernels

// A Conv is the geometry of a square convolution over images: kernel size, stride and
// padding in pixels. The padding is of zeros or, reflected, of the image mirrored at its
// first and last row and column, which it then has to be smaller than.
type Conv struct {
	Kernel, Stride, Padding int
	Reflect                 bool
	nearest                 bool // with Reflect: what lies outside is the nearest place, not the mirrored one
	// Extra rows and columns at the end of a transposed convolution's output.
	Extra int
	// Tiles says that sums may be computed with fewer products that round some ten times as much
	// (tiled.go), where there is a form for them.
	Tiles bool
}

// Out is the side of the output of a convolution over a side of h pixels:
// floor((h + 2·padding − kernel)/stride) + 1.
func (g Conv) Out(h int) int { return (h+2*g.Padding-g.Kernel)/g.Stride + 1 }

// In is the side of the output of the transposed convolution over a side of h
// pixels: (h−1)·stride − 2·padding + kernel + extra.
func (g Conv) In(h int) int { return (h-1)*g.Stride - 2*g.Padding + g.Kernel + g.Extra }

// taps are those of a line of the kernel of each parity of pixels, at most.
func (g Conv) taps() int { return blocks(g.Kernel, g.Stride) }

// Dims is the shape of a batch of images: samples, channels, height, width.
type Dims struct{ N, C, H, W int }

// Len is the number of elements.
func (d Dims) Len() int { return d.N * d.C * d.H * d.W }

// A gather is a convolution written as reads: for the output place (y, x) of a
// grid, run r of them starts at input place (y·step+dy, x·step+dx) and takes
// `taps` neighbouring pixels. The grid's places are every outStep-th pixel of the
// output from (outY, outX).
type gather struct {
	runs       []run
	taps       int
	step       int
	outStep    int
	outY, outX int
	reflect    bool // what lies outside the image
	nearest    bool
}

// A run is one row of a kernel: where it reads, and the offset within a kernel of
// the weight of each tap, −1 for none.
type run struct {
	dy, dx int
	w      []int
}

// forward is the convolution as one gather.
func (g Conv) forward() []gather {
	ga := gather{taps: g.Kernel, step: g.Stride, outStep: 1, reflect: g.Reflect, nearest: g.nearest}
	for i := range g.Kernel {
		r := run{dy: i - g.Padding, dx: -g.Padding}
		for j := range g.Kernel {
			r.w = append(r.w, i*g.Kernel+j)
		}
		ga.runs = append(ga.runs, r)
	}
	return []gather{ga}
}

// transposed is the transposed convolution: each of the stride² phases of the
// output is a dense convolution of its own, so nothing is multiplied by an
// inserted zero.
func (g Conv) transposed() []gather {
	var out []gather
	for py := range g.Stride {
		for px := range g.Stride {
			ga := gather{step: 1, outStep: g.Stride, outY: py, outX: px}
			for i := (py + g.Padding) % g.Stride; i < g.Kernel; i += g.Stride {
				r := run{dy: (py + g.Padding - i) / g.Stride}
				for j := (px + g.Padding) % g.Stride; j < g.Kernel; j += g.Stride {
					r.dx = (px + g.Padding - j) / g.Stride // falls as j rises
					r.w = append([]int{i*g.Kernel + j}, r.w...)
				}
				ga.taps = len(r.w)
				if ga.taps > 0 {
					ga.runs = append(ga.runs, r)
				}
			}
			out = append(out, ga)
		}
	}
	return out
}

// reach is how far outside the grid's own places the gathers read, as pixels before
// and after.
func reach(gathers []gather) (top, left, bottom, right int) {
	for _, ga := range gathers {
		for _, r := range ga.runs {
			top, left = min(top, r.dy), min(left, r.dx)
			bottom, right = max(bottom, r.dy), max(right, r.dx+ga.taps-1)
		}
	}
	return -top, -left, bottom, right
}

// A padded is how a sample lies in scratch for a convolution: high x wide x
// channels, channels last, with zeros or the mirrored image around, so that neighbouring
// taps of a row of a kernel are one run of memory.
type padded struct {
	high, wide, channels int
	top, left            int // places before the image
	reflect, nearest     bool
}

// paddedFor has room for every read of the gathers over a grid of rows x cols places.
func paddedFor(gathers []gather, rows, cols, channels int) padded {
	top, left, bottom, right := reach(gathers)
	step := gathers[0].step
	p := padded{high: top + (rows-1)*step + bottom + 1, wide: left + (cols-1)*step + right + 1, channels: channels, top: top, left: left, reflect: gathers[0].reflect, nearest: gathers[0].nearest}
	if p.reflect { // what is mirrored has to be there, read or not
		p.high, p.wide = max(p.high, 2*top+1), max(p.wide, 2*left+1)
	}
	return p
}

// len is the number of elements of a sample.
func (p padded) len() int { return p.high * p.wide * p.channels }

// at is the offset of input place (y, x).
func (p padded) at(y, x int) int { return ((y+p.top)*p.wide + x + p.left) * p.channels }

// fillPadded copies one sample x (C x h x w) to dst; rows and columns that no read
// reaches are left out.
func fillPadded[F Float](e *engine[F], p padded, dst, x []F, h, w int) {
	c := p.channels
	rows, cols := min(h, p.high-p.top), min(w, p.wide-p.left)
	if p.left == 0 && p.wide == w && c > 1 && !p.reflect { // nothing beside the lines
		clear(dst[:p.top*p.wide*c])
		e.transpose(dst[p.top*p.wide*c:], c, x, h*w, c, rows*w)
		clear(dst[(p.top+rows)*p.wide*c : p.len()])
		return
	}
	whole := w%16 != 0 && c > 1 // narrow rows are turned together, then laid out
	var tight []F
	if whole {
		buffer, give := borrow[F](h * w * c)
		defer give()
		tight = buffer
		e.transpose(tight, c, x, h*w, c, h*w)
	}
	clear(dst[:p.top*p.wide*c])
	clear(dst[(p.top+rows)*p.wide*c : p.len()])
	for y := range rows {
		line := dst[(p.top+y)*p.wide*c:][:p.wide*c]
		clear(line[:p.left*c])
		clear(line[(p.left+cols)*c:])
		if c == 1 {
			copy(line[p.left:p.left+cols], x[y*w:])
		} else if whole {
			copy(line[p.left*c:(p.left+cols)*c], tight[y*w*c:])
		} else {
			e.transpose(line[p.left*c:], c, x[y*w:], h*w, c, cols)
		}
	}
	if p.reflect {
		mirror(p, dst, h, w)
	}
}

// mirror fills what lies around a laid out sample from its rows and columns.
func mirror[F Float](p padded, dst []F, h, w int) {
	c, row := p.channels, p.wide*p.channels
	for y := p.top; y < min(p.high, p.top+h); y++ {
		line := dst[y*row : (y+1)*row]
		p.around(p.wide, p.left, w, func(x, of int) { copy(line[x*c:(x+1)*c], line[of*c:]) })
	}
	p.around(p.high, p.top, h, func(y, of int) { copy(dst[y*row:(y+1)*row], dst[of*row:]) })
}

// unmirror adds what lies around a laid out gradient to the rows and columns that it was filled from.
func unmirror[F Float](e *engine[F], p padded, d []F, h, w int) {
	c, row := p.channels, p.wide*p.channels
	p.around(p.high, p.top, h, func(y, of int) { e.axpy(d[of*row:(of+1)*row], 1, d[y*row:(y+1)*row]) })
	for y := p.top; y < min(p.high, p.top+h); y++ {
		line := d[y*row : (y+1)*row]
		p.around(p.wide, p.left, w, func(x, of int) { e.axpy(line[of*c:(of+1)*c], 1, line[x*c:(x+1)*c]) })
	}
}

// around visits the places of a line of `all` that are not among its own n from `first` on, with
// the place of which each is the image.
func (p padded) around(all, first, n int, visit func(i, of int)) {
	for i := range all {
		switch {
		case i >= first && i < first+n:
		case p.nearest:
			visit(i, min(max(i, first), first+n-1))
		case i < first:
			visit(i, 2*first-i)
		default:
			visit(i, 2*(first+n-1)-i)
		}
	}
}

// folded adds to the places of an image what its mirror images around it hold: planes of
// (h + 2·padding) x (w + 2·padding) become planes of h x w.
func folded[F Float](dst, src []F, h, w, padding int) {
	high, wide := h+2*padding, w+2*padding
	for p := range len(dst) / (h * w) {
		to, from := dst[p*h*w:(p+1)*h*w], src[p*high*wide:(p+1)*high*wide]
		for y := range h {
			copy(to[y*w:(y+1)*w], from[(y+padding)*wide+padding:])
		}
		for y := -padding; y < h+padding; y++ {
			home := mirrorOf(y, h)
			line, out := from[(y+padding)*wide:(y+padding+1)*wide], to[home*w:(home+1)*w]
			for x := 1; x <= padding; x++ {
				out[x] += line[padding-x]
				out[w-1-x] += line[padding+w-1+x]
			}
			if y < 0 || y >= h { // else all but the ends are already there
				for x, v := range line[padding : padding+w] {
					out[x] += v
				}
			}
		}
	}
}
