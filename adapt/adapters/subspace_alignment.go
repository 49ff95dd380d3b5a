package adapters

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// subspaceAlignment maps the source's principal coordinates into the target's basis,
// Zs = (Xs - ms) Ps Ps'Pt, beside Zt = (Xt - mt) Pt.
func subspaceAlignment(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	source, err := subspace.Principal(t.Source.X, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	target, err := subspace.Principal(t.Target, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	align := dense.ProductT(source.Basis, target.Basis)
	from := func(x *mat.Dense) (*mat.Dense, error) { return dense.Product(source.Coordinates(x), align), nil }
	to := func(x *mat.Dense) (*mat.Dense, error) { return target.Coordinates(x), nil }
	z, _ := from(t.Source.X)
	return &adapt.Adapted{Source: t.Source.Moved(z), Target: target.Coordinates(t.Target), MapSource: from, Map: to,
		Warnings: reduced(min(source.Dim(), target.Dim()), s.Int("dim"))}, nil
}

func init() {
	adapt.Adapters.Add("subspace-alignment", adapt.AdapterInfo{
		Name:     "subspace-alignment",
		Doc:      "the source's principal subspace turned into the target's",
		Citation: "Fernando et al., Unsupervised visual domain adaptation using subspace alignment, 2013",
		Options:  []option.Option{dimension(30)},
		Grid:     dims(10, 20, 30, 50, 80),
		Adapt:    subspaceAlignment,
	})
}
