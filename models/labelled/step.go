package labelled

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Step cuts the batch into parts with as many images of either domain, updates the critic on one
// after the other, and the generator on the last. Its losses are those of the last updates.
func (m *Model) Step(step int, b *models.Batch) ([]models.Loss, error) {
	p, err := m.prepare(b)
	if err != nil {
		return nil, err
	}
	m.setRates(step)
	var judged []models.Loss
	for k := range m.updates() {
		m.show(p, b, step, k)
		if judged, err = m.judge(p, step, k); err != nil {
			return nil, err
		}
	}
	if !m.Again {
		m.show(p, b, step, m.updates())
	}
	losses, err := m.generate(p, step)
	if err != nil {
		return nil, err
	}
	m.last = append(losses, judged...)
	return m.last, nil
}

func (m *Model) setRates(step int) {
	factor := m.Factor(m.options, float64(step)/float64(m.options.Int("train.iterations")))
	m.generator.Rate = m.options.Float("train.learning_rate") * factor
	m.critic.Rate = m.generator.Rate
}

// prepare makes the programs at the first step and holds later batches to its size.
func (m *Model) prepare(b *models.Batch) (*programs, error) {
	x, y := b.Images[domains.A], b.Images[domains.B]
	if x == nil || y == nil || x.Len() != y.Len() || x.Len()%m.parts() != 0 || x.Len() == 0 {
		return nil, m.errorf("a batch of %d and %d images, want as many of each domain, a multiple of %d", length(x), length(y), m.parts())
	}
	images := 2 * x.Len() / m.parts()
	if m.step == nil {
		p, err := m.newPrograms(images)
		if err != nil {
			return nil, err
		}
		m.step = p
	}
	if m.step.images != images {
		return nil, m.errorf("a batch of %d images of each domain, the first had %d", x.Len(), m.step.images*m.parts()/2)
	}
	return m.step, nil
}

func length(x *domains.Images) int {
	if x == nil {
		return 0
	}
	return x.Len()
}

// show takes part k of a batch: images of A, then of B, with their labels, those of these images in
// another order as wanted, and the places between real and edited images where the critic is steep.
func (m *Model) show(p *programs, b *models.Batch, step, k int) {
	n := p.images
	half := n / 2 * m.shape.Len()
	for side, x := range b.Images {
		copy(p.real[side*half:(side+1)*half], x.Data[k*half:])
	}
	clear(p.own)
	for i := range n {
		p.own[Labels*i+2*i/n] = 1
	}
	for i, j := range stream.Permutation(stream.New(m.seed, "wanted", step, k), n) {
		copy(p.wanted[Labels*i:Labels*(i+1)], p.own[Labels*j:])
	}
	r := stream.New(m.seed, "between", step, k)
	for i := range p.shares {
		p.shares[i] = r.Float32()
	}
}

// request writes what the generator is asked for.
func (m *Model) request(dst, own, wanted []float32) {
	for i := range dst {
		dst[i] = float32(m.Request(float64(own[i]), float64(wanted[i])))
	}
}

// addNoise adds what keeps a critic from small marks, other values for each update of whose.
func (m *Model) addNoise(to []float32, whose string, step, k int) {
	r := stream.New(m.seed, "noise", whose, step, k)
	for i := range to {
		to[i] += float32(m.noise() * r.NormFloat64())
	}
}

// judge updates the critic, for the k-th time of a step, on what is shown.
func (m *Model) judge(p *programs, step, k int) ([]models.Loss, error) {
	c := &p.critic
	copy(p.fake.images, p.real)
	m.request(p.fake.requested, p.own, p.wanted)
	if err := p.fake.Run(); err != nil {
		return nil, err
	}
	p.fake.moments.follow(p.fake.Program)
	edited := c.images[len(p.real):]
	copy(c.images, p.real)
	copy(edited, p.edited())
	copy(c.own, p.own)
	if m.noise() > 0 {
		m.addNoise(c.images, "critic", step, k)
	}
	for i, share := range p.shares {
		for j := i * m.shape.Len(); j < (i+1)*m.shape.Len(); j++ {
			c.between[j] = c.images[j] + share*(edited[j]-c.images[j])
		}
	}
	if err := c.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{
		{Name: "critic/distance", Value: ops.Scalar(c.real) - ops.Scalar(c.edited)},
		{Name: "critic/penalty", Value: ops.Scalar(c.penalty)}, {Name: "critic/classes", Value: ops.Scalar(c.classes)},
	}
	if err := models.CheckFinite(m.Name, step+1, losses, tail(m.last, len(losses))); err != nil {
		return nil, err
	}
	m.critic.Update(c.Program)
	return losses, nil
}

// generate updates the generator on what is shown.
func (m *Model) generate(p *programs, step int) ([]models.Loss, error) {
	l := &p.generator
	copy(l.images, p.real)
	copy(l.wanted, p.wanted)
	m.request(l.kept, p.own, p.own)
	m.request(l.requested, p.own, p.wanted)
	if m.noise() > 0 {
		clear(l.noise)
		m.addNoise(l.noise, "generator", step, 0)
	}
	if err := l.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{
		{Name: "reconstruction", Value: ops.Scalar(l.reconstruction)},
		{Name: "adversarial", Value: -ops.Scalar(l.adversarial)}, {Name: "classes", Value: ops.Scalar(l.classes)},
	}
	if err := models.CheckFinite(m.Name, step+1, losses, m.last); err != nil {
		return nil, err
	}
	l.moments.follow(l.Program)
	m.generator.Update(l.Program)
	return losses, nil
}

// tail are the last n losses, fewer where there are fewer.
func tail(losses []models.Loss, n int) []models.Loss { return losses[max(0, len(losses)-n):] }
