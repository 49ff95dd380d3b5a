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
	convolveGathers([]gather{ga}, y, yd, x, xd, bias, func(out, in int) []F { return w[(out*xd.C+in)*kk:] })
}

// ConvolveTransposed sets y to the transposed convolution of x (N x in x H x W)
// with w (in x out x k x k) plus bias (out values, or nil). It is also the
// gradient of Convolve by its input, where w is out x in x k x k and x the
// gradient of the output. Each of the stride² phases of the output is a dense
// convolution of its own, so nothing is multiplied by an inserted zero.
func ConvolveTransposed[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	check("transposed convolution weight", len(w), yd.C*xd.C*g.Kernel*g.Kernel)
	kk := g.Kernel * g.Kernel
	var gathers []gather
	for py := range g.Stride {
		for px := range g.Stride {
			ga := gather{step: 1, outStep: g.Stride, outY: py, outX: px,
				rows: (yd.H - py + g.Stride - 1) / g.Stride, cols: (yd.W - px + g.Stride - 1) / g.Stride}
			for i := (py + g.Padding) % g.Stride; i < g.Kernel; i += g.Stride {
				for j := (px + g.Padding) % g.Stride; j < g.Kernel; j += g.Stride {
					ga.taps = append(ga.taps, tap{(py + g.Padding - i) / g.Stride, (px + g.Padding - j) / g.Stride, i*g.Kernel + j})
				}
			}
			gathers = append(gathers, ga)
		}
	}
	convolveGathers(gathers, y, yd, x, xd, bias, func(out, in int) []F { return w[(in*yd.C+out)*kk:] })
}

// convolveGathers fills the places of each gather in y: a product of the weights
// (out x in·taps) with the patches (in·taps x places of all samples).
func convolveGathers[F Float](gathers []gather, y []F, yd Dims, x []F, xd Dims, bias []F, weight func(out, in int) []F) {
	check("convolution output", len(y), yd.Len())
	check("convolution input", len(x), xd.Len())
	p := pad(gathers, x, xd)
	defer p.give()
	for _, ga := range gathers {
		taps := len(ga.taps)
		product[F]{
			m: yd.C, n: xd.N * ga.rows * ga.cols, k: xd.C * taps,
			packA: func(dst []F, mr, row, k0, k1 int) { packWeights(ga, dst, mr, min(mr, yd.C-row), row, k0, k1, weight) },
			packB: newPatches(ga, p, xd).pack,
			store: func(c []F, ldc, col, cols int) { storePlaces(ga, c, ldc, col, cols, y, yd, bias) },
		}.run()
	}
}

// packWeights packs the weights of output channels row..row+rows, k0 <= in·taps+t < k1.
func packWeights[F Float](ga gather, dst []F, mr, rows, row, k0, k1 int, weight func(out, in int) []F) {
	clear(dst)
	taps := len(ga.taps)
	for r := range rows {
		for k := k0; k < k1; {
			w := weight(row+r, k/taps)
			for t := k % taps; t < taps && k < k1; t, k = t+1, k+1 {
				dst[(k-k0)*mr+r] = w[ga.taps[t].w]
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
