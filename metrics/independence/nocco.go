package independence

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/metrics"
)

const (
	noccoRows    = 2000
	noccoEpsilon = 1e-3
)

// NOCCO is the normalised cross-covariance tr(R_x R_y), R = Kc (Kc + n eps I)^-1, with Gaussian
// kernels: an estimate of the mean square contingency that does not depend on the kernel in
// the limit. It lies in [0, n-1] and grows with 1/eps (0: 1e-3): compare only at equal n, eps and
// widths. Test, errors and edge cases as Statistic.Measure, and eps below 0; at most 2000 rows.
// Time O(n^3 + n^2 permutations), memory 32 n^2 bytes.
//
// K. Fukumizu et al., "Kernel measures of conditional dependence" (2008).
func NOCCO(x, y *mat.Dense, w Widths, epsilon float64, s metrics.Settings) (metrics.Result, error) {
	f := Statistic{Name: "nocco", Widths: w}
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	if epsilon == 0 {
		epsilon = noccoEpsilon
	}
	n, _ := x.Dims()
	if n < 4 || n > noccoRows || !(epsilon > 0) {
		return metrics.Result{}, fmt.Errorf("metrics: nocco: %d rows, epsilon %v: want 4 to %d rows and a number above 0", n, epsilon, noccoRows)
	}
	r := metrics.Start(f.Name, n, s)
	a, b, why := f.grams(x, y, s)
	if why != "" {
		return r.Collapse(why, s.Permutations > 0), nil
	}
	m := &permuter{n: n}
	var err error
	if m.a, err = shrunk(a, epsilon); err != nil {
		return metrics.Result{}, err
	}
	if m.b, err = shrunk(b, epsilon); err != nil {
		return metrics.Result{}, err
	}
	n2 := V.divisor(n)
	r.Value = n2 * m.observed()
	r.Test(r.Value, n, s, metrics.TieTolerance*r.Value, func(permutations [][]int) []float64 {
		out := m.statistics(permutations)
		for i := range out {
			out[i] *= n2
		}
		return out
	})
	return r.Finish()
}

// shrunk is R = I - n eps (Kc + n eps I)^-1.
func shrunk(g *gram, epsilon float64) ([]float64, error) {
	g.keep()
	n := g.rows()
	k := g.matrix
	g.matrix = nil
	centre(k, n, V)
	return regressedOut(k, n, float64(n)*epsilon, -float64(n)*epsilon, 1)
}

// regressedOut is scale (K + ridge I)^-1 + diagonal I.
func regressedOut(k []float64, n int, ridge, scale, diagonal float64) ([]float64, error) {
	for i := range n {
		k[i*n+i] += ridge
	}
	var c mat.Cholesky
	if !c.Factorize(mat.NewSymDense(n, k)) {
		return nil, fmt.Errorf("metrics: a centred kernel matrix of %d rows plus %g on its diagonal is not positive definite", n, ridge)
	}
	var inverse mat.SymDense
	if err := c.InverseTo(&inverse); err != nil {
		return nil, fmt.Errorf("metrics: inverse of a kernel matrix: %w", err)
	}
	out := make([]float64, n*n)
	for i := range n {
		for j := range n {
			out[i*n+j] = scale * inverse.At(i, j)
		}
		out[i*n+i] += diagonal
	}
	return out, nil
}

func init() {
	metrics.Measures.Add("nocco", metrics.Descriptor{
		Name: "nocco", Kind: metrics.Independence, Doc: "normalised cross-covariance with Gaussian kernels of median width, epsilon 0.001", Unit: "1", Range: [2]float64{0, 1999}, Better: metrics.LowerIsBetter,
		Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time n^3 + n^2 permutations, memory 32 n^2 bytes, at most 2000 rows",
		Citation: "Fukumizu et al., Kernel measures of conditional dependence, NIPS 2007", MinRows: 4,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return NOCCO(x, y, Widths{}, 0, s) },
	})
}
