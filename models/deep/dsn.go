package deep

import (
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	r := recipe.Recipe{Target: true, Parts: separated, Terms: separate}
	recipe.Add(models.Method{
		Name:     "dsn",
		Doc:      "features that both domains share beside features of each, orthogonal to them, that together make the image anew",
		Citation: "K. Bousmalis et al., Domain separation networks, NIPS 2016, arXiv 1608.06019",
		Version:  1,
		Options: []option.Option{
			{Name: "discriminator", Kind: option.Int, Default: 500, Min: 1, Max: 4096, Doc: "units of each of the two hidden layers of the domain discriminator"},
			{Name: "reconstruction", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the squared error of the images, less a constant of each"},
			{Name: "difference", Kind: option.Float, Default: 0.075, Min: 0, Max: 1e3, Doc: "weight of the overlap of shared and own features"},
			{Name: "similarity", Kind: option.Float, Default: 0.25, Min: 0, Max: 1e3, Doc: "weight of the domain discriminator's loss"},
			{Name: "warmup", Kind: option.Float, Default: 0.2, Min: 0, Max: 1, Doc: "share of the iterations, at the start, without similarity and difference"},
		},
		Check: recipe.CheckDecoder,
		New: func(c models.Config) (models.Model, error) {
			m, err := recipe.NewModel("dsn", r, c)
			if err != nil {
				return nil, err
			}
			return &dsn{m}, nil
		},
	}, r)
}

// A dsn is a recipe's model that knows that its own encoders see a domain each.
type dsn struct{ *recipe.Model }

// MACs leaves out what the two encoders of a domain do not see: one image of either pair.
func (m *dsn) MACs() int {
	own, first := m.Encoder.MACs()
	return m.Model.MACs() - 2*(3*own+first)
}

// separated are the discriminator, the encoders of either domain, source first, and the decoder.
func separated(c models.Config, features []int) []layers.Stack {
	own := func(name string) layers.Stack {
		encoder, _ := recipe.Backbone(c)
		encoder.Name = name
		return encoder
	}
	return append(discriminator(c, features), own("own-source"), own("own-target"), recipe.Decoder("decoder", features, c.Shape))
}

// separate decodes the sum of what is shared and what is a domain's own.
func separate(s *recipe.Scene) []recipe.Term {
	g, o := s.Graph, s.Options
	factor, warmup := 1.0, o.Float("warmup")
	later := func(progress float64) float64 {
		if progress < warmup {
			return 0
		}
		return 1
	}
	all, both := ops.Rows{Lo: 0, Hi: s.Target.Hi}, s.Batch
	s.Batch = &models.BatchStatistics{} // an own encoder sees one domain, and is not read afterwards
	own := g.Join("own", s.Parts[1].Build(s.Binding, g.Part("own-source/images", s.Source, s.Images)), s.Parts[2].Build(s.Binding, g.Part("own-target/images", s.Target, s.Images)))
	s.Batch = both
	images := g.Flatten("decoder/flat", s.Parts[3].Build(s.Binding, g.Sum("decoder/sum", s.Features, own)))
	target := g.Flatten("images/flat", s.Images)
	terms := []recipe.Term{
		{Name: "reconstruction", Weight: 2 * o.Float("reconstruction"), Node: g.Squares("loss/reconstruction", all, true, images, target)},
		{Name: "difference/source", Weight: o.Float("difference"), Over: later, Node: g.Overlap("loss/difference-source", s.Source, s.Features, own)},
		{Name: "difference/target", Weight: o.Float("difference"), Over: later, Node: g.Overlap("loss/difference-target", s.Target, s.Features, own)},
	}
	for _, t := range domainTerms(s, s.Parts[0].Build(s.Binding, g.Reverse("discriminator/reverse", &factor, s.Features))) {
		if !t.Reported {
			t.Weight, t.Over = t.Weight*o.Float("similarity"), later
		}
		terms = append(terms, t)
	}
	return terms
}
