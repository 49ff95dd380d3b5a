package deep

import (
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "adda",
		Doc:      "a network trained on the source, whose encoder a copy then leaves until no discriminator tells its logits of the target from the first encoder's of the source",
		Citation: "E. Tzeng, J. Hoffman, K. Saenko, T. Darrell, Adversarial discriminative domain adaptation, CVPR 2017, arXiv 1702.05464",
		Version:  1,
		Options: []option.Option{
			{Name: "source_share", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations, at the start, that train on the source"},
			{Name: "discriminator", Kind: option.Int, Default: 500, Min: 1, Max: 4096, Doc: "units of each of the two hidden layers of the domain discriminator"},
			{Name: "discriminator_rate", Kind: option.Float, Default: 2e-4, Min: 1e-9, Max: 10, Doc: "learning rate of the discriminator, which does not fall"},
			{Name: "adaptation_rate", Kind: option.Float, Default: 1e-4, Min: 1e-9, Max: 10, Doc: "learning rate of the target's encoder, which does not fall"},
			{Name: "adaptation_betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments of discriminator and target's encoder"},
			{Name: "gate", Kind: option.Float, Default: 0.6, Min: 0, Max: 1, Doc: "share of a batch that the discriminator must tell rightly for the encoder to be moved (J. Hoffman et al., CyCADA, ICML 2018); 0 moves it always"},
		},
		Phases: addaPhases,
		Check:  checkShot,
		New:    newADDA,
	}, recipe.Recipe{})
}

func addaPhases(c models.Config) []models.Phase {
	n := sourceSteps(c.Options)
	source := models.Phase{Name: "source", Steps: n}
	source.Shows[c.Source] = true
	return []models.Phase{source, {Name: "target", Steps: c.Options.Int("train.iterations") - n, Shows: [2]bool{true, true}}}
}

// An adda is a model whose encoder, after its training, becomes the target's, and is kept as it
// was for the source. The classifier stays as it is.
type adda struct {
	*recipe.Model
	source          *recipe.Network // the encoder that is kept, and the classifier
	judge           layers.Stack
	judging, moving *models.Optimiser
	tell, move      *recipe.Pass // of discriminator and encoder; made at the first step of the phase
	last            []models.Loss
}

var (
	_ models.Classifier = (*adda)(nil)
	_ models.Costed     = (*adda)(nil)
)

// keptPrefix is put before the names of the parameters of the source's encoder.
const keptPrefix = "source/"

func newADDA(c models.Config) (models.Model, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	m := &adda{Model: recipe.ModelOf("adda", recipe.Recipe{}, n), source: n.Twin()}
	m.Steps = sourceSteps(c.Options)
	m.source.Encoder.Name = keptPrefix + n.Encoder.Name
	ps := n.Parameters()
	for _, p := range m.encoder() {
		copy(ps.Add(keptPrefix+p.Name, true, p.Shape...).Data, p.Data)
	}
	m.judge = discriminator(c, []int{c.Classes})[0]
	m.judge.Init(ps, c.Seed)
	betas, clip := c.Options.Floats("adaptation_betas"), c.Options.Float("train.clip")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}
	m.judging, m.moving = models.NewOptimiser("discriminator", adam, clip, ps.Trained("discriminator/")), models.NewOptimiser("adaptation", adam, clip, ps.Trained("encoder/"))
	m.judging.Rate, m.moving.Rate = c.Options.Float("discriminator_rate"), c.Options.Float("adaptation_rate")
	return m, nil
}

// encoder are the parameters of the encoder, its running moments too.
func (m *adda) encoder() []*models.Parameter { return m.Parameters().Below(m.Encoder.Name + "/") }

// Optimisers are that of the source's training, the discriminator's and the target's.
func (m *adda) Optimisers() []*models.Optimiser {
	return append(m.Model.Optimisers(), m.judging, m.moving)
}

// MACs are those of a step on both domains: a pass of either encoder, and three of the
// target's.
func (m *adda) MACs() int {
	encoder, first := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	judge, _ := m.judge.MACs()
	return 2*(encoder+head) + 6*judge + 3*encoder - first + 2*head + 2*judge
}

// prepare copies the encoder when its training has ended and makes the programs.
func (m *adda) prepare(at, count int) (err error) {
	if at == m.Steps {
		for _, p := range m.encoder() {
			copy(m.Parameters().Get(keptPrefix+p.Name).Data, p.Data)
		}
	}
	if m.tell != nil {
		return nil
	}
	ps := m.Parameters()
	source, target := ops.Rows{Lo: 0, Hi: count}, ops.Rows{Lo: count, Hi: 2 * count}
	m.tell, err = m.NewPass(2*count, 0, ps.Trained("discriminator/"), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		theirs := m.target(b, b.Graph.Part("target/images", target, x))
		b.Batch = nil // the source's encoder is as it was
		ours := m.source.Head.Build(b, m.source.Encoder.Build(b, b.Graph.Part("source/images", source, x)))
		logits := m.judge.Build(b, b.Graph.Join("discriminator/both", ours, theirs))
		p.Terms = domainTerms(&recipe.Scene{Binding: b, Source: source, Target: target}, logits)
	})
	if err != nil {
		return err
	}
	m.move, err = m.NewPass(count, 0, ps.Trained("encoder/"), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		all := ops.Rows{Lo: 0, Hi: count}
		p.Terms = []recipe.Term{{Name: "confusion", Weight: 1, Node: b.Graph.BCE("loss/confusion", all, 1, m.judge.Build(b, m.target(b, x)))}}
	})
	return err
}

// target adds the logits of the target's encoder.
func (m *adda) target(b *models.Binding, x *ops.Node) *ops.Node {
	return m.Head.Build(b, m.Encoder.Build(b, x))
}

// Step trains on the source; then the discriminator tells the target's logits from the
// source's, and the encoder has it take the first for the second.
func (m *adda) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if at < m.Steps {
		return m.Model.Step(at, b)
	}
	count, err := recipe.LenOf(m.Name, b, 1-m.Source)
	if err != nil {
		return nil, err
	}
	if err := m.prepare(at, count); err != nil {
		return nil, err
	}
	if err := m.tell.Show(m.Name, b, m.Source, 1-m.Source); err != nil {
		return nil, err
	}
	if err := m.move.Show(m.Name, b, 1-m.Source); err != nil {
		return nil, err
	}
	if err := m.tell.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses := m.tell.Losses()
	if err := models.CheckFinite(m.Name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	m.judging.Update(m.tell.Program)
	if err := m.move.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses = append(losses, m.move.Losses()...)
	if err := models.CheckFinite(m.Name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	moved := 0.0
	if hits := (losses[2].Value + losses[3].Value) / 2; hits >= m.Options.Float("gate") {
		m.moving.Update(m.move.Program)
		m.move.Moments.Follow(m.move.Program, 0)
		moved = 1
	}
	m.last = append(losses, models.Loss{Name: "moved", Value: moved})
	return m.last, nil
}
