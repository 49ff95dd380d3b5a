package independence

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// A Canonical is a canonical correlation analysis.
type Canonical struct {
	Correlations []float64 // descending, in [0, 1]
	RankX, RankY int
	Wilks        float64 // prod(1 - rho^2)
	ChiSquare    float64 // Bartlett's, of RankX RankY degrees
	P            float64 // by Bartlett: needs normal data
	Information  float64 // Gaussian mutual information -1/2 ln(Wilks), nats; +Inf at rho = 1
}

// rankCut is the share of the largest singular value below which a direction is rounding.
const rankCut = 1e-10

// basis is an orthonormal basis of the centred columns.
func basis(name string, x *mat.Dense) (*mat.Dense, error) {
	n, d := x.Dims()
	c := mat.DenseCopyOf(x)
	for j := range d {
		var mean float64
		for i := range n {
			mean += c.At(i, j) / float64(n)
		}
		for i := range n {
			c.Set(i, j, c.At(i, j)-mean)
		}
	}
	if metrics.Constant(x) {
		return nil, fmt.Errorf("metrics: cca: %s: all rows are equal", name)
	}
	var svd mat.SVD
	if !svd.Factorize(c, mat.SVDThinU) {
		return nil, fmt.Errorf("metrics: cca: %s: singular values of %d x %d did not converge", name, n, d)
	}
	s := svd.Values(nil)
	rank := 0
	for rank < len(s) && s[rank] > rankCut*s[0] {
		rank++
	}
	var u mat.Dense
	svd.UTo(&u)
	return mat.DenseCopyOf(u.Slice(0, n, 0, rank)), nil
}

func canonical(u, v *mat.Dense) Canonical {
	n, p := u.Dims()
	_, q := v.Dims()
	var product mat.Dense
	product.Mul(u.T(), v)
	var svd mat.SVD
	svd.Factorize(&product, mat.SVDNone) // of a small matrix with entries up to 1
	c := Canonical{Correlations: svd.Values(nil), RankX: p, RankY: q, Wilks: 1}
	for i, r := range c.Correlations {
		c.Correlations[i] = math.Min(1, math.Max(0, r))
		c.Wilks *= 1 - c.Correlations[i]*c.Correlations[i]
	}
	c.ChiSquare = -(float64(n) - 1 - float64(p+q+1)/2) * math.Log(c.Wilks)
	c.P = distuv.ChiSquared{K: float64(p * q)}.Survival(c.ChiSquare)
	c.Information = -math.Log(c.Wilks) / 2
	return c
}

// canonicalMeasure is the largest correlation or the Gaussian information, both tested by permuting the
// information.
func canonicalMeasure(name string) func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	return func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
		if err := metrics.CheckPair(name, x, y, 4, true); err != nil {
			return metrics.Result{}, err
		}
		n, _ := x.Dims()
		r := metrics.Start(name, n, s)
		if metrics.Constant(x) || metrics.Constant(y) {
			return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
		}
		var bases [2]*mat.Dense
		for i, block := range []*mat.Dense{x, y} {
			side := []string{"x", "y"}[i]
			prepared, notes, err := Prepare(block, false, s.Seed, side)
			if err == nil {
				bases[i], err = basis(side, prepared)
			}
			if err != nil {
				return metrics.Result{}, fmt.Errorf("metrics: %s: %s: %w", name, side, err)
			}
			r.Warnings = append(r.Warnings, notes...)
		}
		_, p := bases[0].Dims()
		_, q := bases[1].Dims()
		if p+q >= n {
			return metrics.Result{}, fmt.Errorf("metrics: %s: ranks %d and %d reach the %d rows: some correlations are 1 by counting; take more rows", name, p, q, n)
		}
		c := canonical(bases[0], bases[1])
		r.Value = c.Correlations[0]
		if name == "gaussian-mi" {
			r.Value = c.Information
		}
		for i, v := range c.Correlations {
			r.Parts = append(r.Parts, metrics.Part{Name: fmt.Sprintf("correlation %d", i+1), Value: v})
		}
		if math.IsInf(c.Information, 1) || c.Wilks < 1e-14 {
			if name == "gaussian-mi" {
				return metrics.Result{}, fmt.Errorf("metrics: %s: a direction of one block is a linear function of the other: the information is infinite", name)
			}
			c.Information = math.MaxFloat64 // for the test: no permutation reaches it but by being as perfect
		}
		r.Test(c.Information, n, s, 1e-9, func(permutations [][]int) []float64 {
			return each(permutations, func(order []int) float64 {
				return canonical(bases[0], rows.Take(bases[1], order)).Information
			})
		})
		r.Null = nil // it is that of the information, not of the value
		return r, nil
	}
}

// RV2 is the RV coefficient without the diagonals of the Gram matrices, in [-1, 1]: less
// biased than RV, which is linear CKA. Columns are centred. Errors and edge cases as
// Statistic.Measure, time O(n^2 (p + q)), memory 16 n^2 bytes and at most MaxRows rows.
//
// A. K. Smilde et al., "Matrix correlations for high-dimensional data: the modified
// RV-coefficient" (2009).
func RV2(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "rv2"
	if err := metrics.CheckPair(name, x, y, 4, true); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	if n > MaxRows {
		return metrics.Result{}, tooMany(name, n, "draw a subsample or take cka-linear-debiased")
	}
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", s.Permutations > 0), nil
	}
	a, b := crossProducts(x), crossProducts(y)
	m := &permuter{n: n, a: a, b: b}
	own := func(a []float64) float64 { return (&permuter{n: n, a: a, b: a}).observed() }
	scale := math.Sqrt(own(a) * own(b))
	if scale == 0 {
		return r.Collapse("no two rows of a block are on different sides of the mean", s.Permutations > 0), nil
	}
	r.Value = m.observed() / scale
	r.Test(r.Value, n, s, metrics.TieTolerance, func(permutations [][]int) []float64 {
		out := m.statistics(permutations)
		for i := range out {
			out[i] /= scale
		}
		return out
	})
	return r.Finish()
}

// crossProducts is the Gram matrix of the centred rows with zero diagonal, from the distances.
func crossProducts(x *mat.Dense) []float64 {
	n, _ := x.Dims()
	g := pairwise.Squared(x)
	for i := range g {
		g[i] /= -2
	}
	centre(g, n, V)
	for i := range n {
		g[i*n+i] = 0
	}
	return g
}

func init() {
	const hotelling = "Hotelling, Relations between two sets of variates, 1936"
	cost := "time n (p^2 + q^2) + n permutations; blocks of more than 10 columns are projected to 10 principal components"
	metrics.Measures.Add("cca", metrics.Descriptor{
		Name: "cca", Kind: metrics.Independence, Doc: "largest canonical correlation; tested by Wilks' lambda", Unit: "1", Range: [2]float64{0, 1}, Better: metrics.LowerIsBetter,
		Invariant: []string{"row order", "translation", "scale"}, Cost: cost, Citation: hotelling, MinRows: 4, Compute: canonicalMeasure("cca"),
	})
	metrics.Measures.Add("gaussian-mi", metrics.Descriptor{
		Name: "gaussian-mi", Kind: metrics.Independence, Doc: "mutual information of normal data with these canonical correlations", Unit: "nats", Range: [2]float64{0, math.Inf(1)}, Better: metrics.LowerIsBetter,
		Invariant: []string{"row order", "translation", "scale"}, Cost: cost, Citation: hotelling, MinRows: 4, Compute: canonicalMeasure("gaussian-mi"),
	})
	metrics.Measures.Add("rv2", metrics.Descriptor{
		Name: "rv2", Kind: metrics.Independence, Doc: "modified RV coefficient", Unit: "1", Range: [2]float64{-1, 1}, Better: metrics.LowerIsBetter,
		Invariant: []string{"row order", "translation", "rotation", "scale"}, Cost: "time n^2 (p + q + permutations), memory 16 n^2 bytes",
		Citation: "Smilde et al., Matrix correlations for high-dimensional data: the modified RV-coefficient, 2009", MinRows: 4, Compute: RV2,
	})
}
