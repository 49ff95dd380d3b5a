package terms

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "deep-coral",
		Doc:      "features whose covariances agree between the domains",
		Citation: "B. Sun, K. Saenko, Deep CORAL: correlation alignment for deep domain adaptation, ECCV workshops 2016, arXiv 1607.01719",
		Version:  1,
		Options: append(recipe.WeightOptions(0.1, 1e9, 0, "none"),
			option.Option{Name: "layer", Kind: option.Choice, Default: "features", Choices: []string{"features", "logits"},
				Doc: "whose covariances; the paper takes the logits"}),
	}, recipe.Recipe{Target: true, Terms: covary})
}

// covary is the squared Frobenius norm of the difference of covariances. The paper divides it
// by four times the square of the width.
func covary(s *recipe.Scene) []recipe.Term {
	x := s.Features
	if s.Options.String("layer") == "logits" {
		x = s.Logits
	}
	n := float64(s.Source.Hi)
	// Covariances divide by n−1, moments by n.
	unbiased := n * n / ((n - 1) * (n - 1))
	return []recipe.Term{{Name: "covariance", Weight: s.Options.Float("weight") * unbiased, Over: recipe.WeightSchedule(s.Options),
		Node: s.Graph.Moments("loss/covariance", s.Source.Hi, 2, x)}}
}
