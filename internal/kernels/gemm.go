package kernels

// A Matrix is a row-major view: element (i, j) lies at Data[i*Stride+j], or at
// Data[j*Stride+i] when Transposed.
type Matrix[F Float] struct {
	Rows, Cols int
	Data       []F
	Stride     int
	Transposed bool
}

// Dense views data as a rows x cols matrix without gaps.
func Dense[F Float](rows, cols int, data []F) Matrix[F] {
	check("matrix", len(data), rows*cols)
	return Matrix[F]{Rows: rows, Cols: cols, Data: data, Stride: cols}
}

// T is the transposed view.
func (a Matrix[F]) T() Matrix[F] {
	return Matrix[F]{Rows: a.Cols, Cols: a.Rows, Data: a.Data, Stride: a.Stride, Transposed: !a.Transposed}
}

// Gemm sets c = a·b, or adds a·b to c when accumulate is true. c is not transposed.
// Time 2·m·n·k operations; extra memory of about the size of a.
func Gemm[F Float](c, a, b Matrix[F], accumulate bool) {
	if a.Rows != c.Rows || b.Cols != c.Cols || a.Cols != b.Rows || c.Transposed {
		panic("kernels: gemm: shapes do not fit")
	}
	store := func(t []F, ldc, col, cols int) {
		for i := range c.Rows {
			row := c.Data[i*c.Stride+col : i*c.Stride+col+cols]
			if accumulate {
				for j, v := range t[i*ldc : i*ldc+cols] {
					row[j] += v
				}
			} else {
				copy(row, t[i*ldc:i*ldc+cols])
			}
		}
	}
	product[F]{m: c.Rows, n: c.Cols, k: a.Cols, packA: a.packRows, packB: b.T().packRows, store: store}.run()
}

// packRows packs rows row..row+r, columns k0..k1, as groups of r.
func (a Matrix[F]) packRows(dst []F, r, row, k0, k1 int) {
	rows := min(r, a.Rows-row)
	if rows < r {
		clear(dst)
	}
	if a.Transposed {
		for k := k0; k < k1; k++ {
			copy(dst[(k-k0)*r:(k-k0)*r+rows], a.Data[k*a.Stride+row:])
		}
		return
	}
	for i := range rows {
		src := a.Data[(row+i)*a.Stride+k0 : (row+i)*a.Stride+k1]
		for k, v := range src {
			dst[k*r+i] = v
		}
	}
}
