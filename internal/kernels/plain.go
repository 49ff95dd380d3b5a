package kernels

import "math"

// plain is the engine in Go: it runs anywhere, and is what the others are tested
// against.
func plain[F Float]() engine[F] {
	return engine[F]{
		name:  "go",
		tiles: []tile[F]{{4, 4, tileGo[F]}},
		rows:  []rowTile[F]{{4, 4, rowsGo[F]}},
		peak:  peakGo[F], peakLanes: 1,
		stencils: plainStencils[F](),
		vectors: vectors[F]{
			transpose: transposeGo[F], sum: sumGo[F], dot: dotGo[F], absDiff: absDiffGo[F],
			norm: normGo[F], normGrad: normGradGo[F],
			leaky: leakyGo[F], leakyGrad: leakyGradGo[F], tanh: tanhGo[F], tanhGrad: tanhGradGo[F], absGrad: absGradGo[F],
			axpy: axpyGo[F], scale: scaleGo[F], affine: affineGo[F], slant: slantGo[F], channel: channelGo[F], adam: adamGo[F],
		},
	}
}

// peakGo keeps twelve sums in registers.
func peakGo[F Float](n int) {
	var s [peakChains]F
	x := F(n) * 0
	a, b, c, d, e, f := x, x, x, x, x, x
	g, h, i, j, k, l := x, x, x, x, x, x
	for range n {
		a, b, c, d, e, f = a+x*x, b+x*x, c+x*x, d+x*x, e+x*x, f+x*x
		g, h, i, j, k, l = g+x*x, h+x*x, i+x*x, j+x*x, k+x*x, l+x*x
	}
	s = [peakChains]F{a, b, c, d, e, f, g, h, i, j, k, l}
	sink(s[:])
}

// sink uses values, so that their computation is not left out.
//
//go:noinline
func sink[F Float]([]F) {}

// sums16 is a 4 x 4 tile held in registers.
type sums16[F Float] struct {
	c00, c01, c02, c03, c10, c11, c12, c13 F
	c20, c21, c22, c23, c30, c31, c32, c33 F
}

func (s *sums16[F]) step(a0, a1, a2, a3 F, b []F) {
	b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
	s.c00, s.c01, s.c02, s.c03 = s.c00+a0*b0, s.c01+a0*b1, s.c02+a0*b2, s.c03+a0*b3
	s.c10, s.c11, s.c12, s.c13 = s.c10+a1*b0, s.c11+a1*b1, s.c12+a1*b2, s.c13+a1*b3
	s.c20, s.c21, s.c22, s.c23 = s.c20+a2*b0, s.c21+a2*b1, s.c22+a2*b2, s.c23+a2*b3
	s.c30, s.c31, s.c32, s.c33 = s.c30+a3*b0, s.c31+a3*b1, s.c32+a3*b2, s.c33+a3*b3
}

func put[F Float](row []F, add bool, v0, v1, v2, v3 F) {
	row = row[:4]
	if add {
		v0, v1, v2, v3 = v0+row[0], v1+row[1], v2+row[2], v3+row[3]
	}
	row[0], row[1], row[2], row[3] = v0, v1, v2, v3
}

func tileGo[F Float](n, rows, k int, a []F, an, ar, as int, b []F, bs int, c []F, ldc int, add bool) {
	var s sums16[F]
	at := 0
	for i := range n {
		for r := range rows {
			for j, p := 0, i*an+r*ar; j < k; j, p = j+1, p+as {
				x := a[p : p+4 : p+4]
				s.step(x[0], x[1], x[2], x[3], b[at:at+4:at+4])
				at += bs
			}
		}
	}
	put(c, add, s.c00, s.c01, s.c02, s.c03)
	put(c[ldc:], add, s.c10, s.c11, s.c12, s.c13)
	put(c[2*ldc:], add, s.c20, s.c21, s.c22, s.c23)
	put(c[3*ldc:], add, s.c30, s.c31, s.c32, s.c33)
}

func rowsGo[F Float](runs, k, skip int, a []F, at []int32, b, c []F, ct []int32, add bool) {
	var s sums16[F]
	for r := range runs {
		o := at[4*r : 4*r+4]
		a0, a1, a2, a3 := a[o[0]:][:k], a[o[1]:][:k], a[o[2]:][:k], a[o[3]:][:k]
		for i := range k {
			s.step(a0[i], a1[i], a2[i], a3[i], b[:4:4])
			b = b[4:]
		}
		if r < runs-1 {
			b = b[skip:]
		}
	}
	put(c[ct[0]:], add, s.c00, s.c01, s.c02, s.c03)
	put(c[ct[1]:], add, s.c10, s.c11, s.c12, s.c13)
	put(c[ct[2]:], add, s.c20, s.c21, s.c22, s.c23)
	put(c[ct[3]:], add, s.c30, s.c31, s.c32, s.c33)
}

// transposeGo works in 8 x 8 tiles, so that both sides stay in the first cache.
func transposeGo[F Float](dst []F, ldd int, src []F, lds, rows, cols int) {
	for i0 := 0; i0 < rows; i0 += 8 {
		for j0 := 0; j0 < cols; j0 += 8 {
			for i := i0; i < min(rows, i0+8); i++ {
				for j, v := range src[i*lds+j0 : i*lds+min(cols, j0+8)] {
					dst[(j0+j)*ldd+i] = v
				}
			}
		}
	}
}

// Four interleaved sums keep an addition from waiting for the one before it.
func sumGo[F Float](x []F) float64 {
	var s0, s1, s2, s3 float64
	for ; len(x) >= 4; x = x[4:] {
		s0, s1, s2, s3 = s0+float64(x[0]), s1+float64(x[1]), s2+float64(x[2]), s3+float64(x[3])
	}
	for _, v := range x {
		s0 += float64(v)
	}
	return (s0 + s1) + (s2 + s3)
}

func dotGo[F Float](x, y []F) float64 {
	var s float64
	for i, v := range x {
		s += float64(v) * float64(y[i])
	}
	return s
}

func squaresGo[F Float](x []F, mean F) float64 {
	var s0, s1 float64
	for ; len(x) >= 2; x = x[2:] {
		d0, d1 := float64(x[0])-float64(mean), float64(x[1])-float64(mean)
		s0, s1 = s0+d0*d0, s1+d1*d1
	}
	for _, v := range x {
		s0 += (float64(v) - float64(mean)) * (float64(v) - float64(mean))
	}
	return s0 + s1
}

func absDiffGo[F Float](x, t []F) float64 {
	var s float64
	for i, v := range x {
		s += math.Abs(float64(v) - float64(t[i]))
	}
	return s
}

// momentsGo returns the mean and the inverse deviation 1/sqrt(v+eps) of a plane, v
// biased.
func momentsGo[F Float](x []F) (mean, inverse F) {
	mean = F(sumGo(x) / float64(len(x)))
	return mean, F(1 / math.Sqrt(squaresGo(x, mean)/float64(len(x))+NormEpsilon))
}

func normGo[F Float](area int, y, x []F, slope F) {
	for ; len(x) > 0; x, y = x[area:], y[area:] {
		mean, inverse := momentsGo(x[:area])
		for i, v := range x[:area] {
			h := (v - mean) * inverse
			if h < 0 {
				h *= slope
			}
			y[i] = h
		}
	}
}

func normGradGo[F Float](area int, dx, dy, x []F, slope F) {
	for ; len(x) > 0; x, dy, dx = x[area:], dy[area:], dx[area:] {
		mean, inverse := momentsGo(x[:area])
		var sum, product float64 // of the gradient g at the normalised value h, and of g·h
		gradient := func(i int) (g, h F) {
			g, h = dy[i], (x[i]-mean)*inverse
			if h < 0 {
				g *= slope
			}
			return g, h
		}
		for i := range area {
			g, h := gradient(i)
			sum += float64(g)
			product += float64(g) * float64(h)
		}
		gm, ghm := F(sum/float64(area)), F(product/float64(area))
		for i := range area {
			g, h := gradient(i)
			dx[i] = inverse * (g - gm - h*ghm)
		}
	}
}

func leakyGo[F Float](y, x []F, slope F) {
	for i, v := range x {
		if v < 0 {
			v *= slope
		}
		y[i] = v
	}
}

func leakyGradGo[F Float](dx, dy, x []F, slope F) {
	for i, v := range x {
		g := dy[i]
		if v < 0 {
			g *= slope
		}
		dx[i] = g
	}
}

func tanhGo[F Float](y, x []F) {
	for i, v := range x {
		y[i] = F(math.Tanh(float64(v)))
	}
}

func tanhGradGo[F Float](dx, dy, y []F) {
	for i, v := range y {
		dx[i] = dy[i] * (1 - v*v)
	}
}

func absGradGo[F Float](dx, x, t []F, g F) {
	for i, v := range x {
		switch d := v - t[i]; {
		case d > 0:
			dx[i] = g
		case d < 0:
			dx[i] = -g
		default:
			dx[i] = 0
		}
	}
}

func axpyGo[F Float](y []F, a F, x []F) {
	for i, v := range x {
		y[i] += a * v
	}
}

func scaleGo[F Float](y []F, a F, x []F) {
	for i, v := range x {
		y[i] = a * v
	}
}

func affineGo[F Float](y, x []F, m, a, add F) {
	for i, v := range x {
		y[i] = a*(v-m) + add
	}
}

func slantGo[F Float](y, d, x []F, up, m, slope, add F) {
	for i, v := range d {
		y[i] = up*v + slope*(x[i]-m) + add
	}
}

// inTurn adds up x, one value after the other.
func inTurn[F Float](x []F) F {
	var s float64
	for _, v := range x {
		s += float64(v)
	}
	return F(s)
}

func channelGo[F Float](d, x []F, mean float64) (sum, product float64) {
	for i, v := range d {
		sum += float64(v)
		product += float64(v) * (float64(x[i]) - mean)
	}
	return sum, product
}

func adamGo[F Float](p, g, m, v []F, scale, c1, c2, rate, root, eps F) {
	for i := range p {
		d := g[i] * scale
		m[i] += c1 * (d - m[i])
		v[i] += c2 * (d*d - v[i])
		p[i] -= rate * m[i] / (F(math.Sqrt(float64(v[i])))*root + eps)
	}
}
