package losses

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Moments is the squared Frobenius norm of the difference between the central moments of an
// order of two samples, ‖mean_s (x−μ_s)^⊗p − mean_t (x−μ_t)^⊗p‖², in units of x to the power
// 2p. The first Source rows are the one sample, the rest the other. Order 2 is the difference
// of covariances that divide by n (B. Sun and K. Saenko, Deep CORAL, ECCV workshops 2016),
// order 3 that of third moments (C. Chen et al., HoMM, AAAI 2020). The tensors are never
// made: the inner product of two of them is that of their rows, to the power p. Time O(n²d).
type Moments struct{ Source, Order int }

func (Moments) Inputs() (all, trained int) { return 1, 1 }

func (m Moments) Check(shapes ...[]int) error {
	if m.Order < 1 {
		return fmt.Errorf("moments of order %d", m.Order)
	}
	return twoDomains(m.Source, 1, shapes)
}

func (m Moments) Value(x ...Matrix) float64 {
	g := gram(m.centred(x[0]))
	var total float64
	for i := range g.Rows {
		var sum float64
		for j, v := range row(g, i) {
			sum += m.share(i, j, g.Rows) * power(v, m.Order)
		}
		total += sum
	}
	return total
}

func (m Moments) Grad(_ int, dx Matrix, size float64, x ...Matrix) {
	z := m.centred(x[0])
	g := gram(z)
	for i := range g.Rows {
		w := row(g, i)
		for j, v := range w {
			w[j] = 2 * size * float64(m.Order) * m.share(i, j, g.Rows) * power(v, m.Order-1)
		}
	}
	kernels.Gemm(dx, g, z, false)
	m.centre(dx)
}

// share is the weight of the inner product of rows i and j.
func (m Moments) share(i, j, rows int) float64 {
	of := func(i int) float64 {
		if i < m.Source {
			return 1 / float64(m.Source)
		}
		return -1 / float64(rows-m.Source)
	}
	return of(i) * of(j)
}

func (m Moments) centred(x Matrix) Matrix {
	z := zeros(x.Rows, x.Cols)
	copy(z.Data, x.Data)
	m.centre(z)
	return z
}

// centre subtracts from the rows of each sample their mean.
func (m Moments) centre(x Matrix) {
	mean := make([]float64, x.Cols)
	for _, r := range []Rows{{0, m.Source}, {m.Source, x.Rows}} {
		part := r.of(x)
		kernels.SumRows(mean, part.Data)
		for i := range part.Rows {
			for j := range mean {
				row(part, i)[j] -= mean[j] / float64(r.n())
			}
		}
	}
}

// power is v to a small whole power.
func power(v float64, p int) float64 {
	out := 1.0
	for range p {
		out *= v
	}
	return out
}
