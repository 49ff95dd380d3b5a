package recipe

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// A Model is a network in training by a recipe.
type Model struct {
	*Network
	Name      string
	recipe    Recipe
	parts     []layers.Stack
	trained   []*models.Parameter // by the recipe
	Optimiser *models.Optimiser
	Steps     int   // that the recipe trains, where they are not all iterations
	step      *step // made at the first
	last      []models.Loss
}

var (
	_ models.Model      = (*Model)(nil)
	_ models.Encoder    = (*Model)(nil)
	_ models.Classifier = (*Model)(nil)
	_ models.Costed     = (*Model)(nil)
)

// NewModel makes the network that the options name, with the recipe's layers on top, for
// training.
func NewModel(name string, r Recipe, c models.Config) (*Model, error) {
	var top []layers.Layer
	if r.Top != nil {
		top = r.Top(c.Options)
	}
	n, err := NewNetwork(c, top...)
	if err != nil {
		return nil, err
	}
	return ModelOf(name, r, n), nil
}

// ModelOf makes a model of a network. What is added to its parameters later the recipe leaves
// as it is.
func ModelOf(name string, r Recipe, n *Network) *Model {
	c := n.Config
	m := &Model{Network: n, Name: name, recipe: r}
	if r.Parts != nil {
		m.parts = r.Parts(c, n.Encoder.Out())
	}
	for _, p := range m.parts {
		p.Init(n.ps, c.Seed)
	}
	m.trained = n.ps.Trained("")
	m.Optimiser = models.NewOptimiser("network", Adam(c.Options), c.Options.Float("train.clip"), m.trained)
	return m
}

// Optimisers are the one of all networks.
func (m *Model) Optimisers() []*models.Optimiser { return []*models.Optimiser{m.Optimiser} }

// MACs counts three passes of every layer on each image of the step (forward and two
// gradients), less the first layer's gradient by the images, for one pair of images.
func (m *Model) MACs() int {
	all, first := m.Encoder.MACs()
	images := 1
	if m.recipe.Target {
		images = 2
	}
	total := 3*all - first
	for _, s := range append([]layers.Stack{m.Head}, m.parts...) {
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
	terms   []Term
	at      []func(progress float64)
	moments *models.BatchStatistics
	masks   models.Masks
	weights []float64 // of the terms that count, in their order
	program *ops.Program
}

func (m *Model) newStep(batch int) (*step, error) {
	s, rows := &step{batch: batch}, batch
	if m.recipe.Target {
		rows = 2 * batch
	}
	x, images := m.ImageInput(rows)
	y, labels := models.Input(batch)
	s.images, s.labels = images, labels
	b := m.Bind()
	b.Batch, b.Masks = &models.BatchStatistics{}, &s.masks
	if m.recipe.Target && m.Options.String("statistics") != "joint" {
		b.Batch.Split = batch
	}
	s.moments = b.Batch
	sc := &Scene{Binding: b, Options: m.Options, Parts: m.parts, Source: ops.Rows{Lo: 0, Hi: batch}, Target: ops.Rows{Lo: batch, Hi: rows}}
	sc.Images = b.Graph.Bind("images", x)
	sc.Features = m.Encoder.Build(b, sc.Images)
	sc.Logits = m.Head.Build(b, sc.Features)
	s.terms = []Term{{Name: "classification", Weight: 1, Node: b.Graph.CrossEntropy("loss/classification", sc.Source, sc.Logits, b.Graph.Bind("labels", y))}}
	if m.recipe.Smoothing != nil {
		spread := m.recipe.Smoothing(m.Options)
		s.terms[0].Weight = 1 - spread
		s.terms = append(s.terms, Term{Name: "smoothing", Weight: spread, Node: b.Graph.Even("loss/smoothing", sc.Source, sc.Logits)})
	}
	if m.recipe.Terms != nil {
		s.terms = append(s.terms, m.recipe.Terms(sc)...)
	}
	s.at = sc.at
	cost, weights := Total(b.Graph, s.terms)
	s.weights = weights
	var err error
	s.program, err = b.Graph.CompileGradients(cost, b.Nodes(m.trained), s.moments.Nodes()...)
	return s, err
}

// Prepare makes the program of a step at a batch size, where there is none yet.
func (m *Model) Prepare(batch int) (err error) {
	if m.step == nil {
		m.step, err = m.newStep(batch)
	}
	return err
}

// Program is that of a step; nil before the first.
func (m *Model) Program() *ops.Program {
	if m.step == nil {
		return nil
	}
	return m.step.program
}

// Step makes one update of all networks by the cross-entropy of the source's images and the
// recipe's terms. Batches must have the size of the first step.
func (m *Model) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if err := m.Prepare(b.Len()); err != nil {
		return nil, err
	}
	s := m.step
	if err := m.fill(s, b); err != nil {
		return nil, err
	}
	s.masks.Draw(m.Seed, at)
	progress := float64(at) / float64(m.Length())
	s.schedule(progress)
	m.Optimiser.Rate = m.Options.Float("train.learning_rate") * Decayed(progress, m.Options.Float("train.decay"))
	if err := s.program.Run(); err != nil {
		return nil, err
	}
	losses := make([]models.Loss, 0, len(s.terms)+1)
	for _, t := range s.terms {
		losses = append(losses, models.Loss{Name: t.Name, Value: ops.Scalar(t.Node)})
	}
	if err := models.CheckFinite(m.Name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	m.follow(s)
	m.last = append(losses, models.Loss{Name: "gradient-norm", Value: m.Optimiser.Update(s.program)})
	return m.last, nil
}

// follow has the running statistics of batch normalisation follow those of the step.
func (m *Model) follow(s *step) {
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
	weigh(s.weights, s.terms, progress)
}

// weigh sets the weights of terms that count at a share of the training.
func weigh(weights []float64, terms []Term, progress float64) {
	i := 0
	for _, t := range terms {
		if t.Reported {
			continue
		}
		if t.Over != nil {
			weights[i] = t.Weight * t.Over(progress)
		}
		i++
	}
}

// fill copies images and labels of a batch to the inputs of the step.
func (m *Model) fill(s *step, b *models.Batch) error {
	sides := []domains.Side{b.Source}
	if m.recipe.Target {
		sides = append(sides, 1-b.Source)
	}
	to := s.images
	for _, side := range sides {
		x := b.Images[side]
		if x == nil || x.Len() != s.batch {
			return fmt.Errorf("models: %s: a batch without %d images of %s", m.Name, s.batch, side)
		}
		copy(to, x.Data)
		to = to[len(x.Data):]
	}
	return m.FillLabels(s.labels, b.Labels)
}
