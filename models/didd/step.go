package didd

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Step updates encoders and decoder on images of both domains, then the
// discriminator on the codes of the updated encoder, and those of images where there are any. Each training forward pass
// moves the vectors of the spectral norms. Batches
// must have the size of the first step.
func (m *Model) Step(step int, b *models.Batch) ([]models.Loss, error) {
	if err := m.fillLabels(b); err != nil {
		return nil, err
	}
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
	if m.patches != nil {
		more, err := m.judge()
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

// graphs are those of a step of a batch size, made at the first.
func (m *Model) graphs(batch int) (*stepGraphs, error) {
	if m.step == nil {
		s, err := m.newStep(batch)
		if err != nil {
			return nil, err
		}
		m.step = s
	}
	return m.step, nil
}

// reconstruct updates encoders and decoder, and classifiers on the labels that were filled in.
func (m *Model) reconstruct(step int, a, b *domains.Images) ([]models.Loss, error) {
	s, err := m.graphs(a.Len())
	if err != nil {
		return nil, err
	}
	if a.Len() != s.batch || b.Len() != s.batch {
		return nil, fmt.Errorf("models: didd: batches of %d and %d images, want %d each", a.Len(), b.Len(), s.batch)
	}
	copy(s.images, a.Data)
	copy(s.images[len(a.Data):], b.Data)
	m.followRegion(s)
	m.fillTurned(s, step)
	if s.noise != nil {
		fillNormal(s.noise, m.options.Float("separate_noise"), stream.New(m.seed, "noise", step))
	}
	m.setWeights(s, step)
	m.setRates(step)
	for _, net := range m.nets.autoencoder() {
		m.powerIterate(net)
	}
	if s.label != nil {
		if err := s.label.prepare(s, m.seed, step); err != nil {
			return nil, err
		}
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
	m.keepSwapped(s)
	norm := m.auto.Update(s.auto)
	if m.labels != nil {
		m.labels.update(s, len(m.ps.Trained(autoNetworks...)))
	}
	for _, a := range slices.Concat(m.averages, m.readers) {
		a.Update(m.auto.Steps)
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
	for i, at := 0, 0; i < s.judged; i++ {
		at += copy(s.flat[at:], s.codes.Output(i).Data().([]float32))
	}
	if err := s.disc.Run(); err != nil {
		return nil, err
	}
	m.disc.Update(s.disc)
	loss := ops.Scalar(s.discTerms[0]) + ops.Scalar(s.discTerms[1])
	accuracy := (ops.Scalar(s.hits[0]) + ops.Scalar(s.hits[1])) / 2
	losses := []models.Loss{{Name: "discriminator", Value: loss}, {Name: "discriminator-accuracy", Value: accuracy}}
	if m.hold != nil {
		m.hold.follow(accuracy)
		losses = append(losses, models.Loss{Name: "confusion-scale", Value: m.hold.factor()})
	}
	return losses, nil
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

// setWeights sets those of a step that are not constant.
func (m *Model) setWeights(s *stepGraphs, step int) {
	s.weights[zeroTerm] = m.zeroWeight(step)
	s.weights[zeroTerm+1] = s.weights[zeroTerm]
	if m.disc != nil {
		s.weights[confusionTerm] = confusionWeight(m.options, step) * m.hold.factor()
		s.weights[confusionTerm+1] = s.weights[confusionTerm]
	}
	if s.paste > 0 {
		s.weights[s.paste] = pasteWeight(m.options, step)
		s.weights[s.paste+1] = s.weights[s.paste]
	}
	if s.label != nil {
		rise := risen(m.options, step)
		for _, t := range s.label.late {
			s.weights[t.at] = t.weight * rise
		}
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
	if m.labels != nil {
		m.labels.optimiser.Rate = m.options.Float("label.rate") * factor
	}
	if m.patches != nil {
		m.patches.optimiser.Rate = m.options.Float("train.learning_rate") * factor
	}
	if m.disc != nil {
		m.disc.Rate = m.options.Float("train.learning_rate") * factor
		if r := m.options.Float("train.discriminator_rate"); r > 0 {
			m.disc.Rate = r * factor
		}
	}
}
