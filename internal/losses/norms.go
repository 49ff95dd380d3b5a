package losses

import "math"

// normFloor is added to squared norms before their root, whose slope at 0 has no bound.
const normFloor = 1e-12

// NormStep asks for larger features: the mean over rows of (‖f‖ − c − Step)², where c is ‖f‖
// taken as a constant. Its value is Step² whatever the features are, its gradient
// −2·Step·f/(n‖f‖): an outward push of one size.
//
// R. Xu et al., Larger norm more transferable: an adaptive feature norm approach for
// unsupervised domain adaptation, ICCV 2019 (SAFN).
type NormStep struct {
	Rows Rows
	Step float64
}

func (NormStep) Inputs() (all, trained int)    { return 1, 1 }
func (s NormStep) Check(shapes ...[]int) error { return s.Rows.checkAll(shapes) }

func (s NormStep) Value(x ...Matrix) float64 {
	f, total := s.Rows.of(x[0]), 0.0
	for i := range f.Rows {
		c := norm(row(f, i))
		total += (c - c - s.Step) * (c - c - s.Step) // NaN where the features are
	}
	return total / float64(f.Rows)
}

func (s NormStep) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	f, to := s.Rows.of(x[0]), s.Rows.of(dx)
	for i := range f.Rows {
		push(row(to, i), row(f, i), -2*size*s.Step/float64(f.Rows))
	}
}

// NormTo is (mean over rows of ‖f‖ − Radius)², of the same paper (HAFN).
type NormTo struct {
	Rows   Rows
	Radius float64
}

func (NormTo) Inputs() (all, trained int)    { return 1, 1 }
func (t NormTo) Check(shapes ...[]int) error { return t.Rows.checkAll(shapes) }

func (t NormTo) Value(x ...Matrix) float64 {
	off := t.off(t.Rows.of(x[0]))
	return off * off
}

func (t NormTo) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	f, to := t.Rows.of(x[0]), t.Rows.of(dx)
	off := t.off(f)
	for i := range f.Rows {
		push(row(to, i), row(f, i), 2*size*off/float64(f.Rows))
	}
}

// off is by how much the mean norm is too large.
func (t NormTo) off(f Matrix) (mean float64) {
	for i := range f.Rows {
		mean += norm(row(f, i)) / float64(f.Rows)
	}
	return mean - t.Radius
}

func norm(f []float64) float64 {
	square := normFloor
	for _, v := range f {
		square += v * v
	}
	return math.Sqrt(square)
}

// push sets dx to size times the direction of f.
func push(dx, f []float64, size float64) {
	c := norm(f)
	for k, v := range f {
		dx[k] = size * v / c
	}
}
