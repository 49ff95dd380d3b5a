// Package labelled trains systems that switch what is a domain's own by labels: a generator is
// asked for images with other labels, a critic says how real they are and which labels they have
// (AttGAN, StarGAN, STGAN). An image of A has the labels (1, 0), one of B has (0, 1); what has both
// or none is asked for after training alone.
//
// A step is a round: a number of updates of the critic, each on images of its own, and one of the
// generator, so that every step costs the same.
package labelled

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// Labels is their number.
const Labels = 2

// A Generator makes images with other labels. What it is asked for is a row of values an image.
type Generator interface {
	// Stacks are its networks.
	Stacks() []layers.Stack
	// Edit adds the images of x that the request asks for.
	Edit(b *models.Binding, x, request *ops.Node) *ops.Node
	// Learn adds, for the generator's own update, the images of x as they are and as the request
	// edit asks for; keep is the request that changes nothing. Before each part that normalises by
	// a batch it asks m for its moments.
	Learn(b *models.Binding, m *Moments, x, keep, edit *ops.Node) (kept, edited *ops.Node)
	// MACs are the multiply-accumulates of an edit of an image, and of the forward pass of Learn.
	MACs() (edit, learn int)
}

// A Coder is a generator that edits a code of an image, which does not know the request.
type Coder interface {
	Generator
	Code(b *models.Binding, x *ops.Node) *ops.Node // N x C x H x W
}

// A Critic says how real an image is (a row, or a map, of values) and which labels it has (logits).
// Both read what the trunk makes of the image.
type Critic struct{ Trunk, Real, Labels layers.Stack }

func (c Critic) stacks() []layers.Stack { return []layers.Stack{c.Trunk, c.Real, c.Labels} }

// penalised are the passes of its gradient penalty: forward, back to the image, along the direction,
// two gradients of that and, where layers have a slope that depends on their input as normalisation
// has, two of the first.
func (c Critic) penalised() int {
	for _, l := range slices.Concat(c.Trunk.Layers, c.Real.Layers) {
		if _, ok := l.(layers.AffineNorm); ok {
			return 7
		}
	}
	return 5
}

// A System is what tells one of these systems from another.
type System struct {
	Name      string
	Generator Generator
	Critic    Critic
	// Request is what the generator is asked for where a label is own and should be wanted.
	Request func(own, wanted float64) float64
	// Summed has the classification loss add up labels, where it else takes their mean.
	Summed bool
	// Again has the generator learn on the images and labels of the critic's last update.
	Again bool
	// Xavier draws first weights uniformly by fan-in and fan-out, biases 0.
	Xavier bool
	// Factor is that of the learning rate when so much of the training is done.
	Factor func(o option.Values, progress float64) float64
}

// A Model is a system with what trains and evaluates it.
type Model struct {
	System
	shape     domains.Shape
	options   option.Values
	seed      uint64
	ps        *models.Parameters
	generator *models.Optimiser
	critic    *models.Optimiser
	step      *programs   // made at the first step
	eval      *evaluation // made at the first edit
	memory    ops.Memory  // of all programs: only one runs at a time
	last      []models.Loss
}

var (
	_ models.Model   = (*Model)(nil)
	_ models.Graded  = (*Model)(nil)
	_ models.Costed  = (*Model)(nil)
	_ models.Encoder = (*Coded)(nil)
)

// New makes a model with weights drawn from the seed's streams: a *Model, or a *Coded of a Coder.
func New(s System, c models.Config) models.Model {
	o := c.Options
	m := &Model{System: s, shape: c.Shape, options: o, seed: c.Seed, ps: models.NewParameters()}
	of := func(stacks []layers.Stack) (trained []*models.Parameter) {
		before := len(m.ps.Trained(""))
		for _, s := range stacks {
			s.Init(m.ps, c.Seed)
		}
		return m.ps.Trained("")[before:]
	}
	betas := o.Floats("train.betas")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}
	m.generator = models.NewOptimiser("generator", adam, 0, of(s.Generator.Stacks()))
	m.critic = models.NewOptimiser("critic", adam, 0, of(s.Critic.stacks()))
	if s.Xavier {
		for _, p := range m.ps.Trained("") {
			switch {
			case len(p.Shape) > 1:
				p.InitXavier(c.Seed)
			case isBias(p.Name):
				p.Fill(0)
			}
		}
	}
	if coder, ok := s.Generator.(Coder); ok {
		return &Coded{m, coder}
	}
	return m
}

// Parameters are the model's, running moments too.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are the generator's and the critic's.
func (m *Model) Optimisers() []*models.Optimiser {
	return []*models.Optimiser{m.generator, m.critic}
}

// Layers are the convolutions of generator and critic.
func (m *Model) Layers() (out []models.Layer) {
	for _, s := range append(m.Generator.Stacks(), m.Critic.stacks()...) {
		out = append(out, s.Convolutions()...)
	}
	return out
}

// MACs counts, for a pair of images of the critic's updates, edits and three passes of the critic
// on real and edited images (both heads on the real ones) and those of the penalty. Of the
// generator's it counts three passes, and two of the critic. A pair of a step is of either in turn.
func (m *Model) MACs() int {
	trunk, _ := m.Critic.Trunk.MACs()
	real, _ := m.Critic.Real.MACs()
	labels, _ := m.Critic.Labels.MACs()
	edit, learn := m.Generator.MACs()
	judging := 2 * (edit + 3*(2*(trunk+real)+labels) + m.Critic.penalised()*(trunk+real))
	generating := 2 * (3*learn + 2*(trunk+real+labels))
	return (m.updates()*judging + generating) / m.parts()
}

// updates of the critic in a step.
func (m *Model) updates() int { return m.options.Int("train.critic_steps") }

// noise is the standard deviation of that on images which the critic reads.
func (m *Model) noise() float64 { return m.options.Float("critic.noise") }

// parts into which a step cuts its batch.
func (m *Model) parts() int { return partsOf(m.options, m.Again) }

func partsOf(o option.Values, again bool) int {
	if again {
		return o.Int("train.critic_steps")
	}
	return o.Int("train.critic_steps") + 1
}

// bind starts a graph whose parameters are the model's.
func (m *Model) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &m.memory).Quick(), m.ps)
}

func (m *Model) errorf(format string, args ...any) error {
	return fmt.Errorf("models: %s: "+format, append([]any{m.Name}, args...)...)
}
