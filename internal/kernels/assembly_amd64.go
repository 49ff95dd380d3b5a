//go:build amd64 && !purego

package kernels

// An assembly holds loops over multiples of `lanes` values.
type assembly struct {
	lanes     int
	sum       func(n int, x *float32) float32
	dot       func(n int, x, y *float32) float32
	absDiff   func(n int, x, t *float32) float32
	norm      func(n, planes int, y, x *float32, share, eps, slope float32)
	normGrad  func(n, planes int, dx, dy, x *float32, share, eps, slope float32)
	leaky     func(n int, y, x *float32, slope float32)
	leakyGrad func(n int, dx, dy, x *float32, slope float32)
	tanh      func(n int, y, x *float32)
	tanhGrad  func(n int, dx, dy, y *float32)
	absGrad   func(n int, dx, x, t *float32, g float32)
	axpy      func(n int, y *float32, a float32, x *float32)
	scale     func(n int, y *float32, a float32, x *float32)
	affine    func(n int, y, x *float32, m, a, add float32)
	slant     func(n int, y, d, x *float32, up, m, slope, add float32)
	channel   func(n int, d, x *float32, mean float64) (sum, product float64)
	adam      func(n int, p, g, m, v *float32, scale, c1, c2, rate, root, eps float32)
}

// sumBlock values at most are added up in float32 lanes before they go into a float64.
const sumBlock = 4096

// folded adds up block(lo, n) over the whole vectors of n values, and returns where
// the rest starts.
func (a assembly) folded(n int, block func(lo, n int) float32) (s float64, rest int) {
	n -= n % a.lanes
	for lo := 0; lo < n; lo += sumBlock {
		s += float64(block(lo, min(sumBlock, n-lo)))
	}
	return s, n
}

// vectors completes the loops to slices of any length: the rest runs in Go.
func (a assembly) vectors() vectors[float32] {
	v := vectors[float32]{
		sum: func(x []float32) float64 {
			s, n := a.folded(len(x), func(lo, n int) float32 { return a.sum(n, &x[lo]) })
			return s + sumGo(x[n:])
		},
		dot: func(x, y []float32) float64 {
			y = y[:len(x)]
			s, n := a.folded(len(x), func(lo, n int) float32 { return a.dot(n, &x[lo], &y[lo]) })
			return s + dotGo(x[n:], y[n:])
		},
		absDiff: func(x, t []float32) float64 {
			t = t[:len(x)]
			s, n := a.folded(len(x), func(lo, n int) float32 { return a.absDiff(n, &x[lo], &t[lo]) })
			return s + absDiffGo(x[n:], t[n:])
		},
		norm: func(area int, y, x []float32, slope float32) {
			if area%a.lanes != 0 {
				normGo(area, y, x, slope)
				return
			}
			a.norm(area, len(x)/area, &y[0], &x[0], 1/float32(area), NormEpsilon, slope)
		},
		normGrad: func(area int, dx, dy, x []float32, slope float32) {
			if area%a.lanes != 0 {
				normGradGo(area, dx, dy, x, slope)
				return
			}
			a.normGrad(area, len(x)/area, &dx[0], &dy[0], &x[0], 1/float32(area), NormEpsilon, slope)
		},
	}
	a.activations(&v)
	a.updates(&v)
	return v
}

// whole is the number of values in whole vectors.
func (a assembly) whole(x []float32) int { return len(x) - len(x)%a.lanes }

func (a assembly) activations(v *vectors[float32]) {
	v.leaky = func(y, x []float32, slope float32) {
		n, y := a.whole(x), y[:len(x)]
		if n > 0 {
			a.leaky(n, &y[0], &x[0], slope)
		}
		leakyGo(y[n:], x[n:], slope)
	}
	v.leakyGrad = func(dx, dy, x []float32, slope float32) {
		n, dx, dy := a.whole(x), dx[:len(x)], dy[:len(x)]
		if n > 0 {
			a.leakyGrad(n, &dx[0], &dy[0], &x[0], slope)
		}
		leakyGradGo(dx[n:], dy[n:], x[n:], slope)
	}
	v.tanh = func(y, x []float32) {
		n, y := a.whole(x), y[:len(x)]
		if n > 0 {
			a.tanh(n, &y[0], &x[0])
		}
		tanhGo(y[n:], x[n:])
	}
	v.tanhGrad = func(dx, dy, y []float32) {
		n, dx, dy := a.whole(y), dx[:len(y)], dy[:len(y)]
		if n > 0 {
			a.tanhGrad(n, &dx[0], &dy[0], &y[0])
		}
		tanhGradGo(dx[n:], dy[n:], y[n:])
	}
}

func (a assembly) updates(v *vectors[float32]) {
	v.absGrad = func(dx, x, t []float32, g float32) {
		n, dx, t := a.whole(x), dx[:len(x)], t[:len(x)]
		if n > 0 {
			a.absGrad(n, &dx[0], &x[0], &t[0], g)
		}
		absGradGo(dx[n:], x[n:], t[n:], g)
	}
	v.axpy = func(y []float32, c float32, x []float32) {
		n, y := a.whole(x), y[:len(x)]
		if n > 0 {
			a.axpy(n, &y[0], c, &x[0])
		}
		axpyGo(y[n:], c, x[n:])
	}
	v.scale = func(y []float32, c float32, x []float32) {
		n, y := a.whole(x), y[:len(x)]
		if n > 0 {
			a.scale(n, &y[0], c, &x[0])
		}
		scaleGo(y[n:], c, x[n:])
	}
	v.affine = func(y, x []float32, m, c, add float32) {
		n, y := a.whole(x), y[:len(x)]
		if n > 0 {
			a.affine(n, &y[0], &x[0], m, c, add)
		}
		affineGo(y[n:], x[n:], m, c, add)
	}
	v.slant = func(y, d, x []float32, up, m, slope, add float32) {
		n, y, x := a.whole(d), y[:len(d)], x[:len(d)]
		if n > 0 {
			a.slant(n, &y[0], &d[0], &x[0], up, m, slope, add)
		}
		slantGo(y[n:], d[n:], x[n:], up, m, slope, add)
	}
	v.channel = func(d, x []float32, mean float64) (sum, product float64) {
		n, x := a.whole(d), x[:len(d)]
		if n > 0 {
			sum, product = a.channel(n, &d[0], &x[0], mean)
		}
		s, p := channelGo(d[n:], x[n:], mean)
		return sum + s, product + p
	}
	v.adam = func(p, g, m, v []float32, scale, c1, c2, rate, root, eps float32) {
		n, g, m, v := a.whole(p), g[:len(p)], m[:len(p)], v[:len(p)]
		if n > 0 {
			a.adam(n, &p[0], &g[0], &m[0], &v[0], scale, c1, c2, rate, root, eps)
		}
		adamGo(p[n:], g[n:], m[n:], v[n:], scale, c1, c2, rate, root, eps)
	}
}
