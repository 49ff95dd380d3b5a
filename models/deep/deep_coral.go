package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

func init() {
	add(models.Method{
		Name:     "deep-coral",
		Doc:      "features whose covariances agree between the domains",
		Citation: "B. Sun, K. Saenko, Deep CORAL: correlation alignment for deep domain adaptation, ECCV workshops 2016, arXiv 1607.01719",
		Version:  1,
		Options: append(weightOptions(0.1, 1e9, 0, "none"),
			option.Option{Name: "layer", Kind: option.Choice, Default: "features", Choices: []string{"features", "logits"},
				Doc: "whose covariances; the paper takes the logits"}),
	}, recipe{target: true, terms: covary})
}

// covary is the squared Frobenius norm of the difference of covariances. The paper divides it
// by four times the square of the width.
func covary(s *scene) []term {
	x := s.features
	if s.options.String("layer") == "logits" {
		x = s.logits
	}
	n := float64(s.source.Hi)
	// Covariances divide by n−1, moments by n.
	unbiased := n * n / ((n - 1) * (n - 1))
	return []term{{name: "covariance", weight: s.options.Float("weight") * unbiased, over: weightSchedule(s.options),
		node: s.Graph.Moments("loss/covariance", s.source.Hi, 2, x)}}
}
