package adapters

import (
	"fmt"
	"slices"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/eigen"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// jointAlignment finds two projections, A of the source and B of the target, W = [A; B]:
// the top of max tr W'NW subject to W'(D)W = I with
//
//	N = [beta Sb, 0; 0, mu St],  D = [Ms + lambda I + beta Sw, Mst - lambda I; Mts - lambda I, Mt + (lambda+mu) I],
//
// scatter between and within the source's classes, total scatter of the target, and
// the blocks of JDA's normalised discrepancy.
func jointAlignment(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
	unit := func(x *mat.Dense) *mat.Dense { return x }
	if s.Bool("unit") {
		unit = dense.UnitRows
	}
	source, target := unit(t.Source.X), unit(t.Target)
	n, d := source.Dims()
	m, _ := target.Dims()
	within := subspace.NewSpan(source, target) // outside it there is nothing to maximise
	shortS, shortT := within.Into(source), within.Into(target)
	labelled := t.Source.Moved(source)
	pseudo, err := pseudoLabels(h, labelled, target)
	if err != nil {
		return nil, err
	}
	p := newAlignment(t.Source.Moved(shortS), shortT, d, s.Float("beta"), s.Float("lambda"), s.Float("mu"))
	var out *adapt.Adapted
	for pass := range s.Int("iterations") {
		if pass > 0 {
			next, err := pseudoLabels(h, out.Source, out.Target)
			if err != nil {
				return nil, err
			}
			if slices.Equal(next, pseudo) {
				break // every further pass is the last one again
			}
			pseudo = next
		}
		factor := meanDiscrepancy{marginal: float64(t.Source.Classes), conditional: 1}.factor(t.Source.Labels, m, pseudo, t.Source.Classes)
		_, r := factor.Dims()
		a, b, err := p.solve(dense.ProductT(shortS, mat.DenseCopyOf(factor.Slice(0, n, 0, r))), dense.ProductT(shortT, mat.DenseCopyOf(factor.Slice(n, n+m, 0, r))), s.Int("dim"))
		if err != nil {
			return nil, err
		}
		a, b = within.Columns(a), within.Columns(b)
		from := func(x *mat.Dense) (*mat.Dense, error) { return dense.Product(unit(x), a), nil }
		to := func(x *mat.Dense) (*mat.Dense, error) { return dense.Product(unit(x), b), nil }
		out = &adapt.Adapted{Source: t.Source.Moved(dense.Product(source, a)), Target: dense.Product(target, b), MapSource: from, Map: to,
			Warnings: reduced(min(s.Int("dim"), 2*p.d), s.Int("dim"))}
	}
	return out, nil
}

// An alignment holds what the passes share: the numerator, and the denominator
// without its discrepancy.
type alignment struct {
	d              int     // of the coordinates
	outside        float64 // trace of the denominator outside the span of the rows
	width          int     // columns that the rows came with
	between, total func(dst, v []float64)
	beta, mu       float64
	denominator    *mat.SymDense // 2d x 2d
}

func newAlignment(source adapt.Labelled, target *mat.Dense, width int, beta, lambda, mu float64) *alignment {
	_, d := source.X.Dims()
	within, between := classScatter(source)
	p := &alignment{d: d, width: width, outside: float64(width-d) * (2*lambda + mu), beta: beta, mu: mu, between: eigen.Symmetric(between),
		total: eigen.Symmetric(dense.Gram(dense.LessRow(target, dense.ColumnMeans(target)), true)), denominator: mat.NewSymDense(2*d, nil)}
	for i := range d {
		for j := i; j < d; j++ {
			p.denominator.SetSym(i, j, beta*within.At(i, j))
		}
		p.denominator.SetSym(i, i, p.denominator.At(i, i)+lambda)
		p.denominator.SetSym(i, d+i, -lambda)
		p.denominator.SetSym(d+i, d+i, lambda+mu)
	}
	return p
}

// classScatter returns the scatter within classes and between their means.
func classScatter(source adapt.Labelled) (within, between *mat.SymDense) {
	n, d := source.X.Dims()
	counted := adapt.Counts(source.Labels, source.Classes)
	means := mat.NewDense(source.Classes, d, nil)
	for i, c := range source.Labels {
		floats.AddScaled(means.RawRowView(c), 1/float64(counted[c]), source.X.RawRowView(i))
	}
	centre, residual := dense.ColumnMeans(source.X), mat.NewDense(n, d, nil)
	for i, c := range source.Labels {
		floats.SubTo(residual.RawRowView(i), source.X.RawRowView(i), means.RawRowView(c))
	}
	spread := mat.NewDense(n, d, nil) // a row of its class mean each: weights n_c
	for i, c := range source.Labels {
		floats.SubTo(spread.RawRowView(i), means.RawRowView(c), centre)
	}
	return dense.Gram(residual, true), dense.Gram(spread, true)
}

// solve returns both projections; gs and gt are Xs'E and Xt'E.
func (p *alignment) solve(gs, gt *mat.Dense, k int) (a, b *mat.Dense, err error) {
	size := 2 * p.d
	var g, m mat.Dense
	g.Stack(gs, gt)
	m.Mul(&g, g.T())
	den := mat.NewSymDense(size, nil)
	den.CopySym(p.denominator)
	for i := range size {
		for j := i; j < size; j++ {
			den.SetSym(i, j, den.At(i, j)+m.At(i, j))
		}
	}
	subspace.Ridged(den, 1e-9*(mat.Trace(den)+p.outside)/float64(2*p.width)) // it may be semi-definite
	var chol mat.Cholesky
	if !chol.Factorize(den) {
		return nil, nil, fmt.Errorf("the denominator of %d rows is not positive definite; raise lambda or mu", size)
	}
	upper := chol.RawU().(*mat.TriDense).RawTriangular() // U'U
	x := make([]float64, size)
	at := blas64.Vector{N: size, Inc: 1, Data: x}
	_, w, err := eigen.Top(size, min(k, size), func(dst, v []float64) {
		copy(x, v)
		blas64.Trsv(blas.NoTrans, upper, at)
		p.between(dst[:p.d], x[:p.d])
		p.total(dst[p.d:], x[p.d:])
		floats.Scale(p.beta, dst[:p.d])
		floats.Scale(p.mu, dst[p.d:])
		blas64.Trsv(blas.Trans, upper, blas64.Vector{N: size, Inc: 1, Data: dst})
	})
	if err != nil {
		return nil, nil, err
	}
	blas64.Trsm(blas.Left, blas.NoTrans, 1, upper, w.RawMatrix())
	_, k = w.Dims()
	return mat.DenseCopyOf(w.Slice(0, p.d, 0, k)), mat.DenseCopyOf(w.Slice(p.d, size, 0, k)), nil
}

func init() {
	positive := func(name, doc string, initial float64) option.Option {
		return option.Option{Name: name, Doc: doc, Kind: option.Float, Default: initial, Min: 0, Max: 1e9}
	}
	adapt.Adapters.Add("jgsa", adapt.AdapterInfo{
		Name:     "jgsa",
		Doc:      "joint geometrical and statistical alignment: a projection for each domain",
		Citation: "Zhang, Li and Ogunbona, Joint geometrical and statistical alignment for visual domain adaptation, 2017",
		Options: []option.Option{dimension(30), positive("beta", "weight of the source's class scatter", 0.1),
			positive("lambda", "weight of keeping both projections alike", 1), positive("mu", "weight of the target's variance and of its projection's length", 1),
			{Name: "unit", Doc: "bring rows to length 1 first", Kind: option.Bool, Default: true}, iterationsOption(10)},
		Grid:  dims(10, 20, 30, 50),
		Adapt: jointAlignment,
	})
}
