package adapt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
)

// columnMeans is the mean row.
func columnMeans(x *mat.Dense) []float64 {
	n, d := x.Dims()
	mean := make([]float64, d)
	for i := range n {
		floats.Add(mean, x.RawRowView(i))
	}
	floats.Scale(1/float64(n), mean)
	return mean
}

// less is x with a row taken off each of its rows.
func less(x *mat.Dense, row []float64) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(n, d, nil)
	for i := range n {
		floats.SubTo(out.RawRowView(i), x.RawRowView(i), row)
	}
	return out
}

// unitRows is x with each row at Euclidean length 1; a row of zeros stays.
func unitRows(x *mat.Dense) *mat.Dense {
	out := mat.DenseCopyOf(x)
	n, _ := x.Dims()
	for i := range n {
		row := out.RawRowView(i)
		if length := floats.Norm(row, 2); length > 0 {
			floats.Scale(1/length, row)
		}
	}
	return out
}

// A plane is a mean with the leading principal directions around it.
type plane struct {
	mean   []float64
	basis  *mat.Dense // d x k, orthonormal columns
	values []float64  // variances along them, dividing by n
}

// rankTolerance is the share of the largest variance below which a principal
// direction is rounding.
const rankTolerance = 1e-12

// principal finds the k leading principal directions of the rows of x, or as many as
// have variance. It works in the smaller of rows and columns and fails when no column
// varies.
func principal(x *mat.Dense, k int) (*plane, error) {
	n, d := x.Dims()
	p := &plane{mean: columnMeans(x)}
	centred := less(x, p.mean)
	columns := d <= n
	g := gram(centred, columns)
	g.ScaleSym(1/float64(n), g)
	values, vectors, err := eigen.Top(min(n, d), min(k, n, d), eigen.Symmetric(g))
	if err != nil {
		return nil, err
	}
	rank := 0
	for rank < len(values) && values[rank] > rankTolerance*values[0] && values[rank] > 0 {
		rank++
	}
	if rank == 0 {
		return nil, fmt.Errorf("none of %d columns varies over %d rows", d, n)
	}
	p.values = values[:rank]
	rows, _ := vectors.Dims()
	vectors = mat.DenseCopyOf(vectors.Slice(0, rows, 0, rank))
	if columns {
		p.basis = vectors
		return p, nil
	}
	p.basis = dense.ProductT(centred, vectors)
	for j, v := range p.values {
		scale := 1 / math.Sqrt(v*float64(n))
		for i := range d {
			p.basis.Set(i, j, p.basis.At(i, j)*scale)
		}
	}
	return p, nil
}

// coordinates of rows in the plane.
func (p *plane) coordinates(x *mat.Dense) *mat.Dense { return dense.Product(less(x, p.mean), p.basis) }

func (p *plane) dim() int { return len(p.values) }

// reduced warns of a subspace that is smaller than was asked for.
func reduced(got, want int) []string {
	if got >= want {
		return nil
	}
	return []string{fmt.Sprintf("%d dimensions: the data has no more of the %d asked for", got, want)}
}

func dimension(initial int) option.Option {
	return option.Option{Name: "dim", Doc: "dimensions of the subspace, at most those the data has", Kind: option.Int, Default: initial, Min: 1, Max: 10000}
}

func dims(values ...int) []option.Values {
	var out []option.Values
	for _, v := range values {
		out = append(out, option.Values{"dim": v})
	}
	return out
}

// symmetricFunction is V f(values) V' of a symmetric matrix.
func symmetricFunction(s *mat.SymDense, f func(v float64) float64) (*mat.Dense, error) {
	var e mat.EigenSym
	if !e.Factorize(s, true) {
		return nil, errNotConverged(fmt.Sprintf("an eigenproblem of %d rows", s.SymmetricDim()))
	}
	var v mat.Dense
	e.VectorsTo(&v)
	return recombined(&v, e.Values(nil), 0, f)
}

// recombined is base I + V (f(values) - base) V'.
func recombined(v *mat.Dense, values []float64, base float64, f func(v float64) float64) (*mat.Dense, error) {
	n, _ := v.Dims()
	scaled := mat.DenseCopyOf(v)
	for j, value := range values {
		w := f(value)
		if math.IsNaN(w) || math.IsInf(w, 0) {
			return nil, fmt.Errorf("a matrix of %d rows is not positive definite: eigenvalue %.3g; raise the ridge", n, value)
		}
		for i := range n {
			scaled.Set(i, j, scaled.At(i, j)*(w-base))
		}
	}
	out := mat.NewDense(n, n, nil)
	kernels.Gemm(dense.View(out), dense.View(scaled), dense.View(v).T(), false)
	for i := range n {
		out.Set(i, i, out.At(i, i)+base)
	}
	return out, nil
}

// covarianceFunction is f of the covariance of x (dividing by n-1) plus lambda I. Where
// there are fewer rows than columns the covariance has at most n-1 directions, and f is
// f(lambda) on all others.
func covarianceFunction(x *mat.Dense, lambda float64, f func(v float64) float64) (*mat.Dense, error) {
	n, d := x.Dims()
	if n > d {
		return symmetricFunction(ridged(covariance(x), lambda), f)
	}
	base := f(lambda)
	if math.IsNaN(base) || math.IsInf(base, 0) {
		return nil, fmt.Errorf("a covariance of %d rows and %d columns is not positive definite; raise the ridge", n, d)
	}
	p, err := principal(x, n-1)
	if err != nil {
		return nil, err
	}
	values := make([]float64, p.dim())
	for i, v := range p.values {
		values[i] = v*float64(n)/float64(n-1) + lambda
	}
	return recombined(p.basis, values, base, f)
}

// covariance divides by n-1.
func covariance(x *mat.Dense) *mat.SymDense {
	n, _ := x.Dims()
	c := gram(less(x, columnMeans(x)), true)
	c.ScaleSym(1/float64(n-1), c)
	return c
}

// ridged adds lambda to the diagonal, in place.
func ridged(s *mat.SymDense, lambda float64) *mat.SymDense {
	for i := range s.SymmetricDim() {
		s.SetSym(i, i, s.At(i, i)+lambda)
	}
	return s
}

// eachRow calls do for the rows of n, in blocks shared out.
func eachRow(n int, do func(i int)) {
	parallel.Blocks(n, 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			do(i)
		}
	})
}

func errNotConverged(what string) error {
	return fmt.Errorf("%s: the decomposition did not converge", what)
}
