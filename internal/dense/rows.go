package dense

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
)

// gramBlock is the number of columns of a Gram matrix made by one product.
const gramBlock = 512

// Gram is X'X for columns, or XX' for rows, by products of blocks of its lower half.
func Gram(x *mat.Dense, columns bool) *mat.SymDense {
	n, d := x.Dims()
	a := kernels.Dense(n, d, x.RawMatrix().Data)
	if columns {
		a, n, d = a.T(), d, n
	}
	out := make([]float64, n*n)
	for lo := 0; lo < n; lo += gramBlock {
		hi := min(n, lo+gramBlock)
		c := kernels.Matrix[float64]{Rows: hi - lo, Cols: hi, Data: out[lo*n:], Stride: n}
		kernels.Gemm(c, rowsOf(a, lo, hi), rowsOf(a, 0, hi).T(), false)
	}
	for i := range n {
		for j := range i {
			out[j*n+i] = out[i*n+j]
		}
	}
	return mat.NewSymDense(n, out)
}

// rowsOf views rows lo to hi of a.
func rowsOf(a kernels.Matrix[float64], lo, hi int) kernels.Matrix[float64] {
	if a.Transposed {
		a.Data = a.Data[lo:]
	} else {
		a.Data = a.Data[lo*a.Stride:]
	}
	a.Rows = hi - lo
	return a
}

// ColumnMeans is the mean row of x, n x d: d values.
func ColumnMeans(x *mat.Dense) []float64 {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		floats.Add(mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	return mean
}

// LessRow is x with a row taken off each of its rows.
func LessRow(x *mat.Dense, row []float64) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d, nil)
	for i := range n {
		floats.SubTo(out.RawRowView(i), x.RawRowView(i), row)
	}
	return out
}

// UnitRows is x with each row at Euclidean length 1; a row of zeros stays.
func UnitRows(x *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(x)
	n, _ := x.Dims()
	for i := range n {
		row := out.RawRowView(i)
		if length := floats.Norm(row, 2); length > 0 {
			floats.Scale(1/length, row)
		}
	}
	return out
}

// Symmetrised is (A + A')/2 of a square matrix.
func Symmetrised(a *mat.Dense) *mat.SymDense {
	n, _ := a.Dims()
	s := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			s.SetSym(i, j, (a.At(i, j)+a.At(j, i))/2)
		}
	}
	return s
}
