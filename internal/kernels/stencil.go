package kernels

// A stencil maps a square of vectors of n values to another square, by one linear
// map applied to its columns and then to its rows. Vector (i, j) of the input lies at
// src[s0 + i·srow + j·scol], of the output at dst[d0 + i·drow + j·dcol].
type stencil[F Float] func(n int, dst []F, d0, drow, dcol int, src []F, s0, srow, scol int)

// stencils are the maps of the fast convolution (winograd.go), by what they do to
// a line of values.
type stencils[F Float] struct {
	analyse3 stencil[F] // d0 d1 d2    → d0−d1, d1, d1−d2
	analyse4 stencil[F] // d0 d1 d2 d3 → d0−d1, d1, d1−d2, d2, d2−d3
	spread   stencil[F] // g0 g1       → g0, g0+g1, g1
	gather   stencil[F] // m0 m1 m2    → m0+m1, m1−m2
}

// plainStencils are the maps as matrices.
func plainStencils[F Float]() stencils[F] {
	return stencils[F]{
		analyse3: stencilGo[F]([][]F{{1, -1, 0}, {0, 1, 0}, {0, 1, -1}}),
		analyse4: stencilGo[F]([][]F{{1, -1, 0, 0}, {0, 1, 0, 0}, {0, 1, -1, 0}, {0, 0, 1, 0}, {0, 0, 1, -1}}),
		spread:   stencilGo[F]([][]F{{1, 0}, {1, 1}, {0, 1}}),
		gather:   stencilGo[F]([][]F{{1, 1, 0}, {0, 1, -1}}),
	}
}

// stencilGo applies m, whose entries are −1, 0 and 1, with at least one of them 1.
func stencilGo[F Float](m [][]F) stencil[F] {
	return func(n int, dst []F, d0, drow, dcol int, src []F, s0, srow, scol int) {
		var columns [4]F
		for c := range n {
			for i, down := range m {
				for q := range down {
					columns[q] = combined(down, src, s0+q*scol+c, srow)
				}
				for j, across := range m {
					dst[d0+i*drow+j*dcol+c] = combined(across, columns[:], 0, 1)
				}
			}
		}
	}
}

// combined is the sum of the values that factors name, a positive one first.
func combined[F Float](factors, x []F, at, stride int) (s F) {
	for k, f := range factors {
		if f > 0 {
			s += x[at+k*stride]
		}
	}
	for k, f := range factors {
		if f < 0 {
			s -= x[at+k*stride]
		}
	}
	return s
}
