package losses

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Nuclear is the nuclear norm, the sum of singular values, of the softmax of rows of logits:
// from √(n/K), equal predictions on K classes, to √(nK), predictions that are sure and
// name every class as often. Where a singular value is nearly 0 its direction gets no
// gradient.
//
// S. Cui et al., Towards discriminability and diversity: batch nuclear-norm maximization
// under label insufficient situations, CVPR 2020.
type Nuclear struct{ Rows Rows }

func (Nuclear) Inputs() (all, trained int)    { return 1, 1 }
func (n Nuclear) Check(shapes ...[]int) error { return n.Rows.checkAll(shapes) }

// smallest is the share of the largest singular value below which one counts as 0: its
// direction is rounding.
const smallest = 1e-10

func (n Nuclear) Value(x ...Matrix) float64 {
	values, _, _ := spectrum(softmax(n.Rows.of(x[0]), 1))
	total := 0.0
	for _, v := range values {
		total += v
	}
	return total
}

func (n Nuclear) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	p, to := softmax(n.Rows.of(x[0]), 1), n.Rows.of(dx)
	values, u, v := spectrum(p)
	d := make([]float64, p.Cols)
	for i := range p.Rows { // size·UVᵀ, row by row
		clear(d)
		for s, value := range values {
			if value <= smallest*values[0] {
				break
			}
			for k := range d {
				d[k] += size * u.At(i, s) * v.At(k, s)
			}
		}
		softmaxGrad(row(to, i), d, row(p, i), 1)
	}
}

// spectrum are the singular values, falling, and vectors of p; one that is NaN where p holds
// a NaN, with which no decomposition ends.
func spectrum(p Matrix) (values []float64, u, v *mat.Dense) {
	for _, x := range p.Data {
		if math.IsNaN(x) {
			return []float64{x}, mat.NewDense(p.Rows, 1, nil), mat.NewDense(p.Cols, 1, nil)
		}
	}
	var svd mat.SVD
	if !svd.Factorize(mat.NewDense(p.Rows, p.Cols, p.Data), mat.SVDThin) {
		panic(fmt.Sprintf("losses: no singular values of a %d x %d matrix", p.Rows, p.Cols))
	}
	u, v = new(mat.Dense), new(mat.Dense)
	svd.UTo(u)
	svd.VTo(v)
	return svd.Values(nil), u, v
}

// Singular is the square of the largest singular value of rows of features, in squares of
// their unit. The gradient is that of ‖Fv‖² with v, its right vector, held: the same, where
// the largest is not twice there.
//
// X. Chen et al., Transferability vs. discriminability: batch spectral penalization for
// adversarial domain adaptation, ICML 2019.
type Singular struct{ Rows Rows }

func (Singular) Inputs() (all, trained int)    { return 1, 1 }
func (s Singular) Check(shapes ...[]int) error { return s.Rows.checkAll(shapes) }

func (s Singular) Value(x ...Matrix) float64 {
	value, _ := top(gram(s.Rows.of(x[0])))
	return value
}

func (s Singular) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	clear(dx.Data)
	f, to := s.Rows.of(x[0]), s.Rows.of(dx)
	_, u := top(gram(f))
	// The gradient 2σuvᵀ is 2u(Fᵀu)ᵀ.
	v := zeros(1, f.Cols)
	kernels.Gemm(v, kernels.Dense(1, f.Rows, u), f, false)
	for i := range f.Rows {
		for k, w := range v.Data {
			row(to, i)[k] = 2 * size * u[i] * w
		}
	}
}

// rounds of the power iteration at most; settled is the change of the vector's elements that
// ends it.
const (
	rounds  = 300
	settled = 1e-13
)

// top is the largest eigenvalue and its vector of a matrix of inner products, by power
// iteration from positive values that are not all equal.
func top(g Matrix) (value float64, vector []float64) {
	v, next := make([]float64, g.Rows), zeros(g.Rows, 1)
	for i := range v {
		v[i] = 1 + float64(i)/float64(g.Rows)
	}
	unit(v)
	for range rounds {
		kernels.Gemm(next, g, kernels.Dense(g.Rows, 1, v), false)
		value = unit(next.Data)
		moved := 0.0
		for i, x := range next.Data {
			moved = max(moved, math.Abs(x-v[i]))
		}
		copy(v, next.Data)
		if moved <= settled {
			break
		}
	}
	return value, v
}

// unit divides v by its norm, which it returns; zero stays zero.
func unit(v []float64) float64 {
	var square float64
	for _, x := range v {
		square += x * x
	}
	norm := math.Sqrt(square)
	if norm == 0 {
		return 0
	}
	for i := range v {
		v[i] /= norm
	}
	return norm
}
