package deep

import (
	"github.com/venn-adapt/venn/internal/losses"
	"github.com/venn-adapt/venn/models"
)

func init() {
	add(models.Method{
		Name:     "dan",
		Doc:      "features of equal distribution by the maximum mean discrepancy under five Gaussian kernels",
		Citation: "M. Long, Y. Cao, J. Wang, M. I. Jordan, Learning transferable features with deep adaptation networks, ICML 2015, arXiv 1502.02791",
		Version:  1,
		Options:  weightOptions(1, 1e6, 0, "ramp"),
	}, recipe{target: true, terms: match})
}

// fiveGaussians are the kernels of widths from an eighth of the mean squared distance to twice
// it that current programs take, with equal weights.
var fiveGaussians = losses.Gaussians{Variances: []float64{0.125, 0.25, 0.5, 1, 2}, Relative: true}

func match(s *scene) []term {
	return []term{{name: "discrepancy", weight: s.options.Float("weight"), over: weightSchedule(s.options),
		node: s.Graph.MMD("loss/discrepancy", s.source.Hi, []losses.Gaussians{fiveGaussians}, s.features)}}
}
