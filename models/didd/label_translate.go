package didd

import (
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// labelImages makes room for the images of both domains, which it returns, and behind them for the
// parts that labels add.
func (m *Model) labelImages(s *stepGraphs) *tensor.Dense {
	all, images := models.Input((2+len(s.label.more))*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	s.label.all, s.images = all, images[:2*s.batch*m.shape.Len()]
	return tensor.New(tensor.WithShape(2*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width), tensor.WithBacking(s.images))
}

// newTranslation makes the program that gives images of the source the separate codes of images
// of the target, pair by pair in a batch. What it makes is a constant to the rest of the step.
func (m *Model) newTranslation(s *stepGraphs) (*ops.Program, error) {
	one := s.batch * m.shape.Len()
	b := m.bind()
	g := b.Graph
	images := func(name string, side domains.Side) *ops.Node {
		return g.Bind(name, tensor.New(tensor.WithShape(s.batch, m.shape.Channels, m.shape.Height, m.shape.Width), tensor.WithBacking(s.images[int(side)*one:int(side+1)*one])))
	}
	target := 1 - m.source
	common := m.nets.common.Build(b, images("source", m.source))
	separate := []models.Network{m.nets.separateA, m.nets.separateB}[target].Build(b, images("target", target))
	none, _ := models.Input(s.batch, m.nets.separate, m.nets.side, m.nets.side)
	slots := [2]*ops.Node{separate, separate}
	slots[m.source] = g.Bind("none", none)
	whole := ops.Rows{Lo: 0, Hi: s.batch}
	return g.Compile(m.nets.decoder.Build(b, g.Code("code", common, slots[domains.A], slots[domains.B], whole, whole)))
}

// labelMACs are what labels add to the multiply-accumulates of a step, for one pair of images:
// classifiers and, with agreement, one pass of the averages; with translation, one pass of the
// encoders and the decoder; for these images, and for those much changed, three passes of the common
// encoder, less the gradient by the image, and of the classifier.
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
	if m.labels.translates() {
		total += m.nets.common.MACs(side) + m.nets.separateA.MACs(side) + m.nets.decoder.MACs(m.nets.side)
	}
	for _, has := range []bool{m.labels.translates(), m.options.Int("label.changes") > 0} {
		if !has {
			continue
		}
		total += 3 * m.labels.width * m.labels.classes
		for _, l := range m.nets.common.Layers(side) {
			passes := 3
			if l.Side == side {
				passes = 2
			}
			total += passes * l.MACs()
		}
	}
	return total
}
