package losses

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Gaussians is a kernel of distances, k(a, b) = Σ_m exp(−‖a−b‖²/(2σ_m²)).
type Gaussians struct {
	// Variances are σ_m², or multiples of the mean squared distance of the batch.
	Variances []float64
	// Relative takes them as multiples of the mean of ‖a−b‖² over all pairs of rows, those of
	// a row with itself among them: a constant, through which no gradient flows.
	Relative bool
}

// MMD is the squared maximum mean discrepancy of two samples, unbiased: the mean of k over
// pairs within the source, plus that within the target, less twice that across. The first
// Source rows are the source's. With several matrices, one for each of Kernels, k is the
// product of their kernels: the joint discrepancy. Between −2 and 2 times the product of the
// numbers of Gaussians; it falls below zero where the samples are more alike than chance.
// Time O(n²d).
//
// M. Long et al., Learning transferable features with deep adaptation networks, ICML 2015;
// Deep transfer learning with joint adaptation networks, ICML 2017.
type MMD struct {
	Source  int
	Kernels []Gaussians
}

func (m MMD) Inputs() (all, trained int) { return len(m.Kernels), len(m.Kernels) }

func (m MMD) Check(shapes ...[]int) error {
	for _, k := range m.Kernels {
		for _, v := range k.Variances {
			if !(v > 0) {
				return fmt.Errorf("a Gaussian of variance %v", v)
			}
		}
	}
	return twoDomains(m.Source, 2, shapes)
}

func (m MMD) Value(x ...Matrix) float64 {
	k, _ := m.product(x, -1)
	var total float64
	for i := range k.Rows {
		var sum float64
		for j, v := range row(k, i) {
			sum += m.share(i, j, k.Rows) * v
		}
		total += sum
	}
	return total
}

func (m MMD) Grad(by int, dx Matrix, size float64, x ...Matrix) {
	others, slope := m.product(x, by)
	for i := range slope.Rows {
		w, from := row(slope, i), row(others, i)
		for j := range w {
			w[j] *= 4 * size * m.share(i, j, slope.Rows) * from[j]
		}
	}
	pull(dx, slope, x[by])
}

// pull sets row i of dx to Σ_j w_ij (x_i − x_j).
func pull(dx, w, x Matrix) {
	kernels.Gemm(dx, w, x, false)
	for i := range dx.Rows {
		var sum float64
		for _, v := range row(w, i) {
			sum += v
		}
		from := row(x, i)
		for k, v := range row(dx, i) {
			row(dx, i)[k] = sum*from[k] - v
		}
	}
}

// share is the weight of the pair (i, j).
func (m MMD) share(i, j, rows int) float64 {
	n, t := float64(m.Source), float64(rows-m.Source)
	switch {
	case i == j:
		return 0
	case i < m.Source && j < m.Source:
		return 1 / (n * (n - 1))
	case i >= m.Source && j >= m.Source:
		return 1 / (t * (t - 1))
	default:
		return -1 / (n * t)
	}
}

// product is the product of the kernels' matrices, all but one of them where by is not
// negative, and then the derivative of that one by the squared distances.
func (m MMD) product(x []Matrix, by int) (k, slope Matrix) {
	n := x[0].Rows
	k = zeros(n, n)
	for i := range k.Data {
		k.Data[i] = 1
	}
	for l, g := range m.Kernels {
		values := g.of(x[l], l == by)
		if l == by {
			slope = values
			continue
		}
		for i, v := range values.Data {
			k.Data[i] *= v
		}
	}
	return k, slope
}

// of is the kernel of all pairs of rows, or its derivative by their squared distances.
func (g Gaussians) of(x Matrix, derivative bool) Matrix {
	d := squaredDistances(x)
	unit := 1.0
	if g.Relative {
		var sum float64
		for _, v := range d.Data {
			sum += v
		}
		unit = sum / float64(len(d.Data))
	}
	out, e := zeros(d.Rows, d.Cols), make([]float64, len(d.Data))
	for _, v := range g.Variances {
		rate, factor := 0.0, 1.0
		if unit > 0 { // of equal rows every distance is 0
			rate = -1 / (2 * v * unit)
		}
		for i, x := range d.Data {
			e[i] = x * rate
		}
		kernels.Exp(e)
		if derivative {
			factor = rate
		}
		for i, v := range e {
			out.Data[i] += factor * v
		}
	}
	return out
}

// squaredDistances are those of all pairs of rows.
func squaredDistances(x Matrix) Matrix {
	d := gram(x)
	norms := make([]float64, x.Rows)
	for i := range norms {
		norms[i] = row(d, i)[i]
	}
	for i := range d.Rows {
		w := row(d, i)
		for j, v := range w {
			w[j] = max(0, norms[i]+norms[j]-2*v)
		}
		w[i] = 0
	}
	return d
}
