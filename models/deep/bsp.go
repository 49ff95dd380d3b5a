package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

const bspPaper = "X. Chen, S. Wang, M. Long, J. Wang, Transferability vs. discriminability: batch spectral penalization for adversarial domain adaptation, ICML 2019"

func init() {
	penalty := option.Option{Name: "penalty", Kind: option.Float, Default: 1e-4, Min: 0, Max: 1e3, Doc: "weight of the squared largest singular values of the features of either domain"}
	recipe.Add(models.Method{
		Name:     "dann-bsp",
		Doc:      "dann, with a penalty on the directions in which features are largest",
		Citation: bspPaper,
		Version:  1,
		Options:  append(dannOptions(), penalty),
	}, recipe.Recipe{Target: true, Parts: discriminator, Terms: func(s *recipe.Scene) []recipe.Term { return append(confuse(s), flatten(s)...) }})
	recipe.Add(models.Method{
		Name:     "cdan-bsp",
		Doc:      "cdan, with a penalty on the directions in which features are largest",
		Citation: bspPaper,
		Version:  1,
		Options:  append(conditionalOptions(), penalty),
	}, recipe.Recipe{Target: true, Parts: conditionalParts, Terms: func(s *recipe.Scene) []recipe.Term { return append(confuseJointly(s), flatten(s)...) }})
}

// flatten penalises one singular value of each domain, as the paper does on digits.
func flatten(s *recipe.Scene) []recipe.Term {
	w := s.Options.Float("penalty")
	return []recipe.Term{
		{Name: "top-singular/source", Weight: w, Node: s.Graph.TopSingular("loss/top-singular-source", s.Source, s.Features)},
		{Name: "top-singular/target", Weight: w, Node: s.Graph.TopSingular("loss/top-singular-target", s.Target, s.Features)},
	}
}
