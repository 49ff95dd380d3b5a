package logistic

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
)

const (
	// blocks is the most partial gradients that are kept: the number depends on n
	// alone, so that sums have one order.
	blocks   = 64
	minBlock = 256
	// strip is how many rows pass through the forward and backward loops while
	// they are in cache.
	strip = 16
	// denseColumns is the widest covariance that is factorised; beyond it the
	// preconditioner is the variance of each column.
	denseColumns = 1024
)

// A problem is the objective in the variables v: classes rows of d preconditioned
// weights, then the biases. Columns are centred on their mean, which a free bias
// absorbs: W x + b = W (x - mean) + (b + W mean).
type problem struct {
	x       *mat.Dense
	y       []int
	classes int
	weight  []float64 // of each row; nil: 1
	lambda  float64
	mean    []float64
	upper   blas64.Triangular // U with U^T U near the Hessian of a weight row
	diag    []float64         // square roots of the same Hessian's diagonal, when d is large
	last    struct {
		v, gradient []float64
		value       float64
	}
}

func newProblem(x *mat.Dense, y []int, classes int, lambda float64) (*problem, error) {
	n, d := x.Dims()
	p := &problem{x: x, y: y, classes: classes, lambda: lambda, mean: make([]float64, d)}
	for i := range n {
		floats.Add(p.mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), p.mean)
	if d > denseColumns {
		p.diag = make([]float64, d)
		for i := range n {
			for j, v := range x.RawRowView(i) {
				p.diag[j] += (v - p.mean[j]) * (v - p.mean[j])
			}
		}
		for j, ss := range p.diag {
			p.diag[j] = math.Sqrt(ss/float64(n*classes) + lambda)
		}
		return p, nil
	}
	// With equal probabilities the Hessian is (I - 11'/K)/K (x) covariance.
	rows := min(n, 4*d+64)
	centred := mat.NewDense(rows, d, nil)
	for r := range rows {
		floats.SubTo(centred.RawRowView(r), x.RawRowView(int(int64(r)*int64(n)/int64(rows))), p.mean)
	}
	h := mat.NewDense(d, d, nil)
	h.Mul(centred.T(), centred)
	sym := mat.NewSymDense(d, h.RawMatrix().Data)
	sym.ScaleSym(1/float64(rows*classes), sym)
	for j := range d {
		sym.SetSym(j, j, sym.At(j, j)+lambda)
	}
	var chol mat.Cholesky
	if !chol.Factorize(sym) {
		return nil, fmt.Errorf("logistic: lambda %g is lost to rounding beside the columns' variances: scale the columns", lambda)
	}
	u := chol.RawU().(*mat.TriDense)
	p.upper = u.RawTriangular()
	return p, nil
}

// weights turns v's first part into W = V U^-T, row by row.
func (p *problem) weights(v []float64) []float64 {
	d := len(p.mean)
	w := slices.Clone(v[:p.classes*d])
	if p.diag != nil {
		for k := range p.classes {
			floats.Div(w[k*d:(k+1)*d], p.diag)
		}
		return w
	}
	blas64.Trsm(blas.Right, blas.Trans, 1, p.upper, blas64.General{Rows: p.classes, Cols: d, Stride: d, Data: w})
	return w
}

// pull turns the gradient by W into that by V, in place: G U^-1.
func (p *problem) pull(g []float64) {
	d := len(p.mean)
	if p.diag != nil {
		for k := range p.classes {
			floats.Div(g[k*d:(k+1)*d], p.diag)
		}
		return
	}
	blas64.Trsm(blas.Right, blas.NoTrans, 1, p.upper, blas64.General{Rows: p.classes, Cols: d, Stride: d, Data: g})
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
	p.pull(g[:size])
	p.last.v, p.last.gradient = slices.Clone(v), g
	p.last.value = floats.SumCompensated(losses)/float64(n) + p.lambda/2*floats.Dot(w, w)
}

// rows adds the gradients of rows [lo, hi) into g and returns their losses' sum.
func (p *problem) rows(lo, hi int, w, bias, g []float64) float64 {
	d, size := len(p.mean), p.classes*len(p.mean)
	residual := make([]float64, strip*p.classes)
	var loss float64
	for start := lo; start < hi; start += strip {
		end := min(hi, start+strip)
		for k := range p.classes {
			wk := w[k*d : (k+1)*d]
			for i := start; i < end; i++ {
				residual[(i-start)*p.classes+k] = floats.Dot(p.x.RawRowView(i), wk) + bias[k]
			}
		}
		for i := start; i < end; i++ {
			r := residual[(i-start)*p.classes : (i-start+1)*p.classes]
			own := r[p.y[i]]
			rowLoss := Softmax(r) - own
			r[p.y[i]]--
			if p.weight != nil {
				rowLoss *= p.weight[i]
				floats.Scale(p.weight[i], r)
			}
			loss += rowLoss
			floats.Add(g[size:], r)
		}
		for k := range p.classes {
			gk := g[k*d : (k+1)*d]
			for i := start; i < end; i++ {
				floats.AddScaled(gk, residual[(i-start)*p.classes+k], p.x.RawRowView(i))
			}
		}
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
		to := v[k*d : (k+1)*d]
		if p.diag != nil {
			floats.MulTo(to, wk, p.diag)
			continue
		}
		copy(to, wk) // v = w U^T
		blas64.Trmv(blas.NoTrans, p.upper, blas64.Vector{N: d, Inc: 1, Data: to})
	}
}
