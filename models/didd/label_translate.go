package didd

import (
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// newTranslation makes the program that gives images of the source the separate codes of images
// of the target, pair by pair in a batch. What it makes is a constant to the rest of the step,
// and stands behind the step's own images, which it returns.
func (m *Model) newTranslation(s *stepGraphs) (x *tensor.Dense, err error) {
	l, one := s.label, s.batch*m.shape.Len()
	all, images := models.Input(3*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	view := func(first, batches int) *tensor.Dense {
		return tensor.New(tensor.WithShape(batches*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width), tensor.WithBacking(images[first*one:(first+batches)*one]))
	}
	l.all, s.images, l.made = all, images[:2*one], images[2*one:]
	b := m.bind()
	g := b.Graph
	target := 1 - m.source
	common := m.nets.common.Build(b, g.Bind("source", view(int(m.source), 1)))
	separate := []models.Network{m.nets.separateA, m.nets.separateB}[target].Build(b, g.Bind("target", view(int(target), 1)))
	none, _ := models.Input(s.batch, m.nets.separate, 2, 2)
	slots := [2]*ops.Node{separate, separate}
	slots[m.source] = g.Bind("none", none)
	whole := ops.Rows{Lo: 0, Hi: s.batch}
	l.translate, err = g.Compile(m.nets.decoder.Build(b, g.Code("code", common, slots[domains.A], slots[domains.B], whole, whole)))
	return view(0, 2), err
}

// labelMACs are what labels add to the multiply-accumulates of a step, for one pair of images:
// classifiers and, with agreement, one pass of the averages; with translation, one pass of the encoders and the decoder and three of the
// common encoder, less the gradient by the image.
func (m *Model) labelMACs() (total int) {
	if m.labels == nil {
		return 0
	}
	total = 2 * 3 * m.labels.width * m.labels.classes
	if m.labels.private {
		total += 3 * m.labels.separate * m.labels.classes
	}
	side := m.shape.Height
	if m.options.Float("label.agreement") > 0 {
		total += m.nets.common.MACs(side) + m.labels.width*m.labels.classes
	}
	if !m.labels.translates() {
		return total
	}
	total += m.nets.common.MACs(side) + m.nets.separateA.MACs(side) + m.nets.decoder.MACs(2)
	for _, l := range m.nets.common.Layers(side) {
		passes := 3
		if l.Side == side {
			passes = 2
		}
		total += passes * l.MACs()
	}
	return total
}
