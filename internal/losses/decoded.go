package losses

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Squares is the mean over rows of (1/k)·Σ (x − y)², k the columns: how far an image is from
// what a decoder makes of its code. Centred, the square of the mean difference is taken off, so
// that a constant added to a row costs nothing. The second matrix is a constant.
//
// K. Bousmalis et al., Domain separation networks, NIPS 2016, equation 4 (centred).
type Squares struct {
	Rows    Rows
	Centred bool
}

func (Squares) Inputs() (all, trained int)    { return 2, 1 }
func (s Squares) Check(shapes ...[]int) error { return checkSame(s.Rows, shapes) }

// offset is the mean difference of two rows where it does not count, else 0.
func (s Squares) offset(x, y []float64) (mean float64) {
	if s.Centred {
		for k, v := range x {
			mean += (v - y[k]) / float64(len(x))
		}
	}
	return mean
}

func (s Squares) Value(x ...Matrix) float64 {
	a, b, total := s.Rows.of(x[0]), s.Rows.of(x[1]), 0.0
	for i := range a.Rows {
		mean := s.offset(row(a, i), row(b, i))
		for k, v := range row(a, i) {
			d := v - row(b, i)[k] - mean
			total += d * d
		}
	}
	return total / float64(len(a.Data))
}

func (s Squares) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	a, b, to := s.Rows.of(x[0]), s.Rows.of(x[1]), s.Rows.of(dx)
	for i := range a.Rows {
		mean := s.offset(row(a, i), row(b, i))
		for k, v := range row(a, i) {
			row(to, i)[k] = 2 * size / float64(len(a.Data)) * (v - row(b, i)[k] - mean)
		}
	}
}

// Overlap is the mean over entries of (ÂᵀB̂)², Â and B̂ two matrices whose columns are centred
// and whose rows are then brought to unit length: 0 where two codes of the same images are
// orthogonal. A row of zeros stays one. O(n·d²).
//
// K. Bousmalis et al., Domain separation networks, NIPS 2016, equation 5, as its authors'
// program normalises and averages it.
type Overlap struct{ Rows Rows }

func (Overlap) Inputs() (all, trained int) { return 2, 2 }

func (o Overlap) Check(shapes ...[]int) error { return o.Rows.checkAll(shapes) }

// unitRows is a matrix with centred columns and rows of unit length, and these lengths before.
func unitRows(x Matrix) (Matrix, []float64) {
	out, lengths, mean := zeros(x.Rows, x.Cols), make([]float64, x.Rows), meanRow(x)
	for i := range x.Rows {
		for k, v := range row(x, i) {
			row(out, i)[k] = v - mean[k]
			lengths[i] += row(out, i)[k] * row(out, i)[k]
		}
		lengths[i] = math.Sqrt(lengths[i])
		if lengths[i] > 0 || math.IsNaN(lengths[i]) {
			for k := range row(out, i) {
				row(out, i)[k] /= lengths[i]
			}
		}
	}
	return out, lengths
}

// products are the inner products of the columns of a with those of b.
func products(a, b Matrix) Matrix {
	g := zeros(a.Cols, b.Cols)
	kernels.Gemm(g, a.T(), b, false)
	return g
}

func (o Overlap) Value(x ...Matrix) float64 {
	a, _ := unitRows(o.Rows.of(x[0]))
	b, _ := unitRows(o.Rows.of(x[1]))
	g, total := products(a, b), 0.0
	for _, v := range g.Data {
		total += v * v
	}
	return total / float64(len(g.Data))
}

func (o Overlap) Grad(by int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	a, lengths := unitRows(o.Rows.of(x[by]))
	b, _ := unitRows(o.Rows.of(x[1-by]))
	g, to := products(a, b), o.Rows.of(dx)
	kernels.Gemm(to, b, g.T(), false)
	for i := range a.Rows {
		d, along := row(to, i), 0.0
		if lengths[i] == 0 {
			clear(d)
			continue
		}
		for j, v := range row(a, i) {
			d[j] *= 2 * size / float64(len(g.Data))
			along += d[j] * v
		}
		for j, v := range row(a, i) {
			d[j] = (d[j] - along*v) / lengths[i]
		}
	}
	mean := meanRow(to)
	for i := range to.Rows {
		for j := range row(to, i) {
			row(to, i)[j] -= mean[j]
		}
	}
}

// checkSame wants rows in range of two matrices of one shape.
func checkSame(rows Rows, shapes [][]int) error {
	if err := rows.checkAll(shapes); err != nil {
		return err
	}
	if shapes[0][1] != shapes[1][1] {
		return fmt.Errorf("rows of %d and of %d values", shapes[0][1], shapes[1][1])
	}
	return nil
}
