package kernels

import (
	"time"

	"github.com/venn-adapt/venn/internal/kernels/winograd"
	"github.com/venn-adapt/venn/internal/parallel"
)

// An engine is the set of innermost loops that a float type runs on. The plain one
// is Go; init of a processor's file may replace those of float32 and float64.
type engine[F Float] struct {
	name  string
	tiles []tile[F]     // all of one number of rows, from the narrowest to the widest
	few   []tile[F]     // of the same widths and fewer rows, where there are such
	rows  []rowTile[F]  // likewise
	lines []lineTile[F] // from the fewest channels to the most; none where no loop is worth it
	vectors[F]
	stencils[F]
	// peak runs n rounds of peakChains independent multiply-adds of peakLanes values.
	peak      func(n int)
	peakLanes int
}

// A tile multiplies a column of A by a row of B at each of n·rows·k places, and
// sets the mr x nr tile c, rows ldc apart, to the sum, or adds it. The values of A
// at place (s, r, i) start at a[s·an + r·ar + i·as]; those of B at the p-th place
// visited start at b[p·bs].
type tile[F Float] struct {
	mr, nr int
	run    func(n, rows, k int, a []F, an, ar, as int, b []F, bs int, c []F, ldc int, add bool)
}

// A rowTile multiplies mr rows of A, read where they lie, by a packed B of nr
// columns, of which skip values are left out after each run: row i reads k values, one
// at least, from a[at[r·mr+i]] in run r, and its nr sums go to c[ct[i]], or are added there.
type rowTile[F Float] struct {
	mr, nr int
	run    func(runs, k, skip int, a []F, at []int32, b, c []F, ct []int32, add bool)
}

// vectors are loops over whole slices of one length.
type vectors[F Float] struct {
	// transpose sets dst (cols x rows, rows ldd apart) to the transpose of src (rows
	// x cols, rows lds apart).
	transpose func(dst []F, ldd int, src []F, lds, rows, cols int)
	sum       func(x []F) float64
	dot       func(x, y []F) float64
	absDiff   func(x, t []F) float64 // Σ |x − t|

	// Of whole planes of area values, as InstanceNorm and InstanceNormGrad.
	norm     func(area int, y, x []F, slope F)
	normGrad func(area int, dx, dy, x []F, slope F)

	leaky     func(y, x []F, slope F)
	leakyGrad func(dx, dy, x []F, slope F)
	tanh      func(y, x []F)
	tanhGrad  func(dx, dy, y []F)
	absGrad   func(dx, x, t []F, g F)

	axpy  func(y []F, a F, x []F) // y += a·x
	scale func(y []F, a F, x []F) // y = a·x

	// Every operation of these rounds, so all paths give one result.
	affine func(y, x []F, m, a, add F)            // y = a·(x − m) + add
	slant  func(y, d, x []F, up, m, slope, add F) // y = up·d + slope·(x − m) + add

	channel func(d, x []F, mean float64) (sum, product float64) // Σ d and Σ d·(x − mean), in float64

	adam func(p, g, m, v []F, scale, c1, c2, rate, root, eps F)
}

// rowsFor is the row tile that channels are laid out for, in strips.
func (e *engine[F]) rowsFor(channels int) rowTile[F] {
	if channels <= e.rows[0].nr {
		return e.rows[0]
	}
	return e.wideRows()
}

func (e *engine[F]) wideRows() rowTile[F] { return e.rows[len(e.rows)-1] }
func (e *engine[F]) wideTile() tile[F]    { return e.tiles[len(e.tiles)-1] }

// rowsHolding is the narrowest row tile that holds what is left for a strip, or the widest.
func (e *engine[F]) rowsHolding(channels int) rowTile[F] {
	for _, t := range e.rows {
		if channels <= t.nr {
			return t
		}
	}
	return e.wideRows()
}

// tileHolding is the narrowest tile that holds what is left for a strip, or the widest.
func (e *engine[F]) tileHolding(columns int) tile[F] { return holding(e.tiles, columns) }

func holding[F Float](tiles []tile[F], columns int) tile[F] {
	for _, t := range tiles {
		if columns <= t.nr {
			return t
		}
	}
	return tiles[len(tiles)-1]
}

var (
	engine32 = plain[float32]()
	engine64 = plain[float64]()
)

func engineOf[F Float]() *engine[F] {
	if e, ok := any(&engine32).(*engine[F]); ok {
		return e
	}
	return any(&engine64).(*engine[F])
}

// Path names the loops that run: "avx512", "avx2" or "go".
func Path() string { return engine32.name }

// A stencil maps a square of vectors of n values to another square, by one linear
// map applied to its columns and then to its rows. Vector (i, j) of the input lies at
// src[s0 + i·srow + j·scol], of the output at dst[d0 + i·drow + j·dcol].
type stencil[F Float] func(n int, dst []F, d0, drow, dcol int, src []F, s0, srow, scol int)

// stencils are the maps of the fast convolution (winograd.go), by what they do to
// a line of values.
type stencils[F Float] struct {
	analyse3 stencil[F] // d0 d1 d2    → d0−d1, d1, d1−d2
	analyse4 stencil[F] // d0 d1 d2 d3 → d0−d1, d1, d1−d2, d2, d2−d3
	spread   stencil[F] // g0 g1       → g0, g0+g1, g1
	gather   stencil[F] // m0 m1 m2    → m0+m1, m1−m2
	forms    [2]form[F]
}

// A form is the maps of F(4, taps) of the package winograd, for 2 or 3 taps (tiled.go): from inputs,
// weights and gradients of outputs to products, and from products to outputs and gradients.
type form[F Float] struct {
	analyse, weigh, spread stencil[F]
	gather, back, unweigh  stencil[F] // back adds to what is there
}

// plainForm is the form of so many taps as matrices.
func plainForm[F Float](taps int) form[F] {
	m := winograd.Of(tileSide, taps)
	return form[F]{mapGo[F](m.Analyse, false), mapGo[F](m.Weigh, false), mapGo[F](m.Gather.T(), false),
		mapGo[F](m.Gather, false), mapGo[F](m.Analyse.T(), true), mapGo[F](m.Weigh.T(), false)}
}

// mapGo applies m, or adds what it makes.
func mapGo[F Float](m winograd.Matrix, add bool) stencil[F] {
	return func(n int, dst []F, d0, drow, dcol int, src []F, s0, srow, scol int) {
		for c := range n {
			for i, down := range m {
				var columns [tileSide + 2]F
				for p, f := range down {
					for q := range down {
						columns[q] += F(f) * src[s0+p*srow+q*scol+c]
					}
				}
				for j, across := range m {
					var s F
					for q, f := range across {
						s += F(f) * columns[q]
					}
					if to := &dst[d0+i*drow+j*dcol+c]; add {
						*to += s
					} else {
						*to = s
					}
				}
			}
		}
	}
}

// plainStencils are the maps as matrices.
func plainStencils[F Float]() stencils[F] {
	return stencils[F]{
		analyse3: stencilGo[F]([][]F{{1, -1, 0}, {0, 1, 0}, {0, 1, -1}}),
		analyse4: stencilGo[F]([][]F{{1, -1, 0, 0}, {0, 1, 0, 0}, {0, 1, -1, 0}, {0, 0, 1, 0}, {0, 0, 1, -1}}),
		spread:   stencilGo[F]([][]F{{1, 0}, {1, 1}, {0, 1}}),
		gather:   stencilGo[F]([][]F{{1, 1, 0}, {0, 1, -1}}),
		forms:    [2]form[F]{plainForm[F](2), plainForm[F](3)},
	}
}

// stencilGo applies m, whose entries are −1, 0 and 1, with at least one of them 1.
func stencilGo[F Float](m [][]F) stencil[F] {
	return func(n int, dst []F, d0, drow, dcol int, src []F, s0, srow, scol int) {
		var columns [4]F
		for c := range n {
			for i, down := range m {
				for q := range down {
					columns[q] = combined(down, src, s0+q*scol+c, srow)
				}
				for j, across := range m {
					dst[d0+i*drow+j*dcol+c] = combined(across, columns[:], 0, 1)
				}
			}
		}
	}
}

// combined is the sum of the values that factors name, a positive one first.
func combined[F Float](factors, x []F, at, stride int) (s F) {
	for k, f := range factors {
		if f > 0 {
			s += x[at+k*stride]
		}
	}
	for k, f := range factors {
		if f < 0 {
			s -= x[at+k*stride]
		}
	}
	return s
}

// short lines are not worth a call of the engine's loops.
const short = 32

// sumOf and dotOf are the engine's sum and dot.
func sumOf[F Float](e *engine[F], x []F) float64 {
	if len(x) > short {
		return e.sum(x)
	}
	var s0, s1, s2, s3 F
	for ; len(x) >= 4; x = x[4:] {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
	}
	for _, v := range x {
		s0 += v
	}
	return float64((s0 + s1) + (s2 + s3))
}

func dotOf[F Float](e *engine[F], x, y []F) float64 {
	if len(x) > short {
		return e.dot(x, y)
	}
	var s0, s1, s2, s3 F
	for ; len(x) >= 4 && len(y) >= 4; x, y = x[4:], y[4:] {
		s0, s1, s2, s3 = s0+x[0]*y[0], s1+x[1]*y[1], s2+x[2]*y[2], s3+x[3]*y[3]
	}
	for i, v := range x {
		s0 += v * y[i]
	}
	return float64((s0 + s1) + (s2 + s3))
}

// peakChains are the independent sums of an engine's peak loop.
const peakChains = 12

// PeakRate measures the float32 multiply-adds that this processor's registers can
// do on the given number of threads, in operations a second (an addition and a
// product are two): the best of a few rounds that together take about span.
func PeakRate(threads int, span time.Duration) float64 {
	const rounds, n = 5, 1 << 16
	perRound := float64(2 * peakChains * engine32.peakLanes * n * threads)
	return best(rounds, span, perRound, func() {
		parallel.For(threads, func(int) { engine32.peak(n) })
	})
}

// ReadRate measures how fast memory beyond every cache is read on the given number
// of threads, in bytes a second.
func ReadRate(threads int, span time.Duration) float64 {
	const values = 1 << 24 // 64 MiB a thread
	x := make([]float32, threads*values)
	for i := range x {
		x[i] = 1
	}
	return best(5, span, float64(4*len(x)), func() {
		parallel.For(threads, func(t int) { engine32.sum(x[t*values : (t+1)*values]) })
	})
}

// best runs do again and again for about span in all, in rounds, and returns the
// highest rate of a round: work a call over seconds a call.
func best(rounds int, span time.Duration, work float64, do func()) float64 {
	var rate float64
	for range rounds {
		calls, start := 0, time.Now()
		for time.Since(start) < span/time.Duration(rounds) {
			do()
			calls++
		}
		rate = max(rate, float64(calls)*work/time.Since(start).Seconds())
	}
	return rate
}
