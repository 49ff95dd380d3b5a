package logistic

import (
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
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

// A problem is the objective in the variables v: classes rows of d weights, then the
// biases. Columns are centred on their mean, which a free bias absorbs:
// W x + b = W (x - mean) + (b + W mean).
type problem struct {
	*Rows
	y        []int
	classes  int
	weight   []float64 // of each row; nil: 1
	lambda   float64
	products int // with the Hessian, so far
}

// pass goes through the rows once: each is given the logits of row i under v, or zeros where v is nil, and leaves there
// the row's residual; out becomes the mean over the rows of residual times (row, 1), unless it is nil.
func (p *problem) pass(v, out []float64, each func(i int, r []float64)) {
	n, d := p.x.Dims()
	size := p.classes * d
	var bias []float64
	if v != nil {
		bias = slices.Clone(v[size:])
		for k := range bias {
			bias[k] -= floats.Dot(v[k*d:(k+1)*d], p.mean)
		}
	}
	block := max(minBlock, (n+blocks-1)/blocks)
	block = (block + strip - 1) / strip * strip // strips do not cross blocks
	partial := make([][]float64, (n+block-1)/block)
	parallel.Blocks(n, block, func(b, lo, hi int) {
		if out != nil {
			partial[b] = make([]float64, size+p.classes)
		}
		p.rows(lo, hi, v, bias, partial[b], each)
	})
	if out == nil {
		return
	}
	clear(out)
	for _, part := range partial {
		floats.Add(out, part)
	}
	floats.Scale(1/float64(n), out)
	for k := range p.classes {
		floats.AddScaled(out[k*d:(k+1)*d], -out[size+k], p.mean)
	}
}

// rows is pass for rows [lo, hi), not yet centred.
func (p *problem) rows(lo, hi int, v, bias, out []float64, each func(i int, r []float64)) {
	d, size := len(p.mean), p.classes*len(p.mean)
	logits, residual := make([]float64, strip*p.classes), make([]float64, strip*p.classes)
	for start := lo; start < hi; start += strip {
		count := min(hi, start+strip) - start
		if v != nil {
			kernels.GemmPacked(kernels.Dense(p.classes, count, logits[:count*p.classes]), kernels.Dense(p.classes, d, v[:size]), p.turned[start/strip], false)
		}
		for i := range count {
			r := residual[i*p.classes : (i+1)*p.classes]
			clear(r)
			for k := range bias {
				r[k] = logits[k*count+i] + bias[k]
			}
			each(start+i, r)
			if out != nil {
				floats.Add(out[size:], r)
			}
		}
		if out != nil {
			kernels.GemmPacked(kernels.Dense(p.classes, d, out[:size]), kernels.Dense(count, p.classes, residual[:count*p.classes]).T(), p.strips[start/strip], true)
		}
	}
}

// toModel reads the weights and biases out of v.
func (p *problem) toModel(v []float64) *Model {
	d := len(p.mean)
	w := mat.NewDense(p.classes, d, v[:p.classes*d])
	bias := slices.Clone(v[p.classes*d:])
	for k := range bias {
		bias[k] -= floats.Dot(w.RawRowView(k), p.mean)
	}
	floats.AddConst(-floats.Sum(bias)/float64(p.classes), bias)
	if p.span != nil {
		w = dense.Product(w, mat.DenseCopyOf(p.span.T()))
	}
	return &Model{Weights: w, Bias: bias}
}

// fromModel is the inverse of toModel.
func (p *problem) fromModel(v []float64, m *Model) {
	d, weights := len(p.mean), m.Weights
	if p.span != nil {
		weights = dense.Product(weights, p.span)
	}
	for k := range p.classes {
		wk := weights.RawRowView(k)
		v[p.classes*d+k] = m.Bias[k] + floats.Dot(wk, p.mean)
		copy(v[k*d:(k+1)*d], wk)
	}
}
