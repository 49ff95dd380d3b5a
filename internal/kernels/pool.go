package kernels

// MaxPool sets y to the largest value of every window of size x size places of x, side by
// side; rows and columns that fill no window are left out, as PyTorch does. yd and xd are
// the sizes of y and x, equal in samples and channels.
func MaxPool[F Float](size int, y []F, yd Dims, x []F, xd Dims) {
	checkPool(size, yd, xd)
	check("pool output", len(y), yd.Len())
	check("pool input", len(x), xd.Len())
	windows(size, yd, xd, func(at, corner int) { y[at] = x[largest(x, corner, size, xd.W)] })
}

// MaxPoolGrad sets dx to the gradient of MaxPool by its input x: that of each window goes to
// its largest value, of equal ones to the first in rows.
func MaxPoolGrad[F Float](size int, dx, dy []F, yd Dims, x []F, xd Dims) {
	checkPool(size, yd, xd)
	check("pool gradient", len(dx), xd.Len())
	check("pool output", len(dy), yd.Len())
	planes(len(dx), xd.H*xd.W, func(lo, hi int) { clear(dx[lo:hi]) })
	windows(size, yd, xd, func(at, corner int) { dx[largest(x, corner, size, xd.W)] = dy[at] })
}

func checkPool(size int, yd, xd Dims) {
	check("pool samples and channels", yd.N*yd.C, xd.N*xd.C)
	check("pool height", yd.H, xd.H/size)
	check("pool width", yd.W, xd.W/size)
}

// windows visits every output place with the first place of its window, plane by plane.
func windows(size int, yd, xd Dims, do func(at, corner int)) {
	area, whole := yd.H*yd.W, xd.H*xd.W
	planes(yd.Len(), area, func(lo, hi int) {
		for p := lo / area; p < hi/area; p++ {
			at := p * area
			for i := range yd.H {
				corner := p*whole + i*size*xd.W
				for range yd.W {
					do(at, corner)
					at, corner = at+1, corner+size
				}
			}
		}
	})
}

// largest is the place of the largest value of a window, of equal ones the first in rows; a
// NaN counts as the largest, as in PyTorch, so that it is not lost.
func largest[F Float](x []F, corner, size, width int) int {
	best := corner
	for i := range size {
		for k := corner + i*width; k < corner+i*width+size; k++ {
			if x[k] > x[best] || x[k] != x[k] {
				best = k
			}
		}
	}
	return best
}
