package adapters

import (
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
)

// transfer is the shared course of TCA, JDA and BDA: project all rows so that the
// means of the domains, and of their classes by pseudo-label, come together, and
// find new pseudo-labels there.
func transfer(t adapt.Task, s option.Values, h adapt.Head, iterations int, weights meanDiscrepancy) (*adapt.Adapted, error) {
	x := t.Stacked()
	unit := func(x *mat.Dense) *mat.Dense { return x }
	if s.Bool("unit") {
		unit = dense.UnitRows
	}
	l, err := newLift(unit(x), s.String("kernel"), s.Float("gamma"), t.Seed)
	if err != nil {
		return nil, err
	}
	n, _ := t.Source.X.Dims()
	m, _ := t.Target.Dims()
	e := newEmbedding(l.features)
	var pseudo []int
	var out *adapt.Adapted
	for pass := range iterations {
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
		factor := weights.factor(t.Source.Labels, m, pseudo, t.Source.Classes)
		w, err := e.top(factor, s.Float("lambda"), nil, s.Int("dim"))
		if err != nil {
			return nil, err
		}
		z := unit(dense.Product(l.features, w))
		_, k := z.Dims()
		embed := func(x *mat.Dense) (*mat.Dense, error) { return unit(dense.Product(l.apply(unit(x)), w)), nil }
		out = &adapt.Adapted{Source: t.Source.Moved(mat.DenseCopyOf(z.Slice(0, n, 0, k))), Target: mat.DenseCopyOf(z.Slice(n, n+m, 0, k)),
			MapSource: embed, Map: embed, Warnings: reduced(k, s.Int("dim"))}
	}
	return out, nil
}

// pseudoLabels are the head's predictions of target rows.
func pseudoLabels(h adapt.Head, source adapt.Labelled, target *mat.Dense) ([]int, error) {
	c, err := h.Fit(source)
	if err != nil {
		return nil, err
	}
	p, err := c.Probabilities(target)
	if err != nil {
		return nil, err
	}
	return adapt.Predict(p), nil
}

func init() {
	adapt.Adapters.Add("tca", adapt.AdapterInfo{
		Name:     "tca",
		Doc:      "transfer component analysis: directions of high variance in which the domains' means agree",
		Citation: "Pan et al., Domain adaptation via transfer component analysis, 2011",
		Options:  transferOptions(30, "primal"),
		Grid:     dims(10, 20, 30, 50, 100),
		Adapt: func(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
			return transfer(t, s, h, 1, meanDiscrepancy{marginal: 1})
		},
	})
	adapt.Adapters.Add("jda", adapt.AdapterInfo{
		Name:     "jda",
		Doc:      "joint distribution adaptation: the means of domains and of classes (target by pseudo-label) agree",
		Citation: "Long et al., Transfer feature learning with joint distribution adaptation, 2013",
		Options:  append(transferOptions(100, "linear"), iterationsOption(10)),
		Grid:     dims(20, 30, 50, 100),
		Adapt: func(t adapt.Task, s option.Values, h adapt.Head) (*adapt.Adapted, error) {
			// The authors' program weighs the marginal term by the number of classes.
			return transfer(t, s, h, s.Int("iterations"), meanDiscrepancy{marginal: float64(t.Source.Classes), conditional: 1})
		},
	})
}
