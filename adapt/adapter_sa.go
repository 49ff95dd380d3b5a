package adapt

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
)

// subspaceAlignment maps the source's principal coordinates into the target's basis,
// Zs = (Xs - ms) Ps Ps'Pt, beside Zt = (Xt - mt) Pt.
func subspaceAlignment(t Task, s option.Values, _ Head) (*Adapted, error) {
	source, err := principal(t.Source.X, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	target, err := principal(t.Target, s.Int("dim"))
	if err != nil {
		return nil, err
	}
	align := dense.ProductT(source.basis, target.basis)
	from := func(x *mat.Dense) (*mat.Dense, error) { return dense.Product(source.coordinates(x), align), nil }
	to := func(x *mat.Dense) (*mat.Dense, error) { return target.coordinates(x), nil }
	z, _ := from(t.Source.X)
	return &Adapted{Source: t.Source.relabelled(z), Target: target.coordinates(t.Target), MapSource: from, Map: to,
		Warnings: reduced(min(source.dim(), target.dim()), s.Int("dim"))}, nil
}

func init() {
	Adapters.Add("subspace-alignment", AdapterInfo{
		Name:     "subspace-alignment",
		Doc:      "the source's principal subspace turned into the target's",
		Citation: "Fernando et al., Unsupervised visual domain adaptation using subspace alignment, 2013",
		Options:  []option.Option{dimension(30)},
		Grid:     dims(10, 20, 30, 50, 80),
		Adapt:    subspaceAlignment,
	})
}
