package drit

import (
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/styles"
)

// stepGraphs are the programs of a training step for so many encoded images of each domain, half
// a batch: the losses of the discriminators, and those of the other networks in two parts, with
// encoded and with random attributes. These begin with what the discriminators judge.
type stepGraphs struct {
	count  int
	images [2]styles.Input // encoded ones
	other  [2]styles.Input // the half of the batch that is not encoded
	random styles.Input    // attribute vectors, for both domains; twice as many with mode seeking
	noise  [4]styles.Input // of content codes of images and of translations; of attributes likewise, A above B
	apart  float64         // mean distance of the random attribute vectors of a pair

	codes         *ops.Program // of the half that is not encoded, without noise
	encoded       [2]styles.Input
	drawn         [2]styles.Input // what the discriminators judge: translations above real images
	judged        styles.Input    // content codes, A above B
	judge         styles.Terms
	content       styles.Terms
	swap, seeking styles.Terms
}

// The noise of a step.
const (
	onContent = iota
	onContentAgain
	onAttribute
	onAttributeAgain
)

var noises = [4]string{"noise/content", "noise/content-again", "noise/attribute", "noise/attribute-again"}

// draws is the number of random attribute vectors of an image.
func (m *Model) draws() int {
	if m.seeking > 0 {
		return 2
	}
	return 1
}

func (m *Model) newStep(count int) (*stepGraphs, error) {
	s := &stepGraphs{count: count}
	image := func(n int) styles.Input {
		return styles.NewInput(n, m.shape.Channels, m.shape.Height, m.shape.Width)
	}
	code := m.nets.of[0].code
	for side := range s.images {
		s.images[side], s.other[side] = image(count), image(count)
		s.encoded[side], s.drawn[side] = image(2*count), image((1+m.draws())*count)
	}
	width := m.options.Int("style")
	s.random = styles.NewInput(m.draws()*count, width)
	s.judged = styles.NewInput(append([]int{2 * count}, code...)...)
	for i := range s.noise {
		s.noise[i] = styles.NewInput(2*count, width)
		if i < onAttribute {
			s.noise[i] = styles.NewInput(append([]int{2 * count}, code...)...)
		}
	}
	for _, part := range []func(*stepGraphs) error{m.newJudge, m.newContent, m.newCodes, m.newSwap, m.newSeeking} {
		if err := part(s); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// half are the rows of a domain among those of both.
func (s *stepGraphs) half(side int) ops.Rows {
	return ops.Rows{Lo: side * s.count, Hi: (side + 1) * s.count}
}

// A pass builds the networks into one graph.
type pass struct {
	*models.Binding
	m *Model
	s *stepGraphs
}

func (m *Model) pass(s *stepGraphs, memory *ops.Memory) pass { return pass{m.bind(memory), m, s} }

// input binds images of both domains.
func (p pass) input() (x [2]*ops.Node) {
	for side, name := range styles.Sides {
		x[side] = p.Graph.Bind("images/"+name, p.s.images[side].Tensor)
	}
	return x
}

// noise is one of a step's.
func (p pass) noise(i int) *ops.Node { return p.Graph.Bind(noises[i], p.s.noise[i].Tensor) }

// contents adds the content codes of images of A above those of B; without noise where that is nil.
func (p pass) contents(name string, x [2]*ops.Node, noise *ops.Node) *ops.Node {
	nets := p.m.nets
	codes := nets.tail.Build(p.Binding, p.Graph.Join(name, nets.of[0].branch.Build(p.Binding, x[0]), nets.of[1].branch.Build(p.Binding, x[1])))
	if noise == nil {
		return codes
	}
	return p.Graph.Perturb(name+"/noise", codes, noise)
}

// attributes adds a sample of the attribute vectors of images of a domain, and their law.
func (p pass) attributes(name string, side int, x, noise *ops.Node) (z, mean, spread *ops.Node) {
	d := p.m.nets.of[side]
	read := d.attribute.Build(p.Binding, x)
	mean, spread = d.mean.Build(p.Binding, read), d.spread.Build(p.Binding, read)
	eps := p.Graph.Part(name+"/noise-"+d.name, p.s.half(side), noise)
	return p.Graph.Sample(name+"/"+d.name, mean, spread, eps), mean, spread
}

// both adds a reconstruction and a translation into a domain in one pass: codes are those of
// both, shared by the generators already, z the attribute vectors for either half.
func (p pass) both(name string, side int, shared, z *ops.Node) *ops.Node {
	return p.m.nets.of[side].generator(p.Graph.Join(name+"/"+styles.Sides[side], z, z)).Build(p.Binding, shared)
}

// draw adds translations into a domain with random attribute vectors, one or two an image.
func (p pass) draw(side int, shared, random *ops.Node) *ops.Node {
	name := styles.Sides[side]
	of := p.Graph.Part("shared/from-"+styles.Sides[1-side], p.s.half(1-side), shared)
	if p.m.draws() == 2 {
		of = p.Graph.Join("shared/twice-"+name, of, of)
	}
	return p.m.nets.of[side].generator(random).Build(p.Binding, of)
}

// newSwap makes the program of all losses with encoded attributes. It begins with the content
// codes and the translations.
func (m *Model) newSwap(s *stepGraphs) error {
	p, o, t := m.pass(s, &m.halfway[0]), m.options, &s.swap
	g, all := p.Graph, ops.Rows{Lo: 0, Hi: s.count}
	x := p.input()
	codes := p.contents("contents", x, p.noise(onContent))
	shared := m.nets.shared.Build(p.Binding, codes)
	eps, again := p.noise(onAttribute), p.noise(onAttributeAgain)
	var translated, own, mean, spread [2]*ops.Node
	for side, name := range styles.Sides {
		var z *ops.Node
		z, mean[side], spread[side] = p.attributes("attributes", side, x[side], eps)
		made := p.both("attributes-twice", side, shared, z)
		own[side] = g.Part("own/"+name, s.half(side), made)
		translated[side] = g.Part("translated/"+name, s.half(1-side), made)
	}
	verdicts := m.nets.content.Build(p.Binding, codes)
	back := m.nets.shared.Build(p.Binding, p.contents("contents-again", translated, p.noise(onContentAgain)))
	for side, name := range styles.Sides {
		z, _, _ := p.attributes("attributes-again", side, translated[side], again)
		// What was translated out of the domain comes back with the attributes of what was
		// translated into it.
		crossed := m.nets.of[side].generator(z).Build(p.Binding, g.Part("shared-again/"+name, s.half(1-side), back))
		t.AddOf(side, "cross", o.Float("loss.cross"), g.L1("loss/cross-"+name, all, crossed, x[side]))
		t.AddOf(side, "self", o.Float("loss.self"), g.L1("loss/self-"+name, all, own[side], x[side]))
		t.AddOf(side, "adversarial", o.Float("loss.adversarial"), adversary.CrossEntropy(g, "loss/adversarial-"+name, all, 1, m.nets.of[side].encoded.Build(p.Binding, translated[side])))
		t.AddOf(side, "content-adversarial", o.Float("loss.content"), g.BCE("loss/content-"+name, s.half(side), 0.5, verdicts))
		t.AddOf(side, "divergence", o.Float("loss.divergence"), g.Divergence("loss/divergence-"+name, all, mean[side], spread[side]))
		t.AddOf(side, "size", o.Float("loss.size"), g.SquaresTo("loss/size-"+name, s.half(side), 0, codes))
	}
	return t.Compile(p.Binding, m.ps.Trained(append(append([]string{}, makers...), readers...)...), codes, translated[0], translated[1])
}

// newSeeking makes the program of all losses with random attributes. It begins with the
// translations, one or two an image.
func (m *Model) newSeeking(s *stepGraphs) error {
	p, o, t := m.pass(s, &m.halfway[1]), m.options, &s.seeking
	g, all := p.Graph, ops.Rows{Lo: 0, Hi: s.count}
	shared := m.nets.shared.Build(p.Binding, p.contents("contents", p.input(), p.noise(onContent)))
	random := g.Bind("random", s.random.Tensor)
	first := random
	if m.draws() == 2 {
		first = g.Part("random/first", all, random)
	}
	made := [2]*ops.Node{p.draw(0, shared, random), p.draw(1, shared, random)}
	for side, name := range styles.Sides {
		d, one := m.nets.of[side], made[side]
		if m.draws() == 2 {
			one = g.Part("drawn/first-"+name, all, made[side])
			other := g.Part("drawn/second-"+name, ops.Rows{Lo: s.count, Hi: 2 * s.count}, made[side])
			t.AddOf(side, "seeking", m.seeking, g.Seek("loss/seeking-"+name, &s.apart, g.Distance("apart/"+name, all, one, other)))
		}
		verdicts := d.random.Build(p.Binding, made[side])
		for k := range m.draws() {
			rows := ops.Rows{Lo: k * s.count, Hi: (k + 1) * s.count}
			title := [2]string{"random-adversarial", "random-adversarial-again"}[k]
			t.AddOf(side, title, o.Float("loss.adversarial"), adversary.CrossEntropy(g, "loss/"+title+"-"+name, rows, 1, verdicts))
		}
		t.AddOf(side, "latent", o.Float("loss.latent"), g.L1("loss/latent-"+name, all, d.mean.Build(p.Binding, d.attribute.Build(p.Binding, one)), first))
	}
	return t.Compile(p.Binding, m.ps.Trained(makers...), made[:]...)
}

// newCodes makes the program of the content codes of the half of the batch that is not encoded
// otherwise, without noise.
func (m *Model) newCodes(s *stepGraphs) (err error) {
	p := m.pass(s, &m.memory)
	var x [2]*ops.Node
	for side, name := range styles.Sides {
		x[side] = p.Graph.Bind("other/"+name, s.other[side].Tensor)
	}
	s.codes, err = p.Graph.Compile(p.contents("contents", x, nil))
	return err
}

// newJudge makes the program of the images' discriminators. Against translations with random
// attributes a real image counts once for every one.
func (m *Model) newJudge(s *stepGraphs) error {
	p, t, n := m.pass(s, &m.memory), &s.judge, s.count
	for side, name := range styles.Sides {
		for kind, in := range []styles.Input{s.encoded[side], s.drawn[side]} {
			patches, title, made := m.nets.of[side].encoded, "", 1
			if kind == 1 {
				patches, title, made = m.nets.of[side].random, "-random", m.draws()
			}
			verdicts := patches.Build(p.Binding, p.Graph.Bind("judged"+title+"/"+name, in.Tensor))
			of := func(lo, hi int, target float64, what string) *ops.Node {
				return adversary.CrossEntropy(p.Graph, "loss/"+what+title+"-"+name, ops.Rows{Lo: lo * n, Hi: hi * n}, target, verdicts)
			}
			t.AddOf(side, "discriminator"+title+"-made", float64(made), of(0, made, 0, "made"))
			t.AddOf(side, "discriminator"+title+"-real", float64(made), of(made, made+1, 1, "real"))
		}
	}
	return t.Compile(p.Binding, m.ps.Trained(judges...))
}

// newContent makes the program of the content discriminator: A is 0, B is 1.
func (m *Model) newContent(s *stepGraphs) error {
	p := m.pass(s, &m.memory)
	verdicts := m.nets.content.Build(p.Binding, p.Graph.Bind("codes", s.judged.Tensor))
	for side, name := range styles.Sides {
		s.content.AddOf(side, "content-discriminator", 1, p.Graph.BCE("loss/content-"+name, s.half(side), float64(side), verdicts))
	}
	return s.content.Compile(p.Binding, m.ps.Trained(contentJudge))
}
