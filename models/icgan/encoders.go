package icgan

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/ops"
)

// inverseStep are the programs of the encoders: images of drawn codes, whose codes one should find,
// and real images, whose labels the other should.
type inverseStep struct {
	images int
	drawn  []float32
	make   struct {
		*ops.Program
		codes []float32
	}
	learn struct {
		*ops.Program
		made, real, codes, own []float32
		moments                models.BatchStatistics
		labels, latent         *ops.Node
	}
}

func (m *Model) newInverse(images int) (s *inverseStep, err error) {
	s = &inverseStep{images: images, drawn: make([]float32, images*m.width())}
	l, b := &s.learn, m.bind()
	g, all := b.Graph, ops.Rows{Lo: 0, Hi: images}
	made, madeData := m.imageInput(b, "made", images)
	real, realData := m.imageInput(b, "real", images)
	codes, codesData := input(b, "codes", images, m.nets.code)
	own, ownData := input(b, "own", images, labelled.Labels)
	l.made, l.real, l.codes, l.own, b.Batch = madeData, realData, codesData, ownData, &l.moments
	l.latent = g.MSE("loss/latent", all, m.nets.latent.Build(b, made), codes)
	l.labels = g.MSE("loss/labels", all, m.nets.labels.Build(b, real), own)
	cost := g.Weighted("loss/total", []float64{1, 1}, l.latent, l.labels)
	if l.Program, err = g.CompileGradients(cost, b.Nodes(m.encoders.Parameters()), l.moments.Nodes()...); err != nil {
		return nil, err
	}
	b = m.bind()
	code, data := input(b, "codes", images, m.width())
	s.make.codes = data
	s.make.Program, err = b.Graph.Compile(m.nets.generator.Build(b, code))
	return s, err
}

// invert updates the encoders.
func (m *Model) invert(step int, b *models.Batch) ([]models.Loss, error) {
	if m.inverse == nil {
		s, err := m.newInverse(2 * b.Len())
		if err != nil {
			return nil, err
		}
		m.inverse, m.last = s, nil // the losses before were others
	}
	s := m.inverse
	if err := m.show(s.learn.real, s.learn.own, b); err != nil {
		return nil, err
	}
	m.draw(s.drawn, "inverse", step)
	return m.find(s, step)
}

// find updates the encoders on what was drawn.
func (m *Model) find(s *inverseStep, step int) ([]models.Loss, error) {
	l := &s.learn
	copy(s.make.codes, s.drawn)
	if err := s.make.Run(); err != nil {
		return nil, err
	}
	copy(l.made, s.make.Output(0).Data().([]float32))
	for i := range s.images {
		copy(l.codes[i*m.nets.code:(i+1)*m.nets.code], s.drawn[i*m.width():])
	}
	if err := l.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{{Name: "labels", Value: ops.Scalar(l.labels)}, {Name: "latent", Value: ops.Scalar(l.latent)}}
	if err := models.CheckFinite("icgan", step+1, losses, m.last); err != nil {
		return nil, err
	}
	l.moments.Follow(l.Program, 0)
	m.encoders.Update(l.Program)
	m.last = losses
	return losses, nil
}
