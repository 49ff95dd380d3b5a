package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "mdd",
		Doc:      "features on which a second classifier, free on the target, cannot depart from the first",
		Citation: "Y. Zhang, T. Liu, M. Long, M. I. Jordan, Bridging theory and algorithm for domain adaptation, ICML 2019, arXiv 1904.05801",
		Version:  1,
		Options: append(recipe.WeightOptions(1, 1e3, 0.1, "none"),
			option.Option{Name: "reversal", Kind: option.Float, Default: 0.1, Min: 0, Max: 100, Doc: "factor of the reversed gradient at the end; after the warm-up it rises from 0 by 2/(1+exp(-10 p)) - 1"},
			option.Option{Name: "margin", Kind: option.Float, Default: 4.0, Min: 0, Max: 1e3, Doc: "weight of agreement on the source against disagreement on the target, the exponential of the margin"},
			option.Option{Name: "adversary", Kind: option.Int, Default: 500, Min: 1, Max: 4096, Doc: "units of the hidden layer of the second classifier"}),
	}, recipe.Recipe{Target: true, Parts: adversary, Terms: disparity})
}

// adversary is the second classifier.
func adversary(c models.Config, features []int) []layers.Stack {
	return []layers.Stack{{Name: "adversary", In: features, Layers: []layers.Layer{
		layers.Linear{Units: c.Options.Int("adversary")}, layers.Relu{}, layers.Linear{Units: c.Classes},
	}}}
}

// disparity trains the second classifier to agree with the choices of the first on the
// source and to disagree on the target, and the encoder against it. The first classifier
// gets nothing of it.
func disparity(s *recipe.Scene) []recipe.Term {
	factor, most, warmup := new(float64), s.Options.Float("reversal"), s.Options.Float("warmup")
	s.Each(func(progress float64) { *factor = most * recipe.Warmed(progress, warmup) })
	g, w, over := s.Graph, s.Options.Float("weight"), recipe.WeightSchedule(s.Options)
	logits := s.Parts[0].Build(s.Binding, g.Reverse("adversary/reverse", factor, s.Features))
	return []recipe.Term{
		{Name: "agreement/source", Weight: w * s.Options.Float("margin"), Over: over, Node: g.Agree("loss/agreement", s.Source, logits, s.Logits)},
		{Name: "disagreement/target", Weight: w, Over: over, Node: g.Disagree("loss/disagreement", s.Target, logits, s.Logits)},
	}
}
