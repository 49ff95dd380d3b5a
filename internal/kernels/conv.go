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

// A tap reads, for output place (y, x), the input at (y·step+dy, x·step+dx) and
// multiplies it by the weight at offset w within a kernel.
type tap struct{ dy, dx, w int }

// A gather is a convolution written as reads: a list of taps, the step between
// reads, and the grid of output places it fills (every outStep-th pixel from
// outY, outX).
type gather struct {
	taps       []tap
	step       int
	rows, cols int // places
	outStep    int
	outY, outX int
}

// Convolve sets y (N x out x Ho x Wo) to the convolution of x with w (out x in x k
// x k) plus bias (out values, or nil). Time 2·N·out·Ho·Wo·in·k² operations.
func Convolve[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	check("convolution weight", len(w), yd.C*xd.C*g.Kernel*g.Kernel)
	var taps []tap
	for i := range g.Kernel {
		for j := range g.Kernel {
			taps = append(taps, tap{i - g.Padding, j - g.Padding, i*g.Kernel + j})
		}
	}
	ga := gather{taps: taps, step: g.Stride, rows: yd.H, cols: yd.W, outStep: 1}
	kk := g.Kernel * g.Kernel
	convolveGather(ga, y, yd, x, xd, bias, func(out, in int) []F { return w[(out*xd.C+in)*kk:] })
}

// ConvolveTransposed sets y to the transposed convolution of x (N x in x H x W)
// with w (in x out x k x k) plus bias (out values, or nil). It is also the
// gradient of Convolve by its input, where w is out x in x k x k and x the
// gradient of the output. Each of the stride² phases of the output is a dense
// convolution of its own, so nothing is multiplied by an inserted zero.
func ConvolveTransposed[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	check("transposed convolution weight", len(w), yd.C*xd.C*g.Kernel*g.Kernel)
	kk := g.Kernel * g.Kernel
	weight := func(out, in int) []F { return w[(in*yd.C+out)*kk:] }
	for py := range g.Stride {
		for px := range g.Stride {
			ga := gather{step: 1, outStep: g.Stride, outY: py, outX: px,
				rows: (yd.H - py + g.Stride - 1) / g.Stride, cols: (yd.W - px + g.Stride - 1) / g.Stride}
			for i := (py + g.Padding) % g.Stride; i < g.Kernel; i += g.Stride {
				for j := (px + g.Padding) % g.Stride; j < g.Kernel; j += g.Stride {
					ga.taps = append(ga.taps, tap{(py + g.Padding - i) / g.Stride, (px + g.Padding - j) / g.Stride, i*g.Kernel + j})
				}
			}
			convolveGather(ga, y, yd, x, xd, bias, weight)
		}
	}
}

// convolveGather fills the places of ga in y: a product of the weights (out x
// in·taps) with the patches (in·taps x places of all samples).
func convolveGather[F Float](ga gather, y []F, yd Dims, x []F, xd Dims, bias []F, weight func(out, in int) []F) {
	check("convolution output", len(y), yd.Len())
	check("convolution input", len(x), xd.Len())
	places, taps := ga.rows*ga.cols, len(ga.taps)
	product[F]{
		m: yd.C, n: xd.N * places, k: xd.C * taps,
		packA: func(dst []F, mr, row, k0, k1 int) {
			clear(dst)
			for r := range min(mr, yd.C-row) {
				for k := k0; k < k1; k++ {
					dst[(k-k0)*mr+r] = weight(row+r, k/taps)[ga.taps[k%taps].w]
				}
			}
		},
		packB: func(dst []F, nr, col, k0, k1 int) { packPatches(ga, dst, nr, col, k0, k1, x, xd) },
		store: func(c []F, ldc, col, cols int) { storePlaces(ga, c, ldc, col, cols, y, yd, bias) },
	}.run()
}

// packPatches packs columns col..col+nr of the patch matrix, rows k0..k1: row
// in·taps+t of the column of a place holds what tap t reads there in channel in.
func packPatches[F Float](ga gather, dst []F, nr, col, k0, k1 int, x []F, xd Dims) {
	places, area, taps := ga.rows*ga.cols, xd.H*xd.W, len(ga.taps)
	var base, ys, xs, off [32]int
	valid := min(nr, xd.N*places-col)
	for j := range valid {
		n, p := (col+j)/places, (col+j)%places
		base[j], ys[j], xs[j] = n*xd.C*area, p/ga.cols*ga.step, p%ga.cols*ga.step
	}
	if valid < nr {
		clear(dst)
	}
	for t, tp := range ga.taps {
		inside := true
		for j := range valid {
			iy, ix := ys[j]+tp.dy, xs[j]+tp.dx
			if uint(iy) < uint(xd.H) && uint(ix) < uint(xd.W) {
				off[j] = base[j] + iy*xd.W + ix
			} else {
				off[j], inside = -1, false
			}
		}
		first := max(0, (k0-t+taps-1)/taps)
		for c := first; c*taps+t < k1; c++ {
			row := dst[(c*taps+t-k0)*nr:][:valid]
			plane := x[c*area:]
			if inside {
				for j := range row {
					row[j] = plane[off[j]]
				}
				continue
			}
			for j := range row {
				if off[j] >= 0 {
					row[j] = plane[off[j]]
				} else {
					row[j] = 0
				}
			}
		}
	}
}

// storePlaces writes finished columns (places) to the output, adding the bias.
func storePlaces[F Float](ga gather, c []F, ldc, col, cols int, y []F, yd Dims, bias []F) {
	places, area := ga.rows*ga.cols, yd.H*yd.W
	var at [columnBlock + 32]int
	for j := range cols {
		n, p := (col+j)/places, (col+j)%places
		at[j] = n*yd.C*area + (p/ga.cols*ga.outStep+ga.outY)*yd.W + p%ga.cols*ga.outStep + ga.outX
	}
	for o := range yd.C {
		var b F
		if bias != nil {
			b = bias[o]
		}
		plane := y[o*area:]
		for j, v := range c[o*ldc : o*ldc+cols] {
			plane[at[j]] = v + b
		}
	}
}
