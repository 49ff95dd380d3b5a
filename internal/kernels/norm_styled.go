package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// AdaptiveNorm sets y to leaky-relu(gain·h + shift) with the given negative slope, h the
// instance norm of x (N x C x H x W); shifts and gains of each sample's channels are styles:
// N rows of C shifts, then C gains.
//
// X. Huang, S. Belongie, "Arbitrary style transfer in real-time with adaptive instance
// normalization", ICCV 2017, equation 8.
func AdaptiveNorm[F Float](y, x, styles []F, d Dims, slope F) {
	check("styles", len(styles), 2*d.N*d.C)
	check("styled output", len(y), d.Len())
	e, area := engineOf[F](), d.H*d.W
	planes(len(x), area, func(lo, hi int) {
		e.norm(area, y[lo:hi], x[lo:hi], 1)
		for at := lo; at < hi; at += area {
			styled(e, y[at:at+area], y[at:at+area], styles, at/area, d.C)
			e.leaky(y[at:at+area], y[at:at+area], slope)
		}
	})
}

// styled sets a to gain·h + shift of a plane.
func styled[F Float](e *engine[F], a, h, styles []F, plane, channels int) {
	shift, gain := styleOf(styles, plane, channels)
	e.affine(a, h, 0, gain, shift)
}

func styleOf[F Float](styles []F, plane, channels int) (shift, gain F) {
	at := plane/channels*2*channels + plane%channels
	return styles[at], styles[at+channels]
}

// eachStyled calls do for every plane with its normalised values h and the gradient g of
// gain·h + shift; both may be written over.
func eachStyled[F Float](dy, x, styles []F, d Dims, slope F, do func(e *engine[F], plane int, h, g []F)) {
	check("styles", len(styles), 2*d.N*d.C)
	e, area := engineOf[F](), d.H*d.W
	planes(len(x), area, func(lo, hi int) {
		scratch, give := borrow[F](2 * area)
		defer give()
		h, g := scratch[:area], scratch[area:2*area]
		for at := lo; at < hi; at += area {
			e.norm(area, h, x[at:at+area], 1)
			styled(e, g, h, styles, at/area, d.C)
			e.leakyGrad(g, dy[at:at+area], g, slope)
			do(e, at/area, h, g)
		}
	})
}

// AdaptiveNormGrad sets dx to the gradient of AdaptiveNorm by x.
func AdaptiveNormGrad[F Float](dx, dy, x, styles []F, d Dims, slope F) {
	check("styled gradient", len(dx), d.Len())
	area := d.H * d.W
	eachStyled(dy, x, styles, d, slope, func(e *engine[F], p int, _, g []F) {
		_, gain := styleOf(styles, p, d.C)
		e.scale(g, gain, g)
		e.normGrad(area, dx[p*area:(p+1)*area], g, x[p*area:(p+1)*area], 1)
	})
}

// AdaptiveNormStyleGrad sets ds to the gradient of AdaptiveNorm by the styles.
func AdaptiveNormStyleGrad[F Float](ds, dy, x, styles []F, d Dims, slope F) {
	check("style gradient", len(ds), len(styles))
	eachStyled(dy, x, styles, d, slope, func(e *engine[F], p int, h, g []F) {
		at := p/d.C*2*d.C + p%d.C
		ds[at], ds[at+d.C] = F(e.sum(g)), F(e.dot(g, h))
	})
}

// A Spread says what LayerNorm divides by.
type Spread int

// The spreads: √(v + 1e-5), v the biased variance (J. L. Ba, J. R. Kiros, G. E. Hinton, Layer
// normalization, 2016, arXiv 1607.06450), and s + 1e-5, s the unbiased standard deviation, as
// MUNIT has it.
const (
	Biased Spread = iota
	Unbiased
)

// of returns 1/spread and what its derivative by the squares is made of: a change of
// Σ d² by δ changes 1/spread by −slope·δ/2.
func (s Spread) of(squares float64, n int) (inverse, slope float64) {
	if s == Unbiased {
		deviation := math.Sqrt(squares / float64(n-1))
		inverse = 1 / (deviation + NormEpsilon)
		if deviation == 0 {
			return inverse, 0 // a constant sample has no direction
		}
		return inverse, inverse * inverse / (float64(n-1) * deviation)
	}
	inverse = 1 / math.Sqrt(squares/float64(n)+NormEpsilon)
	return inverse, inverse * inverse * inverse / float64(n)
}

// centred sets d to x less its mean and returns the sum of its squares.
func centred[F Float](e *engine[F], d, x []F) float64 {
	e.affine(d, x, F(e.sum(x)/float64(len(x))), 1, 0)
	return e.dot(d, d)
}

// LayerNorm sets y to leaky-relu(scale·(x − mean)/spread + shift) with the given negative
// slope: mean and spread of each sample of x (N x C x H x W) over all its values, scale and
// shift a value a channel, C scales and then C shifts in affine. The spread Unbiased takes
// two values at least.
func LayerNorm[F Float](y, x, affine []F, d Dims, spread Spread, slope F) {
	check("affine values", len(affine), 2*d.C)
	check("normalised output", len(y), d.Len())
	e, area, size := engineOf[F](), d.H*d.W, d.C*d.H*d.W
	parallel.For(d.N, func(n int) {
		to := y[n*size : (n+1)*size]
		inverse, _ := spread.of(centred(e, to, x[n*size:(n+1)*size]), size)
		for c := range d.C {
			e.affine(to[c*area:(c+1)*area], to[c*area:(c+1)*area], 0, F(inverse)*affine[c], affine[d.C+c])
		}
		e.leaky(to, to, slope)
	})
}

// layerGrad lays out, for a sample, x less its mean and the gradient of scale·h + shift.
func layerGrad[F Float](e *engine[F], d, g, dy, x, affine []F, channels int, spread Spread, slope F) (inverse, bend float64) {
	inverse, bend = spread.of(centred(e, d, x), len(x))
	area := len(x) / channels
	for c := range channels {
		e.affine(g[c*area:(c+1)*area], d[c*area:(c+1)*area], 0, F(inverse)*affine[c], affine[channels+c])
	}
	e.leakyGrad(g, dy, g, slope)
	return inverse, bend
}

// LayerNormGrad sets dx to the gradient of LayerNorm by x.
func LayerNormGrad[F Float](dx, dy, x, affine []F, d Dims, spread Spread, slope F) {
	check("normalised gradient", len(dx), d.Len())
	e, area, size := engineOf[F](), d.H*d.W, d.C*d.H*d.W
	parallel.For(d.N, func(n int) {
		scratch, give := borrow[F](2 * size)
		defer give()
		off, g := scratch[:size], scratch[size:2*size]
		inverse, bend := layerGrad(e, off, g, dy[n*size:(n+1)*size], x[n*size:(n+1)*size], affine, d.C, spread, slope)
		for c := range d.C {
			e.scale(g[c*area:(c+1)*area], affine[c], g[c*area:(c+1)*area])
		}
		up, fix, along := F(inverse), F(inverse*e.sum(g)/float64(size)), F(bend*e.dot(g, off))
		e.slant(dx[n*size:(n+1)*size], g, off, up, 0, -along, -fix)
	})
}

// LayerNormAffineGrad sets da to the gradient of LayerNorm by the affine values.
func LayerNormAffineGrad[F Float](da, dy, x, affine []F, d Dims, spread Spread, slope F) {
	check("affine gradient", len(da), 2*d.C)
	e, area, size := engineOf[F](), d.H*d.W, d.C*d.H*d.W
	parts := make([]float64, d.N*2*d.C)
	parallel.For(d.N, func(n int) {
		scratch, give := borrow[F](2 * size)
		defer give()
		off, g := scratch[:size], scratch[size:2*size]
		inverse, _ := layerGrad(e, off, g, dy[n*size:(n+1)*size], x[n*size:(n+1)*size], affine, d.C, spread, slope)
		part := parts[n*2*d.C : (n+1)*2*d.C]
		for c := range d.C {
			part[c] = inverse * e.dot(g[c*area:(c+1)*area], off[c*area:(c+1)*area])
			part[d.C+c] = e.sum(g[c*area : (c+1)*area])
		}
	})
	for i := range da {
		var s float64
		for n := range d.N {
			s += parts[n*2*d.C+i]
		}
		da[i] = F(s)
	}
}

// walked are the planes of a channel of a group: samples of them, of area values, from first on,
// step apart.
type walked struct{ group, channel, samples, area, first, step int }

// each calls do for every channel of every group.
func (b Batch) each(do func(w walked)) {
	parallel.For(len(b.Groups())*b.Channels, func(i int) { do(b.planes(i/b.Channels, i%b.Channels)) })
}

// eachFew calls do for neighbouring channels of every group: as many as are summed side by side, or,
// where none are, one, which leaves more work to share out.
func (b Batch) eachFew(do func(ws []walked)) {
	together := beside
	if b.Lanes || engineAcross == nil {
		together = 1
	}
	few := blocks(b.Channels, together)
	parallel.For(len(b.Groups())*few, func(i int) {
		var ws [beside]walked
		lo := i % few * together
		hi := min(b.Channels, lo+together)
		for c := lo; c < hi; c++ {
			ws[c-lo] = b.planes(i/few, c)
		}
		do(ws[:hi-lo])
	})
}

// planes are those of channel c of group g.
func (b Batch) planes(g, c int) walked {
	lo, hi := b.Groups()[g][0], b.Groups()[g][1]
	if b.turned {
		return walked{g, c, 1, hi - lo, c*b.N + lo, 0}
	}
	return walked{g, c, hi - lo, b.Area, (lo*b.Channels + c) * b.Area, b.Channels * b.Area}
}
