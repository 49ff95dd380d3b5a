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
	"github.com/venn-adapt/venn/metrics"
)

// An Estimator says how a mean within a sample treats a row paired with itself.
type Estimator int

// The estimators.
const (
	V Estimator = iota // keeps it: biased upwards, never below zero, from 1 row
	U                  // leaves it out: unbiased, may fall below zero, from 2 rows
)

// KeptRows is the most rows of both samples together whose matrix is kept for the
// permutations, at 4 bytes a pair 512 MiB; beyond, its tiles are computed again for every 256
// permutations. The values are the same bytes.
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
	p := newPool(k, m, n, f.estimator)
	if s.Permutations > 0 && m+n <= KeptRows {
		p.kept = make([][]float64, pairwise.Tiles(m+n)*pairwise.Tiles(m+n))
	}
	first := make([]int, m)
	for i := range first {
		first[i] = i
	}
	value := f.finish
	if value == nil {
		value = func(t [3]float64) float64 { return t[0] + t[1] + t[2] }
	}
	terms := p.terms([][]int{first})[0]
	r.Value = value(terms)
	if _, err := r.Finish(); err != nil {
		return r, err
	}
	scale := math.Abs(terms[0]) + math.Abs(terms[1]) + math.Abs(terms[2])
	if f.finish != nil {
		scale = 1 // a share
	}
	r.Test(r.Value, m+n, s, metrics.TieTolerance*scale, func(permutations [][]int) []float64 {
		out := make([]float64, len(permutations))
		for b, t := range p.terms(permutations) {
			out[b] = value(t)
		}
		return out
	})
	return r, nil
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
	kept           [][]float64 // tiles, by row and column of tiles; nil: not kept
	sums, diagonal []float64   // row sums and diagonal of the kernel; nil before the first pass
}

func newPool(k tiler, m, n int, e Estimator) *pool { return &pool{kernel: k, m: m, n: n, estimator: e} }

var buffers = sync.Pool{New: func() any { return new([pairwise.Tile * pairwise.Tile]float64) }}

// terms computes for each division of the pooled rows, given as the rows of the first
// sample, the three terms of the statistic, from block sums: with e the rows' indicator, s_aa =
// e'Ke, s_ab = e'K1 - s_aa, s_bb = 1'K1 - 2 e'K1 + s_aa. Tiles below the diagonal stand
// for those above. Each tile is one matrix product for all divisions.
func (p *pool) terms(divisions [][]int) [][3]float64 {
	all, lots := p.m+p.n, len(divisions)
	indicator := make([]float64, lots*all)
	for b, rows := range divisions {
		for _, i := range rows[:p.m] {
			indicator[b*all+i] = 1
		}
	}
	block := func(i0, i1 int) kernels.Matrix[float64] {
		return kernels.Matrix[float64]{Rows: lots, Cols: i1 - i0, Stride: all, Data: indicator[i0:]}
	}
	first := p.sums == nil
	if first {
		p.sums, p.diagonal = make([]float64, all), make([]float64, all)
	}
	within := make([]float64, lots)
	tiles := pairwise.Tiles(all)
	parts := make([][]float64, tiles)
	rowSums := make([][]float64, tiles)
	pairwise.ForTiles(all, func(ti, tj, i0, i1, j0, j1 int) {
		buffer := buffers.Get().(*[pairwise.Tile * pairwise.Tile]float64)
		defer buffers.Put(buffer)
		k := p.tile(buffer[:], ti, tj, i0, i1, j0, j1)
		if first {
			rowSums[tj] = p.margins(k, i0, i1, j0, j1)
		}
		by := make([]float64, lots*(j1-j0))
		kernels.Gemm(kernels.Dense(lots, j1-j0, by), block(i0, i1), kernels.Dense(i1-i0, j1-j0, k), false)
		parts[tj] = make([]float64, lots)
		for b := range lots {
			parts[tj][b] = floats.Dot(by[b*(j1-j0):(b+1)*(j1-j0)], indicator[b*all+j0:b*all+j1])
		}
	}, func(ti int) {
		for tj := range ti + 1 {
			twice := 2.0
			if ti == tj {
				twice = 1
			}
			floats.AddScaled(within, twice, parts[tj])
			if first {
				floats.Add(p.sums[ti*pairwise.Tile:min(all, (ti+1)*pairwise.Tile)], rowSums[tj])
			}
		}
	})
	total, trace := floats.Sum(p.sums), floats.Sum(p.diagonal)
	fm, fn, e := float64(p.m), float64(p.n), float64(p.estimator)
	out := make([][3]float64, lots)
	for b := range out {
		of := indicator[b*all : (b+1)*all]
		aa, margin, own := within[b], floats.Dot(of, p.sums), floats.Dot(of, p.diagonal)
		ab, bb := margin-aa, total-2*margin+aa
		out[b] = [3]float64{(aa - e*own) / (fm * (fm - e)), (bb - e*(trace-own)) / (fn * (fn - e)), -2 * ab / (fm * fn)}
	}
	return out
}

// tile is the kernel's tile, kept where tiles are.
func (p *pool) tile(buffer []float64, ti, tj, i0, i1, j0, j1 int) []float64 {
	at := ti*pairwise.Tiles(p.m+p.n) + tj
	if p.kept != nil && p.kept[at] != nil {
		return p.kept[at]
	}
	k := buffer[:(i1-i0)*(j1-j0)]
	if p.kept != nil {
		k = make([]float64, len(k))
		p.kept[at] = k
	}
	p.kernel.tile(k, i0, i1, j0, j1)
	return k
}

// margins adds the columns of a tile to the row sums of its mirror image and returns its own
// row sums.
func (p *pool) margins(k []float64, i0, i1, j0, j1 int) []float64 {
	rows := make([]float64, i1-i0)
	cols := j1 - j0
	for i := range rows {
		row := k[i*cols : (i+1)*cols]
		rows[i] = floats.Sum(row)
		if i0 != j0 {
			floats.Add(p.sums[j0:j1], row)
		} else {
			p.diagonal[i0+i] = row[i]
		}
	}
	return rows
}
