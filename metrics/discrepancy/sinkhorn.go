package discrepancy

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/metrics"
)

// A Transport is an entropic optimal transport between two samples of equal weights, cost
// |x-y|^2.
type Transport struct {
	Value      float64 // min <P,C> + eps KL(P | a x b), from the dual
	Cost       float64 // <P,C> alone
	Iterations int     // at the last eps
	Converged  bool
}

const (
	sinkhornIterations = 1000
	sinkhornTolerance  = 1e-9 // change of a potential, as a share of the largest cost
	absorbed           = 40.0 // size of a scaling's logarithm at which it goes into the potentials
	// transportBytes bounds the kernel matrix that is kept.
	transportBytes = 512 << 20
)

// A Divergence is the Sinkhorn divergence and its three transports.
type Divergence struct {
	Value      float64 // OT(A,B) - OT(A,A)/2 - OT(B,B)/2, never below 0
	Sharp      float64 // the same of the costs alone, as PythonOT has it
	AB, AA, BB Transport
	Epsilon    float64
}

// SinkhornOf computes the divergence at eps, in the square of the features' unit; eps 0 takes
// 0.05 times the median squared distance of the pooled rows. It is 0 exactly for equal samples, tends
// to W_2^2 for small eps and to |mean difference|^2 for large, and equals |delta|^2 for a
// translation at any eps. A transport that does not reach 1e-9 of the largest cost in 1000
// iterations says so. Errors as MMD, an eps that is not positive, and more pairs than 512 MiB of
// kernel hold. Time O(m n) an iteration, memory 8 m n bytes.
//
// J. Feydy et al., "Interpolating between optimal transport and MMD using Sinkhorn
// divergences" (2019); B. Schmitzer, "Stabilized sparse scaling algorithms" (2019).
func SinkhornOf(x, y *mat.Dense, epsilon float64, seed uint64) (Divergence, error) {
	return sinkhornOf(x, y, epsilon, sinkhornTolerance, seed)
}

func sinkhornOf(x, y *mat.Dense, epsilon, tolerance float64, seed uint64) (Divergence, error) {
	if err := metrics.CheckPair("sinkhorn", x, y, 1, false); err != nil {
		return Divergence{}, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	if size := 8 * max(m*m, n*n, m*n); size > transportBytes {
		return Divergence{}, fmt.Errorf("metrics: sinkhorn: %d and %d rows need %d MiB of kernel, at most %d: draw subsamples", m, n, size>>20, transportBytes>>20)
	}
	all := stack(x, y)
	if epsilon == 0 {
		width := pairwise.Median(all, nil, seed)
		epsilon = 0.05 * width * width
	}
	if !(epsilon > 0) || math.IsInf(epsilon, 1) {
		return Divergence{}, fmt.Errorf("metrics: sinkhorn: epsilon %v, want a number above 0", epsilon)
	}
	points := pairwise.NewPoints(all)
	problem := func(i0, i1, j0, j1 int) Transport {
		return newCoupling(points, i0, i1, j0, j1, epsilon).solve(tolerance)
	}
	d := Divergence{Epsilon: epsilon, AB: problem(0, m, m, m+n), AA: problem(0, m, 0, m), BB: problem(m, m+n, m, m+n)}
	d.Value = math.Max(0, d.AB.Value-(d.AA.Value+d.BB.Value)/2)
	d.Sharp = d.AB.Cost - (d.AA.Cost+d.BB.Cost)/2
	return d, nil
}

// A coupling is one transport: potentials f, g, and the kernel K = exp((f + g - C)/eps) with
// scalings u, v that are absorbed into the potentials before they grow. Working in scalings makes an
// iteration two matrix-vector products instead of two rounds of exponentials.
type coupling struct {
	points         *pairwise.Points
	i0, i1, j0, j1 int
	m, n           int
	epsilon, top   float64
	f, g           []float64
	kernel         []float64
	symmetric      bool
}

func newCoupling(points *pairwise.Points, i0, i1, j0, j1 int, epsilon float64) *coupling {
	c := &coupling{points: points, i0: i0, i1: i1, j0: j0, j1: j1, m: i1 - i0, n: j1 - j0, epsilon: epsilon, symmetric: i0 == j0 && i1 == j1}
	c.f, c.g, c.kernel = make([]float64, c.m), make([]float64, c.n), make([]float64, c.m*c.n)
	tops := make([]float64, (c.m+pairwise.Tile-1)/pairwise.Tile)
	c.rows(func(block, _, _ int, cost []float64) { tops[block] = floats.Max(cost) })
	c.top = floats.Max(tops)
	return c
}

// rows hands out the costs of blocks of rows.
func (c *coupling) rows(do func(block, lo, hi int, cost []float64)) {
	parallel.Blocks(c.m, pairwise.Tile, func(block, lo, hi int) {
		cost := make([]float64, (hi-lo)*c.n)
		c.points.Squared(cost, c.i0+lo, c.i0+hi, c.j0, c.j1)
		do(block, lo, hi, cost)
	})
}

// solve lowers eps from the largest cost by quarters, with an exact step each, and iterates to
// convergence at the last.
func (c *coupling) solve(tolerance float64) Transport {
	final := c.epsilon
	for c.epsilon = math.Max(c.top, final); c.epsilon > final; c.epsilon = math.Max(final, c.epsilon/4) {
		c.softMin()
	}
	t := Transport{}
	u, v := make([]float64, c.m), make([]float64, c.n)
	rows, cols := make([]float64, c.m), make([]float64, c.n)
	for t.Iterations < sinkhornIterations && !t.Converged {
		c.fill()
		fillOnes(u)
		fillOnes(v)
		for t.Iterations < sinkhornIterations {
			t.Iterations++
			change := c.step(u, v, rows, cols)
			if math.IsNaN(change) || math.IsInf(change, 0) { // a sum vanished: take exact steps instead
				fillOnes(u)
				fillOnes(v)
				c.softMin()
				break
			}
			if c.epsilon*change <= tolerance*c.top {
				t.Converged = true
				break
			}
			if widest(u) > absorbed || widest(v) > absorbed {
				break
			}
		}
		for i, w := range u {
			c.f[i] += c.epsilon * math.Log(w)
		}
		for j, w := range v {
			c.g[j] += c.epsilon * math.Log(w)
		}
	}
	c.fill()
	t.Value = floats.Sum(c.f)/float64(c.m) + floats.Sum(c.g)/float64(c.n)
	t.Cost = c.expectedCost()
	return t
}

func fillOnes(v []float64) {
	for i := range v {
		v[i] = 1
	}
}

func widest(v []float64) float64 {
	var top float64
	for _, w := range v {
		top = math.Max(top, math.Abs(math.Log(w)))
	}
	return top
}

// fill computes K = exp((f_i + g_j - C_ij)/eps).
func (c *coupling) fill() {
	c.rows(func(_, lo, hi int, cost []float64) {
		for i := lo; i < hi; i++ {
			row := c.kernel[i*c.n : (i+1)*c.n]
			for j, d := range cost[(i-lo)*c.n : (i-lo+1)*c.n] {
				row[j] = math.Exp((c.f[i] + c.g[j] - d) / c.epsilon)
			}
		}
	})
}

// step sets u = 1/mean_j(K v), v = 1/mean_i(K' u), or for a sample with itself the geometric
// mean of old and new, and returns the largest change of a logarithm.
func (c *coupling) step(u, v, rows, cols []float64) float64 {
	c.times(v, rows)
	var change float64
	if c.symmetric {
		for i, s := range rows {
			next := math.Sqrt(u[i] / (s / float64(c.n)))
			change = math.Max(change, math.Abs(math.Log(next/u[i])))
			u[i], v[i] = next, next
		}
		return change
	}
	for i, s := range rows {
		next := float64(c.n) / s
		change = math.Max(change, math.Abs(math.Log(next/u[i])))
		u[i] = next
	}
	c.timesTransposed(u, cols)
	for j, s := range cols {
		next := float64(c.m) / s
		change = math.Max(change, math.Abs(math.Log(next/v[j])))
		v[j] = next
	}
	return change
}

func (c *coupling) times(v, out []float64) {
	parallel.Blocks(c.m, 64, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			out[i] = floats.Dot(c.kernel[i*c.n:(i+1)*c.n], v)
		}
	})
}

func (c *coupling) timesTransposed(u, out []float64) {
	parallel.Blocks(c.n, 512, func(_, lo, hi int) {
		clear(out[lo:hi])
		for i, w := range u {
			floats.AddScaled(out[lo:hi], w, c.kernel[i*c.n+lo:i*c.n+hi])
		}
	})
}

// softMin is one exact step in the log domain: f from g, then g from f.
func (c *coupling) softMin() {
	next := make([]float64, c.m)
	c.rows(func(_, lo, hi int, cost []float64) {
		for i := lo; i < hi; i++ {
			next[i] = softMinimum(cost[(i-lo)*c.n:(i-lo+1)*c.n], c.g, c.epsilon)
		}
	})
	if c.symmetric {
		for i, w := range next {
			c.f[i] = (c.f[i] + w) / 2
			c.g[i] = c.f[i]
		}
		return
	}
	copy(c.f, next)
	parallel.Blocks(c.n, pairwise.Tile, func(_, lo, hi int) {
		cost := make([]float64, (hi-lo)*c.m)
		c.points.Squared(cost, c.j0+lo, c.j0+hi, c.i0, c.i1)
		for j := lo; j < hi; j++ {
			c.g[j] = softMinimum(cost[(j-lo)*c.m:(j-lo+1)*c.m], c.f, c.epsilon)
		}
	})
}

// softMinimum is -eps ln mean_j exp((p_j - cost_j)/eps).
func softMinimum(cost, p []float64, epsilon float64) float64 {
	top := math.Inf(-1)
	for j, d := range cost {
		if v := p[j] - d; v > top {
			top = v
		}
	}
	var sum float64
	for j, d := range cost {
		sum += math.Exp((p[j] - d - top) / epsilon)
	}
	return -top - epsilon*math.Log(sum/float64(len(cost)))
}

// expectedCost is <P,C> of the plan K/(m n).
func (c *coupling) expectedCost() float64 {
	parts := make([]float64, (c.m+pairwise.Tile-1)/pairwise.Tile)
	c.rows(func(block, lo, hi int, cost []float64) {
		parts[block] = floats.Dot(cost, c.kernel[lo*c.n:hi*c.n])
	})
	return floats.Sum(parts) / (float64(c.m) * float64(c.n))
}

// Sinkhorn is the divergence of SinkhornOf at 0.05 times the median squared distance of the pooled
// rows. The test computes it anew for each permutation: ask for few. Transports that do not converge
// warn.
func Sinkhorn(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	r, done, err := begin("sinkhorn", x, y, 1, s)
	if done || err != nil {
		return r, err
	}
	d, err := SinkhornOf(x, y, 0, s.Seed)
	if err != nil {
		return r, err
	}
	r.Value = d.Value
	r.Parts = []metrics.Part{{Name: "epsilon", Value: d.Epsilon}, {Name: "without entropy", Value: d.Sharp}}
	for i, t := range []Transport{d.AB, d.AA, d.BB} {
		if !t.Converged {
			r.Warnings = append(r.Warnings, fmt.Sprintf("transport %s did not converge in %d iterations", [...]string{"between the samples", "within the first", "within the second"}[i], sinkhornIterations))
		}
	}
	permutePooled(&r, x, y, s, sinkhornTolerance*d.AB.Value, func(x, y *mat.Dense) float64 {
		v, _ := SinkhornOf(x, y, d.Epsilon, s.Seed) // the same rows: it succeeded
		return v.Value
	})
	return r.Finish()
}

func init() {
	describe(metrics.Descriptor{Name: "sinkhorn", Doc: "Sinkhorn divergence, squared distance, epsilon 0.05 times the median", Unit: "features squared", Range: [2]float64{0, math.Inf(1)},
		Invariant: []string{"row order", "translation", "rotation"}, Cost: "time m n an iteration (1 + permutations), memory 8 m n bytes", MinRows: 1,
		Citation: "Feydy et al., Interpolating between optimal transport and MMD using Sinkhorn divergences, AISTATS 2019", Compute: Sinkhorn})
}
