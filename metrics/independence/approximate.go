package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/mathext"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/pairwise"
)

// A Test says where the p-value of a statistic comes from. Only permutations hold
// their level whatever the data; the others are for previews and for more rows than
// a kept matrix allows, and a result names the one that was run.
type Test int

// The tests.
const (
	// Permutation of the rows of y. Keeps two n x n matrices: at most MaxRows rows.
	Permutation Test = iota
	// Gamma with the mean and variance of HSIC_V under the null. Good in few dimensions, far too
	// conservative in many. Gretton et al., "A kernel statistical test of independence" (2008).
	Gamma
	// SpectralGamma is a gamma law with the two moments of the limit law. Zhang et al.,
	// "Kernel-based conditional independence test" (2011).
	SpectralGamma
	// Moments is a gamma law with the exact mean and variance over all permutations; nearly
	// nominal in any number of dimensions. Kazi-Aoual et al., "Refined approximations to
	// permutation tests for multivariate inference" (1995).
	Moments
	// Spectral inverts the characteristic function of the limit law, a weighted sum of
	// chi-squares, from the eigenvalues of both matrices: time O(n^3), at most 2000 rows. J. P.
	// Imhof (1961).
	Spectral
	// StudentT is the t-test of dCor_U. Its law holds as both widths grow: of independent normal rows, 36 of them,
	// 4000 data sets, it rejects at a level of 5 % 6.9 % with widths 3 and 1, 6.0 % with 8 and 3, 5.6 % with 8 and 8
	// and 5.0 % with 16 and 16; up to 9 % were seen with 3 and 1 of other laws. Below wideColumns a result has a warning.
	// Szekely and Rizzo (2013).
	StudentT
	// ChiSquare takes n dCor_U + 1 as chi-square of one degree: conservative. Shen, Panda and
	// Vogelstein, "The chi-square test of distance correlation" (2022).
	ChiSquare
)

// String is how a result names the method.
func (t Test) String() string {
	return [...]string{"permutation", "gamma approximation", "spectral gamma approximation", "permutation-moment gamma approximation",
		"spectral approximation", "t-test", "chi-square approximation"}[t]
}

// minRows is the fewest rows that the test takes.
func (t Test) minRows() int { return [...]int{2, 6, 6, 6, 6, 4, 20}[t] }

const spectralRows = 2000

// wideColumns is the fewest columns of both blocks for which StudentT is near its level.
const wideColumns = 8

// warning says where an approximation does not hold; "" where it does.
func (t Test) warning(widthX, widthY int) string {
	if t != StudentT || min(widthX, widthY) >= wideColumns {
		return ""
	}
	return fmt.Sprintf("the t-test is for wide blocks: with %d and %d columns, fewer than %d, it rejects up to 9 %% of true nulls at a level of 5 %%: take dcor-u", widthX, widthY, wideColumns)
}

// pValue is that of an approximation, given both blocks and their moments.
func (t Test) pValue(name string, x, y *gram, m *moments, correlation float64) (float64, error) {
	n := float64(m.n)
	switch t {
	case StudentT:
		return studentP(correlation, n), nil
	case ChiSquare:
		return chiSquareP(correlation, n), nil
	case Gamma:
		mean, variance := gammaMoments(x, y, m)
		return gammaTail(m.covariance(V), mean, variance), nil
	case SpectralGamma:
		mean, variance := spectralMoments(m)
		return gammaTail(m.covariance(V), mean, variance), nil
	case Moments:
		mean, variance := permutationMoments(m)
		return gammaTail(m.covariance(V), mean, variance), nil
	}
	if m.n > spectralRows {
		return 0, fmt.Errorf("metrics: %s: %d rows, at most %d for the eigenvalues: draw a subsample or take another test", name, m.n, spectralRows)
	}
	lx, err := spectrum(name, x)
	if err != nil {
		return 0, err
	}
	ly, err := spectrum(name, y)
	if err != nil {
		return 0, err
	}
	return imhof(products(lx, ly), n*m.covariance(V)), nil
}

// studentP is the upper tail of sqrt(nu - 1) R / sqrt(1 - R^2) with nu - 1 degrees, nu = n(n-3)/2.
func studentP(r, n float64) float64 {
	df := n*(n-3)/2 - 1
	if r >= 1 {
		return 0
	}
	return distuv.StudentsT{Sigma: 1, Nu: df}.CDF(-studentStatistic(r, n))
}

func studentStatistic(r, n float64) float64 {
	return math.Sqrt(n*(n-3)/2-1) * r / math.Sqrt(math.Max(0, 1-r*r))
}

func chiSquareP(r, n float64) float64 {
	if n*r+1 <= 0 {
		return 1
	}
	return distuv.ChiSquared{K: 1}.Survival(n*r + 1)
}

// gammaTail is P(G >= statistic) for a gamma law of that mean and variance.
func gammaTail(statistic, mean, variance float64) float64 {
	if statistic <= 0 {
		return 1
	}
	return mathext.GammaIncRegComp(mean*mean/variance, statistic*mean/variance)
}

// gammaMoments are Gretton's mean and variance of HSIC_V; kernels are 1 on the diagonal, here
// less 1.
func gammaMoments(x, y *gram, m *moments) (mean, variance float64) {
	n := float64(m.n)
	var tx, ty float64
	for i := range m.rowX {
		tx, ty = tx+m.rowX[i], ty+m.rowY[i]
	}
	mean = tx / (n * (n - 1)) * ty / (n * (n - 1)) / n
	variance = 2 * (n - 4) * (n - 5) / (n * (n - 1) * (n - 2) * (n - 3)) * squaredProducts(x, y, m, tx, ty) / (n * (n - 1))
	return mean, variance
}

// squaredProducts is the sum over distinct i, j of (Kc_ij Lc_ij)^2: a second pass.
func squaredProducts(x, y *gram, m *moments, tx, ty float64) float64 {
	n := float64(m.n)
	parts := make([]float64, pairwise.Slots(m.n))
	var sum float64
	pairwise.ForTiles(m.n, func(t pairwise.Block) {
		a, b := tiles.Get().(*[pairwise.Tile * pairwise.Tile]float64), tiles.Get().(*[pairwise.Tile * pairwise.Tile]float64)
		x.tile(a[:], t.I0, t.I1, t.J0, t.J1)
		y.tile(b[:], t.I0, t.I1, t.J0, t.J1)
		cols := t.J1 - t.J0
		parts[t.Slot] = 0
		for i := t.I0; i < t.I1; i++ {
			for j := t.J0; j < min(t.J1, i); j++ {
				at := (i-t.I0)*cols + j - t.J0
				k := a[at] - (m.rowX[i]+m.rowX[j])/n + tx/(n*n)
				l := b[at] - (m.rowY[i]+m.rowY[j])/n + ty/(n*n)
				parts[t.Slot] += k * k * l * l
			}
		}
		tiles.Put(a)
		tiles.Put(b)
	}, func(t pairwise.Block) { sum += 2 * parts[t.Slot] })
	return sum
}

// spectralMoments are the mean and variance of HSIC_V in the limit law.
func spectralMoments(m *moments) (mean, variance float64) {
	x, y := m.centred()
	n := float64(m.n)
	return x.trace * y.trace / (n * n * n), 2 * x.square * y.square / (n * n * n * n * n * n)
}

// permutationMoments are the exact mean and variance of HSIC_V over all n! permutations.
func permutationMoments(m *moments) (mean, variance float64) {
	x, y := m.centred()
	n := float64(m.n)
	mean = x.trace * y.trace / (n - 1)
	spread := func(c centred) float64 { return (n-1)*c.square - c.trace*c.trace }
	diagonal := func(c centred) float64 { return n*(n+1)*c.diagonal - (n-1)*(c.trace*c.trace+2*c.square) }
	variance = 2*spread(x)*spread(y)/((n-1)*(n-1)*(n+1)*(n-2)) + diagonal(x)*diagonal(y)/((n+1)*n*(n-1)*(n-2)*(n-3))
	return mean / (n * n), variance / (n * n * n * n)
}

// spectrum is the eigenvalues of the centred matrix over n.
func spectrum(name string, g *gram) ([]float64, error) {
	g.keep()
	n := g.rows()
	c := slices.Clone(g.matrix)
	centre(c, n, V)
	floats.Scale(1/float64(n), c)
	var e mat.EigenSym
	if !e.Factorize(mat.NewSymDense(n, c), false) {
		return nil, fmt.Errorf("metrics: %s: the eigenvalues of a %d x %d kernel matrix did not converge", name, n, n)
	}
	return e.Values(nil), nil
}

// products are all lambda_i mu_j above 1e-12 of the largest.
func products(lambda, mu []float64) []float64 {
	var top float64
	for _, l := range lambda {
		for _, u := range mu {
			top = math.Max(top, l*u)
		}
	}
	var out []float64
	for _, l := range lambda {
		for _, u := range mu {
			if l > 0 && u > 0 && l*u > 1e-12*top {
				out = append(out, l*u)
			}
		}
	}
	return out
}

// imhof is P(sum_k w_k chi2_1 >= t): 1/2 + (1/pi) int_0^inf sin(theta(u)) / (u rho(u)) du,
// theta = (1/2) sum atan(w u) - u t/2, log rho = (1/4) sum log(1 + w^2 u^2), panel by
// panel until rho passes 1e13.
func imhof(w []float64, t float64) float64 {
	integrand := func(u float64) (value, logRho float64) {
		theta := -u * t / 2
		for _, v := range w {
			theta += math.Atan(v*u) / 2
			logRho += math.Log1p(v*v*u*u) / 4
		}
		return math.Sin(theta) / (u * math.Exp(logRho)), logRho
	}
	var scale float64
	for _, v := range w {
		scale += v
	}
	step := 2 / math.Max(scale, t/2) // a fraction of an oscillation
	nodes, weights := make([]float64, 16), make([]float64, 16)
	quad.Legendre{}.FixedLocations(nodes, weights, 0, 1)
	var sum, logRho float64
	for panel := 0.0; logRho < math.Log(1e13) && panel < 1e5; panel++ {
		for k, x := range nodes {
			var v float64
			v, logRho = integrand((panel + x) * step)
			sum += v * weights[k] * step
		}
	}
	return math.Min(1, math.Max(0, 0.5+sum/math.Pi))
}
