package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// The mirrored convolution of kernel 5 and padding 2 of an image that was doubled, every place
// twice in both directions: neighbouring taps read one place, so that each of the four phases of
// the output is a convolution of kernel 3 over the image itself, with taps added up: 9 products
// where there were 25. Its padding is the nearest place; the mirror image of the doubled one
// differs from that in what the first tap of the first line reads, and the last tap of the last:
// the second place from the edge instead of the edge. That difference, a convolution of a line,
// is added: E below, C the reading of a line, a line's and a column's share
//
//	Σ w[a,b]·(C_a + E_a) ⊗ (C_b + E_b) = Σ w·C_a ⊗ C_b + Σ w·E_a ⊗ (C_b + E_b) + Σ w·C_a ⊗ E_b

// doubledTaps of a line of the kernel.
const doubledTaps = 5

// lowTaps are the taps of kernel 3 that read what those of kernel 5 do, by phase.
var lowTaps = [2][doubledTaps]int{{0, 0, 1, 1, 2}, {0, 1, 1, 2, 2}}

// lowConv is the convolution of the phases.
var lowConv = Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true, nearest: true, Tiles: true}

// ConvolveDoubled sets y (N x out x 2H x 2W) to the mirrored convolution of kernel 5 of x (N x in
// x H x W) doubled, with w (out x in x 5 x 5) plus bias. H and W are 2 at least.
func ConvolveDoubled[F Float](y []F, yd Dims, x []F, xd Dims, w, bias []F) {
	checkDoubled(len(y), yd, len(x), xd, len(w))
	low := Dims{yd.N, 4 * yd.C, xd.H, xd.W}
	phases, give := borrow[F](low.Len())
	defer give()
	phases = phases[:low.Len()]
	var biases []F
	for range 4 {
		biases = append(biases, bias...)
	}
	Convolve(lowConv, phases, low, x, xd, lowWeights(w, yd.C, xd.C), biases)
	shuffled(phases, y, yd, xd, false)
	for _, s := range doubledStrips[F](xd) {
		a, giveA := borrow[F](yd.N * s.outs * doubledTaps * xd.C)
		rows, giveRows := borrow[F](yd.N * s.outs * yd.C)
		lines, out := s.lines(a, x, xd), s.outputs(rows, yd)
		Gemm(out, lines, s.weights(w, yd.C, xd.C).T(), false)
		s.add(y, yd, out.Data)
		giveRows()
		giveA()
	}
}

// ConvolveDoubledInput sets dx to the gradient of ConvolveDoubled by its input.
func ConvolveDoubledInput[F Float](dx []F, xd Dims, dy []F, yd Dims, w []F) {
	checkDoubled(len(dy), yd, len(dx), xd, len(w))
	low := Dims{yd.N, 4 * yd.C, xd.H, xd.W}
	phases, give := borrow[F](low.Len())
	defer give()
	phases = phases[:low.Len()]
	shuffled(phases, dy, yd, xd, true)
	ConvolveTransposed(lowConv, dx, xd, phases, low, lowWeights(w, yd.C, xd.C), nil)
	for _, s := range doubledStrips[F](xd) {
		s.transpose(dx, xd, dy, yd, w)
	}
}

// ConvolveDoubledWeight sets dw to the gradient of ConvolveDoubled by its weight.
func ConvolveDoubledWeight[F Float](dw, dy []F, yd Dims, x []F, xd Dims) {
	checkDoubled(len(dy), yd, len(x), xd, len(dw))
	low := Dims{yd.N, 4 * yd.C, xd.H, xd.W}
	phases, give := borrow[F](low.Len())
	defer give()
	phases = phases[:low.Len()]
	shuffled(phases, dy, yd, xd, true)
	merged := make([]F, 4*yd.C*xd.C*9)
	ConvolveWeight(lowConv, merged, phases, low, x, xd)
	unmerged(dw, merged, yd.C, xd.C)
	for _, s := range doubledStrips[F](xd) {
		a, giveA := borrow[F](yd.N * s.outs * doubledTaps * xd.C)
		rows, giveRows := borrow[F](yd.N * s.outs * yd.C)
		lines, out := s.lines(a, x, xd), s.outputs(rows, yd)
		s.read(out.Data, dy, yd)
		sum := Dense(yd.C, doubledTaps*xd.C, make([]F, yd.C*doubledTaps*xd.C))
		Gemm(sum, out.T(), lines, false)
		s.addWeights(dw, sum.Data, yd.C, xd.C)
		giveRows()
		giveA()
	}
}

func checkDoubled(y int, yd Dims, x int, xd Dims, w int) {
	check("doubled output", y, yd.Len())
	check("doubled input", x, xd.Len())
	check("doubled weight", w, yd.C*xd.C*doubledTaps*doubledTaps)
	check("doubled height", yd.H, 2*xd.H)
	check("doubled width", yd.W, 2*xd.W)
}

// lowWeights are those of the phases: phase, output channel, input channel, 3 x 3.
func lowWeights[F Float](w []F, outs, ins int) []F {
	low, phase := make([]F, 4*outs*ins*9), outs*ins*9
	parallel.Blocks(outs*ins, 64, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			for p := range 4 {
				to, down, across := low[p*phase+k*9:][:9], &lowTaps[p/2], &lowTaps[p%2]
				for a := range doubledTaps {
					from, line := w[(k*doubledTaps+a)*doubledTaps:][:doubledTaps], to[3*down[a]:][:3]
					for b, v := range from {
						line[across[b]] += v
					}
				}
			}
		}
	})
	return low
}

// unmerged sets dw to the gradient of lowWeights, from that of the phases' weights.
func unmerged[F Float](dw, low []F, outs, ins int) {
	phase := outs * ins * 9
	parallel.Blocks(outs*ins, 64, func(_, lo, hi int) {
		for k := lo; k < hi; k++ {
			clear(dw[k*doubledTaps*doubledTaps:][:doubledTaps*doubledTaps])
			for p := range 4 {
				from, down, across := low[p*phase+k*9:][:9], &lowTaps[p/2], &lowTaps[p%2]
				for a := range doubledTaps {
					to, line := dw[(k*doubledTaps+a)*doubledTaps:][:doubledTaps], from[3*down[a]:][:3]
					for b := range to {
						to[b] += line[across[b]]
					}
				}
			}
		}
	})
}

// shuffled lays out phases (N x 4·C x H x W) as the places of y or, apart, the other way round.
func shuffled[F Float](phases, y []F, yd, xd Dims, apart bool) {
	area := xd.H * xd.W
	parallel.For(yd.N*yd.C, func(plane int) {
		n, o := plane/yd.C, plane%yd.C
		for p := range 4 {
			low := phases[((n*4+p)*yd.C+o)*area:][:area]
			for i := range xd.H {
				line := y[(plane*yd.H+2*i+p/2)*yd.W:][:yd.W]
				from := low[i*xd.W : (i+1)*xd.W]
				for j := range from {
					if apart {
						from[j] = line[2*j+p%2]
					} else {
						line[2*j+p%2] = from[j]
					}
				}
			}
		}
	})
}

// doubledStrips take the difference of the second line from the first, and likewise at the end.
// Rows are read as the doubled line is mirrored; columns as the nearest place has it, since the
// rows' share of the corners is already there.
func doubledStrips[F Float](xd Dims) (out []strip[F]) {
	for _, s := range []strip[F]{
		{across: true, length: xd.W, edge: 0, inner: 1}, {across: true, last: true, length: xd.W, edge: xd.H - 1, inner: xd.H - 2},
		{length: xd.H, edge: 0, inner: 1}, {last: true, length: xd.H, edge: xd.W - 1, inner: xd.W - 2},
	} {
		length := s.length
		s.taps, s.outs = doubledTaps, 2*length
		s.from = func(k, t int) int { return min(max(k+t-doubledTaps/2, 0)/2, length-1) }
		if s.across {
			s.from = func(k, t int) int { return mirrorOf(k+t-doubledTaps/2, 2*length) / 2 }
		}
		out = append(out, s)
	}
	return out
}
