package terms

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

const afnPaper = "R. Xu, G. Li, J. Yang, L. Lin, Larger norm more transferable: an adaptive feature norm approach for unsupervised domain adaptation, ICCV 2019, arXiv 1811.07456"

// Both want normalised features: without, a constant push outwards has Adam, which divides by the
// size of gradients, grow the norms without end once the classification is learnt. The entropy is
// of the programs of safn alone: nothing in hafn keeps it from bringing the target to one class.
// Both pass either domain by itself, as the authors' program of hafn and the Transfer-Learning-Library's of both do.
func init() {
	entropy := func(usual float64) option.Option {
		return option.Option{Name: "entropy", Kind: option.Float, Default: usual, Min: 0, Max: 1e3, Doc: "weight of the mean entropy of the predictions on the target"}
	}
	recipe.Add(models.Method{
		Name:     "safn",
		Doc:      "features of both domains whose norms grow step by step",
		Citation: afnPaper,
		Version:  1,
		Options: append(recipe.WeightOptions(0.05, 1e3, 0, "none"), entropy(0.03),
			option.Option{Name: "step", Kind: option.Float, Default: 0.3, Min: 0, Max: 1e3, Doc: "by which each norm is to grow; USPS to MNIST likes 0.1"}),
	}, recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "separate", Terms: func(s *recipe.Scene) []recipe.Term {
		return enlarge(s, func(layer string, rows ops.Rows) *ops.Node {
			return s.Graph.NormStep(layer, rows, s.Options.Float("step"), s.Features)
		})
	}})
	recipe.Add(models.Method{
		Name:     "hafn",
		Doc:      "features of both domains whose mean norms are one large number",
		Citation: afnPaper,
		Version:  1,
		Options: append(recipe.WeightOptions(0.05, 1e3, 0, "none"), entropy(0),
			option.Option{Name: "radius", Kind: option.Float, Default: 25.0, Min: 0, Max: 1e6, Doc: "the norm"}),
	}, recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "separate", Terms: func(s *recipe.Scene) []recipe.Term {
		return enlarge(s, func(layer string, rows ops.Rows) *ops.Node {
			return s.Graph.NormTo(layer, rows, s.Options.Float("radius"), s.Features)
		})
	}})
}

// enlarge is a loss on the norms of each domain, and the entropy of the target's predictions.
func enlarge(s *recipe.Scene, norms func(layer string, rows ops.Rows) *ops.Node) []recipe.Term {
	w, over := s.Options.Float("weight"), recipe.WeightSchedule(s.Options)
	return []recipe.Term{
		{Name: "norm/source", Weight: w, Over: over, Node: norms("loss/norm-source", s.Source)},
		{Name: "norm/target", Weight: w, Over: over, Node: norms("loss/norm-target", s.Target)},
		{Name: "entropy", Weight: s.Options.Float("entropy"), Over: over, Node: s.Graph.Entropy("loss/entropy", s.Target, s.Logits)},
	}
}
