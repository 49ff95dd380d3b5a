package fader

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A step holds the programs of a training step at one batch size: codes by running statistics, the
// discriminator on them, and the auto-encoder with the discriminator by its running statistics and
// without dropout.
type step struct {
	batch   int
	images  []float32 // 2·batch images, A then B
	weights []float64 // of the terms, in their order
	terms   []*ops.Node
	auto    *ops.Program
	ofAuto  *models.BatchStatistics

	codes  *ops.Program
	flat   []float32
	masks  *models.Masks
	told   *ops.Node
	hits   func() float64
	judge  *ops.Program
	ofDisc *models.BatchStatistics
}

// classes are the domains of a batch; swapped, those that the encoder aims at.
func classes(batch int, swapped bool) (x []float32) {
	x = make([]float32, 2*batch)
	for i := range x {
		if (i >= batch) != swapped {
			x[i] = 1
		}
	}
	return x
}

func (m *Model) newStep(batch int) (*step, error) {
	x, images := models.Input(2*batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	s := &step{batch: batch, images: images}
	all := ops.Rows{Lo: 0, Hi: 2 * batch}
	b := m.bind()
	g := b.Graph
	input := g.Bind("images", x)
	s.ofAuto = &models.BatchStatistics{}
	b.Batch = s.ofAuto
	code := m.encoder.Build(b, input)
	y, labels := models.Input(2*batch, attributes)
	for i, class := range classes(batch, false) {
		labels[attributes*i+int(class)] = 1
	}
	out := m.decoded(b, code, g.Bind("labels", y))
	b.Batch = nil
	half := m.options.Float("loss.reconstruction") / 2 // the batch is one: its mean is that of two halves
	s.terms = []*ops.Node{g.MSE("loss/a", ops.Rows{Lo: 0, Hi: batch}, out, input), g.MSE("loss/b", ops.Rows{Lo: batch, Hi: 2 * batch}, out, input)}
	s.weights = []float64{half, half}
	if m.disc != nil {
		z, aims := models.Input(2 * batch)
		copy(aims, classes(batch, true))
		s.terms = append(s.terms, g.CrossEntropy("loss/confusion", all, m.judge.Build(b, code), g.Bind("aims", z)))
		s.weights = append(s.weights, 0)
	}
	var err error
	if s.auto, err = g.CompileGradients(g.Weighted("loss/total", s.weights, s.terms...), b.Nodes(m.trained()), s.ofAuto.Nodes()...); err != nil || m.disc == nil {
		return s, err
	}
	b = m.bind()
	if s.codes, err = b.Graph.Compile(m.encoder.Build(b, b.Graph.Bind("images", x))); err != nil {
		return nil, err
	}
	return s, m.newJudge(s, all)
}

// newJudge makes the program of the discriminator.
func (m *Model) newJudge(s *step, all ops.Rows) (err error) {
	b := m.bind()
	g := b.Graph
	x, flat := models.Input(append([]int{2 * s.batch}, m.judge.In...)...)
	z, truth := models.Input(2 * s.batch)
	s.flat = flat
	copy(truth, classes(s.batch, false))
	s.ofDisc, s.masks = &models.BatchStatistics{First: 1}, &models.Masks{}
	b.Batch, b.Masks = s.ofDisc, s.masks
	logits := m.judge.Build(b, g.Bind("codes", x))
	s.told = g.CrossEntropy("loss/discriminator", all, logits, g.Bind("domains", z))
	s.judge, err = g.CompileGradients(g.Weighted("loss/total", []float64{1}, s.told), b.Nodes(m.ps.Trained("discriminator/")), append([]*ops.Node{logits}, s.ofDisc.Nodes()...)...)
	s.hits = func() float64 {
		hits, told := 0.0, s.judge.Output(0).Data().([]float32)
		for i, class := range truth {
			if (told[attributes*i+1] > told[attributes*i]) == (class == 1) {
				hits++
			}
		}
		return hits / float64(len(truth))
	}
	return err
}

// Step updates the discriminator on the codes of the encoder as it stands, then the auto-encoder.
// Batches must have the size of the first step.
func (m *Model) Step(n int, b *models.Batch) ([]models.Loss, error) {
	s, err := m.prepare(b)
	if err != nil {
		return nil, err
	}
	var told []models.Loss
	if m.disc != nil {
		s.weights[2] = m.confusionWeight(n)
		if told, err = m.discriminate(n); err != nil {
			return nil, err
		}
	}
	losses, err := m.reconstruct(n)
	if err != nil {
		return nil, err
	}
	m.last = append(losses, told...)
	return m.last, nil
}

// prepare makes the programs at the first batch, and has them see a batch.
func (m *Model) prepare(b *models.Batch) (*step, error) {
	x, y := b.Images[domains.A], b.Images[domains.B]
	if m.step == nil {
		s, err := m.newStep(x.Len())
		if err != nil {
			return nil, err
		}
		m.step = s
	}
	s := m.step
	if x.Len() != s.batch || y.Len() != s.batch {
		return nil, fmt.Errorf("models: fader: batches of %d and %d images, want %d each", x.Len(), y.Len(), s.batch)
	}
	copy(s.images[copy(s.images, x.Data):], y.Data)
	return s, nil
}

// confusionWeight is that of a step: it rises linearly from 0, and then stays.
func (m *Model) confusionWeight(n int) float64 {
	w := m.options.Float("loss.confusion")
	if span := m.options.Float("loss.confusion_ramp") * float64(m.options.Int("train.iterations")); float64(n) < span {
		return w * float64(n) / span
	}
	return w
}

// discriminate updates the discriminator.
func (m *Model) discriminate(n int) ([]models.Loss, error) {
	s := m.step
	if err := s.codes.Run(); err != nil {
		return nil, err
	}
	copy(s.flat, s.codes.Output(0).Data().([]float32))
	s.masks.Draw(m.seed, n)
	if err := s.judge.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{{Name: "discriminator", Value: ops.Scalar(s.told)}, {Name: "discriminator-accuracy", Value: s.hits()}}
	if err := models.CheckFinite("fader", n+1, losses, nil); err != nil {
		return nil, err
	}
	s.ofDisc.Follow(s.judge, 0)
	m.disc.Update(s.judge)
	return losses, nil
}

// reconstruct updates the auto-encoder.
func (m *Model) reconstruct(n int) ([]models.Loss, error) {
	s := m.step
	if err := s.auto.Run(); err != nil {
		return nil, err
	}
	var losses []models.Loss
	for i, name := range []string{"reconstruction/a", "reconstruction/b", "confusion"}[:len(s.terms)] {
		losses = append(losses, models.Loss{Name: name, Value: ops.Scalar(s.terms[i])})
	}
	if err := models.CheckFinite("fader", n+1, losses, m.last); err != nil {
		return nil, err
	}
	s.ofAuto.Follow(s.auto, 0)
	return append(losses, models.Loss{Name: "gradient-norm", Value: m.auto.Update(s.auto)}), nil
}
