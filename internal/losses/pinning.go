package losses

import "math"

// Pin is the mean over rows of ‖z‖²: it brings codes to zero.
//
// Diff-CA: separating common and salient factors with diffusion models, 2026, arXiv 2606.06120.
type Pin struct{ Rows Rows }

func (Pin) Inputs() (all, trained int)    { return 1, 1 }
func (p Pin) Check(shapes ...[]int) error { return p.Rows.checkAll(shapes) }

func (p Pin) Value(x ...Matrix) (mean float64) {
	z := p.Rows.of(x[0])
	for i := range z.Rows {
		mean += square(row(z, i)) / float64(z.Rows)
	}
	return mean
}

func (p Pin) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	z, to := p.Rows.of(x[0]), p.Rows.of(dx)
	for k, v := range z.Data {
		to.Data[k] = 2 * size / float64(z.Rows) * v
	}
}

// Collapse is the mean over rows of exp(−‖z‖²), of the same paper: 1 where codes are zero, and
// nearly nothing where they are far from it. At zero itself it has no gradient.
type Collapse struct{ Rows Rows }

func (Collapse) Inputs() (all, trained int)    { return 1, 1 }
func (c Collapse) Check(shapes ...[]int) error { return c.Rows.checkAll(shapes) }

func (c Collapse) Value(x ...Matrix) (mean float64) {
	z := c.Rows.of(x[0])
	for i := range z.Rows {
		mean += math.Exp(-square(row(z, i))) / float64(z.Rows)
	}
	return mean
}

func (c Collapse) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	z, to := c.Rows.of(x[0]), c.Rows.of(dx)
	for i := range z.Rows {
		slope := -2 * size / float64(z.Rows) * math.Exp(-square(row(z, i)))
		for k, v := range row(z, i) {
			row(to, i)[k] = slope * v
		}
	}
}

// square is ‖z‖².
func square(z []float64) (sum float64) {
	for _, v := range z {
		sum += v * v
	}
	return sum
}
