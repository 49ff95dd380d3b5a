package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/ops"
)

// adversaryOptions have swapped images look as those of their domain do. The decoder is trained on what
// images are made of; where it gets the common code of one domain and the separate code of the other, what it
// draws may be of neither: a shadow of what was taken away, a blur where something was brought.
// Discriminators of patches, one a domain, see swapped images beside real ones: those of X. Huang et al.,
// Multimodal unsupervised image-to-image translation, ECCV 2018.
var adversaryOptions = later([]option.Option{
	{Name: "adversary.weight", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the least-squares loss by which discriminators of patches, one a domain, tell swapped images from real ones (Mao et al., ICCV 2017; Huang et al., ECCV 2018); 0, as the reference, trains none"},
	{Name: "adversary.width", Kind: option.Int, Default: 16, Min: 1, Max: 256, Doc: "channels of the first of the three stages of these discriminators"},
})

// patches are the discriminators of images of A and of B, and what updates them.
type patches struct {
	nets      [2]adversary.Patches
	optimiser *models.Optimiser
}

// patchesPrefix is put before the names of the domains in those of their discriminators.
const patchesPrefix = "patches/"

// checkAdversary finds discriminators that would have nothing to tell from real images.
func checkAdversary(o option.Values) (out []option.Error) {
	if w := o.Float("adversary.weight"); w > 0 && o.Float("cycle.swap") == 0 {
		out = append(out, option.Error{Option: "model.adversary.weight", Problem: fmt.Sprintf("%v, which takes swapped images; give model.cycle.swap", w)})
	}
	return out
}

// patchesOf is the discriminator of a domain's images: at one scale below 64 pixels, at two below 128.
func patchesOf(c models.Config, side domains.Side) adversary.Patches {
	s := c.Shape
	return adversary.Patches{Name: patchesPrefix + side.String(), In: []int{s.Channels, s.Height, s.Width}, Width: c.Options.Int("adversary.width"),
		Kernel: 4, Stages: 3, Scales: adversary.BySize(0, s.Height, 1, 2, 3), Slope: models.LeakySlope}
}

// newPatches adds the parameters of the discriminators; nil without any.
func newPatches(c models.Config, adam kernels.Adam, ps *models.Parameters) *patches {
	if c.Options.Float("adversary.weight") == 0 {
		return nil
	}
	p := &patches{}
	for side := range p.nets {
		p.nets[side] = patchesOf(c, domains.Side(side))
		p.nets[side].Init(ps, c.Seed)
	}
	p.optimiser = models.NewOptimiser("patches", adam, 0, ps.Trained(patchesPrefix))
	return p
}

// A patchStep is a step's program of the discriminators of images.
type patchStep struct {
	program *ops.Program
	swapped int          // the first of two outputs of the auto-encoder's program: swapped images that are to be of A, and of B
	images  [2][]float32 // that a discriminator sees: swapped ones, and real ones below
	terms   []*ops.Node
}

// addAdversary adds the losses of swapped images, which are the first of the edited ones, and returns
// these, A's and then B's.
func (m *Model) addAdversary(s *stepGraphs, b *models.Binding, edited *ops.Node) (swapped []*ops.Node) {
	if m.patches == nil {
		return nil
	}
	all := ops.Rows{Lo: 0, Hi: s.batch}
	for _, side := range []domains.Side{domains.A, domains.B} {
		made := b.Graph.Part("swapped/"+side.String(), s.rows(1-side), edited) // A's common code with what is particular to B is to be of B
		verdicts := m.patches.nets[side].Build(b, made)
		s.add("adversarial/"+side.String(), m.options.Float("adversary.weight"), adversary.LeastSquares(b.Graph, "loss/adversarial-"+side.String(), all, 1, verdicts))
		swapped = append(swapped, made)
	}
	return swapped
}

// newPatchStep makes the program of the discriminators; swapped is the place of the swapped images among
// the outputs of the auto-encoder's program.
func (m *Model) newPatchStep(s *stepGraphs, swapped int) (err error) {
	if m.patches == nil {
		return nil
	}
	p, b := &patchStep{swapped: swapped}, m.bind()
	made, originals := ops.Rows{Lo: 0, Hi: s.batch}, ops.Rows{Lo: s.batch, Hi: 2 * s.batch}
	for side, net := range m.patches.nets {
		name := domains.Side(side).String()
		x, data := models.Input(2*s.batch, m.shape.Channels, m.shape.Height, m.shape.Width)
		p.images[side] = data
		verdicts := net.Build(b, b.Graph.Bind("judged/"+name, x))
		p.terms = append(p.terms, adversary.LeastSquares(b.Graph, "loss/made-"+name, made, 0, verdicts), adversary.LeastSquares(b.Graph, "loss/real-"+name, originals, 1, verdicts))
	}
	cost := b.Graph.Weighted("loss/total", []float64{1, 1, 1, 1}, p.terms...)
	p.program, err = b.Graph.CompileGradients(cost, b.Nodes(m.ps.Trained(patchesPrefix)))
	s.patches = p
	return err
}

// keepSwapped copies a step's images, swapped and real, before another program takes the memory of the
// auto-encoder's.
func (m *Model) keepSwapped(s *stepGraphs) {
	if m.patches == nil {
		return
	}
	for side, dst := range s.patches.images {
		made := s.auto.Output(s.patches.swapped + side).Data().([]float32)
		copy(dst[copy(dst, made):], s.images[side*len(made):(side+1)*len(made)])
	}
}

// judge updates the discriminators of images.
func (m *Model) judge() ([]models.Loss, error) {
	p := m.step.patches
	if err := p.program.Run(); err != nil {
		return nil, err
	}
	m.patches.optimiser.Update(p.program)
	var out []models.Loss
	for side := range p.images {
		out = append(out, models.Loss{Name: patchesPrefix + domains.Side(side).String(), Value: ops.Scalar(p.terms[2*side]) + ops.Scalar(p.terms[2*side+1])})
	}
	return out, nil
}

// adversaryMACs are what the discriminators add to a step's multiply-accumulates, for one pair of images: forward and
// the gradient by each swapped image, and three passes of it and a real one.
func (m *Model) adversaryMACs() (total int) {
	if m.patches == nil {
		return 0
	}
	for _, net := range m.patches.nets {
		total += (2 + 2*3) * net.MACs()
	}
	return total
}
