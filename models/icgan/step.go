package icgan

import (
	"context"
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/ops"
)

// ganStep are the programs of generator and critic, for a batch of real images, as many of B as of
// A. A code is a row of random numbers with labels of -1 or 1 behind them.
type ganStep struct {
	images int
	codes  []float32
	make   struct {
		*ops.Program
		codes   []float32
		moments models.BatchStatistics
	}
	critic struct {
		*ops.Program
		real, made, own, wrong, asked []float32
		terms                         [3]*ops.Node // real, wrong, made
	}
	generator struct {
		*ops.Program
		codes, asked []float32
		moments      models.BatchStatistics
		term         *ops.Node
	}
}

// input binds an input of a graph and gives the slice that fills it.
func input(b *models.Binding, name string, shape ...int) (*ops.Node, []float32) {
	t, data := models.Input(shape...)
	return b.Graph.Bind(name, t), data
}

func (m *Model) imageInput(b *models.Binding, name string, n int) (*ops.Node, []float32) {
	return input(b, name, n, m.shape.Channels, m.shape.Height, m.shape.Width)
}

// width of a row that the generator reads.
func (m *Model) width() int { return m.nets.code + labelled.Labels }

func (m *Model) newGAN(images int) (*ganStep, error) {
	s := &ganStep{images: images, codes: make([]float32, images*m.width())}
	for _, build := range []func(*ganStep) error{m.newCritic, m.newGenerator, m.newMaker} {
		if err := build(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// newMaker is the program of images by moments of the batch, for the critic and to find moments.
func (m *Model) newMaker(s *ganStep) (err error) {
	b, p := m.bind(), &s.make
	code, codes := input(b, "codes", s.images, m.width())
	p.codes, b.Batch = codes, &p.moments
	y := m.nets.generator.Build(b, code)
	p.Program, err = b.Graph.Compile(append(p.moments.Nodes(), y)...)
	return err
}

// newCritic is the critic's update: real images with their labels are right, with wrong ones wrong,
// as made ones are, each normalised by themselves. Nothing follows the critic's moments.
func (m *Model) newCritic(s *ganStep) (err error) {
	b, p, n := m.bind(), &s.critic, s.images
	g := b.Graph
	real, realData := m.imageInput(b, "real", n)
	made, madeData := m.imageInput(b, "made", n)
	own, ownData := input(b, "own", n, labelled.Labels)
	wrong, wrongData := input(b, "wrong", n, labelled.Labels)
	asked, askedData := input(b, "asked", n, labelled.Labels)
	p.real, p.made, p.own, p.wrong, p.asked = realData, madeData, ownData, wrongData, askedData
	seen := m.nets.image.Build(b, real)
	b.Batch = &models.BatchStatistics{Split: n}
	both := m.nets.judge(b, g.Join("real/twice", seen, seen), g.Join("real/labels", own, wrong))
	b.Batch = &models.BatchStatistics{}
	fake := m.nets.judge(b, m.nets.image.Build(b, made), asked)
	p.terms = [3]*ops.Node{g.BCE("loss/real", ops.Rows{Lo: 0, Hi: n}, 1, both), g.BCE("loss/wrong", ops.Rows{Lo: n, Hi: 2 * n}, 0, both), g.BCE("loss/made", ops.Rows{Lo: 0, Hi: n}, 0, fake)}
	share := m.options.Float("loss.wrong")
	cost := g.Weighted("loss/total", []float64{1, share, 1 - share}, p.terms[:]...)
	p.Program, err = g.CompileGradients(cost, b.Nodes(m.critic.Parameters()))
	return err
}

func (m *Model) newGenerator(s *ganStep) (err error) {
	b, p, n := m.bind(), &s.generator, s.images
	code, codes := input(b, "codes", n, m.width())
	asked, askedData := input(b, "asked", n, labelled.Labels)
	p.codes, p.asked, b.Batch = codes, askedData, &p.moments
	made := m.nets.generator.Build(b, code)
	b.Batch = &models.BatchStatistics{}
	p.term = b.Graph.BCE("loss/generator", ops.Rows{Lo: 0, Hi: n}, 1, m.nets.judge(b, m.nets.image.Build(b, made), asked))
	p.Program, err = b.Graph.CompileGradients(p.term, b.Nodes(m.generator.Parameters()), p.moments.Nodes()...)
	return err
}

// draw fills rows with random numbers and the labels of a real image, of either domain as likely.
func (m *Model) draw(codes []float32, purpose string, step int) {
	r := stream.New(m.seed, purpose, step)
	for lo := 0; lo < len(codes); lo += m.width() {
		for i := range m.nets.code {
			codes[lo+i] = float32(r.NormFloat64())
		}
		labels := codes[lo+m.nets.code : lo+m.width()]
		labels[0], labels[1] = -1, -1
		labels[r.IntN(labelled.Labels)] = 1
	}
}

// labelsOf copies those of rows that the generator reads.
func (m *Model) labelsOf(dst, codes []float32) {
	for i := range len(codes) / m.width() {
		copy(dst[labelled.Labels*i:labelled.Labels*(i+1)], codes[(i+1)*m.width()-labelled.Labels:])
	}
}

// show copies a batch, A first, and its labels.
func (m *Model) show(real, own []float32, b *models.Batch) error {
	size := len(real) / 2
	for side, x := range b.Images {
		if x == nil || len(x.Data) != size {
			return fmt.Errorf("models: icgan: a batch without %d images of %s", size/m.shape.Len(), domains.Side(side))
		}
		copy(real[side*size:], x.Data)
	}
	for i := range own {
		own[i] = -1
	}
	for i := range len(own) / labelled.Labels {
		own[labelled.Labels*i+2*i*labelled.Labels/len(own)] = 1
	}
	return nil
}

// Step updates the critic and the generator or, when the encoders are trained, those.
func (m *Model) Step(step int, b *models.Batch) (losses []models.Loss, err error) {
	if step >= m.options.Int("train.iterations")-encoderSteps(m.options) {
		return m.invert(step, b)
	}
	s := m.gan
	if s == nil {
		if s, err = m.newGAN(2 * b.Len()); err != nil {
			return nil, err
		}
		m.gan = s
	}
	if err := m.show(s.critic.real, s.critic.own, b); err != nil {
		return nil, err
	}
	m.draw(s.codes, "code", step)
	judged, err := m.judge(s, step)
	if err != nil {
		return nil, err
	}
	made, err := m.generate(s, step)
	if err != nil {
		return nil, err
	}
	m.last = append(made, judged...)
	return m.last, nil
}

// judge updates the critic on what is shown and drawn.
func (m *Model) judge(s *ganStep, step int) ([]models.Loss, error) {
	c := &s.critic
	copy(s.make.codes, s.codes)
	if err := s.make.Run(); err != nil {
		return nil, err
	}
	copy(c.made, s.make.Output(len(s.make.moments.Nodes())).Data().([]float32))
	m.labelsOf(c.asked, s.codes)
	for i, v := range c.own { // two labels, one of which is an image's
		c.wrong[i] = -v
	}
	if err := c.Run(); err != nil {
		return nil, err
	}
	losses := make([]models.Loss, 3)
	for i, name := range []string{"critic/real", "critic/wrong", "critic/made"} {
		losses[i] = models.Loss{Name: name, Value: ops.Scalar(c.terms[i])}
	}
	var before []models.Loss
	if len(m.last) > 0 {
		before = m.last[1:]
	}
	if err := models.CheckFinite("icgan", step+1, losses, before); err != nil {
		return nil, err
	}
	m.critic.Update(c.Program)
	return losses, nil
}

// generate updates the generator on what was drawn.
func (m *Model) generate(s *ganStep, step int) ([]models.Loss, error) {
	g := &s.generator
	copy(g.codes, s.codes)
	m.labelsOf(g.asked, s.codes)
	if err := g.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{{Name: "generator", Value: ops.Scalar(g.term)}}
	if err := models.CheckFinite("icgan", step+1, losses, m.last); err != nil {
		return nil, err
	}
	g.moments.Follow(g.Program, 0)
	m.generator.Update(g.Program)
	return losses, nil
}

// momentPasses are those of which the generator's moments are found when it is trained.
const momentPasses = 100

// Refresh finds the generator's moments anew, before the encoders are trained.
func (m *Model) Refresh(ctx context.Context, _ int, _ *models.Data) error {
	s := &ganStep{images: 2 * m.options.Int("train.batch")}
	if err := m.newMaker(s); err != nil {
		return err
	}
	for i := range momentPasses {
		if err := ctx.Err(); err != nil {
			return err
		}
		m.draw(s.make.codes, "moments", i)
		if err := s.make.Run(); err != nil {
			return err
		}
		s.make.moments.Pool(s.make.Program, i)
	}
	return nil
}
