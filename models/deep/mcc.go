package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

func init() {
	add(models.Method{
		Name:     "mcc",
		Doc:      "predictions on the target that confuse no two classes",
		Citation: "Y. Jin, X. Wang, M. Long, J. Wang, Minimum class confusion for versatile domain adaptation, ECCV 2020, arXiv 1912.03699",
		Version:  1,
		Options: append(weightOptions(1, 1e6, 0.1, "linear"),
			option.Option{Name: "temperature", Kind: option.Float, Default: 2.5, Min: 0.01, Max: 100, Doc: "that divides the logits"}),
	}, recipe{target: true, rate: 5e-4, terms: unconfuse})
}

func unconfuse(s *scene) []term {
	return []term{{name: "class-confusion", weight: s.options.Float("weight"), over: weightSchedule(s.options),
		node: s.Graph.ClassConfusion("loss/class-confusion", s.target, s.options.Float("temperature"), s.logits)}}
}
