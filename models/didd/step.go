package didd

import (
	"fmt"
	"math/rand/v2"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// stepGraphs are the three programs of a training step at one batch size: the
// auto-encoder's losses and gradients, the common codes of the updated encoder
// (forward only: the discriminator's loss sends nothing into it), and the
// discriminator's losses and gradients on those codes.
type stepGraphs struct {
	batch   int
	images  []float32 // 2·batch images, A then B
	noise   []float32 // of the separate codes of those images; nil without
	weights []float64 // of the terms, in their order
	terms   []*ops.Node
	names   []string
	auto    *ops.Program

	codes     *ops.Program
	flat      []float32
	disc      *ops.Program
	discTerms []*ops.Node
	hits      []*ops.Node
}

// targets are the labels that the encoder aims at for A and B (A is label 1).
var targets = map[string][2]float64{"b": {0, 0}, "swap": {0, 1}, "half": {0.5, 0.5}}

func (m *Model) newStep(batch int) (*stepGraphs, error) {
	s := &stepGraphs{batch: batch}
	x, images := models.Input(2*batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	s.images = images
	inA, inB := ops.Rows{Lo: 0, Hi: batch}, ops.Rows{Lo: batch, Hi: 2 * batch}

	b := m.bind()
	g := b.Graph
	input := g.Bind("images", x)
	common := m.nets.common.Build(b, input)
	separateA := m.nets.separateA.Build(b, input)
	separateB := m.nets.separateB.Build(b, input)
	slotA, slotB := separateA, separateB
	if m.options.Float("separate_noise") > 0 {
		z, noise := models.Input(2*batch, m.nets.separate, 2, 2)
		s.noise = noise
		input := g.Bind("noise", z)
		slotA, slotB = g.Perturb("noise/a", separateA, input), g.Perturb("noise/b", separateB, input)
	}
	out := m.nets.decoder.Build(b, g.Code("code", common, slotA, slotB, inA, inB))
	add := func(name string, weight float64, n *ops.Node) {
		s.names, s.weights, s.terms = append(s.names, name), append(s.weights, weight), append(s.terms, n)
	}
	reconstruction, zero, confusion := m.options.Float("loss.reconstruction"), m.options.Float("loss.zero"), m.options.Float("loss.confusion")
	add("reconstruction/a", reconstruction, g.L1("loss/reconstruction-a", inA, out, input))
	add("reconstruction/b", reconstruction, g.L1("loss/reconstruction-b", inB, out, input))
	add("zero/a", zero, g.MeanAbs("loss/zero-a", inA, separateB))
	add("zero/b", zero, g.MeanAbs("loss/zero-b", inB, separateA))
	if m.disc != nil {
		target := targets[m.options.String("loss.confusion_target")]
		logits := discriminator(b, true, g.Flatten("flat", common))
		add("confusion/a", confusion, g.BCE("loss/confusion-a", inA, target[0], logits))
		add("confusion/b", confusion, g.BCE("loss/confusion-b", inB, target[1], logits))
	}
	cost := g.Weighted("loss/total", s.weights, s.terms...)
	var err error
	if s.auto, err = g.CompileGradients(cost, b.Nodes(m.ps.Trained("common/", "separate-a/", "separate-b/", "decoder/"))); err != nil {
		return nil, err
	}
	if m.disc == nil {
		return s, nil
	}

	b = m.bind()
	if s.codes, err = b.Graph.Compile(b.Graph.Flatten("flat", m.nets.common.Build(b, b.Graph.Bind("images", x)))); err != nil {
		return nil, err
	}

	b = m.bind()
	g = b.Graph
	flat, data := models.Input(2*batch, 4*m.nets.codes)
	s.flat = data
	logits := discriminator(b, false, g.Bind("flat", flat))
	s.discTerms = []*ops.Node{g.BCE("loss/discriminator-a", inA, 1, logits), g.BCE("loss/discriminator-b", inB, 0, logits)}
	s.hits = []*ops.Node{g.Hits("hits-a", inA, 1, logits), g.Hits("hits-b", inB, 0, logits)}
	cost = g.Weighted("loss/total", []float64{1, 1}, s.discTerms...)
	s.disc, err = g.CompileGradients(cost, b.Nodes(m.ps.Trained("discriminator/")))
	return s, err
}

// Step updates encoders and decoder on images of both domains, then the
// discriminator on the codes of the updated encoder. Each training forward pass
// moves the vectors of the spectral norms. Batches
// must have the size of the first step.
func (m *Model) Step(step int, b *models.Batch) ([]models.Loss, error) {
	losses, err := m.reconstruct(step, b.Images[domains.A], b.Images[domains.B])
	if err != nil {
		return nil, err
	}
	if m.disc != nil {
		more, err := m.discriminate()
		if err != nil {
			return nil, err
		}
		losses = append(losses, more...)
	}
	if err := models.CheckFinite("didd", step+1, losses, m.last); err != nil {
		return nil, err
	}
	m.last = losses
	return losses, nil
}

// reconstruct updates encoders and decoder.
func (m *Model) reconstruct(step int, a, b *domains.Images) ([]models.Loss, error) {
	if m.step == nil {
		s, err := m.newStep(a.Len())
		if err != nil {
			return nil, err
		}
		m.step = s
	}
	s := m.step
	if a.Len() != s.batch || b.Len() != s.batch {
		return nil, fmt.Errorf("models: didd: batches of %d and %d images, want %d each", a.Len(), b.Len(), s.batch)
	}
	copy(s.images, a.Data)
	copy(s.images[len(a.Data):], b.Data)
	if s.noise != nil {
		fillNormal(s.noise, m.options.Float("separate_noise"), stream.New(m.seed, "noise", step))
	}
	s.weights[2] = m.zeroWeight(step)
	s.weights[3] = s.weights[2]

	m.setRates(step)
	for _, net := range m.nets.autoencoder() {
		m.powerIterate(net)
	}
	if err := s.auto.Run(); err != nil {
		return nil, err
	}
	losses := make([]models.Loss, 0, len(s.terms)+4)
	for i, n := range s.terms {
		losses = append(losses, models.Loss{Name: s.names[i], Value: ops.Scalar(n)})
	}
	if err := models.CheckFinite("didd", step+1, losses, m.last); err != nil {
		return nil, err
	}
	norm := m.auto.Update(s.auto)
	if m.average != nil {
		m.average.Update(m.auto.Steps)
	}
	return append(losses, models.Loss{Name: "gradient-norm", Value: norm}), nil
}

// discriminate re-computes the common codes and updates the discriminator.
func (m *Model) discriminate() ([]models.Loss, error) {
	s := m.step
	m.powerIterate(m.nets.common)
	if err := s.codes.Run(); err != nil {
		return nil, err
	}
	copy(s.flat, s.codes.Output(0).Data().([]float32))
	if err := s.disc.Run(); err != nil {
		return nil, err
	}
	m.disc.Update(s.disc)
	loss := ops.Scalar(s.discTerms[0]) + ops.Scalar(s.discTerms[1])
	accuracy := (ops.Scalar(s.hits[0]) + ops.Scalar(s.hits[1])) / 2
	return []models.Loss{{Name: "discriminator", Value: loss}, {Name: "discriminator-accuracy", Value: accuracy}}, nil
}

// fillNormal draws normal values of the given standard deviation.
func fillNormal(dst []float32, deviation float64, r *rand.Rand) {
	for i := range dst {
		dst[i] = float32(deviation * r.NormFloat64())
	}
}

// powerIterate moves the vectors of a network's spectral norms.
func (m *Model) powerIterate(net models.Network) {
	for range m.options.Int("spectral_iterations") {
		net.PowerIterate(m.ps)
	}
}

// zeroWeight is the weight of the zero loss at a step: it rises linearly over the
// warm-up, if there is one.
func (m *Model) zeroWeight(step int) float64 {
	w := m.options.Float("loss.zero")
	if warm := m.options.Int("loss.zero_warmup"); step < warm {
		return w * float64(step) / float64(warm)
	}
	return w
}

// setRates sets the learning rates of a step: constant, then falling linearly to
// zero over the last share train.decay of the iterations.
func (m *Model) setRates(step int) {
	iterations := float64(m.options.Int("train.iterations"))
	factor := 1.0
	if span := m.options.Float("train.decay") * iterations; span > 0 {
		factor = min(1, (iterations-float64(step))/span)
	}
	m.auto.Rate = m.options.Float("train.learning_rate") * factor
	if m.disc != nil {
		m.disc.Rate = m.options.Float("train.learning_rate") * factor
		if r := m.options.Float("train.discriminator_rate"); r > 0 {
			m.disc.Rate = r * factor
		}
	}
}
