package labelled

import (
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/ops"
)

// Moments are the statistics by which the parts of a program normalise.
type Moments struct{ all []*models.BatchStatistics }

// Use has what is built from here on normalise by its batch: the first split rows by themselves.
func (m *Moments) Use(b *models.Binding, split int) {
	b.Batch = &models.BatchStatistics{Split: split}
	m.all = append(m.all, b.Batch)
}

// nodes are what a program has to keep, as its first outputs.
func (m *Moments) nodes() (out []*ops.Node) {
	for _, s := range m.all {
		s.First = len(out)
		out = append(out, s.Nodes()...)
	}
	return out
}

// follow moves the running moments towards those of the program's last run.
func (m *Moments) follow(p *ops.Program) {
	for _, s := range m.all {
		for group := range (kernels.Batch{Split: s.Split}).Groups() {
			s.Follow(p, group)
		}
	}
}

// Both decodes twice the rows of two requests as one batch, each half normalised by itself, and
// cuts what comes out.
func Both(b *models.Binding, m *Moments, keep, edit *ops.Node, decode func(request *ops.Node) *ops.Node) (kept, edited *ops.Node) {
	n := keep.Shape()[0]
	m.Use(b, n)
	both := decode(b.Graph.Join("both/request", keep, edit))
	return b.Graph.Part("both/kept", ops.Rows{Lo: 0, Hi: n}, both), b.Graph.Part("both/edited", ops.Rows{Lo: n, Hi: 2 * n}, both)
}

// programs are those of a step, of so many images an update: half of A, then as many of B.
type programs struct {
	images int
	// what an update is shown: images with their labels, the labels that they should get, and how
	// far from each to its edited image the critic's slope is taken
	real, own, wanted, shares []float32
	// edited images, for the critic
	fake struct {
		*ops.Program
		moments           Moments
		images, requested []float32
	}
	// the critic's update
	critic struct {
		*ops.Program
		images, between, own           []float32 // real images, then edited ones
		real, edited, penalty, classes *ops.Node
	}
	// the generator's update
	generator struct {
		*ops.Program
		moments                              Moments
		images, kept, requested, wanted      []float32
		noise                                []float32 // on edited images; nil: none
		reconstruction, adversarial, classes *ops.Node
	}
}

// input binds an input of a graph and gives the slice that fills it.
func input(b *models.Binding, name string, shape ...int) (*ops.Node, []float32) {
	t, data := models.Input(shape...)
	return b.Graph.Bind(name, t), data
}

// images is an input of n images.
func (m *Model) images(b *models.Binding, name string, n int) (*ops.Node, []float32) {
	return input(b, name, n, m.shape.Channels, m.shape.Height, m.shape.Width)
}

func (m *Model) newPrograms(images int) (*programs, error) {
	p := &programs{images: images, real: make([]float32, images*m.shape.Len()), own: make([]float32, images*Labels),
		wanted: make([]float32, images*Labels), shares: make([]float32, images)}
	for _, make := range []func(*programs) error{m.newGenerating, m.newJudging, m.newFaking} {
		if err := make(p); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (m *Model) newFaking(p *programs) (err error) {
	b, f := m.bind(), &p.fake
	x, images := m.images(b, "images", p.images)
	request, requested := input(b, "request", p.images, Labels)
	f.images, f.requested = images, requested
	f.moments.Use(b, 0)
	y := m.Generator.Edit(b, x, request)
	f.Program, err = b.Graph.Compile(append(f.moments.nodes(), y)...)
	return err
}

// edited are the images of the last run.
func (p *programs) edited() []float32 {
	return p.fake.Output(len(p.fake.moments.nodes())).Data().([]float32)
}

// bce is the cross-entropy of n logits against labels, an input.
func (m *Model) bce(b *models.Binding, name string, n int, logits *ops.Node) (*ops.Node, []float32) {
	factor := float32(1)
	if m.Summed {
		factor = Labels
	}
	labels, data := input(b, name+"/labels", n, Labels)
	weights, by := input(b, name+"/weights", n, Labels)
	for i := range by {
		by[i] = factor
	}
	return b.Graph.WeightedBCE("loss/"+name, logits, labels, weights), data
}

func (m *Model) newJudging(p *programs) (err error) {
	b, c, n := m.bind(), &p.critic, p.images
	g := b.Graph
	x, images := m.images(b, "images", 2*n)
	mixed, between := m.images(b, "between", n)
	seen := m.Critic.Trunk.Build(b, x)
	real := m.Critic.Real.Build(b, seen)
	logits := m.Critic.Labels.Build(b, g.Part("seen/real", ops.Rows{Lo: 0, Hi: n}, seen))
	c.images, c.between = images, between
	c.real = g.Mean("loss/real", ops.Rows{Lo: 0, Hi: n}, real)
	c.edited = g.Mean("loss/edited", ops.Rows{Lo: n, Hi: 2 * n}, real)
	c.penalty = adversary.Penalty(b, mixed, m.Critic.Trunk, m.Critic.Real)
	c.classes, c.own = m.bce(b, "classes", n, m.flat(b, logits))
	cost := g.Weighted("loss/total", []float64{-1, 1, m.options.Float("loss.penalty"), m.options.Float("loss.critic_classes")}, c.real, c.edited, c.penalty, c.classes)
	c.Program, err = g.CompileGradients(cost, b.Nodes(m.critic.Parameters()))
	return err
}

// flat makes rows of logits that are maps of one place.
func (m *Model) flat(b *models.Binding, logits *ops.Node) *ops.Node {
	if logits != nil && logits.Dims() == 4 {
		return b.Graph.Flatten("classes/flat", logits)
	}
	return logits
}

func (m *Model) newGenerating(p *programs) (err error) {
	b, l, n := m.bind(), &p.generator, p.images
	g, all := b.Graph, ops.Rows{Lo: 0, Hi: n}
	x, images := m.images(b, "images", n)
	keep, kept := input(b, "keep", n, Labels)
	request, requested := input(b, "request", n, Labels)
	l.images, l.kept, l.requested = images, kept, requested
	same, edited := m.Generator.Learn(b, &l.moments, x, keep, request)
	b.Batch = nil
	if m.noise() > 0 {
		var x *ops.Node
		x, l.noise = m.images(b, "noise", n)
		edited = g.Sum("noisy", edited, x)
	}
	seen := m.Critic.Trunk.Build(b, edited)
	l.reconstruction = g.L1("loss/reconstruction", all, same, x)
	l.adversarial = g.Mean("loss/adversarial", all, m.Critic.Real.Build(b, seen))
	l.classes, l.wanted = m.bce(b, "classes", n, m.flat(b, m.Critic.Labels.Build(b, seen)))
	weights := []float64{m.options.Float("loss.reconstruction"), -m.options.Float("loss.adversarial"), m.options.Float("loss.classes")}
	cost := g.Weighted("loss/total", weights, l.reconstruction, l.adversarial, l.classes)
	l.Program, err = g.CompileGradients(cost, b.Nodes(m.generator.Parameters()), l.moments.nodes()...)
	return err
}
