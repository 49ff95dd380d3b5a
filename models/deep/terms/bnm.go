package terms

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "bnm",
		Doc:      "predictions on the target that are sure and varied, by the nuclear norm of a batch of them",
		Citation: "S. Cui et al., Towards discriminability and diversity: batch nuclear-norm maximization under label insufficient situations, CVPR 2020, arXiv 2003.12237",
		Version:  1,
		Options:  recipe.WeightOptions(1, 1e6, 0.1, "linear"),
	}, recipe.Recipe{Target: true, Rate: 5e-4, Terms: spread})
}

// spread takes the norm over the number of images, which is the scale of the paper.
func spread(s *recipe.Scene) []recipe.Term {
	images := float64(s.Target.Hi - s.Target.Lo)
	return []recipe.Term{{Name: "nuclear-norm", Weight: -s.Options.Float("weight") / images, Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.NuclearNorm("loss/nuclear-norm", s.Target, s.Logits)}}
}
