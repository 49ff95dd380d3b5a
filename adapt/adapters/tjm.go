package adapters

import (
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
)

// rowFloor keeps the weight 1/(2|W_i|) of an unused source row finite, as a share of
// the mean row length.
const rowFloor = 1e-8

// jointMatching re-weighs source rows while it embeds: coefficients W of the stacked
// rows' kernel pay lambda |W_i| for a source row and lambda |W_i|^2 for a target row,
// by passes of weights G_ii = 1/(2|W_i|).
func jointMatching(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	x := t.Stacked()
	unit := func(x *mat.Dense) *mat.Dense { return x }
	if s.Bool("unit") {
		unit = dense.UnitRows
	}
	rows := unit(x)
	l, err := newCoefficients(rows, s.String("kernel"), s.Float("gamma"), t.Seed)
	if err != nil {
		return nil, err
	}
	n, _ := t.Source.X.Dims()
	m, _ := t.Target.Dims()
	e := newEmbedding(l.features)
	factor := meanDiscrepancy{marginal: 1}.factor(t.Source.Labels, m, nil, t.Source.Classes)
	scale := make([]float64, n+m)
	floats.AddConst(1, scale)
	var w *mat.Dense
	for range s.Int("iterations") {
		if w, err = e.top(factor, s.Float("lambda"), scale, s.Int("dim")); err != nil {
			return nil, err
		}
		length := make([]float64, n)
		for i := range length {
			length[i] = floats.Norm(w.RawRowView(i), 2)
		}
		floor := rowFloor * floats.Sum(length) / float64(n)
		for i, v := range length {
			scale[i] = 1 / (2*v + floor)
		}
	}
	z := unit(dense.Product(l.features, w))
	_, k := z.Dims()
	embed := func(x *mat.Dense) (*mat.Dense, error) { return unit(dense.Product(l.apply(unit(x)), w)), nil }
	return &adapt.Adapted{Source: t.Source.Moved(mat.DenseCopyOf(z.Slice(0, n, 0, k))), Target: mat.DenseCopyOf(z.Slice(n, n+m, 0, k)),
		MapSource: embed, Map: embed, Warnings: reduced(k, s.Int("dim"))}, nil
}

func init() {
	kernel := kernelOption("linear")
	kernel.Doc, kernel.Choices = "of the stacked rows", []string{"linear", "rbf"}
	adapt.Adapters.Add("tjm", adapt.AdapterInfo{
		Name:     "tjm",
		Doc:      "transfer joint matching: TCA that drops source rows which do not fit",
		Citation: "Long et al., Transfer joint matching for unsupervised domain adaptation, 2014",
		Options: []option.Option{dimension(20),
			{Name: "lambda", Doc: "weight of the penalty on coefficients beside the normalised discrepancy", Kind: option.Float, Default: 1.0, Min: 1e-9, Max: 1e9},
			kernel, gammaOption(), unitOption(),
			{Name: "iterations", Doc: "passes of re-weighing", Kind: option.Int, Default: 10, Min: 1, Max: 1000}},
		Grid:  dims(10, 20, 30, 50),
		Adapt: jointMatching,
	})
}
