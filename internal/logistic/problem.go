package logistic

import (
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
)

const (
	// blocks is the most partial gradients that are kept: the number depends on n
	// alone, so that sums have one order.
	blocks   = 64
	minBlock = 256
	// strip is how many rows pass through the forward and backward products while
	// they are in cache.
	strip = 128
)

// A problem is the objective in the variables v: classes rows of d preconditioned
// weights, then the biases. Columns are centred on their mean, which a free bias
// absorbs: W x + b = W (x - mean) + (b + W mean).
type problem struct {
	*Rows
	y       []int
	classes int
	weight  []float64 // of each row; nil: 1
	lambda  float64
	scale   preconditioner
	last    struct {
		v, gradient []float64
		value       float64
	}
}

func newProblem(r *Rows, y []int, classes int, lambda float64) (*problem, error) {
	scale, err := r.preconditioner(classes, lambda)
	return &problem{Rows: r, y: y, classes: classes, lambda: lambda, scale: scale}, err
}

// weights turns v's first part into weights, row by row.
func (p *problem) weights(v []float64) []float64 {
	w := slices.Clone(v[:p.classes*len(p.mean)])
	p.scale.apply(w)
	return w
}

func (p *problem) value(v []float64) float64 {
	p.evaluate(v)
	return p.last.value
}

func (p *problem) gradientTo(g, v []float64) {
	p.evaluate(v)
	copy(g, p.last.gradient)
}

// evaluate computes value and gradient at v, once for both.
func (p *problem) evaluate(v []float64) {
	if p.last.v != nil && slices.Equal(p.last.v, v) {
		return
	}
	n, d := p.x.Dims()
	w, size := p.weights(v), p.classes*d
	bias := slices.Clone(v[size:])
	for k := range bias {
		bias[k] -= floats.Dot(w[k*d:(k+1)*d], p.mean)
	}
	block := max(minBlock, (n+blocks-1)/blocks)
	block = (block + strip - 1) / strip * strip // strips do not cross blocks
	count := (n + block - 1) / block
	losses, partial := make([]float64, count), make([][]float64, count)
	parallel.Blocks(n, block, func(b, lo, hi int) {
		partial[b] = make([]float64, size+p.classes)
		losses[b] = p.rows(lo, hi, w, bias, partial[b])
	})
	g := partial[0]
	for _, more := range partial[1:] {
		floats.Add(g, more)
	}
	floats.Scale(1/float64(n), g)
	for k := range p.classes {
		floats.AddScaled(g[k*d:(k+1)*d], -g[size+k], p.mean)
	}
	floats.AddScaled(g[:size], p.lambda, w)
	p.scale.pull(g[:size])
	p.last.v, p.last.gradient = slices.Clone(v), g
	p.last.value = floats.SumCompensated(losses)/float64(n) + p.lambda/2*floats.Dot(w, w)
}

// rows adds the gradients of rows [lo, hi) into g and returns their losses' sum.
func (p *problem) rows(lo, hi int, w, bias, g []float64) float64 {
	d, size := len(p.mean), p.classes*len(p.mean)
	weights, gradient := kernels.Dense(p.classes, d, w), kernels.Dense(p.classes, d, g[:size])
	logits, residual := make([]float64, strip*p.classes), make([]float64, strip*p.classes)
	var loss float64
	for start := lo; start < hi; start += strip {
		count := min(hi, start+strip) - start
		kernels.GemmPacked(kernels.Dense(p.classes, count, logits[:count*p.classes]), weights, p.turned[start/strip], false)
		for i := range count {
			r := residual[i*p.classes : (i+1)*p.classes]
			for k := range r {
				r[k] = logits[k*count+i] + bias[k]
			}
			own := r[p.y[start+i]]
			rowLoss := Softmax(r) - own
			r[p.y[start+i]]--
			if p.weight != nil {
				rowLoss *= p.weight[start+i]
				floats.Scale(p.weight[start+i], r)
			}
			loss += rowLoss
			floats.Add(g[size:], r)
		}
		kernels.GemmPacked(gradient, kernels.Dense(count, p.classes, residual[:count*p.classes]).T(), p.strips[start/strip], true)
	}
	return loss
}

// toModel reads the weights and biases out of v.
func (p *problem) toModel(v []float64) *Model {
	d := len(p.mean)
	w := mat.NewDense(p.classes, d, p.weights(v))
	bias := slices.Clone(v[p.classes*d:])
	for k := range bias {
		bias[k] -= floats.Dot(w.RawRowView(k), p.mean)
	}
	floats.AddConst(-floats.Sum(bias)/float64(p.classes), bias)
	return &Model{Weights: w, Bias: bias, Gradient: floats.Norm(p.last.gradient, 2)}
}

// fromModel is the inverse of toModel.
func (p *problem) fromModel(v []float64, m *Model) {
	d := len(p.mean)
	for k := range p.classes {
		wk := m.Weights.RawRowView(k)
		v[p.classes*d+k] = m.Bias[k] + floats.Dot(wk, p.mean)
		copy(v[k*d:(k+1)*d], wk)
	}
	p.scale.undo(v[:p.classes*d])
}
