package adapters

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/subspace"
)

// A meanDiscrepancy says how the mean discrepancy matrix M of stacked rows is made: the
// sum of marginal times e e' over all rows and of conditional times e_c e_c' over each
// class, with e = 1/n on source rows and -1/m on target rows (of pseudo-label c).
type meanDiscrepancy struct {
	marginal, conditional float64
	// weighted scales the target part of a class by its share of the target over its
	// share of the source (W-BDA).
	weighted bool
}

// factor returns E (n+m x r) with EE' = M over its Frobenius norm. Without
// pseudo-labels only the marginal term counts; a class that lacks source rows or
// pseudo-labelled target rows takes no part.
func (w meanDiscrepancy) factor(labels []int, m int, pseudo []int, classes int) *mat.Dense {
	n := len(labels)
	var columns [][]float64
	add := func(weight float64, column []float64) {
		floats.Scale(math.Sqrt(weight), column)
		columns = append(columns, column)
	}
	if w.marginal > 0 || pseudo == nil {
		e := make([]float64, n+m)
		for i := range e {
			e[i] = 1 / float64(n)
			if i >= n {
				e[i] = -1 / float64(m)
			}
		}
		add(math.Max(w.marginal, tiny), e)
	}
	if w.conditional > 0 {
		ns, nt := adapt.Counts(labels, classes), adapt.Counts(pseudo, classes)
		for c := range classes {
			if ns[c] == 0 || nt[c] == 0 {
				continue
			}
			ratio := 1.0
			if w.weighted {
				ratio = float64(nt[c]) / float64(m) / (float64(ns[c]) / float64(n))
			}
			e := make([]float64, n+m)
			for i, k := range labels {
				if k == c {
					e[i] = 1 / float64(ns[c])
				}
			}
			for i, k := range pseudo {
				if k == c {
					e[n+i] = -ratio / float64(nt[c])
				}
			}
			add(w.conditional, e)
		}
	}
	factor := mat.NewDense(n+m, max(1, len(columns)), nil)
	for j, c := range columns {
		factor.SetCol(j, c)
	}
	if norm := mat.Norm(dense.ProductT(factor, factor), 2); norm > 0 { // |M|_F = |E'E|_F
		factor.Scale(1/math.Sqrt(norm), factor)
	}
	return factor
}

// tiny keeps a lone marginal term of weight zero from vanishing.
const tiny = 1e-300

// A lift gives rows the features F on which a kernel method is a linear one:
// maximising over weights of the columns of F is maximising over coefficients of the
// stacked rows.
type lift struct {
	features *mat.Dense
	apply    func(x *mat.Dense) *mat.Dense
}

// newLift lifts stacked rows. Coefficients a of K = XX' act through X'a alone: with
// F = X (X'X)^(1/2) the problem in weights v of F is that in a = X (X'X)^(-1/2) v, a
// change of basis that keeps lengths. It is the smaller one where there are more rows
// than columns.
func newLift(x *mat.Dense, kernel string, gamma float64, seed uint64) (*lift, error) {
	n, d := x.Dims()
	switch {
	case kernel == "primal":
		within := subspace.NewSpan(x) // no direction outside it has variance or a discrepancy
		return &lift{within.Into(x), within.Into}, nil
	case kernel == "linear" && d < n:
		root, err := subspace.Function(dense.Gram(x, true), func(v float64) float64 { return math.Sqrt(math.Max(0, v)) })
		if err != nil {
			return nil, err
		}
		return &lift{dense.Product(x, root), func(q *mat.Dense) *mat.Dense { return dense.Product(q, root) }}, nil
	}
	return newCoefficients(x, kernel, gamma, seed)
}

// newCoefficients lifts stacked rows to the kernel itself, n features.
func newCoefficients(x *mat.Dense, kernel string, gamma float64, seed uint64) (*lift, error) {
	n, _ := x.Dims()
	of := func(q *mat.Dense) *mat.Dense {
		m, _ := q.Dims()
		out := mat.NewDense(m, n, nil)
		kernels.Gemm(dense.View(out), dense.View(q), dense.View(x).T(), false)
		return out
	}
	if kernel == "rbf" {
		if gamma == 0 {
			gamma = medianGamma(x, seed)
		}
		of = func(q *mat.Dense) *mat.Dense { return pairwise.Gaussian(q, x, gamma) }
	}
	return &lift{of(x), of}, nil
}

// medianGamma is 1/(2 s^2) with s the median distance of rows; 1 where all are equal.
func medianGamma(x *mat.Dense, seed uint64) float64 {
	s := pairwise.Median(x, seed)
	if s == 0 {
		return 1
	}
	return 1 / (2 * s * s)
}

// An embedding finds projections W (p x k) of features F (n x p) that keep variance
// while rows' domains come together: the top of max tr W'BW subject to W'AW = I, with
// B = F'HF and A = F'MF + lambda diag(scale). With M = EE' of few columns, A^(-1/2)
// is a correction of that rank, and only products with B are needed.
type embedding struct {
	features *mat.Dense
	scatter  func(dst, v []float64) // B v
}

func newEmbedding(features *mat.Dense) *embedding {
	return &embedding{features, eigen.Symmetric(dense.Gram(dense.LessRow(features, dense.ColumnMeans(features)), true))}
}

// top returns W for k dimensions, at most as many as there are features. scale is
// nil for ones.
func (e *embedding) top(factor *mat.Dense, lambda float64, scale []float64, k int) (*mat.Dense, error) {
	_, p := e.features.Dims()
	root := make([]float64, p) // scale^(-1/2)
	for j := range root {
		root[j] = 1
		if scale != nil {
			root[j] = 1 / math.Sqrt(scale[j])
		}
	}
	g := dense.ProductT(e.features, factor) // p x r
	_, r := g.Dims()
	for i := range p {
		floats.Scale(root[i], g.RawRowView(i))
	}
	var inner mat.EigenSym
	if !inner.Factorize(dense.Symmetrised(dense.ProductT(g, g)), true) {
		return nil, fmt.Errorf("the mean discrepancy: the decomposition did not converge")
	}
	var v mat.Dense
	inner.VectorsTo(&v)
	u := dense.Product(g, &v) // columns U s
	values := inner.Values(nil)
	shrink := make([]float64, r)
	for j, s2 := range values {
		if s2 <= 1e-14*(values[r-1]+lambda) {
			continue // a direction without discrepancy is left as it is
		}
		shrink[j] = (1/math.Sqrt(1+s2/lambda) - 1) / s2
	}
	whiten := func(x []float64) { // x becomes A^(-1/2) x, up to the root of lambda
		h := make([]float64, r)
		for i, w := range x {
			floats.AddScaled(h, w, u.RawRowView(i))
		}
		floats.Mul(h, shrink)
		for i := range x {
			x[i] += floats.Dot(h, u.RawRowView(i))
		}
	}
	buffer := make([]float64, p)
	_, w, err := eigen.Top(p, min(k, p), func(dst, x []float64) {
		copy(buffer, x)
		whiten(buffer)
		floats.Mul(buffer, root)
		e.scatter(dst, buffer)
		floats.Mul(dst, root)
		whiten(dst)
	})
	if err != nil {
		return nil, err
	}
	column := make([]float64, p)
	for j := range min(k, p) {
		mat.Col(column, j, w)
		whiten(column)
		floats.Mul(column, root)
		floats.Scale(1/math.Sqrt(lambda), column)
		w.SetCol(j, column)
	}
	return w, nil
}
