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
var lowConv = Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true, nearest: true}

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
	for _, s := range strips[F](xd) {
		a, giveA := borrow[F](yd.N * 2 * s.length * doubledTaps * xd.C)
		rows, giveRows := borrow[F](yd.N * 2 * s.length * yd.C)
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
	for _, s := range strips[F](xd) {
		a, giveA := borrow[F](yd.N * 2 * s.length * doubledTaps * xd.C)
		rows, giveRows := borrow[F](yd.N * 2 * s.length * yd.C)
		out := s.outputs(rows, yd)
		s.read(out.Data, dy, yd)
		lines := Dense(yd.N*2*s.length, doubledTaps*xd.C, a[:yd.N*2*s.length*doubledTaps*xd.C])
		Gemm(lines, out, s.weights(w, yd.C, xd.C), false)
		s.scatter(dx, xd, lines.Data)
		giveRows()
		giveA()
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
	for _, s := range strips[F](xd) {
		a, giveA := borrow[F](yd.N * 2 * s.length * doubledTaps * xd.C)
		rows, giveRows := borrow[F](yd.N * 2 * s.length * yd.C)
		lines, out := s.lines(a, x, xd), s.outputs(rows, yd)
		s.read(out.Data, dy, yd)
		sum := Dense(yd.C, doubledTaps*xd.C, make([]F, yd.C*doubledTaps*xd.C))
		Gemm(sum, out.T(), lines, false)
		s.eachWeight(yd.C, xd.C, func(at, to int) { dw[at] += sum.Data[to] })
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

// A strip is the first or last line of an output, down or across, to which a convolution of the
// difference of two lines of the image is added.
type strip[F Float] struct {
	across      bool // a row; else a column
	last        bool
	length      int // of a line of the image
	edge, inner int // the difference is that of line inner from line edge
}

func strips[F Float](xd Dims) []strip[F] {
	return []strip[F]{
		{true, false, xd.W, 0, 1}, {true, true, xd.W, xd.H - 1, xd.H - 2},
		{false, false, xd.H, 0, 1}, {false, true, xd.H, xd.W - 1, xd.W - 2},
	}
}

// place is the offset of place k of a line of a plane, and the distance to the next.
func (s strip[F]) place(plane, line int, d Dims) (at, step int) {
	if s.across {
		return plane*d.H*d.W + line*d.W, 1
	}
	return plane*d.H*d.W + line, d.W
}

// output is the line of the output.
func (s strip[F]) output(yd Dims) int {
	switch {
	case !s.last:
		return 0
	case s.across:
		return yd.H - 1
	}
	return yd.W - 1
}

// reads is the place of a line that tap t reads for output place k: mirrored in the doubled line
// for rows, which are whole, the nearest for columns, of which the rows' share is already there.
func (s strip[F]) reads(k, t int) int {
	u := k + t - doubledTaps/2
	if s.across {
		if u = max(u, -u); u >= 2*s.length {
			u = 2*(2*s.length-1) - u
		}
		return u / 2
	}
	return min(max(u, 0)/2, s.length-1)
}

// lines are the differences as each output place reads them: a row for every place of every
// sample, a column for every tap of every channel.
func (s strip[F]) lines(data, x []F, xd Dims) Matrix[F] {
	width := doubledTaps * xd.C
	m := Dense(xd.N*2*s.length, width, data[:xd.N*2*s.length*width])
	parallel.For(xd.N, func(n int) {
		line := make([]F, s.length)
		for c := range xd.C {
			inner, step := s.place(n*xd.C+c, s.inner, xd)
			edge, _ := s.place(n*xd.C+c, s.edge, xd)
			for k := range line {
				line[k] = x[inner+k*step] - x[edge+k*step]
			}
			for k := range 2 * s.length {
				to := m.Data[(n*2*s.length+k)*width+c*doubledTaps:][:doubledTaps]
				for t := range to {
					to[t] = line[s.reads(k, t)]
				}
			}
		}
	})
	return m
}

// scatter adds gradients of lines to that of the image.
func (s strip[F]) scatter(dx []F, xd Dims, lines []F) {
	width := doubledTaps * xd.C
	parallel.For(xd.N, func(n int) {
		line := make([]F, s.length)
		for c := range xd.C {
			clear(line)
			for k := range 2 * s.length {
				for t, v := range lines[(n*2*s.length+k)*width+c*doubledTaps:][:doubledTaps] {
					line[s.reads(k, t)] += v
				}
			}
			inner, step := s.place(n*xd.C+c, s.inner, xd)
			edge, _ := s.place(n*xd.C+c, s.edge, xd)
			for k, v := range line {
				dx[inner+k*step] += v
				dx[edge+k*step] -= v
			}
		}
	})
}

// eachWeight calls do for every weight that a strip takes and its place in the strip's matrix:
// a row for every output channel, a column for every tap of every input channel.
func (s strip[F]) eachWeight(outs, ins int, do func(at, to int)) {
	end := 0
	if s.last {
		end = doubledTaps - 1
	}
	for k := range outs * ins {
		for t := range doubledTaps {
			row, column := end, t
			if !s.across {
				row, column = t, end
			}
			do((k*doubledTaps+row)*doubledTaps+column, k*doubledTaps+t)
		}
	}
}

func (s strip[F]) weights(w []F, outs, ins int) Matrix[F] {
	m := Dense(outs, doubledTaps*ins, make([]F, outs*doubledTaps*ins))
	s.eachWeight(outs, ins, func(at, to int) { m.Data[to] = w[at] })
	return m
}

// outputs are the places of a strip of every sample, by output channels.
func (s strip[F]) outputs(data []F, yd Dims) Matrix[F] {
	return Dense(yd.N*2*s.length, yd.C, data[:yd.N*2*s.length*yd.C])
}

// each calls do for every output place and its place in the matrix.
func (s strip[F]) each(yd Dims, do func(at, to int)) {
	parallel.For(yd.N, func(n int) {
		for o := range yd.C {
			at, step := s.place(n*yd.C+o, s.output(yd), yd)
			for k := range 2 * s.length {
				do(at+k*step, (n*2*s.length+k)*yd.C+o)
			}
		}
	})
}

func (s strip[F]) read(rows, dy []F, yd Dims)   { s.each(yd, func(at, to int) { rows[to] = dy[at] }) }
func (s strip[F]) add(y []F, yd Dims, rows []F) { s.each(yd, func(at, to int) { y[at] += rows[to] }) }
