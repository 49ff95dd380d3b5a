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

// spreads says whether a convolution of stride 1 has so few output channels that its taps of a
// row, as channels too, fill a strip better. Smaller kernels keep the order of sums that networks
// have been trained with.
func (c convolution[F]) spreads() bool {
	ga, nr := c.gathers[0], engineOf[F]().rows.nr
	return len(c.gathers) == 1 && ga.step == 1 && ga.outStep == 1 && ga.taps >= wideKernel && ga.taps*c.yd.C <= nr
}

// runSpread computes the sum of each tap of the rows of a kernel by itself, as one convolution
// whose output channels are (tap, channel) and whose kernel is one column, and adds up what
// stands side by side.
func (c convolution[F]) runSpread() {
	ga, high := c.gathers[0], len(c.gathers[0].runs)
	column := gather{taps: 1, step: 1, outStep: 1, reflect: ga.reflect}
	for i, r := range ga.runs {
		column.runs = append(column.runs, run{dy: r.dy, dx: r.dx, w: []int{i}})
	}
	outs := ga.taps * c.yd.C
	m := convolution[F]{gathers: []gather{column}, x: c.x, xd: c.xd, perOut: c.xd.C * high, perIn: high,
		yd: Dims{c.yd.N, outs, c.yd.H, c.yd.W + ga.taps - 1}, w: make([]F, outs*c.xd.C*high)}
	for j := range ga.taps {
		for o := range c.yd.C {
			for in := range c.xd.C {
				for i, r := range ga.runs {
					m.w[(j*c.yd.C+o)*m.perOut+in*high+i] = c.w[o*c.perOut+in*c.perIn+r.w[j]]
				}
			}
		}
	}
	y, give := borrow[F](m.yd.Len())
	defer give()
	m.y = y[:m.yd.Len()]
	m.run()
	e, area, wide := engineOf[F](), c.yd.H*c.yd.W, m.yd.W
	parallel.For(c.yd.N*c.yd.C, func(plane int) {
		n, o := plane/c.yd.C, plane%c.yd.C
		for i := range c.yd.H {
			line := c.y[plane*area+i*c.yd.W:][:c.yd.W]
			for j := range ga.taps {
				from := m.y[((n*outs+j*c.yd.C+o)*m.yd.H+i)*wide+j:][:c.yd.W]
				if j == 0 {
					copy(line, from)
				} else {
					e.axpy(line, 1, from)
				}
			}
			if c.bias != nil {
				for k := range line {
					line[k] += c.bias[o]
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
