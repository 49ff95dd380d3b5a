package deep

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// A recipe is a method whose step is one backward pass and one update: cross-entropy on the
// source, and terms of its own.
type recipe struct {
	// target says that the step sees the target's images.
	target bool
	// backbone is the default of the network; "": the first.
	backbone string
	// statistics is the default of that option; "": joint.
	statistics string
	// rate is the default of the learning rate; 0: 1e-3.
	rate float64
	// top are layers put on the backbone's encoder, whose output are then the features; nil
	// for none.
	top func(o option.Values) []layers.Layer
	// parts are the networks beside encoder and head, discriminators for instance, given the
	// shape of the features and the number of classes; nil for none.
	parts func(o option.Values, features []int, classes int) []layers.Stack
	// smoothing is the share of the source's labels that is spread evenly over the classes; nil
	// for 0.
	smoothing func(o option.Values) float64
	// terms adds the method's own losses to the graph; nil for none.
	terms func(s *scene) []term
}

// A scene is the graph of a step as a recipe sees it. The source's rows are above the
// target's, whichever domain is the source.
type scene struct {
	*models.Binding
	options          option.Values
	parts            []layers.Stack
	features, logits *ops.Node
	source, target   ops.Rows
	at               []func(progress float64)
}

// each has f called before every step with the share of the training that is done, in
// [0, 1): what a schedule sets.
func (s *scene) each(f func(progress float64)) { s.at = append(s.at, f) }

// A term is a loss with its weight, or a value that is only reported.
type term struct {
	name     string
	node     *ops.Node
	weight   float64
	over     schedule // of the weight; nil: 1
	reported bool     // only
}

// total is the weighted sum of the terms that are not only reported, and their weights in
// order, which the graph reads anew at every run.
func total(g *ops.Graph, terms []term) (cost *ops.Node, weights []float64) {
	var nodes []*ops.Node
	for _, t := range terms {
		if !t.reported {
			weights, nodes = append(weights, t.weight), append(nodes, t.node)
		}
	}
	return g.Weighted("loss/total", weights, nodes...), weights
}

// adam is the optimiser that train.betas says.
func adam(o option.Values) kernels.Adam {
	betas := o.Floats("train.betas")
	return kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}
}

// trainOptions are the options of the optimiser of one backward pass, its rate by default as
// given.
func trainOptions(rate float64) []option.Option {
	return []option.Option{
		{Name: "train.learning_rate", Kind: option.Float, Default: rate, Min: 1e-9, Max: 10, Doc: "of Adam"},
		{Name: "train.betas", Kind: option.Floats, Default: []float64{0.9, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
		{Name: "train.decay", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations, at the end, over which the rate falls linearly to a tenth; 0 keeps it"},
		{Name: "train.clip", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e6, Doc: "bound on the global gradient norm; 0 does not clip"},
	}
}

// add registers a method that follows a recipe.
func add(m models.Method, r recipe) {
	m.Needs.Labels = true
	m.Loop = models.Loop{Iterations: 5000, Batch: 64}
	if r.rate == 0 {
		r.rate = 1e-3
	}
	m.Options = append(append(networkOptions(r.backbone), m.Options...), trainOptions(r.rate)...)
	if r.target {
		m.Options = append(m.Options, statisticsOption(r.statistics))
	}
	if m.Check == nil {
		m.Check = checkNetwork
	}
	if m.New == nil {
		m.New = func(c models.Config) (models.Model, error) { return newModel(m.Name, r, c) }
	}
	if !r.target && m.Phases == nil {
		m.Phases = func(c models.Config) []models.Phase {
			p := models.Phase{Name: "train", Steps: c.Options.Int("train.iterations")}
			p.Shows[c.Source] = true
			return []models.Phase{p}
		}
	}
	models.Methods.Add(m.Name, m)
}

// A model is a network in training by a recipe.
type model struct {
	*network
	name      string
	recipe    recipe
	parts     []layers.Stack
	optimiser *models.Optimiser
	steps     int   // that the recipe trains, where they are not all iterations
	step      *step // made at the first
	last      []models.Loss
}

var (
	_ models.Model      = (*model)(nil)
	_ models.Encoder    = (*model)(nil)
	_ models.Classifier = (*model)(nil)
	_ models.Costed     = (*model)(nil)
)

func newModel(name string, r recipe, c models.Config) (*model, error) {
	var top []layers.Layer
	if r.top != nil {
		top = r.top(c.Options)
	}
	n, err := newNetwork(c, top...)
	if err != nil {
		return nil, err
	}
	return modelOf(name, r, n), nil
}

// modelOf makes a model of a network.
func modelOf(name string, r recipe, n *network) *model {
	c := n.Config
	m := &model{network: n, name: name, recipe: r}
	if r.parts != nil {
		m.parts = r.parts(c.Options, n.encoder.Out(), c.Classes)
	}
	for _, p := range m.parts {
		p.Init(n.ps, c.Seed)
	}
	m.optimiser = models.NewOptimiser("network", adam(c.Options), c.Options.Float("train.clip"), n.ps.Trained(""))
	return m
}

// Optimisers are the one of all networks.
func (m *model) Optimisers() []*models.Optimiser { return []*models.Optimiser{m.optimiser} }

// MACs counts three passes of every layer on each image of the step (forward and two
// gradients), less the first layer's gradient by the images, for one pair of images.
func (m *model) MACs() int {
	all, first := m.encoder.MACs()
	images := 1
	if m.recipe.target {
		images = 2
	}
	total := 3*all - first
	for _, s := range append([]layers.Stack{m.head}, m.parts...) {
		macs, _ := s.MACs()
		total += 3 * macs
	}
	return images * total
}

// A step is the program of a training step at one batch size.
type step struct {
	batch   int
	images  []float32 // of the source, then of the target
	labels  []float32
	terms   []term
	at      []func(progress float64)
	moments *models.BatchStatistics
	masks   models.Masks
	weights []float64 // of the terms that count, in their order
	program *ops.Program
}

func (m *model) newStep(batch int) (*step, error) {
	s, rows := &step{batch: batch}, batch
	if m.recipe.target {
		rows = 2 * batch
	}
	x, images := m.imageInput(rows)
	y, labels := models.Input(batch)
	s.images, s.labels = images, labels
	b := m.bind()
	b.Batch, b.Masks = &models.BatchStatistics{}, &s.masks
	if m.recipe.target && m.Options.String("statistics") != "joint" {
		b.Batch.Split = batch
	}
	s.moments = b.Batch
	sc := &scene{Binding: b, options: m.Options, parts: m.parts, source: ops.Rows{Lo: 0, Hi: batch}, target: ops.Rows{Lo: batch, Hi: rows}}
	sc.features = m.encoder.Build(b, b.Graph.Bind("images", x))
	sc.logits = m.head.Build(b, sc.features)
	s.terms = []term{{name: "classification", weight: 1, node: b.Graph.CrossEntropy("loss/classification", sc.source, sc.logits, b.Graph.Bind("labels", y))}}
	if m.recipe.smoothing != nil {
		spread := m.recipe.smoothing(m.Options)
		s.terms[0].weight = 1 - spread
		s.terms = append(s.terms, term{name: "smoothing", weight: spread, node: b.Graph.Even("loss/smoothing", sc.source, sc.logits)})
	}
	if m.recipe.terms != nil {
		s.terms = append(s.terms, m.recipe.terms(sc)...)
	}
	s.at = sc.at
	cost, weights := total(b.Graph, s.terms)
	s.weights = weights
	var err error
	s.program, err = b.Graph.CompileGradients(cost, b.Nodes(m.ps.Trained("")), s.moments.Nodes()...)
	return s, err
}

// prepare makes the program of a step at a batch size, where there is none yet.
func (m *model) prepare(batch int) (err error) {
	if m.step == nil {
		m.step, err = m.newStep(batch)
	}
	return err
}

// program is that of a step; nil before the first.
func (m *model) program() *ops.Program {
	if m.step == nil {
		return nil
	}
	return m.step.program
}

// Step makes one update of all networks by the cross-entropy of the source's images and the
// recipe's terms. Batches must have the size of the first step.
func (m *model) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if err := m.prepare(b.Len()); err != nil {
		return nil, err
	}
	s := m.step
	if err := m.fill(s, b); err != nil {
		return nil, err
	}
	s.masks.Draw(m.Seed, at)
	progress := float64(at) / float64(m.length())
	s.schedule(progress)
	m.optimiser.Rate = m.Options.Float("train.learning_rate") * decayed(progress, m.Options.Float("train.decay"))
	if err := s.program.Run(); err != nil {
		return nil, err
	}
	losses := make([]models.Loss, 0, len(s.terms)+1)
	for _, t := range s.terms {
		losses = append(losses, models.Loss{Name: t.name, Value: ops.Scalar(t.node)})
	}
	if err := models.CheckFinite(m.name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	m.follow(s)
	m.last = append(losses, models.Loss{Name: "gradient-norm", Value: m.optimiser.Update(s.program)})
	return m.last, nil
}

// follow has the running statistics of batch normalisation follow those of the step.
func (m *model) follow(s *step) {
	if s.moments.Split == 0 {
		s.moments.Follow(s.program, 0)
		return
	}
	if m.Options.String("statistics") == "separate" {
		s.moments.Follow(s.program, 0)
	}
	s.moments.Follow(s.program, 1)
}

// schedule sets what depends on the share of the training that is done.
func (s *step) schedule(progress float64) {
	for _, f := range s.at {
		f(progress)
	}
	i := 0
	for _, t := range s.terms {
		if t.reported {
			continue
		}
		if t.over != nil {
			s.weights[i] = t.weight * t.over(progress)
		}
		i++
	}
}

// fill copies images and labels of a batch to the inputs of the step.
func (m *model) fill(s *step, b *models.Batch) error {
	sides := []domains.Side{b.Source}
	if m.recipe.target {
		sides = append(sides, 1-b.Source)
	}
	to := s.images
	for _, side := range sides {
		x := b.Images[side]
		if x == nil || x.Len() != s.batch {
			return fmt.Errorf("models: %s: a batch without %d images of %s", m.name, s.batch, side)
		}
		copy(to, x.Data)
		to = to[len(x.Data):]
	}
	return m.fillLabels(s.labels, b.Labels)
}
