package deep

import "github.com/venn-adapt/venn/models"

func init() {
	add(models.Method{
		Name:     "bnm",
		Doc:      "predictions on the target that are sure and varied, by the nuclear norm of a batch of them",
		Citation: "S. Cui et al., Towards discriminability and diversity: batch nuclear-norm maximization under label insufficient situations, CVPR 2020, arXiv 2003.12237",
		Version:  1,
		Options:  weightOptions(1, 1e6, 0.1, "linear"),
	}, recipe{target: true, rate: 5e-4, terms: spread})
}

// spread takes the norm over the number of images, which is the scale of the paper.
func spread(s *scene) []term {
	images := float64(s.target.Hi - s.target.Lo)
	return []term{{name: "nuclear-norm", weight: -s.options.Float("weight") / images, over: weightSchedule(s.options),
		node: s.Graph.NuclearNorm("loss/nuclear-norm", s.target, s.logits)}}
}
