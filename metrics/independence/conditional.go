package independence

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat/distuv"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// HSICGivenLabel is sum_c (n_c/n) HSIC_U within class c, with Gaussian kernels of the widths of
// all rows: dependence of x (n x p) and y (n x q) beyond what the class explains, such as
// domain information in a code. The p-value permutes rows of y within classes. Classes of fewer than
// 4 rows are left out, with a warning. Errors and edge cases as HSIC, and labels of another
// number; memory 16 n^2 bytes with permutations.
func HSICGivenLabel(x, y *mat.Dense, labels []int, w Widths, s metrics.Settings) (metrics.Result, error) {
	f := Statistic{Name: "hsic-given-label", Widths: w, Estimator: U}
	if err := f.check(x, y, s); err != nil {
		return metrics.Result{}, err
	}
	n, _ := x.Dims()
	if len(labels) != n {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d labels for %d rows", f.Name, len(labels), n)
	}
	r := metrics.Start(f.Name, n, s)
	a, b, why := f.grams(x, y, s)
	if why != "" {
		return r.Collapse(why, s.Permutations > 0), nil
	}
	type class struct {
		rows  []int
		under *permuter
	}
	var classes []class
	left := 0
	for _, c := range levels(labels) {
		var rows []int
		for i, l := range labels {
			if l == c {
				rows = append(rows, i)
			}
		}
		if len(rows) < 4 {
			left += len(rows)
			continue
		}
		classes = append(classes, class{rows, newPermuter(a.of(x, rows), b.of(y, rows), U)})
		r.Value += float64(len(rows)) / float64(n) * classes[len(classes)-1].under.observed()
	}
	if left > 0 {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d rows left out: fewer than 4 in their class", left))
	}
	if len(classes) == 0 {
		return r.Collapse("no class has 4 rows", s.Permutations > 0), nil
	}
	for b := range s.Permutations {
		var value float64
		for c, k := range classes {
			p := stream.Permutation(stream.New(s.Seed, "permutation", f.Name, b, c), len(k.rows))
			value += float64(len(k.rows)) / float64(n) * k.under.statistics([][]int{p})[0]
		}
		r.Null = append(r.Null, value)
	}
	if s.Permutations > 0 {
		p := metrics.PValue(r.Value, r.Null, metrics.TieTolerance, false)
		r.P, r.Method, r.Resamples = &p, "permutation within classes", len(r.Null)
	}
	return r.Finish()
}

// PartialDistanceCorrelation is (r_xy - r_xz r_yz) / sqrt((1 - r_xz^2)(1 - r_yz^2)) of
// bias-corrected distance correlations, in [-1, 1], 0 where the denominator is. Zero does
// not mean conditional independence: it describes. It fails as DistanceCorrelation with U.
//
// G. J. Szekely and M. L. Rizzo, "Partial distance correlation with methods for
// dissimilarities" (2014).
func PartialDistanceCorrelation(x, y, z *mat.Dense) (float64, error) {
	f := correlation("partial-dcor", U, Permutation)
	var r [3]float64
	for i, pair := range [3][2]*mat.Dense{{x, y}, {x, z}, {y, z}} {
		v, err := f.Measure(pair[0], pair[1], metrics.Settings{})
		if err != nil {
			return 0, err
		}
		r[i] = v.Value
	}
	under := math.Sqrt(math.Max(0, (1-r[1]*r[1])*(1-r[2]*r[2])))
	if under < 1e-12 {
		return 0, nil
	}
	return (r[0] - r[1]*r[2]) / under, nil
}

const kcitEpsilon = 1e-3

// KCIT tests that x (n x p) and y (n x q) are independent given z (n x r), with Gaussian
// kernels on z-scored columns of width^2 = w^2 columns, w = 1.2, 0.7, 0.4 for n below 200, below
// 1200 and above, and the X-kernel on [x, z/2]. Value is sum Kx|z o Ky|z. Without permutations p is that
// of the gamma law, which is not calibrated (13-19% false alarms at 5% for a nonlinear z of two
// columns): a screen. With them, rows of y are swapped between near pairs in z (matched along a random
// order of the rows), at random, which holds its level as far as the pairs are near. It fails on unequal rows, fewer than
// 10 or more than 2000, and values that are not finite. Time O(n^3 + n^2 permutations).
//
// K. Zhang et al., "Kernel-based conditional independence test and application in causal
// discovery" (2011).
func KCIT(x, y, z *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	const name = "kcit"
	for _, other := range []*mat.Dense{y, z} {
		if err := metrics.CheckPair(name, x, other, 10, true); err != nil {
			return metrics.Result{}, err
		}
	}
	n, _ := x.Dims()
	if n > noccoRows {
		return metrics.Result{}, fmt.Errorf("metrics: %s: %d rows, want at most %d: draw a subsample", name, n, noccoRows)
	}
	r := metrics.Start(name, n, s)
	if metrics.Constant(x) || metrics.Constant(y) {
		return r.Collapse("all rows of a block are equal", true), nil
	}
	w := 1.2
	switch {
	case n >= 1200:
		w = 0.4
	case n >= 200:
		w = 0.7
	}
	sx, sy, sz := sampleScored(x), sampleScored(y), sampleScored(z)
	weights, err := regressedOut(centredGaussian(sz, w), n, kcitEpsilon, kcitEpsilon, 0)
	if err != nil {
		return metrics.Result{}, err
	}
	kx := sandwich(weights, centredGaussian(beside(sx, sz, 0.5), w), n)
	plainY := centredGaussian(sy, w)
	ky := sandwich(weights, slices.Clone(plainY), n)
	r.Value = floats.Dot(kx, ky)
	var traceU, squareU float64
	for i := range n {
		for j := range n {
			u := kx[i*n+j] * ky[i*n+j]
			squareU += u * u
			if i == j {
				traceU += u
			}
		}
	}
	variance := 2 * squareU
	r.Parts = []metrics.Part{{Name: "null mean", Value: traceU}, {Name: "null variance", Value: variance}}
	r.Approximate(distuv.Gamma{Alpha: traceU * traceU / variance, Beta: traceU / variance}.Survival(r.Value), "gamma approximation")
	if s.Permutations > 0 {
		partner := nearestPairs(sz, stream.Permutation(stream.New(s.Seed, "pairs", name), n))
		// sum Kx|z o (R Ky R) = sum (R Kx|z R) o Ky: the weights stay with the places.
		m := &permuter{n: n, a: sandwich(weights, kx, n), b: plainY}
		observed := m.observed()
		r.Null = m.statistics(swaps(partner, s))
		p := metrics.PValue(observed, r.Null, metrics.TieTolerance*math.Abs(observed), false)
		r.P, r.Method, r.Resamples, r.Null = &p, "swaps of nearest pairs", len(r.Null), nil
	}
	return r.Finish()
}

// sampleScored z-scores columns with n - 1 and drops constant ones; of nothing else, a zero column.
func sampleScored(x *mat.Dense) *mat.Dense {
	n, _ := x.Dims()
	columns := varying(x)
	if len(columns) == 0 {
		return mat.NewDense(n, 1, nil)
	}
	out := mat.NewDense(n, len(columns), nil)
	for j, c := range columns {
		floats.AddConst(-floats.Sum(c)/float64(n), c)
		floats.Scale(math.Sqrt(float64(n-1)/floats.Dot(c, c)), c)
		out.SetCol(j, c)
	}
	return out
}

// beside appends the columns of z, scaled.
func beside(x, z *mat.Dense, scale float64) *mat.Dense {
	var scaled, out mat.Dense
	scaled.Scale(scale, z)
	out.Augment(x, &scaled)
	return &out
}

func centredGaussian(x *mat.Dense, w float64) []float64 {
	n, d := x.Dims()
	g := newGram(x, Gaussian, w*math.Sqrt(float64(d)), 0, 0)
	g.keep()
	centre(g.matrix, n, V)
	return g.matrix
}

// sandwich is R K R.
func sandwich(r, k []float64, n int) []float64 {
	half, out := make([]float64, n*n), make([]float64, n*n)
	kernels.Gemm(kernels.Dense(n, n, half), kernels.Dense(n, n, r), kernels.Dense(n, n, k), false)
	kernels.Gemm(kernels.Dense(n, n, out), kernels.Dense(n, n, half), kernels.Dense(n, n, r), false)
	return out
}

// nearestPairs matches rows to each other: each in the given order with the nearest that is left, of equals the first in
// the order, which must know nothing of x and y.
func nearestPairs(z *mat.Dense, order []int) []int {
	n, _ := z.Dims()
	partner := make([]int, n)
	for i := range partner {
		partner[i] = i
	}
	free := make([]bool, n)
	for i := range free {
		free[i] = true
	}
	for at, i := range order {
		if !free[i] {
			continue
		}
		best, near := -1, math.Inf(1)
		for _, j := range order[at+1:] {
			if !free[j] {
				continue
			}
			if d := squaredDistance(z.RawRowView(i), z.RawRowView(j)); d < near {
				best, near = j, d
			}
		}
		if best >= 0 {
			partner[i], partner[best], free[best] = best, i, false
		}
		free[i] = false
	}
	return partner
}

// swaps exchanges each pair with probability one half.
func swaps(partner []int, s metrics.Settings) [][]int {
	out := make([][]int, s.Permutations)
	for b := range out {
		r := stream.New(s.Seed, "permutation", "kcit", b)
		p := make([]int, len(partner))
		for i := range p {
			p[i] = i
		}
		for i, j := range partner {
			if i < j && r.Uint64()&1 == 1 {
				p[i], p[j] = j, i
			}
		}
		out[b] = p
	}
	return out
}
