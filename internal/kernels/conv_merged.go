package kernels

import "github.com/venn-adapt/venn/internal/parallel"

// runMerged computes all phases of a transposed convolution with few output
// channels at once, as one convolution whose output channels are (phase, channel):
// the lanes of a vector that one phase would leave idle. Weights that a phase
// does not have are zero.
func (c convolution[F]) runMerged() {
	step, phases := c.gathers[0].outStep, len(c.gathers)
	top, left, bottom, right := reach(c.gathers)
	high, wide := top+bottom+1, left+right+1
	merged := gather{taps: wide, step: 1, outStep: 1}
	for i := range high {
		r := run{dy: i - top, dx: -left}
		for j := range wide {
			r.w = append(r.w, i*wide+j)
		}
		merged.runs = append(merged.runs, r)
	}
	outs := phases * c.yd.C
	m := convolution[F]{gathers: []gather{merged}, x: c.x, xd: c.xd, perOut: c.xd.C * high * wide, perIn: high * wide,
		yd: Dims{c.xd.N, outs, blocks(c.yd.H, step), blocks(c.yd.W, step)}, w: make([]F, outs*c.xd.C*high*wide)}
	for p, ga := range c.gathers {
		for o := range c.yd.C {
			if c.bias != nil {
				m.bias = append(m.bias, c.bias[o])
			}
			for in := range c.xd.C {
				for _, r := range ga.runs {
					for j, t := range r.w {
						m.w[(p*c.yd.C+o)*m.perOut+in*m.perIn+(r.dy+top)*wide+r.dx+j+left] = c.w[o*c.perOut+in*c.perIn+t]
					}
				}
			}
		}
	}
	y, give := borrow[F](m.yd.Len())
	defer give()
	m.y = y[:m.yd.Len()]
	m.run()
	parallel.For(c.yd.N*c.yd.C, func(plane int) {
		n, o := plane/c.yd.C, plane%c.yd.C
		for p, ga := range c.gathers {
			src := m.y[(n*outs+p*c.yd.C+o)*m.yd.H*m.yd.W:]
			for i := 0; i*step+ga.outY < c.yd.H; i++ {
				line := c.y[plane*c.yd.H*c.yd.W+(i*step+ga.outY)*c.yd.W:][:c.yd.W]
				for j, x := 0, ga.outX; x < len(line); j, x = j+1, x+step {
					line[x] = src[i*m.yd.W+j]
				}
			}
		}
	})
}

// common is the greatest common divisor.
func common(a, b int) int {
	for b > 0 {
		a, b = b, a%b
	}
	return a
}
