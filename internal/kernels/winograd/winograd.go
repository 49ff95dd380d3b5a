// Package winograd says by which linear maps a short convolution is computed with fewer products
// than it has: what is common to the loops of every processor.
//
// A. L. Toom 1963 and S. A. Cook 1966, for products of polynomials; S. Winograd, "Arithmetic
// Complexity of Computations", SIAM 1980, for their transposition to convolutions; A. Lavin and
// S. Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, for squares of them.
package winograd

// A Matrix is a linear map by rows.
type Matrix [][]float64

// T is the transposed map.
func (m Matrix) T() Matrix {
	t := make(Matrix, len(m[0]))
	for j := range t {
		for i := range m {
			t[j] = append(t[j], m[i][j])
		}
	}
	return t
}

// Maps are those of F(n, r): n outputs of a convolution of r taps,
//
//	y = Gather·((Weigh·g) ⊙ (Analyse·d)),  y_i = Σ_k d_{i+k}·g_k
//
// with n + r − 1 products. The transposed maps make of a gradient by y those by d and g.
type Maps struct{ Analyse, Weigh, Gather Matrix }

// points are where the polynomials are evaluated, beside infinity: small numbers, whose powers
// round least, in pairs of one size, whose maps share sums.
var points = []float64{0, 1, -1, 2, -2}

// Of makes the maps of n outputs and r taps; n + r − 2 is 5 at most.
func Of(n, r int) Maps {
	at := points[:n+r-2]
	m := Maps{Gather: make(Matrix, n)}
	power := func(x float64, k int) float64 {
		p := 1.0
		for range k {
			p *= x
		}
		return p
	}
	unit := func(size, at int) []float64 {
		row := make([]float64, size)
		row[at] = 1
		return row
	}
	for j, a := range at {
		others, scale := []float64{1}, 1.0
		for l, b := range at {
			if l != j {
				others, scale = times(others, b), scale*(a-b)
			}
		}
		m.Analyse = append(m.Analyse, append(others, 0))
		weights := make([]float64, r)
		for k := range weights {
			weights[k] = power(a, k) / scale
		}
		m.Weigh = append(m.Weigh, weights)
	}
	all := []float64{1}
	for _, b := range at {
		all = times(all, b)
	}
	m.Analyse, m.Weigh = append(m.Analyse, all), append(m.Weigh, unit(r, r-1))
	for i := range m.Gather {
		for _, a := range at {
			m.Gather[i] = append(m.Gather[i], power(a, i))
		}
		m.Gather[i] = append(m.Gather[i], unit(n, n-1)[i])
	}
	return m
}

// times multiplies a polynomial, constant term first, by x − b.
func times(p []float64, b float64) []float64 {
	out := make([]float64, len(p)+1)
	for i, v := range p {
		out[i+1] += v
		out[i] -= b * v
	}
	return out
}
