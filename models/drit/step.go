package drit

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/styles"
)

// Step updates, on the first half of a batch as encoded images and the second as further real
// ones: the content discriminator alone, all discriminators, all other networks by what encoded
// attributes say, and content encoders and generators by what random ones say. Batches must have
// the size of the first step.
func (m *Model) Step(step int, batch *models.Batch) ([]models.Loss, error) {
	n := batch.Images[domains.A].Len()
	if m.step == nil {
		if n%2 != 0 || n == 0 {
			return nil, fmt.Errorf("models: %s: batches of %d images, want an even number", m.name, n)
		}
		s, err := m.newStep(n / 2)
		if err != nil {
			return nil, err
		}
		m.step = s
	}
	s := m.step
	for _, x := range batch.Images {
		if x.Len() != 2*s.count {
			return nil, fmt.Errorf("models: %s: batches of %d and %d images, want %d each", m.name, n, batch.Images[domains.B].Len(), 2*s.count)
		}
	}
	m.setRates(step)
	m.fill(s, step, batch)
	var all []models.Loss
	for _, part := range []func(*stepGraphs, int) ([]models.Loss, error){m.judgeOthers, m.judgeMade, m.judgeContent, m.swap, m.seek} {
		losses, err := part(s, step)
		if err != nil {
			return nil, err
		}
		all = append(all, losses...)
	}
	m.update(s)
	m.last = all
	return all, nil
}

// fill fills in what a step reads and draws.
func (m *Model) fill(s *stepGraphs, step int, batch *models.Batch) {
	for side, x := range batch.Images {
		copy(s.other[side].Data, x.Data[copy(s.images[side].Data, x.Data):])
	}
	for i, name := range noises {
		m.draw(s.noise[i].Data, name, step)
	}
	m.draw(s.random.Data, "random", step)
	if m.draws() == 2 {
		half := len(s.random.Data) / 2
		s.apart = 0
		for i, v := range s.random.Data[:half] {
			s.apart += math.Abs(float64(v)-float64(s.random.Data[half+i])) / float64(half)
		}
	}
}

// run computes losses, by a whole program or what is left of it, which have to be finite.
func (m *Model) run(t *styles.Terms, step int, program func() error) ([]models.Loss, error) {
	if err := program(); err != nil {
		return nil, err
	}
	values := t.Values()
	return values, models.CheckFinite(m.name, step+1, values, m.before(values[0].Name))
}

// before are the losses of the last step from that of a name on.
func (m *Model) before(name string) []models.Loss {
	for i, l := range m.last {
		if l.Name == name {
			return m.last[i:]
		}
	}
	return nil
}

// judgeOthers updates the content discriminator alone, on codes of the other half of the batch
// with new noise each time.
func (m *Model) judgeOthers(s *stepGraphs, step int) ([]models.Loss, error) {
	updates := m.options.Int("content_updates") - 1
	if updates == 0 {
		return nil, nil
	}
	if err := s.codes.Run(); err != nil {
		return nil, err
	}
	clean := append([]float32{}, s.codes.Output(0).Data().([]float32)...)
	for k := range updates {
		m.draw(s.judged.Data, fmt.Sprintf("noise/content-alone/%d", k), step)
		for i, v := range clean {
			s.judged.Data[i] += v
		}
		if _, err := m.run(&s.content, step, s.content.Run); err != nil {
			return nil, err
		}
		m.content.Update(s.content.Program)
	}
	return nil, nil
}

// judgeMade makes translations and codes, and updates the images' discriminators.
func (m *Model) judgeMade(s *stepGraphs, step int) ([]models.Loss, error) {
	if err := s.swap.Begin(); err != nil {
		return nil, err
	}
	if err := s.seeking.Begin(); err != nil {
		return nil, err
	}
	value := func(t styles.Terms, i int) []float32 { return t.Output(i).Data().([]float32) }
	copy(s.judged.Data, value(s.swap, 0))
	for side := range styles.Sides {
		copy(s.encoded[side].Data[copy(s.encoded[side].Data, value(s.swap, 1+side)):], s.images[side].Data)
		copy(s.drawn[side].Data[copy(s.drawn[side].Data, value(s.seeking, side)):], s.other[side].Data)
	}
	losses, err := m.run(&s.judge, step, s.judge.Run)
	if err == nil {
		m.judge.Update(s.judge.Program)
	}
	return losses, err
}

// judgeContent updates the content discriminator on the codes that translations were made of.
func (m *Model) judgeContent(s *stepGraphs, step int) ([]models.Loss, error) {
	losses, err := m.run(&s.content, step, s.content.Run)
	if err == nil {
		m.content.Update(s.content.Program)
	}
	return losses, err
}

// swap computes the losses with encoded attributes and their gradients.
func (m *Model) swap(s *stepGraphs, step int) ([]models.Loss, error) {
	return m.run(&s.swap, step, s.swap.Finish)
}

// seek computes the losses with random attributes and their gradients.
func (m *Model) seek(s *stepGraphs, step int) ([]models.Loss, error) {
	return m.run(&s.seeking, step, s.seeking.Finish)
}

// update updates encoders and generators, by one part of the losses and then by the other.
func (m *Model) update(s *stepGraphs) {
	m.maker.Update(s.swap.Program)
	m.reader.UpdateFrom(s.swap.Program, len(m.ps.Trained(makers...)))
	m.maker.Update(s.seeking.Program)
}

// Layers are the convolutions of the networks of one domain, whose other are alike, and of those
// that both share.
func (m *Model) Layers() (out []models.Layer) {
	d := m.nets.of[domains.A]
	out = append(append(d.branch.Convolutions(), m.nets.tail.Convolutions()...), d.attribute.Convolutions()...)
	return append(append(out, m.nets.shared.Convolutions()...), d.generator(nil).Convolutions()...)
}

// MACs counts, for one pair of images of which a half is encoded: three passes of the
// discriminators; three of the others over images, reconstructions, translations and what comes
// back, less gradients by the images; and two of the discriminators for these.
func (m *Model) MACs() int {
	d, of := m.nets.of[domains.A], m.draws()
	branch, first := d.branch.MACs()
	tail, _ := m.nets.tail.MACs()
	shared, _ := m.nets.shared.MACs()
	attribute, firstAttribute := d.attribute.MACs()
	generator, _ := d.generator(nil).MACs()
	content, _ := m.nets.content.MACs()
	patches, encode := d.encoded.MACs(), branch+tail
	updates := m.options.Int("content_updates")
	judging := 3*patches*(2+1+of) + 3*updates*content
	if updates > 1 {
		judging += encode
	}
	swapping := 3*(2*encode+2*attribute+2*shared+3*generator) - first - firstAttribute + 2*patches + 2*content
	seeking := 3*(encode+shared+of*generator) - first + 2*attribute + 2*of*patches
	return judging + swapping + seeking // of two images, each of a half
}
