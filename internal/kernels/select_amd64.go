//go:build amd64 && !purego

package kernels

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/cpu"
)

//go:generate go run ./gen -out asm_amd64.s -stubs asm_amd64.go -pkg kernels

// init picks the widest loops that the processor has. VENN_KERNELS=go, avx2 or
// avx512 asks for some by name, for tests and comparisons; a name that the
// processor cannot run stops the program.
func init() {
	has512 := cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ
	has2 := cpu.X86.HasAVX2 && cpu.X86.HasFMA
	want := os.Getenv("VENN_KERNELS")
	switch {
	case want == "go":
	case has512 && (want == "" || want == "avx512"):
		use512()
	case has2 && (want == "" || want == "avx2"):
		use2()
	case want != "":
		names := "go"
		if has2 {
			names += ", avx2"
		}
		if has512 {
			names += ", avx512"
		}
		fmt.Fprintf(os.Stderr, "VENN_KERNELS=%s: this processor runs %s; take one of these or leave it unset\n", want, names)
		os.Exit(2)
	}
}

func use512() {
	engine32 = engine[float32]{
		name:  "avx512",
		tiles: []tile[float32]{{12, 16, tileWith(tileNarrowAVX512)}, {12, 24, tileWith(tileMiddleAVX512)}, {12, 32, tileWith(tileAVX512)}},
		few:   []tile[float32]{{6, 16, tileWith(tileFewNarrowAVX512)}, {6, 24, tileWith(tileFewMiddleAVX512)}, {6, 32, tileWith(tileFewAVX512)}},
		rows:  []rowTile[float32]{{12, 16, rowsWith(narrowAVX512)}, {12, 24, rowsWith(middleAVX512)}, {12, 32, rowsWith(rowsAVX512)}},
		lines: []lineTile[float32]{{8, linesWith(lines8AVX512)}, {10, linesWith(lines10AVX512)}, {12, linesWith(lines12AVX512)}},
		stencils: stencils[float32]{
			analyse3: stencilWith(16, analyse3AVX512), analyse4: stencilWith(16, analyse4AVX512),
			spread: stencilWith(16, spreadAVX512), gather: stencilWith(16, gatherAVX512),
			forms: [2]form[float32]{
				formWith(16, analyseForm2AVX512, weighForm2AVX512, spreadForm2AVX512, gatherForm2AVX512, backForm2AVX512, unweighForm2AVX512),
				formWith(16, analyseForm3AVX512, weighForm3AVX512, spreadForm3AVX512, gatherForm3AVX512, backForm3AVX512, unweighForm3AVX512),
			},
		},
		peak: peakAVX512, peakLanes: 16,
		vectors: assembly{
			lanes: 16, sum: sumAVX512, dot: dotAVX512, absDiff: absDiffAVX512,
			norm: normAVX512, normGrad: normGradAVX512,
			leaky: leakyAVX512, leakyGrad: leakyGradAVX512, tanh: tanhAVX512, tanhGrad: tanhGradAVX512, absGrad: absGradAVX512,
			axpy: axpyAVX512, scale: scaleAVX512, affine: affineAVX512, slant: slantAVX512, channel: channelAVX512, adam: adamAVX512,
		}.vectors(),
	}
	engine32.transpose = transpose512
	engine64.name = "avx512"
	engine64.tiles = []tile[float64]{{12, 16, tileWith(tile64AVX512)}}
	enginePairs = pairLoops{
		most: func(rows, n int, y, x []float32, width int) { poolAVX512(rows, n, &y[0], &x[0], width) },
		grad: func(rows, n int, dx, dy, x []float32, width int) {
			poolGradAVX512(rows, n, &dy[0], &x[0], width, &dx[0])
		},
	}
	engineAcross = &acrossLoops{
		sums: func(n int, d, x []float32, mean, sums, products *perChannel) {
			acrossAVX512(n, &d[0], &x[0], &mean[0], &sums[0], &products[0])
		},
		squares: func(n int, x []float32, mean, products *perChannel) {
			acrossSquaresAVX512(n, &x[0], &mean[0], &products[0])
		},
	}
	engineDoubles = doublesWith(8, labelledAVX512, exp64AVX512, expm64AVX512)
}

// transpose512 goes by tiles of 16 x 16. Rows of dst that are a multiple of 4 KiB apart share one set of the first
// cache, which does not hold the 16 lines of a tile: such are written by way of a buffer, one after the other.
func transpose512(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	const run = 128 // values of a row of dst at a time
	if ldd%1024 != 0 || rows < run || cols <= 8 {
		tiles512(dst, ldd, src, lds, rows, cols)
		return
	}
	var buffer [16 * (run + 16)]float32
	for j := 0; j < cols; j += 16 {
		for i := 0; i < rows; i += run {
			n := min(run, rows-i)
			tiles512(buffer[:], run+16, src[i*lds+j:], lds, n, min(16, cols-j))
			for r := range min(16, cols-j) {
				copy(dst[(j+r)*ldd+i:][:n], buffer[r*(run+16):])
			}
		}
	}
}

func tiles512(dst []float32, ldd int, src []float32, lds, rows, cols int) {
	for i := 0; i < rows; i += 16 {
		for j := 0; j < cols; j += 16 {
			transposeAVX512(&dst[j*ldd+i], ldd, &src[i*lds+j], lds, min(16, rows-i), min(16, cols-j))
		}
	}
}

func use2() {
	engine32 = engine[float32]{
		name:  "avx2",
		tiles: []tile[float32]{{6, 8, tileWith(tileNarrowAVX2)}, {6, 16, tileWith(tileAVX2)}},
		rows:  []rowTile[float32]{{6, 8, rowsWith(narrowAVX2)}, {6, 16, rowsWith(rowsAVX2)}},
		stencils: stencils[float32]{
			analyse3: stencilWith(8, analyse3AVX2), analyse4: stencilWith(8, analyse4AVX2),
			spread: stencilWith(8, spreadAVX2), gather: stencilWith(8, gatherAVX2),
			forms: [2]form[float32]{
				formWith(8, analyseForm2AVX2, weighForm2AVX2, spreadForm2AVX2, gatherForm2AVX2, backForm2AVX2, unweighForm2AVX2),
				formWith(8, analyseForm3AVX2, weighForm3AVX2, spreadForm3AVX2, gatherForm3AVX2, backForm3AVX2, unweighForm3AVX2),
			},
		},
		peak: peakAVX2, peakLanes: 8,
		vectors: assembly{
			lanes: 8, sum: sumAVX2, dot: dotAVX2, absDiff: absDiffAVX2,
			norm: normAVX2, normGrad: normGradAVX2,
			leaky: leakyAVX2, leakyGrad: leakyGradAVX2, tanh: tanhAVX2, tanhGrad: tanhGradAVX2, absGrad: absGradAVX2,
			axpy: axpyAVX2, scale: scaleAVX2, affine: affineAVX2, slant: slantAVX2, channel: channelAVX2, adam: adamAVX2,
		}.vectors(),
	}
	engine32.transpose = func(dst []float32, ldd int, src []float32, lds, rows, cols int) {
		for i := 0; i < rows; i += 8 {
			for j := 0; j < cols; j += 8 {
				if rows-i >= 8 && cols-j >= 8 {
					transposeAVX2(&dst[j*ldd+i], ldd, &src[i*lds+j], lds)
				} else {
					transposeGo(dst[j*ldd+i:], ldd, src[i*lds+j:], lds, min(8, rows-i), min(8, cols-j))
				}
			}
		}
	}
	engine64.name = "avx2"
	engine64.tiles = []tile[float64]{{6, 8, tileWith(tile64AVX2)}}
	engineDoubles = doublesWith(4, labelledAVX2, exp64AVX2, expm64AVX2)
}

func tileWith[F Float](asm func(n, rows, k int, a *F, an, ar, as int, b *F, bs int, c *F, ldc int, add bool)) func(n, rows, k int, a []F, an, ar, as int, b []F, bs int, c []F, ldc int, add bool) {
	return func(n, rows, k int, a []F, an, ar, as int, b []F, bs int, c []F, ldc int, add bool) {
		asm(n, rows, k, &a[0], an, ar, as, &b[0], bs, &c[0], ldc, add)
	}
}

func rowsWith(asm func(runs, k, skip int, a *float32, at *int32, b, c *float32, ct *int32, add bool)) func(runs, k, skip int, a []float32, at []int32, b, c []float32, ct []int32, add bool) {
	return func(runs, k, skip int, a []float32, at []int32, b, c []float32, ct []int32, add bool) {
		asm(runs, k, skip, &a[0], &at[0], &b[0], &c[0], &ct[0], add)
	}
}

func linesWith(asm func(rows, k, channels int, a *float32, skip int, b *float32, br, bt, bc, shift int, bias, c *float32, ldc, cshift int)) func(rows, k, channels int, a []float32, skip int, b []float32, br, bt, bc, shift int, bias, c []float32, ldc, cshift int) {
	return func(rows, k, channels int, a []float32, skip int, b []float32, br, bt, bc, shift int, bias, c []float32, ldc, cshift int) {
		asm(rows, k, channels, &a[0], skip, &b[0], br, bt, bc, shift, unsafe.SliceData(bias), &c[0], ldc, cshift)
	}
}

// A stencilAssembly is a map of whole vectors.
type stencilAssembly func(n int, dst *float32, drow, dcol int, src *float32, srow, scol int)

// formWith completes maps; the one that adds is of whole vectors alone, as strips of channels are: vectors
// that overlap would add some values twice.
func formWith(lanes int, analyse, weigh, spread, gather, back, unweigh stencilAssembly) form[float32] {
	return form[float32]{analyse: stencilWith(lanes, analyse), weigh: stencilWith(lanes, weigh), spread: stencilWith(lanes, spread),
		gather: stencilWith(lanes, gather), back: wholeVectors(lanes, back), unweigh: stencilWith(lanes, unweigh)}
}

// wholeVectors is a map of n values that are whole vectors; others are a mistake of ours.
func wholeVectors(lanes int, asm stencilAssembly) stencil[float32] {
	return func(n int, dst []float32, d0, drow, dcol int, src []float32, s0, srow, scol int) {
		check("values of a map that adds", n%lanes, 0)
		asm(n, &dst[d0], drow, dcol, &src[s0], srow, scol)
	}
}

// stencilWith completes a map of whole vectors to any n: the last vector overlaps the
// one before. Fewer values than a vector, which a convolution of few channels would
// have, are a mistake of ours.
func stencilWith(lanes int, asm stencilAssembly) stencil[float32] {
	return func(n int, dst []float32, d0, drow, dcol int, src []float32, s0, srow, scol int) {
		whole := n - n%lanes
		asm(whole, &dst[d0], drow, dcol, &src[s0], srow, scol)
		if whole < n {
			asm(lanes, &dst[d0+n-lanes], drow, dcol, &src[s0+n-lanes], srow, scol)
		}
	}
}

// doublesWith completes loops over multiples of `lanes` values: the rest runs in Go.
func doublesWith(lanes int, sums func(n int, k *float64, stride int, table *float64, codes, masks *uint8, sums *float64),
	exp func(n int, x *float64), expm1 func(n int, x *float64, a float64)) doubles {
	return doubles{
		labelled: func(n int, k []float64, stride int, table []float64, codes, masks []uint8, s []float64) {
			sums(n, &k[0], stride, &table[0], &codes[0], &masks[0], &s[0])
		},
		exp: func(x []float64) {
			n := len(x) - len(x)%lanes
			if n > 0 {
				exp(n, &x[0])
			}
			expGo(x[n:])
		},
		expm1: func(x []float64, a float64) {
			n := len(x) - len(x)%lanes
			if n > 0 {
				expm1(n, &x[0], a)
			}
			expm1Go(x[n:], a)
		},
	}
}
