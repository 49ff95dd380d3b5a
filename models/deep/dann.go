package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "dann",
		Doc:      "features that a domain discriminator cannot tell apart, by reversing its gradient",
		Citation: "Y. Ganin et al., Domain-adversarial training of neural networks, JMLR 17 (2016), arXiv 1505.07818",
		Version:  1,
		Options:  dannOptions(),
	}, recipe.Recipe{Target: true, Parts: discriminator, Terms: confuse})
}

func dannOptions() []option.Option {
	return []option.Option{
		{Name: "reversal", Kind: option.Float, Default: 1.0, Min: 0, Max: 100, Doc: "factor of the reversed gradient at the end; it rises from 0 by 2/(1+exp(-10 p)) - 1"},
		{Name: "discriminator", Kind: option.Int, Default: 500, Min: 1, Max: 4096, Doc: "units of each of the two hidden layers of the domain discriminator"},
	}
}

// discriminator has two hidden layers and one logit: positive for the source.
func discriminator(c models.Config, features []int) []layers.Stack {
	units := c.Options.Int("discriminator")
	return []layers.Stack{{Name: "discriminator", In: features, Layers: []layers.Layer{
		layers.Linear{Units: units}, layers.Relu{}, layers.Linear{Units: units}, layers.Relu{}, layers.Linear{Units: 1},
	}}}
}

// confuse trains the discriminator, at full strength, and the encoder against it. The loss
// is the mean over the images of both domains.
func confuse(s *recipe.Scene) []recipe.Term {
	factor, most := new(float64), s.Options.Float("reversal")
	s.Each(func(progress float64) { *factor = most * recipe.Ramp(progress) })
	return domainTerms(s, s.Parts[0].Build(s.Binding, s.Graph.Reverse("discriminator/reverse", factor, s.Features)))
}

// domainTerms are the loss of a discriminator by its logits, the mean over the images of both
// domains, and its hits.
func domainTerms(s *recipe.Scene, logits *ops.Node) []recipe.Term {
	g := s.Graph
	return append([]recipe.Term{
		{Name: "domain/source", Weight: 0.5, Node: g.BCE("loss/domain-source", s.Source, 1, logits)},
		{Name: "domain/target", Weight: 0.5, Node: g.BCE("loss/domain-target", s.Target, 0, logits)},
	}, domainHits(s, logits)...)
}

// domainHits are the shares of either domain that a discriminator tells rightly.
func domainHits(s *recipe.Scene, logits *ops.Node) []recipe.Term {
	g := s.Graph
	return []recipe.Term{
		{Name: "discriminator-hits/source", Reported: true, Node: g.Hits("hits/source", s.Source, 1, logits)},
		{Name: "discriminator-hits/target", Reported: true, Node: g.Hits("hits/target", s.Target, 0, logits)},
	}
}
