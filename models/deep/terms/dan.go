// Package terms holds the deep methods that are source-only with losses of their own on features
// or predictions, and no network beside. The tests of models/deep cover them with the others.
package terms

import (
	"github.com/venn-adapt/venn/internal/losses"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "dan",
		Doc:      "features of equal distribution by the maximum mean discrepancy under five Gaussian kernels",
		Citation: "M. Long, Y. Cao, J. Wang, M. I. Jordan, Learning transferable features with deep adaptation networks, ICML 2015, arXiv 1502.02791",
		Version:  1,
		Options:  recipe.WeightOptions(1, 1e6, 0, "ramp"),
	}, recipe.Recipe{Target: true, Terms: match})
}

// fiveGaussians are the kernels of widths from an eighth of the mean squared distance to twice
// it that current programs take, with equal weights.
var fiveGaussians = losses.Gaussians{Variances: []float64{0.125, 0.25, 0.5, 1, 2}, Relative: true}

func match(s *recipe.Scene) []recipe.Term {
	return []recipe.Term{{Name: "discrepancy", Weight: s.Options.Float("weight"), Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.MMD("loss/discrepancy", s.Source.Hi, []losses.Gaussians{fiveGaussians}, s.Features)}}
}
