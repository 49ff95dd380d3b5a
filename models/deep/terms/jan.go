package terms

import (
	"github.com/venn-adapt/venn/internal/losses"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "jan",
		Doc:      "features and predictions of equal joint distribution by the joint maximum mean discrepancy",
		Citation: "M. Long, H. Zhu, J. Wang, M. I. Jordan, Deep transfer learning with joint adaptation networks, ICML 2017, arXiv 1605.06636",
		Version:  1,
		Options:  recipe.WeightOptions(1, 1e6, 0.1, "ramp"),
	}, recipe.Recipe{Target: true, Terms: matchJointly})
}

// onPredictions is the one kernel of the predictions, of the width that the authors' program
// has.
var onPredictions = losses.Gaussians{Variances: []float64{0.92 * 0.92}}

func matchJointly(s *recipe.Scene) []recipe.Term {
	p := s.Graph.Softmax("predictions", s.Logits)
	return []recipe.Term{{Name: "joint-discrepancy", Weight: s.Options.Float("weight"), Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.MMD("loss/joint-discrepancy", s.Source.Hi, []losses.Gaussians{fiveGaussians, onPredictions}, s.Features, p)}}
}
