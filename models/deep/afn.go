package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

const afnPaper = "R. Xu, G. Li, J. Yang, L. Lin, Larger norm more transferable: an adaptive feature norm approach for unsupervised domain adaptation, ICCV 2019, arXiv 1811.07456"

func init() {
	entropy := option.Option{Name: "entropy", Kind: option.Float, Default: 0.03, Min: 0, Max: 1e3, Doc: "weight of the mean entropy of the predictions on the target"}
	add(models.Method{
		Name:     "safn",
		Doc:      "features of both domains whose norms grow step by step",
		Citation: afnPaper,
		Version:  1,
		Options: append(weightOptions(0.05, 1e3, 0, "none"), entropy,
			option.Option{Name: "step", Kind: option.Float, Default: 0.3, Min: 0, Max: 1e3, Doc: "by which each norm is to grow; USPS to MNIST likes 0.1"}),
	}, recipe{target: true, terms: func(s *scene) []term {
		return enlarge(s, func(layer string, rows ops.Rows) *ops.Node {
			return s.Graph.NormStep(layer, rows, s.options.Float("step"), s.features)
		})
	}})
	add(models.Method{
		Name:     "hafn",
		Doc:      "features of both domains whose mean norms are one large number",
		Citation: afnPaper,
		Version:  1,
		Options: append(weightOptions(0.05, 1e3, 0, "none"), entropy,
			option.Option{Name: "radius", Kind: option.Float, Default: 25.0, Min: 0, Max: 1e6, Doc: "the norm"}),
	}, recipe{target: true, terms: func(s *scene) []term {
		return enlarge(s, func(layer string, rows ops.Rows) *ops.Node {
			return s.Graph.NormTo(layer, rows, s.options.Float("radius"), s.features)
		})
	}})
}

// enlarge is a loss on the norms of each domain, and the entropy of the target's predictions.
func enlarge(s *scene, norms func(layer string, rows ops.Rows) *ops.Node) []term {
	w, over := s.options.Float("weight"), weightSchedule(s.options)
	return []term{
		{name: "norm/source", weight: w, over: over, node: norms("loss/norm-source", s.source)},
		{name: "norm/target", weight: w, over: over, node: norms("loss/norm-target", s.target)},
		{name: "entropy", weight: s.options.Float("entropy"), over: over, node: s.Graph.Entropy("loss/entropy", s.target, s.logits)},
	}
}
