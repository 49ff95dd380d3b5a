package munit

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/styles"
)

// stepGraphs are the programs of a training step at one batch size: the generators' losses, which
// begin with the content codes, translations of these for the discriminators, and the
// discriminators' losses.
type stepGraphs struct {
	batch        int
	images       [2]styles.Input // of each domain
	styles       [2]styles.Input // random ones of each domain
	codes        [2]styles.Input // content codes of each domain
	judged       [2]styles.Input // images that a discriminator judges: translations into its domain, then real ones
	made         *ops.Program
	judge, maker styles.Terms
}

// sides are the domains' names.
var sides = styles.Sides

func (m *Model) newStep(batch int) (*stepGraphs, error) {
	s := &stepGraphs{batch: batch}
	h, w, c := m.shape.Height, m.shape.Width, m.shape.Channels
	for side := range sides {
		s.images[side], s.styles[side] = styles.NewInput(batch, c, h, w), styles.NewInput(batch, m.options.Int("style"))
		s.codes[side] = styles.NewInput(append([]int{batch}, m.nets[side].content.Out()...)...)
		s.judged[side] = styles.NewInput(2*batch, c, h, w)
	}
	for _, part := range []func(*stepGraphs) error{m.newMaker, m.newJudge, m.newMade} {
		if err := part(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// newMade makes the program of translations by content codes and styles.
func (m *Model) newMade(s *stepGraphs) (err error) {
	b := m.bind(&m.memory)
	var content, made [2]*ops.Node
	for side, name := range sides {
		content[side] = b.Graph.Bind("codes/"+name, s.codes[side].Tensor)
	}
	for side, name := range sides {
		made[side] = m.nets[side].decode(b, content[1-side], b.Graph.Bind("styles/"+name, s.styles[side].Tensor))
	}
	s.made, err = b.Graph.Compile(made[:]...)
	return err
}

// newMaker makes the program of encoders and decoders, which begins with the content codes. A
// decoder reconstructs and translates in one pass.
func (m *Model) newMaker(s *stepGraphs) error {
	b, n, o := m.bind(&m.halfway), s.batch, m.options
	g, own, all := b.Graph, ops.Rows{Lo: 0, Hi: n}, ops.Rows{Lo: 0, Hi: n}
	var x, random, content, style, translated, seen [2]*ops.Node
	for side, name := range sides {
		x[side], random[side] = g.Bind("images/"+name, s.images[side].Tensor), g.Bind("styles/"+name, s.styles[side].Tensor)
		content[side] = m.nets[side].content.Build(b, x[side])
	}
	for side := range sides {
		style[side] = m.nets[side].style.Build(b, x[side])
	}
	l := &s.maker
	for side, name := range sides {
		made := m.nets[side].decode(b, g.Join("contents/"+name, content[side], content[1-side]), g.Join("both/"+name, style[side], random[side]))
		translated[side] = g.Part("translated/"+name, ops.Rows{Lo: n, Hi: 2 * n}, made)
		l.AddOf(side, "reconstruction", o.Float("loss.reconstruction"), g.L1("loss/reconstruction-"+name, all, g.Part("reconstructed/"+name, own, made), x[side]))
	}
	for side, name := range sides {
		seen[side] = m.nets[side].content.Build(b, translated[side])
		l.AddOf(side, "style", o.Float("loss.style"), g.L1("loss/style-"+name, all, m.nets[side].style.Build(b, translated[side]), random[side]))
		l.AddOf(1-side, "content", o.Float("loss.content"), g.Distance("loss/content-"+sides[1-side], all, seen[side], content[1-side]))
		l.AddOf(side, "adversarial", o.Float("loss.adversarial"), adversary.LeastSquares(g, "loss/adversarial-"+name, all, 1, m.nets[side].patches.Build(b, translated[side])))
	}
	if w := o.Float("loss.cycle"); w > 0 {
		for side, name := range sides {
			back := m.nets[side].decode(b, seen[1-side], style[side])
			l.AddOf(side, "cycle", w, g.L1("loss/cycle-"+name, all, back, x[side]))
		}
	}
	return l.Compile(b, m.trained("generator"), content[:]...)
}

// newJudge makes the program of the discriminators.
func (m *Model) newJudge(s *stepGraphs) error {
	b, n := m.bind(&m.memory), s.batch
	for side, name := range sides {
		verdicts := m.nets[side].patches.Build(b, b.Graph.Bind("judged/"+name, s.judged[side].Tensor))
		s.judge.AddOf(side, "discriminator-made", 1, adversary.LeastSquares(b.Graph, "loss/made-"+name, ops.Rows{Lo: 0, Hi: n}, 0, verdicts))
		s.judge.AddOf(side, "discriminator-real", 1, adversary.LeastSquares(b.Graph, "loss/real-"+name, ops.Rows{Lo: n, Hi: 2 * n}, 1, verdicts))
	}
	return s.judge.Compile(b, m.trained("discriminator"))
}

// Step updates the discriminators on translations with random styles and on real images, then
// encoders and decoders with other random styles. Batches must have the size of the first step.
func (m *Model) Step(step int, batch *models.Batch) ([]models.Loss, error) {
	n := batch.Images[domains.A].Len()
	if m.step == nil {
		s, err := m.newStep(n)
		if err != nil {
			return nil, err
		}
		m.step = s
	}
	s := m.step
	for _, x := range batch.Images {
		if x.Len() != s.batch {
			return nil, fmt.Errorf("models: munit: batches of %d and %d images, want %d each", n, batch.Images[domains.B].Len(), s.batch)
		}
	}
	m.setRates(step)
	for side, x := range batch.Images {
		copy(s.images[side].Data, x.Data)
	}
	judged, err := m.judgeImages(s, step)
	if err != nil {
		return nil, err
	}
	values, err := m.makeImages(s, step)
	if err != nil {
		return nil, err
	}
	all := append(values, judged...)
	if err := models.CheckFinite("munit", step+1, all, m.last); err != nil {
		return nil, err
	}
	m.maker.Update(s.maker.Program)
	m.last = all
	return all, nil
}

// makeImages computes the losses of encoders and decoders, and their gradients.
func (m *Model) makeImages(s *stepGraphs, step int) ([]models.Loss, error) {
	m.drawStyles(s, "styles", step)
	if err := s.maker.Finish(); err != nil {
		return nil, err
	}
	return s.maker.Values(), nil
}

// judgeImages updates the discriminators.
func (m *Model) judgeImages(s *stepGraphs, step int) ([]models.Loss, error) {
	m.drawStyles(s, "styles/discriminator", step)
	if err := s.maker.Begin(); err != nil {
		return nil, err
	}
	for side := range sides {
		copy(s.codes[side].Data, s.maker.Output(side).Data().([]float32))
	}
	if err := s.made.Run(); err != nil {
		return nil, err
	}
	for side := range sides {
		copy(s.judged[side].Data[copy(s.judged[side].Data, s.made.Output(side).Data().([]float32)):], s.images[side].Data)
	}
	if err := s.judge.Run(); err != nil {
		return nil, err
	}
	values := s.judge.Values()
	var before []models.Loss
	if len(m.last) >= len(values) {
		before = m.last[len(m.last)-len(values):]
	}
	if err := models.CheckFinite("munit", step+1, values, before); err != nil {
		return nil, err
	}
	m.judge.Update(s.judge.Program)
	return values, nil
}

// drawStyles fills in random styles of a step.
func (m *Model) drawStyles(s *stepGraphs, purpose string, step int) {
	for side, name := range sides {
		m.draw(s.styles[side].Data, purpose, name, step)
	}
}
