package deep

import "github.com/venn-adapt/venn/models"

func init() {
	add(models.Method{
		Name:     "im",
		Doc:      "predictions on the target that tell much of the image: each sure, all together of every class",
		Citation: "A. Krause, P. Perona, R. Gomes, Discriminative clustering by regularized information maximization, NIPS 2010; as J. Liang et al., ICML 2020, arXiv 2002.08546, take it to a target, with the source beside it",
		Version:  1,
		Options:  weightOptions(0.3, 1e6, 0.1, "linear"),
	}, recipe{target: true, rate: 5e-4, terms: inform})
}

// inform is the entropy of each prediction less that of their mean.
func inform(s *scene) []term {
	w, over := s.options.Float("weight"), weightSchedule(s.options)
	return []term{
		{name: "entropy", weight: w, over: over, node: s.Graph.Entropy("loss/entropy", s.target, s.logits)},
		{name: "diversity", weight: -w, over: over, node: s.Graph.Diversity("loss/diversity", s.target, s.logits)},
	}
}
