package kernels

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
