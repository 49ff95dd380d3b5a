package kernels

// A Conv is the geometry of a square convolution over images: kernel size, stride
// and zero padding in pixels.
type Conv struct{ Kernel, Stride, Padding int }

// Out is the side of the output of a convolution over a side of h pixels:
// floor((h + 2·padding − kernel)/stride) + 1.
func (g Conv) Out(h int) int { return (h+2*g.Padding-g.Kernel)/g.Stride + 1 }

// In is the side of the output of the transposed convolution over a side of h
// pixels: (h−1)·stride − 2·padding + kernel.
func (g Conv) In(h int) int { return (h-1)*g.Stride - 2*g.Padding + g.Kernel }

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
}

// A run is one row of a kernel: where it reads, and the offset within a kernel of
// the weight of each tap, −1 for none.
type run struct {
	dy, dx int
	w      []int
}

// forward is the convolution as one gather.
func (g Conv) forward() []gather {
	ga := gather{taps: g.Kernel, step: g.Stride, outStep: 1}
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
// channels, channels last, with zeros around, so that neighbouring taps of a row
// of a kernel are one run of memory.
type padded struct {
	high, wide, channels int
	top, left            int // zeros before the image
}

// paddedFor has room for every read of the gathers over a grid of rows x cols places.
func paddedFor(gathers []gather, rows, cols, channels int) padded {
	top, left, bottom, right := reach(gathers)
	step := gathers[0].step
	return padded{high: top + (rows-1)*step + bottom + 1, wide: left + (cols-1)*step + right + 1, channels: channels, top: top, left: left}
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
	tight, give := borrow[F](h * w * c)
	defer give()
	whole := w%16 != 0 && c > 1 // narrow rows are turned together, then laid out
	if whole {
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
}
