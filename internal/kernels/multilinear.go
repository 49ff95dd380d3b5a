package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// A Paint is how masks and images lie in a batch: N x (1 + Channels) x Area, the mask first.
type Paint struct{ N, Channels, Area int }

func (p Paint) check(painted, base int) {
	check("masks and images", painted, p.N*(1+p.Channels)*p.Area)
	check("images below masks", base, p.N*p.Channels*p.Area)
}

// each calls do for every sample: its mask, and where its planes begin beside the mask and in
// the images below.
func (p Paint) each(do func(mask, over, base int)) {
	parallel.For(p.N, func(i int) {
		at := i * (1 + p.Channels) * p.Area
		do(at, at+p.Area, i*p.Channels*p.Area)
	})
}

// Masked sets y to the sigmoid of the masks of x and the hyperbolic tangent of its images.
func Masked[F Float](y, x []F, p Paint) {
	p.check(len(x), p.N*p.Channels*p.Area)
	check("masks and images", len(y), len(x))
	e := engineOf[F]()
	p.each(func(mask, over, _ int) {
		m := y[mask:over]
		e.scale(m, 0.5, x[mask:over]) // a sigmoid is (1 + tanh(x/2))/2
		e.tanh(m, m)
		for k, v := range m {
			m[k] = 0.5 + 0.5*v
		}
		e.tanh(y[over:over+p.Channels*p.Area], x[over:over+p.Channels*p.Area])
	})
}

// MaskedGrad sets dx to the gradient of Masked by its input, y its output.
func MaskedGrad[F Float](dx, dy, y []F, p Paint) {
	p.check(len(y), p.N*p.Channels*p.Area)
	check("gradient of masks and images", len(dx), len(y))
	e := engineOf[F]()
	p.each(func(mask, over, _ int) {
		for k := mask; k < over; k++ {
			dx[k] = dy[k] * y[k] * (1 - y[k])
		}
		end := over + p.Channels*p.Area
		e.tanhGrad(dx[over:end], dy[over:end], y[over:end])
	})
}

// Blend sets z to m·o + (1 − m)·base, m the masks and o the images of painted.
func Blend[F Float](z, painted, base []F, p Paint) {
	p.check(len(painted), len(base))
	check("blended images", len(z), len(base))
	p.each(func(mask, over, at int) {
		m := painted[mask:over]
		for range p.Channels {
			o, b, to := painted[over:over+p.Area], base[at:at+p.Area], z[at:at+p.Area]
			for k, w := range m {
				to[k] = w*o[k] + (1-w)*b[k]
			}
			over, at = over+p.Area, at+p.Area
		}
	})
}

// BlendGrad sets dp to the gradient of Blend by masks and images.
func BlendGrad[F Float](dp, dz, painted, base []F, p Paint) {
	p.check(len(painted), len(base))
	check("gradient of masks and images", len(dp), len(painted))
	p.each(func(mask, over, at int) {
		m, dm := painted[mask:over], dp[mask:over]
		clear(dm)
		for range p.Channels {
			o, b, up, to := painted[over:over+p.Area], base[at:at+p.Area], dz[at:at+p.Area], dp[over:over+p.Area]
			for k, w := range m {
				dm[k] += up[k] * (o[k] - b[k])
				to[k] = w * up[k]
			}
			over, at = over+p.Area, at+p.Area
		}
	})
}

// BlendBaseGrad sets db to the gradient of Blend by the images below.
func BlendBaseGrad[F Float](db, dz, painted []F, p Paint) {
	p.check(len(painted), len(db))
	p.each(func(mask, over, at int) {
		m := painted[mask:over]
		for range p.Channels {
			up, to := dz[at:at+p.Area], db[at:at+p.Area]
			for k, w := range m {
				to[k] = (1 - w) * up[k]
			}
			at += p.Area
		}
	})
}

// outerRows of an outer product are one block of work.
const outerRows = 8

// Outer sets t (n x K·d) to the outer products of the rows of p (n x K) and x (n x d): block
// k of a row of t is p_k times the row of x.
func Outer[F Float](t, p, x []F, n int) {
	classes, d := len(p)/n, len(x)/n
	check("outer product", len(t), n*classes*d)
	e := engineOf[F]()
	parallel.Blocks(n, outerRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			for k, w := range p[i*classes : (i+1)*classes] {
				at := (i*classes + k) * d
				e.scale(t[at:at+d], w, x[i*d:(i+1)*d])
			}
		}
	})
}

// OuterGrad sets dx (n x d) to the gradient of Outer by x: Σ_k p_k times block k of dt.
func OuterGrad[F Float](dx, dt, p []F, n int) {
	classes, d := len(p)/n, len(dx)/n
	check("outer product's gradient", len(dt), n*classes*d)
	e := engineOf[F]()
	parallel.Blocks(n, outerRows, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			to := dx[i*d : (i+1)*d]
			clear(to)
			for k, w := range p[i*classes : (i+1)*classes] {
				at := (i*classes + k) * d
				e.axpy(to, w, dt[at:at+d])
			}
		}
	})
}

// Times sets z to a·x·y, element by element.
func Times[F Float](z, x, y []F, a F) {
	check("product of elements", len(z), len(x))
	check("product of elements", len(y), len(x))
	parallel.Blocks(len(z), elementBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			z[i] = a * x[i] * y[i]
		}
	})
}

// Sigmoids sets y to 1/(1 + e^−x), element by element.
func Sigmoids[F Float](y, x []F) {
	check("sigmoids", len(y), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) {
		to := y[lo:hi]
		e.scale(to, 0.5, x[lo:hi]) // a sigmoid is (1 + tanh(x/2))/2
		e.tanh(to, to)
		for i, v := range to {
			to[i] = 0.5 + 0.5*v
		}
	})
}

// SigmoidsGrad sets dx = dy·y·(1 − y), y the output of Sigmoids.
func SigmoidsGrad[F Float](dx, dy, y []F) {
	check("gradient of sigmoids", len(dx), len(y))
	parallel.Blocks(len(y), elementBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			dx[i] = dy[i] * y[i] * (1 - y[i])
		}
	})
}

// Gate sets z to (1 − g)·x + g·y, element by element.
func Gate[F Float](z, g, x, y []F) {
	check("gated values", len(z), len(g))
	parallel.Blocks(len(z), elementBlock, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			z[i] = x[i] + g[i]*(y[i]-x[i])
		}
	})
}

// GateGrad sets dg to the gradient of Gate by its gates and dx to that by x; that by y is dz·g.
// Either may be nil.
func GateGrad[F Float](dg, dx, dz, g, x, y []F) {
	parallel.Blocks(len(dz), elementBlock, func(_, lo, hi int) {
		for i := lo; i < hi && dg != nil; i++ {
			dg[i] = dz[i] * (y[i] - x[i])
		}
		for i := lo; i < hi && dx != nil; i++ {
			dx[i] = dz[i] * (1 - g[i])
		}
	})
}

// CrossEntropy is the mean over the rows of x (n x classes, logits) of −log softmax(x)[y],
// in nats, y the classes as whole numbers. A class out of range panics.
func CrossEntropy[F Float](x, y []F) float64 {
	classes := len(x) / len(y)
	check("logits", len(x), len(y)*classes)
	var total float64
	for i, class := range y {
		row := x[i*classes : (i+1)*classes]
		total += logSumExp(row) - float64(row[int(class)])
	}
	return total / float64(len(y))
}

// CrossEntropyGrad sets dx to scale times the gradient of CrossEntropy by x:
// (softmax(x) − onehot(y))/n.
func CrossEntropyGrad[F Float](dx, x, y []F, scale float64) {
	classes := len(x) / len(y)
	check("logit gradient", len(dx), len(x))
	share := scale / float64(len(y))
	for i, class := range y {
		row, out := x[i*classes:(i+1)*classes], dx[i*classes:(i+1)*classes]
		total := logSumExp(row)
		for k, v := range row {
			out[k] = F(share * math.Exp(float64(v)-total))
		}
		out[int(class)] -= F(share)
	}
}

// logSumExp is log Σ exp(row), the maximum subtracted.
func logSumExp[F Float](row []F) float64 {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	var sum float64
	for _, v := range row {
		sum += math.Exp(float64(v) - float64(top))
	}
	return float64(top) + math.Log(sum)
}
