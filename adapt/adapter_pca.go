package adapt

import (
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
)

// pca projects both domains to the principal directions of the pooled rows.
func pca(t Task, s option.Values, _ Head) (*Adapted, error) {
	p, err := principal(t.stacked(), s.Int("dim"))
	if err != nil {
		return nil, err
	}
	project := func(x *mat.Dense) (*mat.Dense, error) { return p.coordinates(x), nil }
	return &Adapted{Source: t.Source.relabelled(p.coordinates(t.Source.X)), Target: p.coordinates(t.Target),
		MapSource: project, Map: project, Warnings: reduced(p.dim(), s.Int("dim"))}, nil
}

func init() {
	Adapters.Add("pca", AdapterInfo{
		Name:     "pca",
		Doc:      "principal components of the pooled source and target rows",
		Citation: "Long et al., Transfer feature learning with joint distribution adaptation, 2013 (baseline)",
		Options:  []option.Option{dimension(100)},
		Grid:     dims(10, 20, 30, 50, 100),
		Adapt:    pca,
	})
}
