package deep

import (
	"math"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

const cdanPaper = "M. Long, Z. Cao, J. Wang, M. I. Jordan, Conditional adversarial domain adaptation, NeurIPS 2018, arXiv 1705.10667"

func init() {
	recipe.Add(models.Method{
		Name:     "cdan",
		Doc:      "features that, together with the predictions, no domain discriminator can tell apart",
		Citation: cdanPaper,
		Version:  1,
		Options:  conditionalOptions(),
	}, recipe.Recipe{Target: true, Parts: conditionalParts, Terms: confuseJointly})
	recipe.Add(models.Method{
		Name:     "cdan-e",
		Doc:      "cdan, in which images count the more, the surer their prediction is",
		Citation: cdanPaper,
		Version:  1,
		Options:  conditionalOptions(),
	}, recipe.Recipe{Target: true, Parts: conditionalParts, Terms: confuseTheSure})
}

func conditionalOptions() []option.Option {
	return []option.Option{
		{Name: "reversal", Kind: option.Float, Default: 1.0, Min: 0, Max: 100, Doc: "factor of the reversed gradient at the end; after the warm-up it rises from 0 by 2/(1+exp(-10 p)) - 1"},
		{Name: "warmup", Kind: option.Float, Default: 0.1, Min: 0, Max: 1, Doc: "share of the iterations, at the start, in which the discriminator learns and nothing is reversed"},
		{Name: "discriminator", Kind: option.Int, Default: 500, Min: 1, Max: 4096, Doc: "units of each of the two hidden layers of the domain discriminator"},
		{Name: "map", Kind: option.Choice, Default: "random", Choices: []string{"random", "multilinear"},
			Doc: "what the discriminator sees of features and predictions: a random map of their outer product, or all of it, which has as many values as features times classes"},
		{Name: "map_units", Kind: option.Int, Default: 1024, Min: 1, Max: 1 << 16, Doc: "width of the random map"},
	}
}

// conditionalParts are the discriminator and, of the random map, the two projections.
func conditionalParts(c models.Config, features []int) []layers.Stack {
	units := c.Options.Int("map_units")
	if c.Options.String("map") == "multilinear" {
		return discriminator(c, []int{c.Classes * features[0]})
	}
	onto := []layers.Layer{layers.Projection{Units: units}}
	return append(discriminator(c, []int{units}),
		layers.Stack{Name: "map/features", In: features, Layers: onto},
		layers.Stack{Name: "map/classes", In: []int{c.Classes}, Layers: onto})
}

// conditional are the discriminator's logits of features together with predictions, which are
// constants to it. Gradients into the features are reversed.
func conditional(s *recipe.Scene) *ops.Node {
	g, p := s.Graph, s.Graph.Detach("predictions/detach", s.Graph.Softmax("predictions", s.Logits))
	most, warmup, factor := s.Options.Float("reversal"), s.Options.Float("warmup"), new(float64)
	s.Each(func(progress float64) { *factor = most * recipe.Warmed(progress, warmup) })
	f := g.Reverse("discriminator/reverse", factor, s.Features)
	if s.Options.String("map") == "multilinear" {
		return s.Parts[0].Build(s.Binding, g.Outer("map", f, p))
	}
	scale := 1 / math.Sqrt(float64(s.Options.Int("map_units")))
	return s.Parts[0].Build(s.Binding, g.Times("map", scale, s.Parts[1].Build(s.Binding, f), s.Parts[2].Build(s.Binding, p)))
}

func confuseJointly(s *recipe.Scene) []recipe.Term { return domainTerms(s, conditional(s)) }

// confuseTheSure weighs the domain loss by 1 + e^−H of the predictions, of mean 1 over both
// domains, constants.
func confuseTheSure(s *recipe.Scene) []recipe.Term {
	logits := conditional(s)
	x, domain := models.Input(s.Target.Hi, 1)
	for i := range s.Source.Hi {
		domain[i] = 1
	}
	loss := s.Graph.WeightedBCE("loss/domain", logits, s.Graph.Bind("domains", x), s.Graph.Certainty("certainty", s.Logits))
	return append([]recipe.Term{{Name: "domain", Weight: 1, Node: loss}}, domainHits(s, logits)...)
}
