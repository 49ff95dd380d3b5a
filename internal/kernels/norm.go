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
// together. Epsilon is added to a variance before its root. Lanes says that sums over a plane may
// be taken side by side, instead of one after the other.
type Batch struct {
	N, Channels, Area, Split int
	Epsilon                  float64
	Lanes                    bool
	turned                   bool // Channels x N, of planes of one value
}

// flat says whether planes are single values, which are turned before a walk over channels.
func (b Batch) flat() bool { return b.Area == 1 && b.N > 1 && !b.turned }

// turned is a rows x cols matrix transposed.
func turned[F Float](x []F, rows, cols int) (out []F, give func()) {
	out, give = borrow[F](len(x))
	turn(out[:len(x)], x, rows, cols)
	return out[:len(x)], give
}

// turnedBoth are a gradient and a batch of flat planes transposed, and b says so.
func turnedBoth[F Float](dy, x []F, b *Batch) (d, from []F, give func()) {
	from, giveX := turned(x, b.N, b.Channels)
	d, giveD := turned(dy, b.N, b.Channels)
	b.turned = true
	return d, from, func() { giveX(); giveD() }
}

// turn sets dst to the transposed src, a rows x cols matrix.
func turn[F Float](dst, src []F, rows, cols int) {
	e := engineOf[F]()
	parallel.Blocks(cols, 64, func(_, lo, hi int) { e.transpose(dst[lo*rows:], rows, src[lo:], cols, rows, hi-lo) })
}

// Groups are the ranges of samples with statistics of their own.
func (b Batch) Groups() [][2]int {
	if b.Split == 0 {
		return [][2]int{{0, b.N}}
	}
	return [][2]int{{0, b.Split}, {b.Split, b.N}}
}

func (b Batch) check(x, stats int) {
	check("batch", x, b.N*b.Channels*b.Area)
	check("batch statistics", stats, 2*len(b.Groups())*b.Channels)
}

// BatchMoments sets stats (for each group a row of means and one of biased variances, a value
// a channel) to those of x.
func BatchMoments[F Float](stats, x []F, b Batch) {
	b.check(len(x), len(stats))
	if b.flat() {
		t, give := turned(x, b.N, b.Channels)
		defer give()
		b.turned = true
		BatchMoments(stats, t, b)
		return
	}
	e := engineOf[F]()
	b.eachFew(func(ws []walked) {
		count := float64(ws[0].samples * ws[0].area)
		var mean perChannel
		sum, square := sums(e, ws, x, x, &mean, b.Lanes)
		for i := range ws {
			mean[i] = sum[i] / count
			square[i] -= sum[i] * mean[i]
		}
		if !b.Lanes {
			square = squareSums(ws, x, &mean)
		}
		for i, w := range ws {
			stats[2*w.group*b.Channels+w.channel], stats[(2*w.group+1)*b.Channels+w.channel] = F(mean[i]), F(square[i]/count)
		}
	})
}

// moments are mean and 1/√(variance + Epsilon) of a channel.
func moments[F Float](stats []F, g, c int, b Batch) (mean, inverse float64) {
	return float64(stats[2*g*b.Channels+c]), 1 / math.Sqrt(float64(stats[(2*g+1)*b.Channels+c])+b.Epsilon)
}

// momentsOf are those of neighbouring channels.
func momentsOf[F Float](stats []F, ws []walked, b Batch) (mean, inverse perChannel) {
	for i, w := range ws {
		mean[i], inverse[i] = moments(stats, w.group, w.channel, b)
	}
	return mean, inverse
}

// BatchNorm sets y to scale·(x − mean)/√(variance + Epsilon) + shift, channel by channel.
func BatchNorm[F Float](y, x, stats, scale, shift []F, b Batch) {
	b.check(len(x), len(stats))
	check("normalised batch", len(y), len(x))
	if b.flat() {
		from, give := turned(x, b.N, b.Channels)
		defer give()
		b.turned = true
		BatchNorm(from, from, stats, scale, shift, b)
		turn(y, from, b.Channels, b.N)
		return
	}
	e := engineOf[F]()
	b.each(func(w walked) {
		mean, inverse := moments(stats, w.group, w.channel, b)
		for s := range w.samples {
			at := w.first + s*w.step
			e.affine(y[at:at+w.area], x[at:at+w.area], F(mean), F(inverse)*scale[w.channel], shift[w.channel])
		}
	})
}

// BatchNormGrad sets dx to the gradient of BatchNorm by x, the statistics being those of x.
func BatchNormGrad[F Float](dx, dy, x, stats, scale []F, b Batch) {
	b.check(len(x), len(stats))
	check("batch gradient", len(dx), len(x))
	if b.flat() {
		d, from, give := turnedBoth(dy, x, &b)
		defer give()
		BatchNormGrad(d, d, from, stats, scale, b)
		turn(dx, d, b.Channels, b.N)
		return
	}
	e := engineOf[F]()
	b.eachFew(func(ws []walked) {
		mean, inverse := momentsOf(stats, ws, b)
		sum, product := sums(e, ws, dy, x, &mean, b.Lanes)
		for i, w := range ws {
			count, a := float64(w.samples*w.area), inverse[i]*float64(scale[w.channel])
			off, slope := F(-a*sum[i]/count), F(-a*product[i]*inverse[i]*inverse[i]/count)
			for s := range w.samples {
				at := w.first + s*w.step
				e.slant(dx[at:at+w.area], dy[at:at+w.area], x[at:at+w.area], F(a), F(mean[i]), slope, off)
			}
		}
	})
}

// BatchNormScaleGrad sets ds to the gradient of BatchNorm by scale. That by shift is
// SumChannels of dy.
func BatchNormScaleGrad[F Float](ds, dy, x, stats []F, b Batch) {
	b.check(len(x), len(stats))
	if b.flat() {
		d, from, give := turnedBoth(dy, x, &b)
		defer give()
		BatchNormScaleGrad(ds, d, from, stats, b)
		return
	}
	e, parts := engineOf[F](), make([]float64, len(b.Groups())*b.Channels)
	b.eachFew(func(ws []walked) {
		mean, inverse := momentsOf(stats, ws, b)
		_, product := sums(e, ws, dy, x, &mean, b.Lanes)
		for i, w := range ws {
			parts[w.group*b.Channels+w.channel] = product[i] * inverse[i]
		}
	})
	for c := range ds {
		total := 0.0
		for g := range b.Groups() {
			total += parts[g*b.Channels+c]
		}
		ds[c] = F(total)
	}
}

// AffineNorm sets y to scale·(x − mean)/√(variance + eps) + shift, plane by plane of area values:
// instance normalisation with a scale and a shift a channel. Plane p has those at p modulo their
// number, variance is biased.
func AffineNorm[F Float](y, x, scale, shift []F, area int, eps float64) {
	check("normalised planes", len(y), len(x))
	eachPlane(len(x), area, func(e *engine[F], p, lo, hi int) {
		inverse := centre(e, y[lo:hi], x[lo:hi], eps)
		e.affine(y[lo:hi], y[lo:hi], 0, F(inverse)*scale[p%len(scale)], shift[p%len(shift)])
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
		e.slant(to, from, to, by, 0, slope, add)
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
		e.slant(to, ups, to, cu, 0, cx, c0)
		e.axpy(to, ct, along)
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
	e.affine(y, x, F(sumOf(e, x)/n), 1, 0)
	return 1 / math.Sqrt(dotOf(e, y, y)/n+eps)
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
