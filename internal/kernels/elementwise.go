package kernels

import (
	"math"

	"github.com/venn-adapt/venn/internal/parallel"
)

// elementBlock elements are one block of an elementwise loop or of a long sum.
const elementBlock = 8192

// LeakyRelu sets y to x where x is positive and to slope·x elsewhere.
func LeakyRelu[F Float](y, x []F, slope F) {
	check("relu output", len(y), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) { e.leaky(y[lo:hi], x[lo:hi], slope) })
}

// LeakyReluGrad sets dx to the gradient of LeakyRelu at x.
func LeakyReluGrad[F Float](dx, dy, x []F, slope F) {
	check("relu gradient", len(dx), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) { e.leakyGrad(dx[lo:hi], dy[lo:hi], x[lo:hi], slope) })
}

// Tanh sets y to the hyperbolic tangent of x.
func Tanh[F Float](y, x []F) {
	check("tanh output", len(y), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) { e.tanh(y[lo:hi], x[lo:hi]) })
}

// TanhGrad sets dx = dy·(1 − y²), y the output of Tanh.
func TanhGrad[F Float](dx, dy, y []F) {
	check("tanh gradient", len(dx), len(y))
	e := engineOf[F]()
	parallel.Blocks(len(y), elementBlock, func(_, lo, hi int) { e.tanhGrad(dx[lo:hi], dy[lo:hi], y[lo:hi]) })
}

// Add sets z to x + y; z may be y.
func Add[F Float](z, x, y []F) {
	check("sum", len(z), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(z), elementBlock, func(_, lo, hi int) {
		if &z[lo] == &y[lo] {
			e.axpy(z[lo:hi], 1, x[lo:hi])
			return
		}
		copy(z[lo:hi], x[lo:hi])
		e.axpy(z[lo:hi], 1, y[lo:hi])
	})
}

// Scale sets y to a·x.
func Scale[F Float](y, x []F, a F) {
	check("scaled", len(y), len(x))
	e := engineOf[F]()
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) { e.scale(y[lo:hi], a, x[lo:hi]) })
}

// Approach moves x towards y by the share t of their difference.
func Approach(x, y []float32, t float32) {
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) {
		to := y[lo:hi]
		for i, v := range x[lo:hi] {
			x[lo+i] = v + t*(to[i]-v)
		}
	})
}

// AddRows adds bias (c values) to each of the rows of y (n x c).
func AddRows[F Float](y, bias []F) {
	for i := 0; i < len(y); i += len(bias) {
		for j, b := range bias {
			y[i+j] += b
		}
	}
}

// SumRows sets sums to the column sums of x (n x c), rows in order.
func SumRows[F Float](sums, x []F) {
	clear(sums)
	e := engineOf[F]()
	for i := 0; i < len(x); i += len(sums) {
		e.axpy(sums, 1, x[i:i+len(sums)])
	}
}

// SumChannels sets sums (C values) to the sums of x (N x C x area) over samples
// and places: the gradient of a convolution's bias.
func SumChannels[F Float](sums, x []F, channels, area int) {
	check("bias gradient", len(sums), channels)
	e, samples := engineOf[F](), len(x)/(channels*area)
	if area == 1 {
		t, give := turned(x, samples, channels)
		defer give()
		parallel.For(channels, func(c int) { sums[c] = inTurn(t[c*samples : (c+1)*samples]) })
		return
	}
	parallel.For(channels, func(c int) {
		var s float64
		for p := c; p < len(x)/area; p += channels {
			s += e.sum(x[p*area : (p+1)*area])
		}
		sums[c] = F(s)
	})
}

// sum folds term(i) over [0, n) in blocks, in float64 and in index order.
func sum(n int, block func(lo, hi int) float64) float64 {
	parts := make([]float64, (n+elementBlock-1)/elementBlock)
	parallel.Blocks(n, elementBlock, func(b, lo, hi int) { parts[b] = block(lo, hi) })
	var s float64
	for _, p := range parts {
		s += p
	}
	return s
}

// MeanAbs is the mean of |x − target|; a nil target means zero.
func MeanAbs[F Float](x, target []F) float64 {
	e := engineOf[F]()
	return sum(len(x), func(lo, hi int) float64 {
		if target == nil {
			var s float64
			for _, v := range x[lo:hi] {
				s += math.Abs(float64(v))
			}
			return s
		}
		return e.absDiff(x[lo:hi], target[lo:hi])
	}) / float64(len(x))
}

// MeanAbsGrad sets dx to the gradient of scale·MeanAbs by x; at equality it is 0.
func MeanAbsGrad[F Float](dx, x, target []F, scale float64) {
	g, e := F(scale/float64(len(x))), engineOf[F]()
	if target == nil {
		target = make([]F, len(x))
	}
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) { e.absGrad(dx[lo:hi], x[lo:hi], target[lo:hi], g) })
}

// MeanSquare is the mean of (x − target)².
func MeanSquare[F Float](x, target []F) float64 {
	check("squared difference", len(target), len(x))
	return sum(len(x), func(lo, hi int) float64 {
		var s float64
		to := target[lo:hi]
		for i, v := range x[lo:hi] {
			d := float64(v) - float64(to[i])
			s += d * d
		}
		return s
	}) / float64(len(x))
}

// MeanSquareGrad sets dx to the gradient of scale·MeanSquare by x.
func MeanSquareGrad[F Float](dx, x, target []F, scale float64) {
	check("squared difference's gradient", len(dx), len(x))
	check("squared difference", len(target), len(x))
	g := F(2 * scale / float64(len(x)))
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) {
		out, to := dx[lo:hi], target[lo:hi]
		for i, v := range x[lo:hi] {
			out[i] = g * (v - to[i])
		}
	})
}

// MeanBCE is the mean binary cross-entropy of logits x against one target in
// [0, 1]: max(x,0) − x·t + ln(1+e^−|x|), in nats.
func MeanBCE[F Float](x []F, target float64) float64 {
	return sum(len(x), func(lo, hi int) float64 {
		var s float64
		for _, v := range x[lo:hi] {
			z := float64(v)
			s += max(z, 0) - z*target + math.Log1p(math.Exp(-math.Abs(z)))
		}
		return s
	}) / float64(len(x))
}

// MeanBCEGrad sets dx to the gradient of scale·MeanBCE: (sigmoid(x) − target)·scale/n.
func MeanBCEGrad[F Float](dx, x []F, target, scale float64) {
	for i, v := range x {
		dx[i] = F((Sigmoid(float64(v)) - target) * scale / float64(len(x)))
	}
}

// WeightedBCE is the mean over logits x of weight·(max(x,0) − x·t + ln(1+e^−|x|)), each
// against a target t in [0, 1] of its own, in nats.
func WeightedBCE[F Float](x, targets, weights []F) float64 {
	check("binary cross-entropy targets", len(targets), len(x))
	check("binary cross-entropy weights", len(weights), len(x))
	return sum(len(x), func(lo, hi int) float64 {
		var s float64
		for i := lo; i < hi; i++ {
			z := float64(x[i])
			s += float64(weights[i]) * (max(z, 0) - z*float64(targets[i]) + math.Log1p(math.Exp(-math.Abs(z))))
		}
		return s
	}) / float64(len(x))
}

// WeightedBCEGrad sets dx to the gradient of scale·WeightedBCE by x.
func WeightedBCEGrad[F Float](dx, x, targets, weights []F, scale float64) {
	check("binary cross-entropy gradient", len(dx), len(x))
	for i, v := range x {
		dx[i] = F((Sigmoid(float64(v)) - float64(targets[i])) * float64(weights[i]) * scale / float64(len(x)))
	}
}

// Sigmoid is 1/(1+e^−x).
func Sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// MeanSquareTo is the mean of (x − target)².
func MeanSquareTo[F Float](x []F, target float64) float64 {
	return sum(len(x), func(lo, hi int) float64 {
		var s float64
		for _, v := range x[lo:hi] {
			s += (float64(v) - target) * (float64(v) - target)
		}
		return s
	}) / float64(len(x))
}

// MeanSquareToGrad sets dx to the gradient of scale·MeanSquareTo by x.
func MeanSquareToGrad[F Float](dx, x []F, target, scale float64) {
	g, t := F(2*scale/float64(len(x))), F(target)
	parallel.Blocks(len(x), elementBlock, func(_, lo, hi int) {
		to := dx[lo:hi]
		for i, v := range x[lo:hi] {
			to[i] = g * (v - t)
		}
	})
}

// GaussianLoss is the mean over n rows of the negative log density of the target under normal laws with independent
// columns, in nats, without the constant ln(2π)/2 a column: Σ_j (s_j + (t_j − m_j)²·e^−s_j)/2 with m the mean and s =
// scale·spread the logarithm of the variance.
func GaussianLoss[F Float](mean, spread, target []F, scale float64, n int) float64 {
	check("means", len(mean), len(target))
	check("spreads", len(spread), len(target))
	return sum(len(target), func(lo, hi int) float64 {
		var total float64
		for i := lo; i < hi; i++ {
			s, d := scale*float64(spread[i]), float64(target[i])-float64(mean[i])
			total += (s + d*d*math.Exp(-s)) / 2
		}
		return total
	}) / float64(n)
}

// GaussianMeanGrad sets dm to the gradient of size·GaussianLoss by the mean.
func GaussianMeanGrad[F Float](dm, mean, spread, target []F, scale float64, n int, size float64) {
	for i := range dm {
		d := float64(target[i]) - float64(mean[i])
		dm[i] = F(-d * math.Exp(-scale*float64(spread[i])) * size / float64(n))
	}
}

// GaussianSpreadGrad sets ds to the gradient of size·GaussianLoss by the spread.
func GaussianSpreadGrad[F Float](ds, mean, spread, target []F, scale float64, n int, size float64) {
	for i := range ds {
		d := float64(target[i]) - float64(mean[i])
		ds[i] = F(scale * (1 - d*d*math.Exp(-scale*float64(spread[i]))) / 2 * size / float64(n))
	}
}

// An Adam holds the settings of the update. Kingma and Ba, "Adam: A Method for
// Stochastic Optimization", ICLR 2015, algorithm 1. Decay times the parameters is added to
// the gradient before anything else (not the decoupled form).
type Adam struct{ Rate, Beta1, Beta2, Epsilon, Decay float64 }

// Step updates parameters p and moments m, v from gradient g times scale (of
// clipping); step counts from 1.
func (a Adam) Step(p, g, m, v []float32, scale float64, step int) {
	c1 := 1 - math.Pow(a.Beta1, float64(step))
	c2 := 1 - math.Pow(a.Beta2, float64(step))
	rate, root := float32(a.Rate/c1), float32(1/math.Sqrt(c2))
	parallel.Blocks(len(p), elementBlock, func(_, lo, hi int) {
		grad, s := g[lo:hi], float32(scale)
		if a.Decay > 0 {
			decayed, give := borrow[float32](hi - lo)
			defer give()
			grad = decayed[:hi-lo]
			engine32.scale(grad, s, g[lo:hi])
			engine32.axpy(grad, float32(a.Decay), p[lo:hi])
			s = 1
		}
		engine32.adam(p[lo:hi], grad, m[lo:hi], v[lo:hi], s, 1-float32(a.Beta1), 1-float32(a.Beta2), rate, root, float32(a.Epsilon))
	})
}

// SquareSum is the sum of squares of x, in a fixed order.
func SquareSum(x []float32) float64 {
	return sum(len(x), func(lo, hi int) float64 { return engine32.dot(x[lo:hi], x[lo:hi]) })
}
