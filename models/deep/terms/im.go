package terms

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "im",
		Doc:      "predictions on the target that tell much of the image: each sure, all together of every class",
		Citation: "A. Krause, P. Perona, R. Gomes, Discriminative clustering by regularized information maximization, NIPS 2010; as J. Liang et al., ICML 2020, arXiv 2002.08546, take it to a target, with the source beside it",
		Version:  1,
		Options:  recipe.WeightOptions(0.3, 1e6, 0.1, "linear"),
	}, recipe.Recipe{Target: true, Rate: 5e-4, Terms: inform})
}

// inform is the entropy of each prediction less that of their mean.
func inform(s *recipe.Scene) []recipe.Term {
	w, over := s.Options.Float("weight"), recipe.WeightSchedule(s.Options)
	return []recipe.Term{
		{Name: "entropy", Weight: w, Over: over, Node: s.Graph.Entropy("loss/entropy", s.Target, s.Logits)},
		{Name: "diversity", Weight: -w, Over: over, Node: s.Graph.Diversity("loss/diversity", s.Target, s.Logits)},
	}
}
