package didd

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/views"
)

// A lesson is what the averages of common encoder and classifier, the teacher, make of views of
// the target's images in a step (G. French, M. Mackiewicz, M. Fisher, Self-ensembling for visual
// domain adaptation, ICLR 2018). To the rest of the step it is a constant.
type lesson struct {
	views   views.Weak
	target  *domains.Images // of the step
	images  []float32       // their views
	program *ops.Program
	by      []float32 // the probabilities of the classes, an input of the step
	change  func(dst []float32, x *domains.Images, name string, step int)
	changed []float32 // what the learner sees in their place; nil where it sees them as they are
}

// readBy adds what the classifier makes of images: that of the averages where there are some.
func (m *Model) readBy(b *models.Binding, name string, images *ops.Node) part {
	if len(m.labels.teacher) == 0 {
		return m.labels.see(b, name, m.nets.common.Build(b, images))
	}
	return m.labels.seeBy(b, models.Averaged(models.Network{Name: "classifier"}).Name, name, models.Averaged(m.nets.common).Build(b, images))
}

// newLesson makes the program of a step's lesson: batch normalisation goes by the moments of
// the views. The learner's images go to changed.
func (m *Model) newLesson(s *stepGraphs, changed []float32) (l *lesson, err error) {
	one, target := s.batch*m.shape.Len(), int(1-m.source)
	l = &lesson{
		views:  views.Weak{Seed: m.seed, Translation: m.options.Float("label.translation"), Noise: m.options.Float("label.noise")},
		target: &domains.Images{Shape: m.shape, Data: s.images[target*one : (target+1)*one]},
		change: views.Strong{Seed: m.seed, Changes: m.options.Int("label.changes")}.Fill, changed: changed,
	}
	x, images := models.Input(s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
	l.images = images
	b := m.bind()
	b.Batch = &models.BatchStatistics{}
	seen := m.readBy(b, "lesson", b.Graph.Bind("images", x))
	l.program, err = b.Graph.Compile(b.Graph.Softmax("lesson/predictions", seen.logits))
	return l, err
}

// run fills the input of the step.
func (l *lesson) run(step int) error {
	l.views.Fill(l.images, l.target, "teacher", step)
	if l.changed != nil {
		l.change(l.changed, l.target, "learner", step)
	}
	if err := l.program.Run(); err != nil {
		return err
	}
	copy(l.by, l.program.Output(0).Data().([]float32))
	return nil
}
