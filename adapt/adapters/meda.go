package adapters

import (
	"fmt"
	"math"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
	"github.com/venn-adapt/venn/internal/parallel"
)

// meda is kernel ridge regression of one-hot source labels on geodesic-flow features,
// with a graph Laplacian and the balanced mean discrepancy of predictions:
//
//	beta = ((E + lambda M + rho L) K + eta I)^-1 E Y,  f = K beta,
//
// pseudo-labels of f giving M anew. M has few columns, so the matrix without it is
// factored once.
func meda(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	g, k, err := geodesicOf(t, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	features := func(x *mat.Dense) *mat.Dense { return dense.UnitRows(g.features(x)) }
	z := features(t.Stacked())
	n, _ := t.Source.X.Dims()
	total, d := z.Dims()
	m := total - n
	gamma := s.Float("gamma")
	if gamma == 0 {
		gamma = 0.5 // of rows of length 1: the program's sigma is their mean length
	}
	kernel := pairwise.Gaussian(z, z, gamma)
	solver, err := newRidge(kernel, graphLaplacian(z, s.Int("neighbours")), n, s.Float("rho"), s.Float("eta"))
	if err != nil {
		return nil, err
	}
	y := mat.NewDense(total, t.Source.Classes, nil)
	for i, c := range t.Source.Labels {
		y.Set(i, c, 1)
	}
	source, target := mat.DenseCopyOf(z.Slice(0, n, 0, d)), mat.DenseCopyOf(z.Slice(n, total, 0, d))
	pseudo := make([]int, m)
	for i, nb := range pairwise.Nearest(target, source, 1) {
		pseudo[i] = t.Source.Labels[nb[0].Row]
	}
	mu := s.Float("mu")
	weights := meanDiscrepancy{marginal: (1 - mu) * float64(t.Source.Classes), conditional: mu}
	var beta, scores *mat.Dense
	for range s.Int("iterations") {
		if beta, err = solver.solve(weights.factor(t.Source.Labels, m, pseudo, t.Source.Classes), s.Float("lambda"), y); err != nil {
			return nil, err
		}
		scores = dense.Product(kernel, beta)
		next := adapt.Predict(mat.DenseCopyOf(scores.Slice(n, total, 0, t.Source.Classes)))
		if slices.Equal(next, pseudo) {
			break
		}
		pseudo = next
	}
	present := adapt.Counts(t.Source.Labels, t.Source.Classes)
	return &adapt.Adapted{Source: t.Source.Moved(source), Target: target,
		MapSource:     func(x *mat.Dense) (*mat.Dense, error) { return features(x), nil },
		Map:           func(x *mat.Dense) (*mat.Dense, error) { return features(x), nil },
		Probabilities: softmaxRows(mat.DenseCopyOf(scores.Slice(n, total, 0, t.Source.Classes)), present),
		Predict: func(x *mat.Dense) (*mat.Dense, error) {
			return softmaxRows(dense.Product(pairwise.Gaussian(x, z, gamma), beta), present), nil
		},
		Warnings: reduced(k, s.Int("dim"))}, nil
}

// softmaxRows turns scores into probabilities, in place, none for classes without
// rows.
func softmaxRows(scores *mat.Dense, present []int) *mat.Dense {
	n, _ := scores.Dims()
	for i := range n {
		row := scores.RawRowView(i)
		for c, k := range present {
			if k == 0 {
				row[c] = math.Inf(-1)
			}
		}
		logistic.Softmax(row)
	}
	return scores
}

// graphLaplacian is I - D^(-1/2) W D^(-1/2) as a list of neighbours: W_ij is the cosine
// of rows of length 1 where one is among the k nearest of the other, at least 0.
func graphLaplacian(z *mat.Dense, k int) [][]pairwise.Edge {
	n, _ := z.Dims()
	w := pairwise.Graph(pairwise.Nearest(z, z, min(n, k+1)), k, func(squared float64) float64 { return math.Max(0, 1-squared/2) })
	out := make([][]pairwise.Edge, n)
	for i, row := range w {
		out[i] = append(out[i], pairwise.Edge{Column: i, Weight: 1})
		for _, e := range row {
			out[i] = append(out[i], pairwise.Edge{Column: e.Column, Weight: -e.Weight})
		}
	}
	return out
}

// A ridge solves ((E + rho L + lambda FF') K + eta I) X = E Y for several F: P is
// factored once for F = 0, the rest is the identity of Sherman, Morrison and
// Woodbury.
type ridge struct {
	kernel *mat.Dense
	lu     mat.LU
	n      int // rows of the source: E is 1 there and 0 below
}

func newRidge(kernel *mat.Dense, laplacian [][]pairwise.Edge, n int, rho, eta float64) (*ridge, error) {
	total, _ := kernel.Dims()
	p := mat.NewDense(total, total, nil)
	parallel.Each(total, func(i int) {
		row := p.RawRowView(i)
		if i < n {
			copy(row, kernel.RawRowView(i))
		}
		for _, e := range laplacian[i] {
			floats.AddScaled(row, rho*e.Weight, kernel.RawRowView(e.Column))
		}
		row[i] += eta
	})
	r := &ridge{kernel: kernel, n: n}
	r.lu.Factorize(p)
	if math.IsInf(r.lu.Cond(), 0) || math.IsNaN(r.lu.Cond()) {
		return nil, fmt.Errorf("the regularised kernel of %d rows is singular; raise eta", total)
	}
	return r, nil
}

func (r *ridge) solve(factor *mat.Dense, lambda float64, y *mat.Dense) (*mat.Dense, error) {
	total, classes := y.Dims()
	_, k := factor.Dims()
	right := mat.NewDense(total, classes+k, nil)
	right.Slice(0, r.n, 0, classes).(*mat.Dense).Copy(y.Slice(0, r.n, 0, classes))
	right.Slice(0, total, classes, classes+k).(*mat.Dense).Copy(factor)
	var solved mat.Dense
	if err := r.lu.SolveTo(&solved, false, right); err != nil {
		return nil, err
	}
	base, low := mat.DenseCopyOf(solved.Slice(0, total, 0, classes)), mat.DenseCopyOf(solved.Slice(0, total, classes, classes+k))
	// (P + lambda F G')^-1 B = P^-1 B - P^-1 F (I/lambda + G'P^-1 F)^-1 G'P^-1 B, G = K F.
	g := dense.Product(r.kernel, factor)
	if lambda == 0 {
		return base, nil
	}
	inner := dense.ProductT(g, low)
	for j := range k {
		inner.Set(j, j, inner.At(j, j)+1/lambda)
	}
	var weights mat.Dense
	if err := weights.Solve(inner, dense.ProductT(g, base)); err != nil {
		return nil, err
	}
	base.Sub(base, dense.Product(low, &weights))
	return base, nil
}

func init() {
	weight := func(name, doc string, initial, least float64) option.Option {
		return option.Option{Name: name, Doc: doc, Kind: option.Float, Default: initial, Min: least, Max: 1e9}
	}
	gamma := gammaOption()
	gamma.Doc = "of the kernel exp(-gamma |x-y|^2) on features of length 1; 0: 0.5"
	adapt.Adapters.Add("meda", adapt.AdapterInfo{
		Name:     "meda",
		Doc:      "manifold embedded distribution alignment: kernel ridge regression on geodesic-flow features with graph and discrepancy terms",
		Citation: "Wang et al., Visual domain adaptation with manifold embedded distribution alignment, 2018",
		Options: []option.Option{dimension(20), weight("lambda", "weight of the discrepancy of predictions", 10, 0), weight("rho", "weight of the graph", 1, 0),
			weight("eta", "ridge", 0.1, 1e-9), {Name: "mu", Doc: "share of the class-wise discrepancy", Kind: option.Float, Default: 0.5, Min: 0, Max: 1},
			{Name: "neighbours", Doc: "of a row in the graph", Kind: option.Int, Default: 10, Min: 1, Max: 1000}, gamma, iterationsOption(10)},
		Grid:  dims(10, 20, 30, 40),
		Own:   true,
		Adapt: meda,
	})
}
