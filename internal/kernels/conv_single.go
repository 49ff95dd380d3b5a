package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// single says whether a convolution from in has one place of output whose window holds all of the
// input, within zeros: a product of matrices, in which no zero is multiplied.
func (g Conv) single(in, out Dims) bool {
	return !g.Reflect && out.H == 1 && out.W == 1 && in.H+g.Padding <= g.Kernel && in.W+g.Padding <= g.Kernel
}

// windowed is w without what meets zeros alone: as many kernels of in.H x in.W values.
func windowed[F Float](g Conv, w []F, in Dims) (out []F, give func()) {
	size := in.H * in.W
	kernels := len(w) / (g.Kernel * g.Kernel)
	out, give = borrow[F](kernels * size)
	out = out[:kernels*size]
	parallel.Blocks(kernels, kernelsAtOnce, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			for y := range in.H {
				copy(out[k*size+y*in.W:][:in.W], w[(k*g.Kernel+g.Padding+y)*g.Kernel+g.Padding:])
			}
		}
	})
	return out, give
}

// kernelsAtOnce are copied in one block of work.
const kernelsAtOnce = 2048

// convolveSingle is Convolve of a single place.
func convolveSingle[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	own, give := windowed(g, w, xd)
	defer give()
	n := xd.C * xd.H * xd.W
	Gemm(Dense(yd.N, yd.C, y), Dense(xd.N, n, x), Dense(yd.C, n, own).T(), false)
	if bias != nil {
		AddRows(y, bias)
	}
}

// transposeSingle is ConvolveTransposed of a single place.
func transposeSingle[F Float](g Conv, y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	own, give := windowed(g, w, yd)
	defer give()
	area := yd.H * yd.W
	n := yd.C * area
	Gemm(Dense(yd.N, n, y), Dense(xd.N, xd.C, x), Dense(xd.C, n, own), false)
	for i := range bias {
		for s := range yd.N {
			plane := y[(s*yd.C+i)*area:][:area]
			for k := range plane {
				plane[k] += bias[i]
			}
		}
	}
}

// weightSingle is ConvolveWeight of a single place.
func weightSingle[F Float](g Conv, dw, dy []F, yd Dims, x []F, xd Dims) {
	n := xd.C * xd.H * xd.W
	own, give := borrow[F](yd.C * n)
	defer give()
	Gemm(Dense(yd.C, n, own[:yd.C*n]), Dense(yd.N, yd.C, dy).T(), Dense(xd.N, n, x), false)
	size := xd.H * xd.W
	parallel.Blocks(yd.C*xd.C, kernelsAtOnce, func(_, lo, hi int) {
		clear(dw[lo*g.Kernel*g.Kernel : hi*g.Kernel*g.Kernel])
		for k := lo; k < hi; k++ {
			for r := range xd.H {
				copy(dw[(k*g.Kernel+g.Padding+r)*g.Kernel+g.Padding:], own[k*size+r*xd.W:][:xd.W])
			}
		}
	})
}
