package deep

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/views"
)

func init() {
	m := models.Method{
		Name:     "fixmatch",
		Doc:      "sure predictions on the target are the labels of the same images much changed",
		Citation: "K. Sohn et al., FixMatch: simplifying semi-supervised learning with consistency and confidence, NeurIPS 2020, arXiv 2001.07685",
		Version:  1,
		Options: append(append(weightOptions(1, 1e3, 0.1, "none"),
			option.Option{Name: "confidence", Kind: option.Float, Default: 0.95, Min: 0, Max: 1, Doc: "predictions are labels where the largest probability is above it; 0: all, 1: none"},
			option.Option{Name: "smoothing", Kind: option.Float, Default: 0.0, Min: 0, Max: 0.999, Doc: "share of each label of the source that is spread evenly over the classes; a fitted network is then no surer than what it leaves: 0.91 of ten classes at 0.1"},
			option.Option{Name: "changes", Kind: option.Int, Default: 2, Min: 0, Max: 100, Doc: "that an image of the target has been through when it is learnt, drawn from eight: moved, turned, slanted, zoomed, lit otherwise, blurred, strokes thickened, a square hidden"},
		), viewOptions(2, 0)...),
	}
	// The passes are apart, as in the Transfer-Learning-Library's program.
	r := recipe{target: true, backbone: "l20-50-bn", statistics: "separate", rate: 5e-4, smoothing: func(o option.Values) float64 { return o.Float("smoothing") }}
	m.New = func(c models.Config) (models.Model, error) { return newFixMatch(r, c) }
	add(m, r)
}

// newFixMatch makes a guided model that is its own teacher: the pass that gives the labels
// normalises by its batch, and moves no running moments.
func newFixMatch(r recipe, c models.Config) (*guided, error) {
	n, err := newNetwork(c)
	if err != nil {
		return nil, err
	}
	strong := views.Strong{Seed: c.Seed, Changes: c.Options.Int("changes")}
	m := &guided{teacher: &network{Config: c, ps: n.ps, encoder: n.encoder, head: n.head},
		least: c.Options.Float("confidence"), views: [3]view{asIs, strong.Fill, weakViews(c).Fill}}
	r.terms = func(s *scene) []term {
		return []term{{name: "pseudo-labels", weight: m.Options.Float("weight"), over: weightSchedule(m.Options),
			node: s.Graph.Pseudo("loss/pseudo-labels", s.target, m.least, s.logits, m.said(s))}}
	}
	m.model = modelOf("fixmatch", r, n)
	return m, nil
}

// asIs is the view of the source that is the image.
func asIs(dst []float32, x *domains.Images, _ string, _ int) { copy(dst, x.Data) }
