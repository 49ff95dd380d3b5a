// Package recipe is what the methods of models/deep share: networks that classify images of
// two domains, their evaluation and, for methods whose step is one backward pass, the step,
// whose losses a method adds as terms.
package recipe

import (
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// A Recipe is a method whose step is one backward pass and one update: cross-entropy on the
// source, and terms of its own.
type Recipe struct {
	// Target says that the step sees the target's images.
	Target bool
	// Backbone is the default of the network; "": the first.
	Backbone string
	// Statistics is the default of that option; "": joint.
	Statistics string
	// Rate is the default of the learning rate; 0: 1e-3.
	Rate float64
	// Betas are the default of Adam's decays; nil: 0.9 and 0.999.
	Betas []float64
	// Top are layers put on the backbone's encoder, whose output are then the features; nil
	// for none.
	Top func(o option.Values) []layers.Layer
	// Parts are the networks beside encoder and head, discriminators for instance, given what
	// the model is made from and the shape of the features; nil for none.
	Parts func(c models.Config, features []int) []layers.Stack
	// Smoothing is the share of the source's labels that is spread evenly over the classes; nil
	// for 0.
	Smoothing func(o option.Values) float64
	// Terms adds the method's own losses to the graph; nil for none.
	Terms func(s *Scene) []Term
}

// A Scene is the graph of a step as a recipe sees it. The source's rows are above the
// target's, whichever domain is the source.
type Scene struct {
	*models.Binding
	Options          option.Values
	Parts            []layers.Stack
	Images           *ops.Node // of both domains
	Features, Logits *ops.Node
	Source, Target   ops.Rows
	at               []func(progress float64)
}

// Each has f called before every step with the share of the training that is done, in
// [0, 1): what a schedule sets.
func (s *Scene) Each(f func(progress float64)) { s.at = append(s.at, f) }

// A Term is a loss with its weight, or a value that is only reported.
type Term struct {
	Name     string
	Node     *ops.Node
	Weight   float64
	Over     Schedule // of the weight; nil: 1
	Reported bool     // only
}

// Total is the weighted sum of the terms that are not only reported, and their weights in
// order, which the graph reads anew at every run.
func Total(g *ops.Graph, terms []Term) (cost *ops.Node, weights []float64) {
	var nodes []*ops.Node
	for _, t := range terms {
		if !t.Reported {
			weights, nodes = append(weights, t.Weight), append(nodes, t.Node)
		}
	}
	return g.Weighted("loss/total", weights, nodes...), weights
}

// Adam is the optimiser that train.betas says.
func Adam(o option.Values) kernels.Adam {
	betas := o.Floats("train.betas")
	return kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}
}

// trainOptions are the options of the optimiser of one backward pass, its rate and decays by
// default as given; 0 and nil: the usual.
func trainOptions(rate float64, betas []float64) []option.Option {
	if rate == 0 {
		rate = 1e-3
	}
	if betas == nil {
		betas = []float64{0.9, 0.999}
	}
	return []option.Option{
		{Name: "train.learning_rate", Kind: option.Float, Default: rate, Min: 1e-9, Max: 10, Doc: "of Adam"},
		{Name: "train.betas", Kind: option.Floats, Default: betas, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
		{Name: "train.decay", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations, at the end, over which the rate falls linearly to a tenth; 0 keeps it"},
		{Name: "train.clip", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e6, Doc: "bound on the global gradient norm; 0 does not clip"},
	}
}

// Add registers a method that follows a recipe.
func Add(m models.Method, r Recipe) {
	m.Needs.Labels = true
	m.Loop = models.Loop{Iterations: 5000, Batch: 64}
	m.Options = append(append(networkOptions(r.Backbone), m.Options...), trainOptions(r.Rate, r.Betas)...)
	if r.Target {
		m.Options = append(m.Options, statisticsOption(r.Statistics))
	}
	if m.Check == nil {
		m.Check = CheckNetwork
	}
	if m.New == nil {
		m.New = func(c models.Config) (models.Model, error) { return NewModel(m.Name, r, c) }
	}
	if !r.Target && m.Phases == nil {
		m.Phases = func(c models.Config) []models.Phase {
			p := models.Phase{Name: "train", Steps: c.Options.Int("train.iterations")}
			p.Shows[c.Source] = true
			return []models.Phase{p}
		}
	}
	models.Methods.Add(m.Name, m)
}
