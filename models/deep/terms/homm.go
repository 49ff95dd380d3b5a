package terms

import (
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "homm",
		Doc:      "bounded features whose moments of higher order agree between the domains",
		Citation: "C. Chen et al., HoMM: higher-order moment matching for unsupervised domain adaptation, AAAI 2020, arXiv 1912.11976",
		Version:  1,
		Options: append(recipe.WeightOptions(1e4, 1e9, 0, "none"),
			option.Option{Name: "order", Kind: option.Int, Default: 3, Min: 1, Max: 8, Doc: "of the central moments"},
			option.Option{Name: "units", Kind: option.Int, Default: 90, Min: 1, Max: 4096, Doc: "of the layer with tanh whose moments are taken, before the classifier"}),
	}, recipe.Recipe{Target: true, Top: bounded, Terms: matchMoments})
}

// bounded is the adapted layer: products of three rectified features are nearly all 0.
func bounded(o option.Values) []layers.Layer {
	return []layers.Layer{layers.Linear{Units: o.Int("units")}, layers.Tanh{}}
}

// matchMoments is the mean squared difference of the entries of the moments' tensors.
func matchMoments(s *recipe.Scene) []recipe.Term {
	order := s.Options.Int("order")
	entries := math.Pow(float64(s.Options.Int("units")), float64(order))
	return []recipe.Term{{Name: "moments", Weight: s.Options.Float("weight") / entries, Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.Moments("loss/moments", s.Source.Hi, order, s.Features)}}
}
