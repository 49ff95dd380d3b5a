package deep

import (
	"github.com/venn-adapt/venn/internal/losses"
	"github.com/venn-adapt/venn/models"
)

func init() {
	add(models.Method{
		Name:     "jan",
		Doc:      "features and predictions of equal joint distribution by the joint maximum mean discrepancy",
		Citation: "M. Long, H. Zhu, J. Wang, M. I. Jordan, Deep transfer learning with joint adaptation networks, ICML 2017, arXiv 1605.06636",
		Version:  1,
		Options:  weightOptions(1, 1e6, 0.1, "ramp"),
	}, recipe{target: true, terms: matchJointly})
}

// onPredictions is the one kernel of the predictions, of the width that the authors' program
// has.
var onPredictions = losses.Gaussians{Variances: []float64{0.92 * 0.92}}

func matchJointly(s *scene) []term {
	p := s.Graph.Softmax("predictions", s.logits)
	return []term{{name: "joint-discrepancy", weight: s.options.Float("weight"), over: weightSchedule(s.options),
		node: s.Graph.MMD("loss/joint-discrepancy", s.source.Hi, []losses.Gaussians{fiveGaussians, onPredictions}, s.features, p)}}
}
