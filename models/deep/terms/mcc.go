package terms

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "mcc",
		Doc:      "predictions on the target that confuse no two classes",
		Citation: "Y. Jin, X. Wang, M. Long, J. Wang, Minimum class confusion for versatile domain adaptation, ECCV 2020, arXiv 1912.03699",
		Version:  1,
		Options: append(recipe.WeightOptions(1, 1e6, 0.1, "linear"),
			option.Option{Name: "temperature", Kind: option.Float, Default: 2.5, Min: 0.01, Max: 100, Doc: "that divides the logits"}),
	}, recipe.Recipe{Target: true, Rate: 5e-4, Terms: unconfuse})
}

func unconfuse(s *recipe.Scene) []recipe.Term {
	return []recipe.Term{{Name: "class-confusion", Weight: s.Options.Float("weight"), Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.ClassConfusion("loss/class-confusion", s.Target, s.Options.Float("temperature"), s.Logits)}}
}
