package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

const bspPaper = "X. Chen, S. Wang, M. Long, J. Wang, Transferability vs. discriminability: batch spectral penalization for adversarial domain adaptation, ICML 2019"

func init() {
	penalty := option.Option{Name: "penalty", Kind: option.Float, Default: 1e-4, Min: 0, Max: 1e3, Doc: "weight of the squared largest singular values of the features of either domain"}
	add(models.Method{
		Name:     "dann-bsp",
		Doc:      "dann, with a penalty on the directions in which features are largest",
		Citation: bspPaper,
		Version:  1,
		Options:  append(dannOptions(), penalty),
	}, recipe{target: true, parts: discriminator, terms: func(s *scene) []term { return append(confuse(s), flatten(s)...) }})
	add(models.Method{
		Name:     "cdan-bsp",
		Doc:      "cdan, with a penalty on the directions in which features are largest",
		Citation: bspPaper,
		Version:  1,
		Options:  append(conditionalOptions(), penalty),
	}, recipe{target: true, parts: conditionalParts, terms: func(s *scene) []term { return append(confuseJointly(s), flatten(s)...) }})
}

// flatten penalises one singular value of each domain, as the paper does on digits.
func flatten(s *scene) []term {
	w := s.options.Float("penalty")
	return []term{
		{name: "top-singular/source", weight: w, node: s.Graph.TopSingular("loss/top-singular-source", s.source, s.features)},
		{name: "top-singular/target", weight: w, node: s.Graph.TopSingular("loss/top-singular-target", s.target, s.features)},
	}
}
