// Package discrepancy measures how far apart two unpaired samples are, one from
// each domain: x (m x d) from A and y (n x d) from B.
//
// Maximum mean discrepancies and energy distances are one family: means of a
// symmetric matrix over the pairs within and between the samples. This file holds
// that family and its permutation test.
package discrepancy

import (
	"fmt"
	"math"
	"sync"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/metrics"
)

// An Estimator says how a mean within a sample treats a row paired with itself.
type Estimator int

// The estimators.
const (
	V Estimator = iota // keeps it: biased upwards, never below zero, from 1 row
	U                  // leaves it out: unbiased, may fall below zero, from 2 rows
)

// KeptRows is the most rows of both samples together whose matrix is kept where the
// permutations take several passes, at 4 bytes a pair 512 MiB; beyond, its tiles are computed again for every pass
// (of 256 permutations from 16384 rows on). The values are the same bytes.
const KeptRows = 11585

// A family member is a two-sample statistic mean(K_aa) + mean(K_bb) - 2 mean(K_ab), with a
// kernel given by tiles over the pooled rows.
type member struct {
	name      string
	estimator Estimator
	// kernel prepares the pooled rows; nil where all are equal.
	kernel func(pooled *mat.Dense, s metrics.Settings) tiler
	// finish turns the three terms into a share, whose test is its own; nil adds them up.
	finish func(terms [3]float64) float64
}

// A tiler gives the kernel's values for rows i0..i1, columns j0..j1.
type tiler interface {
	tile(dst []float64, i0, i1, j0, j1 int)
}

// fromDistances is a kernel that is a function of the squared distance, zero at zero.
type fromDistances struct {
	points *pairwise.Points
	apply  func(d2 []float64)
}

func (k fromDistances) tile(dst []float64, i0, i1, j0, j1 int) {
	k.points.Squared(dst, i0, i1, j0, j1)
	k.apply(dst[:(i1-i0)*(j1-j0)])
}

// measure computes the statistic and its permutation test.
func (f member) measure(x, y *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	if f.estimator != U && f.estimator != V {
		return metrics.Result{}, fmt.Errorf("metrics: %s: unknown estimator %d", f.name, f.estimator)
	}
	if err := metrics.CheckPair(f.name, x, y, 1+int(f.estimator), false); err != nil {
		return metrics.Result{}, err
	}
	m, _ := x.Dims()
	n, _ := y.Dims()
	r := start(f.name, m, n, s)
	all := stack(x, y)
	const equal = "all rows of both samples are equal"
	if metrics.Constant(all) {
		return r.Collapse(equal, s.Permutations > 0), nil
	}
	k := f.kernel(all, s)
	if k == nil {
		return r.Collapse(equal, s.Permutations > 0), nil
	}
	f.test(&r, []stratum{{newPool(k, m, n, f.estimator), rows.All(m + n), 1}}, m+n, s)
	return r.Finish()
}

// value is the statistic of its three terms.
func (f member) value(t [3]float64) float64 {
	if f.finish != nil {
		return f.finish(t)
	}
	return t[0] + t[1] + t[2]
}

// scale is that of the statistic's rounding; of a share it is 1.
func (f member) scale(t [3]float64) float64 {
	if f.finish != nil {
		return 1
	}
	return math.Abs(t[0]) + math.Abs(t[1]) + math.Abs(t[2])
}

// start begins a result; N counts the rows of both samples.
func start(name string, m, n int, s metrics.Settings) metrics.Result {
	r := metrics.Result{Name: name, N: m + n, Seed: s.Seed}
	if min(m, n) < metrics.FewRows {
		r.Warnings = append(r.Warnings, fmt.Sprintf("%d and %d rows, fewer than %d in a sample", m, n, metrics.FewRows))
	}
	return r
}

func stack(x, y *mat.Dense) *mat.Dense {
	m, d := x.Dims()
	n, _ := y.Dims()
	all := mat.NewDense(m+n, d, nil)
	all.Stack(x, y)
	return all
}

// A pool adds up the kernel over pairs of pooled rows for many divisions at once.
type pool struct {
	kernel         tiler
	m, n           int
	estimator      Estimator
	kept           [][]float64 // tiles in their order; nil: not kept
	sums, diagonal []float64   // row sums and diagonal of the kernel; nil before the first pass
}

func newPool(k tiler, m, n int, e Estimator) *pool { return &pool{kernel: k, m: m, n: n, estimator: e} }

var buffers = sync.Pool{New: func() any { return new([pairwise.Tile * pairwise.Tile]float64) }}

// terms computes for each division of the pooled rows, given as the rows of the first
// sample, the three terms of the statistic, from block sums: with e the rows' indicator, s_aa =
// e'Ke, s_ab = e'K1 - s_aa, s_bb = 1'K1 - 2 e'K1 + s_aa. Tiles below the diagonal stand
// for those above.
func (p *pool) terms(divisions [][]int) [][3]float64 {
	all, lots := p.m+p.n, len(divisions)
	ones := make([][]int, lots)
	for b, division := range divisions {
		ones[b] = division[:p.m]
	}
	labels := kernels.NewLabels(all, ones)
	first := p.sums == nil
	if first {
		p.sums, p.diagonal = make([]float64, all), make([]float64, all)
	}
	within, margins, own := make([]float64, lots), make([]float64, lots), make([]float64, lots)
	parts := make([]tileSums, pairwise.Slots(all))
	for i := range parts {
		parts[i].within = make([]float64, lots)
	}
	pairwise.ForTiles(all, func(t pairwise.Block) {
		buffer := buffers.Get().(*[pairwise.Tile * pairwise.Tile]float64)
		defer buffers.Put(buffer)
		k := p.tile(buffer[:], t)
		if first {
			p.margins(&parts[t.Slot], k, t)
		}
		labels.QuadraticForms(parts[t.Slot].within, k, t.I0, t.I1, t.J0, t.J1)
	}, func(t pairwise.Block) {
		part := &parts[t.Slot]
		floats.AddScaled(within, t.Times(), part.within)
		if first {
			floats.Add(p.sums[t.I0:t.I1], part.rows[:t.I1-t.I0])
			if !t.Diagonal() { // the columns of this tile are rows of the one mirrored
				floats.Add(p.sums[t.J0:t.J1], part.columns[:t.J1-t.J0])
			}
		}
	})
	labels.LinearForms(margins, p.sums)
	labels.LinearForms(own, p.diagonal)
	total, trace := floats.Sum(p.sums), floats.Sum(p.diagonal)
	fm, fn, e := float64(p.m), float64(p.n), float64(p.estimator)
	out := make([][3]float64, lots)
	for b, aa := range within {
		ab, bb := margins[b]-aa, total-2*margins[b]+aa
		out[b] = [3]float64{(aa - e*own[b]) / (fm * (fm - e)), (bb - e*(trace-own[b])) / (fn * (fn - e)), -2 * ab / (fm * fn)}
	}
	return out
}

// tileSums are those of one tile: of the pairs within the first sample by division, of its rows and columns.
type tileSums struct {
	within        []float64
	rows, columns [pairwise.Tile]float64
}

// tile is the kernel's tile, kept where tiles are.
func (p *pool) tile(buffer []float64, t pairwise.Block) []float64 {
	if p.kept != nil && p.kept[t.Index] != nil {
		return p.kept[t.Index]
	}
	k := buffer[:(t.I1-t.I0)*(t.J1-t.J0)]
	if p.kept != nil {
		k = make([]float64, len(k))
		p.kept[t.Index] = k
	}
	p.kernel.tile(k, t.I0, t.I1, t.J0, t.J1)
	return k
}

// margins sums the rows and columns of a tile and takes its part of the diagonal.
func (p *pool) margins(sums *tileSums, k []float64, t pairwise.Block) {
	cols := t.J1 - t.J0
	clear(sums.columns[:])
	for i := range t.I1 - t.I0 {
		row := k[i*cols : (i+1)*cols]
		sums.rows[i] = floats.Sum(row)
		floats.Add(sums.columns[:cols], row)
		if t.Diagonal() {
			p.diagonal[t.I0+i] = row[i]
		}
	}
}
