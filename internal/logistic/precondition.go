package logistic

import (
	"fmt"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
)

// denseColumns is the widest rows whose curvature is factorised whole; of wider ones that in the span of the largest
// eigenvectors of their covariance is.
const (
	denseColumns = 512
	mostVectors  = 320
	mostRows     = 4096
	subspace     = 2 // steps of the subspace iteration
)

// features are some of the rows, centred and evenly spread, in the basis of the curvature, with a last column of ones for
// the bias.
type features struct {
	x               *mat.Dense
	from            []int                    // the row that each is
	vectors, turned *kernels.Packed[float64] // d x r, orthonormal columns; transposed. nil: all columns, as they are
	outside         []float64                // squared length of each row outside the basis
	columns         int                      // d
	directions      int                      // dimensions outside the basis in which rows lie
}

// features are made at the first fit.
func (r *Rows) features() *features {
	if r.spread != nil {
		return r.spread
	}
	n, d := r.x.Dims()
	count := min(n, mostRows)
	if d <= denseColumns {
		count = min(n, 4*d+64)
	}
	f := &features{from: make([]int, count), outside: make([]float64, count)}
	c := mat.NewDense(count, d, nil)
	for i := range count {
		f.from[i] = int(int64(i) * int64(n) / int64(count))
		floats.SubTo(c.RawRowView(i), r.x.RawRowView(f.from[i]), r.mean)
	}
	x := c
	if d > denseColumns {
		u := leading(c, mostVectors)
		x = dense.Product(c, u)
		f.vectors, f.turned = kernels.Pack(dense.View(u)), kernels.Pack(dense.View(u).T())
	}
	_, width := x.Dims()
	f.columns = d
	f.x, f.directions = mat.NewDense(count, width+1, nil), max(1, min(count, d)-width)
	for i := range count {
		row := f.x.RawRowView(i)
		copy(row, x.RawRowView(i))
		row[width] = 1
		if f.vectors != nil {
			f.outside[i] = max(0, floats.Dot(c.RawRowView(i), c.RawRowView(i))-floats.Dot(row[:width], row[:width]))
		}
	}
	r.spread = f
	return f
}

// leading finds the largest eigenvectors of xᵀx by subspace iteration from random directions of a
// fixed stream: Halko, Martinsson and Tropp, "Finding Structure with Randomness",
// SIAM Review 53 (2011), algorithm 4.4. They need not be exact: the optimum does
// not depend on them. There are fewer where the rows span fewer directions. Time O(n d r).
func leading(x *mat.Dense, vectors int) *mat.Dense {
	n, d := x.Dims()
	r := max(1, min(vectors, n-1, d)) // centred rows have rank n-1 at most
	q := mat.NewDense(d, r, nil)
	random := stream.New(0, "logistic", "subspace")
	for i := range q.RawMatrix().Data {
		q.RawMatrix().Data[i] = random.NormFloat64()
	}
	for range subspace {
		image := dense.Product(x, q)
		q = dense.ProductT(x, image)
		if !orthonormalise(q) { // fewer directions than asked for: all of them are scaled alike
			q.Zero()
			break
		}
	}
	return q
}

// A curvature is near the Hessian of a row of weights and its bias, as if all classes curved by the mean of theirs:
// sum of q_i (x_i, 1)(x_i, 1)' / n + lambda I, with q_i = sum of p_ik (1 - p_ik) / (classes - 1). It is exact for two
// classes. Outside the basis it is one number in every direction.
type curvature struct {
	*features
	upper blas64.Triangular // of the factor within the basis
	rest  float64
}

func (p *problem) precondition(probs []float64) (*curvature, error) {
	f := p.features()
	count, width := f.x.Dims()
	scaled := mat.DenseCopyOf(f.x)
	m := &curvature{features: f, rest: p.lambda}
	var total float64
	for i, from := range f.from {
		var q float64
		for _, v := range probs[from*p.classes : (from+1)*p.classes] {
			q += v * (1 - v)
		}
		q /= float64(count * (p.classes - 1))
		if p.weight != nil {
			q *= p.weight[from]
		}
		total += q
		floats.Scale(q, scaled.RawRowView(i))
		m.rest += q * f.outside[i] / float64(f.directions)
	}
	within := dense.ProductT(f.x, scaled)
	sym := mat.NewSymDense(width, within.RawMatrix().Data)
	for j := range width - 1 {
		sym.SetSym(j, j, sym.At(j, j)+p.lambda)
	}
	sym.SetSym(width-1, width-1, sym.At(width-1, width-1)+biasRidge*(total+p.lambda))
	var chol mat.Cholesky
	if !chol.Factorize(sym) {
		return nil, fmt.Errorf("logistic: lambda %g is lost to rounding beside the columns' variances: scale the columns", p.lambda)
	}
	m.upper = chol.RawU().(*mat.TriDense).RawTriangular()
	return m, nil
}

// biasRidge keeps the factor of the bias positive where all rows are told apart.
const biasRidge = 1e-6

// solve is the inverse of the curvature by g: classes rows of weights, then biases.
func (m *curvature) solve(g []float64) []float64 {
	width, d := m.upper.N, m.columns // width with the bias
	classes := len(g) / (d + 1)
	size := classes * d
	out := make([]float64, len(g))
	within := make([]float64, classes*width)
	rows := kernels.Dense(classes, d, g[:size])
	along := rows
	if m.vectors != nil {
		along = kernels.Dense(classes, width-1, make([]float64, classes*(width-1)))
		kernels.GemmPacked(along, rows, m.vectors, false)
	}
	for k := range classes {
		copy(within[k*width:], along.Data[k*(width-1):(k+1)*(width-1)])
		within[(k+1)*width-1] = g[size+k]
	}
	b := blas64.General{Rows: classes, Cols: width, Stride: width, Data: within}
	blas64.Trsm(blas.Right, blas.NoTrans, 1, m.upper, b)
	blas64.Trsm(blas.Right, blas.Trans, 1, m.upper, b)
	for k := range classes {
		out[size+k] = within[(k+1)*width-1]
		solved := within[k*width : (k+1)*width-1]
		if m.vectors == nil {
			copy(out[k*d:], solved)
			continue
		}
		floats.AddScaled(solved, -1/m.rest, along.Data[k*(width-1):(k+1)*(width-1)])
		copy(along.Data[k*(width-1):], solved)
	}
	if m.vectors != nil {
		floats.AddScaled(out[:size], 1/m.rest, g[:size])
		kernels.GemmPacked(kernels.Dense(classes, d, out[:size]), along, m.turned, true)
	}
	return out
}

// orthonormalise makes the columns of q orthonormal, and says whether they were
// independent: q R⁻¹ with RᵀR = qᵀq, twice, since once leaves the rounding of the
// square of q's condition.
func orthonormalise(q *mat.Dense) bool {
	_, r := q.Dims()
	for range 2 {
		gram := dense.ProductT(q, q)
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(r, gram.RawMatrix().Data)) {
			return false
		}
		var upper mat.TriDense
		chol.UTo(&upper)
		if upper.InverseTri(&upper) != nil {
			return false
		}
		q.Copy(dense.Product(q, mat.DenseCopyOf(&upper))) // faster than to solve for each row
	}
	return true
}
