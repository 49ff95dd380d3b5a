package deep

import (
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

const vadaPaper = "R. Shu, H. H. Bui, H. Narui, S. Ermon, A DIRT-T approach to unsupervised domain adaptation, ICLR 2018, arXiv 1802.08735"

func init() {
	m := models.Method{
		Name:     "vada",
		Doc:      "features that a discriminator cannot tell apart, and predictions on the target that are sure and do not change where an image changes a little",
		Citation: vadaPaper,
		Version:  1,
		Options:  vadaOptions(),
		Phases:   both,
	}
	r := vadaRecipe()
	m.New = func(c models.Config) (models.Model, error) { return newVADA("vada", r, c) }
	recipe.Add(m, r)
}

func vadaRecipe() recipe.Recipe {
	return recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "target", Betas: []float64{0.5, 0.999}}
}

func vadaOptions() []option.Option {
	return []option.Option{
		{Name: "confusion", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the loss against the discriminator, with exchanged domains"},
		{Name: "smooth_source", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the predictions' change on the source"},
		{Name: "target", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the predictions' entropy and of their change on the target"},
		{Name: "radius", Kind: option.Float, Default: 1.5, Min: 0, Max: 1e3, Doc: "Euclidean length of an image's change; the paper has 3.5 of 32 x 32 colour images"},
		{Name: "probe", Kind: option.Float, Default: 0.1, Min: 1e-4, Max: 10, Doc: "length of the random change from which the worst one is found"},
		{Name: "average", Kind: option.Float, Default: 0.998, Min: 0, Max: 0.999999, Doc: "share of the average of the weights, which classifies, that a step leaves"},
		{Name: "discriminator", Kind: option.Int, Default: 100, Min: 1, Max: 4096, Doc: "units of the hidden layer of the domain discriminator"},
	}
}

// A vada is a model that also learns from images changed for the worse, with a discriminator
// that has an optimiser of its own. What classifies is the average of its weights.
type vada struct {
	*recipe.Model
	mean     *recipe.Network
	averages []*models.Average
	judge    layers.Stack
	judging  *models.Optimiser
	draw     func(dst []float32, step int) // of the random change; nil: the usual
	look     *recipe.Pass                  // what the network says of a batch; the discriminator learns from it
	virtual  *recipe.Virtual
	changed  []float32 // images of the recipe's step
	said     []float32 // of these as they were
	rated    []models.Loss
}

var (
	_ models.Classifier = (*vada)(nil)
	_ models.Costed     = (*vada)(nil)
)

const meanPrefix = "average/"

func newVADA(name string, r recipe.Recipe, c models.Config) (*vada, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	m := &vada{mean: n.Twin()}
	r.Terms = m.terms
	m.Model = recipe.ModelOf(name, r, n)
	ps := n.Parameters()
	m.judge = layers.Stack{Name: "discriminator", In: n.Encoder.Out(), Layers: []layers.Layer{layers.Linear{Units: c.Options.Int("discriminator")}, layers.Relu{}, layers.Linear{Units: 1}}}
	m.judge.Init(ps, c.Seed)
	m.judging = models.NewOptimiser("discriminator", recipe.Adam(c.Options), c.Options.Float("train.clip"), ps.Trained("discriminator/"))
	for _, s := range []*layers.Stack{&m.mean.Encoder, &m.mean.Head} {
		m.averages = append(m.averages, models.NewAverage(ps, s.Name+"/", c.Options.Float("average")))
		s.Name = meanPrefix + s.Name
	}
	return m, nil
}

// Optimisers are the network's and the discriminator's.
func (m *vada) Optimisers() []*models.Optimiser { return append(m.Model.Optimisers(), m.judging) }

// Encode returns the features of images by the averaged weights.
func (m *vada) Encode(x *domains.Images) (models.Codes, error) { return m.mean.Encode(x) }

// Classify returns the logits of images by the averaged weights.
func (m *vada) Classify(x *domains.Images) (*models.Block, error) { return m.mean.Classify(x) }

// Read returns both.
func (m *vada) Read(x *domains.Images) (features, logits *models.Block, err error) {
	return m.mean.Read(x)
}

// MACs counts, on both domains, a pass by which the network says what it does, three of the
// discriminator on it, the probe's forward and its gradient by the images, three passes of the
// images as they are and changed, and two of the discriminator for the network's sake.
func (m *vada) MACs() int {
	encoder, first := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	judge, _ := m.judge.MACs()
	return 2 * ((encoder + 3*judge + head) + 2*(encoder+head) + 2*(3*(encoder+head)-first) + 2*judge)
}

// read adds features and logits of images.
func (m *vada) read(b *models.Binding, x *ops.Node) (features, logits *ops.Node) {
	features = m.Encoder.Build(b, x)
	return features, m.Head.Build(b, features)
}

// terms are the losses beside the classification. The changed images are read with batch
// statistics of their own, which nothing follows.
func (m *vada) terms(s *recipe.Scene) []recipe.Term {
	g, o := s.Graph, s.Options
	x, changed := m.ImageInput(s.Target.Hi)
	by, said := models.Input(s.Target.Hi, m.Classes)
	m.changed, m.said = changed, said
	followed := s.Batch
	s.Batch = &models.BatchStatistics{Split: followed.Split}
	_, moved := m.read(s.Binding, g.Bind("changed", x))
	s.Batch = followed
	constant := g.Bind("said", by)
	u := m.judge.Build(s.Binding, s.Features)
	w, target := o.Float("confusion"), o.Float("target")
	return []recipe.Term{
		{Name: "confusion/source", Weight: w / 2, Node: g.BCE("loss/confusion-source", s.Source, 0, u)},
		{Name: "confusion/target", Weight: w / 2, Node: g.BCE("loss/confusion-target", s.Target, 1, u)},
		{Name: "change/source", Weight: o.Float("smooth_source"), Node: g.Soft("loss/change-source", s.Source, moved, constant)},
		{Name: "change/target", Weight: target, Node: g.Soft("loss/change-target", s.Target, moved, constant)},
		{Name: "entropy", Weight: target, Node: g.Entropy("loss/entropy", s.Target, s.Logits)},
	}
}

// prepare makes the programs.
func (m *vada) prepare(count int) (err error) {
	if m.look != nil {
		return nil
	}
	split := 0
	if m.Options.String("statistics") != "joint" {
		split = count
	}
	m.look, err = m.NewPass(2*count, split, m.Parameters().Trained("discriminator/"), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		features, logits := m.read(b, x)
		p.Kept = []*ops.Node{b.Graph.Softmax("said", logits)}
		p.Terms = domainTerms(&recipe.Scene{Binding: b, Source: ops.Rows{Lo: 0, Hi: count}, Target: ops.Rows{Lo: count, Hi: 2 * count}}, m.judge.Build(b, features))
	})
	if err != nil {
		return err
	}
	if m.virtual, err = m.newVirtual(2*count, split); err != nil {
		return err
	}
	return m.Prepare(count)
}

func (m *vada) newVirtual(images, split int) (*recipe.Virtual, error) {
	v, err := m.NewVirtual(images, split, m.Options.Float("radius"), m.Options.Float("probe"))
	if err == nil && m.draw != nil {
		v.Draw = m.draw
	}
	return v, err
}

// Step trains the discriminator, finds the worst change of each image and trains the network,
// whose average follows.
func (m *vada) Step(at int, b *models.Batch) ([]models.Loss, error) {
	count, err := recipe.LenOf(m.Name, b, 1-m.Source)
	if err != nil {
		return nil, err
	}
	if err := m.prepare(count); err != nil {
		return nil, err
	}
	if err := m.look.Show(m.Name, b, m.Source, 1-m.Source); err != nil {
		return nil, err
	}
	if err := m.look.Run(m.Seed, at); err != nil {
		return nil, err
	}
	rated := m.look.Losses()
	if err := models.CheckFinite(m.Name, at+1, rated, m.rated); err != nil {
		return nil, err
	}
	m.rated = rated
	copy(m.said, m.look.Output(0))
	m.judging.Rate = m.Options.Float("train.learning_rate") * recipe.Decayed(float64(at)/float64(m.Length()), m.Options.Float("train.decay"))
	m.judging.Update(m.look.Program)
	if err := m.virtual.Change(m.changed, m.look.Images, m.said, m.Seed, at); err != nil {
		return nil, err
	}
	losses, err := m.Model.Step(at, b)
	if err != nil {
		return nil, err
	}
	m.follow(at)
	return append(slices.Clone(losses), rated...), nil
}

// follow has the averages follow a step.
func (m *vada) follow(at int) {
	for _, a := range m.averages {
		a.Update(at + 1)
	}
}
