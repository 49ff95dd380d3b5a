package deep

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
	"github.com/venn-adapt/venn/models/views"
)

func init() {
	m := models.Method{
		Name:     "fixmatch",
		Doc:      "sure predictions on the target are the labels of the same images much changed",
		Citation: "K. Sohn et al., FixMatch: simplifying semi-supervised learning with consistency and confidence, NeurIPS 2020, arXiv 2001.07685",
		Version:  1,
		Options: append(append(recipe.WeightOptions(1, 1e3, 0.1, "none"),
			option.Option{Name: "confidence", Kind: option.Float, Default: 0.95, Min: 0, Max: 1, Doc: "predictions are labels where the largest probability is above it; 0: all, 1: none"},
			option.Option{Name: "smoothing", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.999, Doc: "share of each label of the source that is spread evenly over the classes; a fitted network is then no surer than what it leaves: 0.91 of ten classes at 0.1"},
			option.Option{Name: "changes", Kind: option.Int, Default: 2, Min: 0, Max: 100, Doc: "that an image of the target has been through when it is learnt, drawn from eight: moved, turned, slanted, zoomed, lit otherwise, blurred, strokes thickened, a square hidden"},
		), viewOptions(2, 0)...),
	}
	// The passes are apart, as in the Transfer-Learning-Library's program.
	r := recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "separate", Rate: 5e-4, Smoothing: func(o option.Values) float64 { return o.Float("smoothing") }}
	m.New = func(c models.Config) (models.Model, error) { return newFixMatch(r, c) }
	recipe.Add(m, r)
}

// newFixMatch makes a guided model that is its own teacher: the pass that gives the labels
// normalises by its batch, and moves no running moments.
func newFixMatch(r recipe.Recipe, c models.Config) (*guided, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	strong := views.Strong{Seed: c.Seed, Changes: c.Options.Int("changes")}
	m := &guided{teacher: n.Twin(),
		least: c.Options.Float("confidence"), views: [3]view{asIs, strong.Fill, weakViews(c).Fill}}
	r.Terms = func(s *recipe.Scene) []recipe.Term {
		return []recipe.Term{{Name: "pseudo-labels", Weight: m.Options.Float("weight"), Over: recipe.WeightSchedule(m.Options),
			Node: s.Graph.Pseudo("loss/pseudo-labels", s.Target, m.least, s.Logits, m.said(s))}}
	}
	m.Model = recipe.ModelOf("fixmatch", r, n)
	return m, nil
}

// asIs is the view of the source that is the image.
func asIs(dst []float32, x *domains.Images, _ string, _ int) { copy(dst, x.Data) }
