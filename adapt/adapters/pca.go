package adapters

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/subspace"
)

// pca projects both domains to the principal directions of the pooled rows.
func pca(t adapt.Task, s option.Values, _ adapt.Head) (*adapt.Adapted, error) {
	p, err := subspace.Principal(t.Stacked(), s.Int("dim"))
	if err != nil {
		return nil, err
	}
	project := func(x *mat.Dense) (*mat.Dense, error) { return p.Coordinates(x), nil }
	return &adapt.Adapted{Source: t.Source.Moved(p.Coordinates(t.Source.X)), Target: p.Coordinates(t.Target),
		MapSource: project, Map: project, Warnings: reduced(p.Dim(), s.Int("dim"))}, nil
}

func init() {
	adapt.Adapters.Add("pca", adapt.AdapterInfo{
		Name:     "pca",
		Doc:      "principal components of the pooled source and target rows",
		Citation: "Long et al., Transfer feature learning with joint distribution adaptation, 2013 (baseline)",
		Options:  []option.Option{dimension(100)},
		Grid:     dims(10, 20, 30, 50, 100),
		Adapt:    pca,
	})
}
