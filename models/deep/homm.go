package deep

import (
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
)

func init() {
	add(models.Method{
		Name:     "homm",
		Doc:      "bounded features whose moments of higher order agree between the domains",
		Citation: "C. Chen et al., HoMM: higher-order moment matching for unsupervised domain adaptation, AAAI 2020, arXiv 1912.11976",
		Version:  1,
		Options: append(weightOptions(1e4, 1e9, 0, "none"),
			option.Option{Name: "order", Kind: option.Int, Default: 3, Min: 1, Max: 8, Doc: "of the central moments"},
			option.Option{Name: "units", Kind: option.Int, Default: 90, Min: 1, Max: 4096, Doc: "of the layer with tanh whose moments are taken, before the classifier"}),
	}, recipe{target: true, top: bounded, terms: matchMoments})
}

// bounded is the adapted layer: products of three rectified features are nearly all 0.
func bounded(o option.Values) []layers.Layer {
	return []layers.Layer{layers.Linear{Units: o.Int("units")}, layers.Tanh{}}
}

// matchMoments is the mean squared difference of the entries of the moments' tensors.
func matchMoments(s *scene) []term {
	order := s.options.Int("order")
	entries := math.Pow(float64(s.options.Int("units")), float64(order))
	return []term{{name: "moments", weight: s.options.Float("weight") / entries, over: weightSchedule(s.options),
		node: s.Graph.Moments("loss/moments", s.source.Hi, order, s.features)}}
}
