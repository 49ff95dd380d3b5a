package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// NormEpsilon is added to the variance of an instance before its root, as PyTorch does.
const NormEpsilon = 1e-5

// planeValues are about the values of one block of work on planes (one channel of
// one sample).
const planeValues = 1 << 14

// planes calls do for blocks of whole planes of n values.
func planes(n, area int, do func(lo, hi int)) {
	block := max(1, planeValues/area) * area
	parallel.Blocks(n, block, func(_, lo, hi int) { do(lo, hi) })
}

// InstanceNorm sets y to leaky-relu(instance-norm(x)) with the given negative
// slope; slope 1 leaves the normalised value as it is. Each plane (area values of
// one channel of one sample) is brought to mean 0 and variance v/(v+1e-5), v biased.
// A plane of one value becomes 0.
func InstanceNorm[F Float](y, x []F, area int, slope F) {
	check("norm output", len(y), len(x))
	check("norm planes", len(x)%area, 0)
	e := engineOf[F]()
	planes(len(x), area, func(lo, hi int) { e.norm(area, y[lo:hi], x[lo:hi], slope) })
}

// InstanceNormGrad sets dx to the gradient of InstanceNorm by its input x, from
// the gradient dy of its output.
func InstanceNormGrad[F Float](dx, dy, x []F, area int, slope F) {
	check("norm gradient", len(dx), len(x))
	check("norm planes", len(x)%area, 0)
	e := engineOf[F]()
	planes(len(x), area, func(lo, hi int) { e.normGrad(area, dx[lo:hi], dy[lo:hi], x[lo:hi], slope) })
}

// A Batch is how values lie that are normalised channel by channel: N x Channels x Area. The
// first Split samples and the rest are normalised each by statistics of their own; 0: all
// together. Epsilon is added to a variance before its root.
type Batch struct {
	N, Channels, Area, Split int
	Epsilon                  float64
}

// Groups are the ranges of samples with statistics of their own.
func (b Batch) Groups() [][2]int {
	if b.Split == 0 {
		return [][2]int{{0, b.N}}
	}
	return [][2]int{{0, b.Split}, {b.Split, b.N}}
}

// each calls do for every channel of every group; its planes begin at first, step apart.
func (b Batch) each(do func(group, channel, samples, first, step int)) {
	groups := b.Groups()
	parallel.For(len(groups)*b.Channels, func(i int) {
		g, c := i/b.Channels, i%b.Channels
		lo, hi := groups[g][0], groups[g][1]
		do(g, c, hi-lo, (lo*b.Channels+c)*b.Area, b.Channels*b.Area)
	})
}

func (b Batch) check(x, stats int) {
	check("batch", x, b.N*b.Channels*b.Area)
	check("batch statistics", stats, 2*len(b.Groups())*b.Channels)
}

// BatchMoments sets stats (for each group a row of means and one of biased variances, a value
// a channel) to those of x.
func BatchMoments[F Float](stats, x []F, b Batch) {
	b.check(len(x), len(stats))
	b.each(func(g, c, samples, first, step int) {
		var sum, square float64
		for s := range samples {
			for _, v := range x[first+s*step:][:b.Area] {
				sum += float64(v)
			}
		}
		count := float64(samples * b.Area)
		mean := sum / count
		for s := range samples {
			for _, v := range x[first+s*step:][:b.Area] {
				d := float64(v) - mean
				square += d * d
			}
		}
		stats[2*g*b.Channels+c], stats[(2*g+1)*b.Channels+c] = F(mean), F(square/count)
	})
}

// moments are mean and 1/√(variance + Epsilon) of a channel.
func moments[F Float](stats []F, g, c int, b Batch) (mean, inverse float64) {
	return float64(stats[2*g*b.Channels+c]), 1 / math.Sqrt(float64(stats[(2*g+1)*b.Channels+c])+b.Epsilon)
}

// BatchNorm sets y to scale·(x − mean)/√(variance + Epsilon) + shift, channel by channel.
func BatchNorm[F Float](y, x, stats, scale, shift []F, b Batch) {
	b.check(len(x), len(stats))
	check("normalised batch", len(y), len(x))
	b.each(func(g, c, samples, first, step int) {
		mean, inverse := moments(stats, g, c, b)
		a := F(inverse) * scale[c]
		m, add := F(mean), shift[c]
		for s := range samples {
			to := y[first+s*step:][:b.Area]
			for i, v := range x[first+s*step:][:b.Area] {
				to[i] = a*(v-m) + add
			}
		}
	})
}

// BatchNormGrad sets dx to the gradient of BatchNorm by x, the statistics being those of x.
func BatchNormGrad[F Float](dx, dy, x, stats, scale []F, b Batch) {
	b.check(len(x), len(stats))
	check("batch gradient", len(dx), len(x))
	b.each(func(g, c, samples, first, step int) {
		mean, inverse := moments(stats, g, c, b)
		sum, product := channelSums(dy, x, mean, samples, b.Area, first, step)
		count := float64(samples * b.Area)
		a := inverse * float64(scale[c])
		off, slope := F(-a*sum/count), F(-a*product*inverse*inverse/count)
		m, up := F(mean), F(a)
		for s := range samples {
			to, from := dx[first+s*step:][:b.Area], x[first+s*step:][:b.Area]
			for i, d := range dy[first+s*step:][:b.Area] {
				to[i] = up*d + slope*(from[i]-m) + off
			}
		}
	})
}

// BatchNormScaleGrad sets ds to the gradient of BatchNorm by scale. That by shift is
// SumChannels of dy.
func BatchNormScaleGrad[F Float](ds, dy, x, stats []F, b Batch) {
	b.check(len(x), len(stats))
	parts := make([]float64, len(b.Groups())*b.Channels)
	b.each(func(g, c, samples, first, step int) {
		mean, inverse := moments(stats, g, c, b)
		_, product := channelSums(dy, x, mean, samples, b.Area, first, step)
		parts[g*b.Channels+c] = product * inverse
	})
	for c := range ds {
		total := 0.0
		for g := range b.Groups() {
			total += parts[g*b.Channels+c]
		}
		ds[c] = F(total)
	}
}

// channelSums are Σ dy and Σ dy·(x − mean) of a channel.
func channelSums[F Float](dy, x []F, mean float64, samples, area, first, step int) (sum, product float64) {
	for s := range samples {
		from := x[first+s*step:][:area]
		for i, d := range dy[first+s*step:][:area] {
			sum += float64(d)
			product += float64(d) * (float64(from[i]) - mean)
		}
	}
	return sum, product
}

// AffineNorm sets y to scale·(x − mean)/√(variance + eps) + shift, plane by plane of area values:
// instance normalisation with a scale and a shift a channel. Plane p has those at p modulo their
// number, variance is biased.
func AffineNorm[F Float](y, x, scale, shift []F, area int, eps float64) {
	check("normalised planes", len(y), len(x))
	eachPlane(len(x), area, func(e *engine[F], p, lo, hi int) {
		inverse := centre(e, y[lo:hi], x[lo:hi], eps)
		a, add := F(inverse)*scale[p%len(scale)], shift[p%len(shift)]
		for i := lo; i < hi; i++ {
			y[i] = a*y[i] + add
		}
	})
}

// AffineNormAlong sets dy to the change of AffineNorm as x moves along t. The matrix of that
// linear map is symmetric: it is the gradient by x, too, where t is that by the output.
func AffineNormAlong[F Float](dy, t, x, scale []F, area int, eps float64) {
	check("derivative of planes", len(dy), len(x))
	n := float64(area)
	eachPlane(len(x), area, func(e *engine[F], p, lo, hi int) {
		to, from := dy[lo:hi], t[lo:hi]
		inverse := centre(e, to, x[lo:hi], eps)
		a := inverse * float64(scale[p%len(scale)])
		by, slope, add := F(a), F(-a*inverse*inverse*dotOf(e, from, to)/n), F(-a*sumOf(e, from)/n)
		for i, v := range from {
			to[i] = by*v + slope*to[i] + add
		}
	})
}

// AffineNormBend sets dx to the gradient by x of Σ u·(AffineNormAlong of t).
func AffineNormBend[F Float](dx, u, t, x, scale []F, area int, eps float64) {
	check("second derivative of planes", len(dx), len(x))
	n := float64(area)
	eachPlane(len(x), area, func(e *engine[F], p, lo, hi int) {
		to, ups, along := dx[lo:hi], u[lo:hi], t[lo:hi]
		inverse := centre(e, to, x[lo:hi], eps)
		b := bentOf(e, ups, along, to, inverse)
		g := float64(scale[p%len(scale)]) * inverse / n
		cu, ct := F(-g*inverse*b.t), F(-g*inverse*b.u)
		cx := F(-g * inverse * (b.value - 2*b.u*b.t*inverse/n))
		c0 := F(g * inverse * (b.t*b.sumU + b.u*b.sumT) / n)
		for i, c := range to {
			to[i] = cu*ups[i] + ct*along[i] + cx*c + c0
		}
	})
}

// AffineNormScale sets ds to the gradient of AffineNorm by scale, u being that by its output; with
// a t, to the gradient by scale of Σ u·(AffineNormAlong of t).
func AffineNormScale[F Float](ds, u, t, x []F, area int, eps float64) {
	e := engineOf[F]()
	parallel.For(len(ds), func(c int) {
		scratch, give := borrow[F](area)
		defer give()
		var total float64
		for lo := c * area; lo < len(x); lo += len(ds) * area {
			inverse := centre(e, scratch[:area], x[lo:lo+area], eps)
			if t == nil {
				total += inverse * dotOf(e, u[lo:lo+area], scratch[:area])
			} else {
				total += bentOf(e, u[lo:lo+area], t[lo:lo+area], scratch[:area], inverse).value
			}
		}
		ds[c] = F(total)
	})
}

// bent are, of a plane with normalised values y: u·y, t·y, the sums of u and t, and
// u·(t − mean(t) − y·mean(t·y)) over the deviation.
type bent struct{ u, t, sumU, sumT, value float64 }

func bentOf[F Float](e *engine[F], u, t, centred []F, inverse float64) bent {
	n := float64(len(u))
	b := bent{u: inverse * dotOf(e, u, centred), t: inverse * dotOf(e, t, centred), sumU: sumOf(e, u), sumT: sumOf(e, t)}
	b.value = inverse * (dotOf(e, u, t) - b.sumU*b.sumT/n - b.u*b.t/n)
	return b
}

// centre sets y to x less its mean and gives 1/√(variance + eps).
func centre[F Float](e *engine[F], y, x []F, eps float64) (inverse float64) {
	n := float64(len(x))
	mean := F(sumOf(e, x) / n)
	for i, v := range x {
		y[i] = v - mean
	}
	return 1 / math.Sqrt(dotOf(e, y, y)/n+eps)
}

// short planes are not worth a call of the engine's loops.
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

// eachPlane calls do for every plane p, of values lo to hi.
func eachPlane[F Float](n, area int, do func(e *engine[F], p, lo, hi int)) {
	check("norm planes", n%area, 0)
	e := engineOf[F]()
	planes(n, area, func(lo, hi int) {
		for at := lo; at < hi; at += area {
			do(e, at/area, at, at+area)
		}
	})
}
