package discrepancy

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

const (
	slices200   = 200 // directions: relative standard error of the squared distance at most 10%
	ascentSteps = 50
)

// Directions are unit vectors of d columns, uniform on the sphere, from the stream (seed,
// directions): the same for every pair measured with one seed.
func Directions(count, d int, seed uint64) *mat.Dense {
	r := stream.New(seed, "directions")
	out := mat.NewDense(count, d, nil)
	for i := range count {
		out.SetRow(i, stream.Direction(r, d))
	}
	return out
}

// wasserstein1D is W_p^p of two sorted samples, by the merged breakpoints i/m and j/n in whole
// numbers.
func wasserstein1D(a, b []float64, p float64) float64 {
	m, n := len(a), len(b)
	var sum float64
	for i, j, at := 0, 0, 0; i < m && j < n; {
		next := min((i+1)*n, (j+1)*m)
		d := math.Abs(a[i] - b[j])
		if p == 2 {
			d *= d
		}
		sum += float64(next-at) * d
		at = next
		if next == (i+1)*n {
			i++
		}
		if next == (j+1)*m {
			j++
		}
	}
	return sum / (float64(m) * float64(n))
}

// alongEach is W_p^p along each direction.
func alongEach(x, y, directions *mat.Dense, p float64) []float64 {
	k, _ := directions.Dims()
	out := make([]float64, k)
	parallel.For(k, func(i int) {
		a, b := rows.Along(x, directions.RawRowView(i)), rows.Along(y, directions.RawRowView(i))
		slices.Sort(a)
		slices.Sort(b)
		out[i] = wasserstein1D(a, b, p)
	})
	return out
}

// Sliced is the sliced Wasserstein distance, in the unit of the features: p = 1 the mean of W_1 over 200
// directions of the seed, p = 2 the root of the mean of W_2^2. A translation by delta gives W_2^2
// = |delta|^2/d in the mean. Test, errors and edge cases as MMD. Time O(200 (m+n) (d + log
// (m+n))) a permutation.
//
// N. Bonneel et al., "Sliced and Radon Wasserstein barycenters of measures" (2015).
func Sliced(x, y *mat.Dense, p float64, s metrics.Settings) (metrics.Result, error) {
	name := "sliced-w1"
	if p == 2 {
		name = "sliced-w2"
	}
	r, done, err := begin(name, x, y, 1, s)
	if done || err != nil {
		return r, err
	}
	_, d := x.Dims()
	directions := Directions(slices200, d, s.Seed)
	of := func(x, y *mat.Dense) float64 {
		mean := floats.Sum(alongEach(x, y, directions, p)) / slices200
		if p == 2 {
			return math.Sqrt(mean)
		}
		return mean
	}
	r.Value = of(x, y)
	permutePooled(&r, x, y, s, metrics.TieTolerance*r.Value, of)
	return r.Finish()
}

// MaxSliced is the largest W_2 over directions, found by projected gradient ascent of 50 steps from the
// best of 200 random ones: a lower bound of the maximum, optimistic as an estimate, so that the test
// searches under each permutation too. Errors and edge cases as Sliced.
//
// I. Deshpande et al., "Max-sliced Wasserstein distance and its use for GANs" (2019).
func MaxSliced(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("max-sliced-w2", x, y, 1, s)
	if done || err != nil {
		return r, err
	}
	_, d := x.Dims()
	directions := Directions(slices200, d, s.Seed)
	of := func(x, y *mat.Dense) float64 { return maxSliced(x, y, directions) }
	r.Value = of(x, y)
	permutePooled(&r, x, y, s, metrics.TieTolerance*r.Value, of)
	return r.Finish()
}

func maxSliced(x, y, directions *mat.Dense) float64 {
	along := alongEach(x, y, directions, 2)
	best := floats.MaxIdx(along)
	direction, value := slices.Clone(directions.RawRowView(best)), along[best]
	step := 1.0
	for range ascentSteps {
		g := gradientAlong(x, y, direction)
		norm := floats.Norm(g, 2)
		if norm == 0 {
			break
		}
		trial := slices.Clone(direction)
		floats.AddScaled(trial, step/norm, g)
		floats.Scale(1/floats.Norm(trial, 2), trial)
		a, b := rows.Along(x, trial), rows.Along(y, trial)
		slices.Sort(a)
		slices.Sort(b)
		if v := wasserstein1D(a, b, 2); v > value {
			direction, value = trial, v
		} else {
			step /= 2
		}
	}
	return math.Sqrt(value)
}

// gradientAlong is that of W_2^2 by the direction: twice the mean of (difference along it) times
// (difference of the matched rows).
func gradientAlong(x, y *mat.Dense, direction []float64) []float64 {
	sorted := func(b *mat.Dense) (order []int, value []float64) {
		value = rows.Along(b, direction)
		return rows.Ascending(value), value
	}
	oa, va := sorted(x)
	ob, vb := sorted(y)
	m, n := len(oa), len(ob)
	g := make([]float64, len(direction))
	for i, j, at := 0, 0, 0; i < m && j < n; {
		next := min((i+1)*n, (j+1)*m)
		weight := 2 * float64(next-at) / (float64(m) * float64(n)) * (va[oa[i]] - vb[ob[j]])
		floats.AddScaled(g, weight, x.RawRowView(oa[i]))
		floats.AddScaled(g, -weight, y.RawRowView(ob[j]))
		at = next
		if next == (i+1)*n {
			i++
		}
		if next == (j+1)*m {
			j++
		}
	}
	return g
}

func init() {
	unlimited := [2]float64{0, math.Inf(1)}
	cost := "time 200 (m+n) (d + log(m+n)) (1 + permutations)"
	const citation = "Bonneel et al., Sliced and Radon Wasserstein barycenters of measures, 2015"
	moved := []string{"row order", "translation"}
	describe(metrics.Descriptor{Name: "sliced-w1", Doc: "sliced Wasserstein distance, first order, 200 directions", Unit: "features", Range: unlimited, Invariant: moved, Cost: cost, Citation: citation, MinRows: 1,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return Sliced(x, y, 1, s) }})
	describe(metrics.Descriptor{Name: "sliced-w2", Doc: "sliced Wasserstein distance, second order, 200 directions", Unit: "features", Range: unlimited, Invariant: moved, Cost: cost, Citation: citation, MinRows: 1,
		Compute: func(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) { return Sliced(x, y, 2, s) }})
	describe(metrics.Descriptor{Name: "max-sliced-w2", Doc: "largest Wasserstein distance over directions, by gradient ascent from 200", Unit: "features", Range: unlimited, Invariant: moved, Cost: cost,
		Citation: "Deshpande et al., Max-sliced Wasserstein distance and its use for GANs, CVPR 2019", MinRows: 1, Compute: MaxSliced})
}
