package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// centredOver is the rows less their mean, over sqrt(n - 1), and the mean: its cross-product is
// the covariance.
func centredOver(x *mat.Dense) (*mat.Dense, []float64) {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		floats.Add(mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	out := mat.NewDense(n, d, nil)
	scale := 1 / math.Sqrt(float64(n-1))
	for i := range n {
		row := out.RawRowView(i)
		floats.SubTo(row, x.RawRowView(i), mean)
		floats.Scale(scale, row)
	}
	return out, mean
}

// coral is |C_A - C_B|^2 of the covariances, through whichever of the d x d and the n x n forms is
// smaller.
func coral(x, y *mat.Dense) float64 {
	m, d := x.Dims()
	n, _ := y.Dims()
	a, _ := centredOver(x)
	b, _ := centredOver(y)
	if d <= m+n {
		var ca, cb mat.SymDense
		ca.SymOuterK(1, a.T())
		cb.SymOuterK(1, b.T())
		var sum float64
		for i := range d {
			for j := range d {
				v := ca.At(i, j) - cb.At(i, j)
				sum += v * v
			}
		}
		return sum
	}
	square := func(p, q *mat.Dense) float64 {
		var g mat.Dense
		g.Mul(p, q.T())
		f := mat.Norm(&g, 2)
		return f * f
	}
	return math.Max(0, square(a, a)+square(b, b)-2*square(a, b))
}

// CORAL is |C_A - C_B|^2 / (4 d^2), covariances with n - 1, in the fourth power of the features'
// unit: blind to the means, biased upward by about (tr^2 C + tr C^2)(1/m + 1/n)/(4 d^2). (Code
// elsewhere leaves out 4 d^2, takes the root, or adds the means.) Test, errors and edge cases as
// MMD; at least 2 rows. Time O((m+n) d min(d, m+n)) a permutation.
//
// B. Sun and K. Saenko, "Deep CORAL" (2016).
func CORAL(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("coral", x, y, 2, s)
	if done || err != nil {
		return r, err
	}
	_, d := x.Dims()
	scale := 4 * float64(d) * float64(d)
	of := func(x, y *mat.Dense) float64 { return coral(x, y) / scale }
	r.Value = of(x, y)
	permutePooled(&r, x, y, s, metrics.TieTolerance*r.Value, of)
	return r.Finish()
}

// A FrechetParts is the squared Frechet distance of two fitted normal laws and its parts.
type FrechetParts struct{ Distance, Means, RootTrace float64 }

// FrechetOf is |mu_A - mu_B|^2 + tr C_A + tr C_B - 2 tr (C_A C_B)^(1/2), covariances with n - 1, in
// the square of the features' unit. The trace of the root is a nuclear norm, exact for singular
// covariances, of the blocks or of their triangular factors. Errors as MMD, fewer than 2
// rows, singular values that do not converge. Time O((m+n) d min(d, m, n)).
func FrechetOf(x, y *mat.Dense) (FrechetParts, error) {
	if err := metrics.CheckPair("frechet", x, y, 2, false); err != nil {
		return FrechetParts{}, err
	}
	f, ok := frechet(x, y)
	if !ok {
		return f, fmt.Errorf("metrics: frechet: singular values did not converge")
	}
	return f, nil
}

func frechet(x, y *mat.Dense) (f FrechetParts, ok bool) {
	a, muA := centredOver(x)
	b, muB := centredOver(y)
	traces := floats.Dot(a.RawMatrix().Data, a.RawMatrix().Data) + floats.Dot(b.RawMatrix().Data, b.RawMatrix().Data)
	var product mat.Dense
	product.Mul(triangular(a), triangular(b).T())
	var svd mat.SVD
	if !svd.Factorize(&product, mat.SVDNone) {
		return f, false
	}
	f.RootTrace = floats.Sum(svd.Values(nil))
	d := floats.Distance(muA, muB, 2)
	f.Means = d * d
	f.Distance = math.Max(0, f.Means+traces-2*f.RootTrace)
	return f, true
}

// triangular is R of a = QR for a tall matrix, the matrix itself for a wide one.
func triangular(a *mat.Dense) *mat.Dense {
	n, d := a.Dims()
	if n <= d {
		return a
	}
	var qr mat.QR
	qr.Factorize(a)
	var r mat.Dense
	qr.RTo(&r)
	return r.Slice(0, d, 0, d).(*mat.Dense)
}

// Frechet is FrechetOf with its permutation test. Its bias is large, positive, falls as 1/n and differs
// between models: report n, compare at equal n, or take FrechetInfinity. Fewer rows than columns
// warn.
//
// M. Heusel et al., "GANs trained by a two time-scale update rule" (2017).
func Frechet(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("frechet", x, y, 2, s)
	if done || err != nil {
		return r, err
	}
	m, d := x.Dims()
	n, _ := y.Dims()
	if min(m, n) < d {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d and %d rows of %d columns: the bias is large", m, n, d))
	}
	f, err := FrechetOf(x, y)
	if err != nil {
		return r, err
	}
	r.Value = f.Distance
	r.Parts = []metrics.Part{{Name: "means", Value: f.Means}, {Name: "root trace", Value: f.RootTrace}}
	permutePooled(&r, x, y, s, metrics.TieTolerance*r.Value, func(x, y *mat.Dense) float64 {
		f, _ := frechet(x, y) // rows of data whose own converged
		return f.Distance
	})
	return r.Finish()
}

const extrapolated = 15 // subset sizes of FrechetInfinity

// FrechetInfinity extrapolates the Frechet distance to n = infinity: a line in 1/n through its values
// on 15 subsets, of n/10 to n rows of each sample, drawn from the stream (seed, frechet
// infinity); the intercept, which may be a little below 0. Errors as Frechet, and fewer than 20
// rows.
//
// M. J. Chong and D. Forsyth, "Effectively unbiased FID and Inception Score" (2020).
func FrechetInfinity(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("frechet-infinity", x, y, 20, metrics.Settings{Seed: s.Seed}) // no test
	if done || err != nil {
		return r, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	fewest := min(m, n)
	var inverse, values []float64
	for k := range extrapolated {
		size := max(2, fewest/10+(fewest-fewest/10)*k/(extrapolated-1))
		draw := func(b *mat.Dense, side string) *mat.Dense {
			all, _ := b.Dims()
			return rows.Take(b, stream.Permutation(stream.New(s.Seed, "frechet infinity", side, k), all)[:size])
		}
		f, err := FrechetOf(draw(x, "x"), draw(y, "y"))
		if err != nil {
			return r, err
		}
		inverse, values = append(inverse, 1/float64(size)), append(values, f.Distance)
	}
	r.Value, _ = stat.LinearRegression(inverse, values, nil, false)
	return r.Finish()
}

func init() {
	moved := []string{"row order", "translation", "rotation"}
	unlimited := [2]float64{0, math.Inf(1)}
	describe(metrics.Descriptor{Name: "coral", Doc: "squared distance of the covariances over 4 d^2; blind to the means", Unit: "features^4", Range: unlimited, Invariant: moved,
		Cost: "time (m+n) d^2 (1 + permutations)", Citation: "Sun and Saenko, Deep CORAL, ECCV Workshops 2016", MinRows: 2, Compute: CORAL})
	describe(metrics.Descriptor{Name: "frechet", Doc: "squared Frechet distance of fitted normal laws; biased upward, compare at equal n", Unit: "features squared", Range: unlimited, Invariant: moved,
		Cost: "time (m+n) d^2 + d^3, times 1 + permutations", Citation: "Heusel et al., GANs trained by a two time-scale update rule, NIPS 2017", MinRows: 2, Compute: Frechet})
	describe(metrics.Descriptor{Name: "frechet-infinity", Doc: "squared Frechet distance extrapolated to infinitely many rows", Unit: "features squared", Range: [2]float64{math.Inf(-1), math.Inf(1)},
		Invariant: []string{"translation", "rotation"}, Cost: "time 8 ((m+n) d^2 + d^3)", Citation: "Chong and Forsyth, Effectively unbiased FID and Inception Score, CVPR 2020", MinRows: 20, Compute: FrechetInfinity})
}
