package kernels

import "math"

// MaxPool sets y to the largest value of every window of size x size places of x, side by
// side; rows and columns that fill no window are left out, as PyTorch does. yd and xd are
// the sizes of y and x, equal in samples and channels.
func MaxPool[F Float](size int, y []F, yd Dims, x []F, xd Dims) {
	checkPool(size, yd, xd)
	check("pool output", len(y), yd.Len())
	check("pool input", len(x), xd.Len())
	if x32, ok := any(x).([]float32); ok && size == 2 {
		pairs(any(y).([]float32), x32, yd, xd, nil)
		return
	}
	windows(size, yd, xd, func(at, corner int) { y[at] = x[largest(x, corner, size, xd.W)] })
}

// MaxPoolGrad sets dx, which may be x, to the gradient of MaxPool by its input x: that of each window
// goes to its largest value, of equal ones to the first in rows (0 counts above −0 in windows of
// 2 x 2 of float32).
func MaxPoolGrad[F Float](size int, dx, dy []F, yd Dims, x []F, xd Dims) {
	checkPool(size, yd, xd)
	check("pool gradient", len(dx), xd.Len())
	check("pool output", len(dy), yd.Len())
	if x32, ok := any(x).([]float32); ok && size == 2 {
		pairs(any(dy).([]float32), x32, yd, xd, any(dx).([]float32))
	} else {
		windows(size, yd, xd, func(at, corner int) {
			best := largest(x, corner, size, xd.W)
			for i := range size {
				clear(dx[corner+i*xd.W:][:size])
			}
			dx[best] = dy[at]
		})
	}
	clearUncovered(size, dx, yd, xd)
}

// clearUncovered clears what no window covers.
func clearUncovered[F Float](size int, dx []F, yd, xd Dims) {
	high, wide := yd.H*size, yd.W*size
	if high == xd.H && wide == xd.W {
		return
	}
	planes(len(dx), xd.H*xd.W, func(lo, hi int) {
		for ; lo < hi; lo += xd.H * xd.W {
			for row := range high {
				clear(dx[lo+row*xd.W+wide : lo+(row+1)*xd.W])
			}
			clear(dx[lo+high*xd.W : lo+xd.H*xd.W])
		}
	})
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

// pairLoops are the loops over one plane of windows of 2 x 2 of float32. Which of four values is
// the largest is anybody's guess, which a processor that has to guess its branches makes slow:
// values are compared as integers of the same order. All paths give the same bits.
type pairLoops struct {
	most func(rows, n int, y, x []float32, width int)      // rows lines of n windows
	grad func(rows, n int, dx, dy, x []float32, width int) // leaves what no window covers; dx may be x
}

var enginePairs = pairLoops{mostGo, mostGradGo}

// pairs is MaxPool of windows of 2 x 2, and its gradient where dx is given: y is then the
// gradient of the output.
func pairs(y, x []float32, yd, xd Dims, dx []float32) {
	area, whole := yd.H*yd.W, xd.H*xd.W
	planes(yd.Len(), area, func(lo, hi int) {
		for p := lo / area; p < hi/area; p++ {
			to, from := y[p*area:(p+1)*area], x[p*whole:(p+1)*whole]
			if dx == nil {
				enginePairs.most(yd.H, yd.W, to, from, xd.W)
			} else {
				enginePairs.grad(yd.H, yd.W, dx[p*whole:(p+1)*whole], to, from, xd.W)
			}
		}
	})
}

func mostGo(rows, n int, y, x []float32, width int) {
	for row := range rows {
		up, down, out := x[2*row*width:][:2*n], x[(2*row+1)*width:][:2*n], y[row*n:(row+1)*n]
		for j := range out {
			k := max(ordered(up[2*j]), ordered(up[2*j+1]), ordered(down[2*j]), ordered(down[2*j+1]))
			out[j] = math.Float32frombits(uint32(k ^ (k >> 31 & math.MaxInt32)))
		}
	}
}

func mostGradGo(rows, n int, dx, dy, x []float32, width int) {
	for row := range rows {
		up, down, to := x[2*row*width:][:2*n], x[(2*row+1)*width:][:2*n], dx[2*row*width:][:width+2*n]
		for j, v := range dy[row*n : (row+1)*n] {
			first, second, third := ordered(up[2*j]), ordered(up[2*j+1]), ordered(down[2*j])
			most := max(first, second, third, ordered(down[2*j+1]))
			at := width + 2*j + 1
			if third == most {
				at = width + 2*j
			}
			if second == most {
				at = 2*j + 1
			}
			if first == most {
				at = 2 * j
			}
			to[2*j], to[2*j+1], to[width+2*j], to[width+2*j+1] = 0, 0, 0, 0
			to[at] = v
		}
	}
}

// ordered maps a value to an integer of the same order; a positive NaN is above all.
func ordered(v float32) int32 {
	k := int32(math.Float32bits(v))
	return k ^ (k >> 31 & math.MaxInt32)
}

// Average sets y to the means of the planes of x, which has as many values for each of y's.
func Average[F Float](y, x []F) {
	area := len(x) / max(1, len(y))
	check("averaged planes", len(x), len(y)*area)
	for i := range y {
		sum := 0.0
		for _, v := range x[i*area : (i+1)*area] {
			sum += float64(v)
		}
		y[i] = F(sum / float64(area))
	}
}

// AverageGrad sets dx to the gradient of Average by its input: dy, spread evenly.
func AverageGrad[F Float](dx, dy []F) {
	area := len(dx) / max(1, len(dy))
	check("averaged planes", len(dx), len(dy)*area)
	for i, v := range dy {
		share := F(float64(v) / float64(area))
		for k := i * area; k < (i+1)*area; k++ {
			dx[k] = share
		}
	}
}

// FillPlanes sets every plane of y, which has as many values for each of x's, to its value.
func FillPlanes[F Float](y, x []F) {
	area := len(y) / max(1, len(x))
	check("spread planes", len(y), len(x)*area)
	for i, v := range x {
		plane := y[i*area : (i+1)*area]
		for k := range plane {
			plane[k] = v
		}
	}
}

// FillPlanesGrad sets dx to the gradient of FillPlanes by its input: the sums of the planes of dy.
func FillPlanesGrad[F Float](dx, dy []F) {
	area := len(dy) / max(1, len(dx))
	check("spread planes", len(dy), len(dx)*area)
	e := engineOf[F]()
	for i := range dx {
		dx[i] = F(e.sum(dy[i*area : (i+1)*area]))
	}
}

// A Window is what AveragePool takes means over: squares of Size places, Stride apart, that
// begin Padding places before the image.
type Window struct{ Size, Stride, Padding int }

// Out is the side of what is made of a side of h pixels.
func (w Window) Out(h int) int { return (h+2*w.Padding-w.Size)/w.Stride + 1 }

// span are the places of an image of side n that window i covers.
func (w Window) span(i, n int) (lo, hi int) {
	lo = i*w.Stride - w.Padding
	return max(0, lo), min(n, lo+w.Size)
}

// each visits the output places of a plane with the rows and columns of their windows.
func (w Window) each(yd, xd Dims, do func(at, top, bottom, left, right int)) {
	for i := range yd.H {
		top, bottom := w.span(i, xd.H)
		for j := range yd.W {
			left, right := w.span(j, xd.W)
			do(i*yd.W+j, top, bottom, left, right)
		}
	}
}

// AveragePool sets y to the mean of what every window covers of x: places outside the image
// are no part of it. yd and xd are the sizes of y and x, equal in samples and channels.
func AveragePool[F Float](w Window, y []F, yd Dims, x []F, xd Dims) {
	w.check(len(y), yd, len(x), xd)
	area, whole := yd.H*yd.W, xd.H*xd.W
	planes(yd.Len(), area, func(lo, hi int) {
		for p := lo / area; p < hi/area; p++ {
			from, to := x[p*whole:(p+1)*whole], y[p*area:(p+1)*area]
			w.each(yd, xd, func(at, top, bottom, left, right int) {
				var s F
				for i := top; i < bottom; i++ {
					for _, v := range from[i*xd.W+left : i*xd.W+right] {
						s += v
					}
				}
				to[at] = s / F((bottom-top)*(right-left))
			})
		}
	})
}

// AveragePoolGrad sets dx to the gradient of AveragePool by its input.
func AveragePoolGrad[F Float](w Window, dx []F, xd Dims, dy []F, yd Dims) {
	w.check(len(dy), yd, len(dx), xd)
	area, whole := yd.H*yd.W, xd.H*xd.W
	planes(yd.Len(), area, func(lo, hi int) {
		for p := lo / area; p < hi/area; p++ {
			to, from := dx[p*whole:(p+1)*whole], dy[p*area:(p+1)*area]
			clear(to)
			w.each(yd, xd, func(at, top, bottom, left, right int) {
				share := from[at] / F((bottom-top)*(right-left))
				for i := top; i < bottom; i++ {
					line := to[i*xd.W+left : i*xd.W+right]
					for j := range line {
						line[j] += share
					}
				}
			})
		}
	})
}

func (w Window) check(y int, yd Dims, x int, xd Dims) {
	check("pool samples and channels", yd.N*yd.C, xd.N*xd.C)
	check("pool height", yd.H, w.Out(xd.H))
	check("pool width", yd.W, w.Out(xd.W))
	check("pool output", y, yd.Len())
	check("pool input", x, xd.Len())
}
