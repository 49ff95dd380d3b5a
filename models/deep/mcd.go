package deep

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	addHeads(models.Method{
		Name:     "mcd",
		Doc:      "two classifiers that seek images of the target on which they disagree, and features on which they cannot",
		Citation: "K. Saito, K. Watanabe, Y. Ushiku, T. Harada, Maximum classifier discrepancy for unsupervised domain adaptation, CVPR 2018, arXiv 1712.02560",
	}, 1, func(m *heads, p *pass, first, second *ops.Node) *ops.Node {
		return p.graph.Apart("loss/discrepancy", p.target, first, second)
	})
}

// addHeads registers a method of two classifiers by how it measures their disagreement on the
// target, and the usual weight of that.
func addHeads(m models.Method, weight float64, apart func(m *heads, p *pass, first, second *ops.Node) *ops.Node) {
	m.Version = 1
	m.Options = append(m.Options,
		option.Option{Name: "weight", Kind: option.Float, Default: weight, Min: 0, Max: 1e4, Doc: "of the disagreement on the target"},
		option.Option{Name: "encoder_steps", Kind: option.Int, Default: 4, Min: 1, Max: 100, Doc: "updates of the encoder, against the disagreement, after each of the classifiers"},
		option.Option{Name: "units", Kind: option.Int, Default: 100, Min: 1, Max: 4096, Doc: "of each of the two hidden layers of a classifier"},
		option.Option{Name: "dropout", Kind: option.Float, Default: 0.5, Min: 0, Max: 0.99, Doc: "share of the values before each layer of a classifier that a step leaves out: without it two classifiers come to agree"})
	m.New = func(c models.Config) (models.Model, error) { return newHeads(m.Name, apart, c) }
	m.Phases = func(c models.Config) []models.Phase {
		return []models.Phase{{Name: "train", Steps: c.Options.Int("train.iterations"), Shows: [2]bool{true, true}}}
	}
	recipe.Add(m, recipe.Recipe{Rate: 2e-4})
}

// A heads is an encoder with two classifiers, whose logits together, their mean, are the
// network's. Each domain of a batch is normalised by itself.
type heads struct {
	*recipe.Network
	name     string
	apart    func(m *heads, p *pass, first, second *ops.Node) *ops.Node
	drawn    func(dst []float32, draw int) // directions
	features *models.Optimiser             // of the encoder
	both     *models.Optimiser             // of the classifiers
	passes   [3]*pass                      // made at the first step
	batch    int
	last     []models.Loss
}

var (
	_ models.Classifier = (*heads)(nil)
	_ models.Encoder    = (*heads)(nil)
	_ models.Costed     = (*heads)(nil)
)

func newHeads(name string, apart func(*heads, *pass, *ops.Node, *ops.Node) *ops.Node, c models.Config) (*heads, error) {
	encoder, head := recipe.Backbone(c)
	norm := recipe.Normalises(c.Options.String("backbone"))
	head.Layers = nil
	for range 2 {
		head.Layers = append(head.Layers, layers.Dropout{Rate: c.Options.Float("dropout")}, layers.Linear{Units: c.Options.Int("units"), Unbiased: norm})
		if norm {
			head.Layers = append(head.Layers, layers.BatchNorm{})
		}
		head.Layers = append(head.Layers, layers.Relu{})
	}
	head.Layers = append(head.Layers, layers.Dropout{Rate: c.Options.Float("dropout")}, layers.Linear{Units: c.Classes})
	n, err := recipe.NetworkOf(c, encoder, head)
	if err != nil {
		return nil, err
	}
	second := head
	second.Name = "second"
	second.Init(n.Parameters(), c.Seed)
	n.More = []layers.Stack{second}
	adam, clip := recipe.Adam(c.Options), c.Options.Float("train.clip")
	return &heads{Network: n, name: name, apart: apart,
		drawn:    func(dst []float32, draw int) { drawDirections(dst, c.Classes, c.Seed, draw) },
		features: models.NewOptimiser("encoder", adam, clip, n.Parameters().Trained("encoder/")),
		both:     models.NewOptimiser("classifiers", adam, clip, append(n.Parameters().Trained("classifier/"), n.Parameters().Trained("second/")...))}, nil
}

// Optimisers are that of the encoder and that of the classifiers.
func (m *heads) Optimisers() []*models.Optimiser { return []*models.Optimiser{m.features, m.both} }

// MACs counts, for the first part of a step, three passes (forward and two gradients) of every
// layer on the source and one on the target; for the second three of the classifiers and one of
// the encoder on both; for each of the third, on the target, three of the encoder and two of
// the classifiers.
func (m *heads) MACs() int {
	encoder, first := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	return (4*encoder - first + 8*head) + (2*encoder + 12*head) + m.Options.Int("encoder_steps")*(3*encoder-first+4*head)
}

// The parts of a step: both learn the source; the classifiers learn it and come to disagree on
// the target; the encoder has them agree.
const (
	learnPart = iota
	partPart
	meetPart
)

// A pass is the program of one part of a step: its images, source above target, the labels of
// the source, and what it is about.
type pass struct {
	graph          *ops.Graph
	images, labels []float32
	directions     []float32 // of a sliced distance, to be drawn anew for every run
	source, target ops.Rows
	moments        models.BatchStatistics
	masks          models.Masks
	classification [2]*ops.Node // of either classifier
	discrepancy    *ops.Node
	program        *ops.Program
}

func (m *heads) newPass(part int) (*pass, error) {
	b := m.Bind()
	p := &pass{graph: b.Graph, source: ops.Rows{Lo: 0, Hi: m.batch}, target: ops.Rows{Lo: m.batch, Hi: 2 * m.batch}}
	b.Batch, b.Masks = &p.moments, &p.masks
	p.moments.Split = m.batch
	if part == meetPart {
		p.source, p.target, p.moments.Split = ops.Rows{}, ops.Rows{Lo: 0, Hi: m.batch}, 0
	}
	x, images := m.ImageInput(p.target.Hi)
	p.images = images
	features := m.Encoder.Build(b, b.Graph.Bind("images", x))
	logits := [2]*ops.Node{m.Head.Build(b, features), m.More[0].Build(b, features)}
	p.discrepancy = m.apart(m, p, logits[0], logits[1])
	weight := m.Options.Float("weight")
	weights, terms := []float64{weight}, []*ops.Node{p.discrepancy}
	if part != meetPart {
		y, labels := models.Input(m.batch)
		p.labels = labels
		classes := b.Graph.Bind("labels", y)
		for k, name := range []string{"first", "second"} {
			p.classification[k] = b.Graph.CrossEntropy("loss/"+name, p.source, logits[k], classes)
		}
		weights, terms = []float64{1, 1, -weight}, []*ops.Node{p.classification[0], p.classification[1], p.discrepancy}
	}
	var trained []*models.Parameter
	switch encoder, both := m.Parameters().Trained("encoder/"), append(m.Parameters().Trained("classifier/"), m.Parameters().Trained("second/")...); part {
	case learnPart: // the disagreement is only looked at
		weights, terms, trained = weights[:2], terms[:2], append(encoder, both...)
	case partPart:
		trained = both
	default:
		trained = encoder
	}
	cost := b.Graph.Weighted("loss/total", weights, terms...)
	var err error
	p.program, err = b.Graph.CompileGradients(cost, b.Nodes(trained), p.moments.Nodes()...)
	return p, err
}

// Step updates encoder and classifiers by the source, the classifiers by the source and the
// target, and the encoder by the target, several times, all on one batch. The running moments
// follow the first part.
func (m *heads) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if err := m.fill(b); err != nil {
		return nil, err
	}
	progress := float64(at) / float64(m.Options.Int("train.iterations"))
	rate := m.Options.Float("train.learning_rate") * recipe.Decayed(progress, m.Options.Float("train.decay"))
	m.features.Rate, m.both.Rate = rate, rate
	learn, err := m.run(learnPart, at, 0)
	if err != nil {
		return nil, err
	}
	losses := []models.Loss{
		{Name: "classification/first", Value: ops.Scalar(learn.classification[0])},
		{Name: "classification/second", Value: ops.Scalar(learn.classification[1])},
		{Name: "discrepancy/before", Value: ops.Scalar(learn.discrepancy)},
	}
	if err := models.CheckFinite(m.name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	learn.moments.Follow(learn.program, 0)
	learn.moments.Follow(learn.program, 1)
	norm := m.features.UpdateFrom(learn.program, 0)
	m.both.UpdateFrom(learn.program, len(m.Parameters().Trained("encoder/")))
	if _, err := m.run(partPart, at, 0); err != nil {
		return nil, err
	}
	m.both.Update(m.passes[partPart].program)
	after := 0.0
	for k := range m.Options.Int("encoder_steps") {
		p, err := m.run(meetPart, at, k)
		if err != nil {
			return nil, err
		}
		if k == 0 {
			after = ops.Scalar(p.discrepancy)
		}
		m.features.Update(p.program)
	}
	m.last = append(losses, models.Loss{Name: "discrepancy/apart", Value: after}, models.Loss{Name: "gradient-norm", Value: norm})
	return m.last, nil
}

// run runs a part, of the encoder's the k-th time, with masks and directions of its own.
func (m *heads) run(part, at, k int) (*pass, error) {
	p := m.passes[part]
	draw := (at*3+part)*(m.Options.Int("encoder_steps")+1) + k
	p.masks.Draw(m.Seed, draw)
	m.drawn(p.directions, draw)
	return p, p.program.Run()
}

// fill copies images and labels of a batch to the inputs of all parts.
func (m *heads) fill(b *models.Batch) error {
	source, target := b.Images[b.Source], b.Images[1-b.Source]
	if source == nil || target == nil || source.Len() != target.Len() || m.batch > 0 && source.Len() != m.batch {
		return fmt.Errorf("models: %s: a batch without images of both domains, alike in number, as many each step", m.name)
	}
	if m.batch == 0 {
		m.batch = source.Len()
		for part := range m.passes {
			var err error
			if m.passes[part], err = m.newPass(part); err != nil {
				return err
			}
		}
	}
	for part, p := range m.passes {
		to := p.images
		for _, x := range []*domains.Images{source, target}[part/meetPart:] {
			copy(to, x.Data)
			to = to[len(x.Data):]
		}
		if p.labels != nil {
			if err := m.FillLabels(p.labels, b.Labels); err != nil {
				return err
			}
		}
	}
	return nil
}
