// Package didd is Domain Intersection and Domain Difference: a common encoder, a
// separate encoder a domain, one decoder and a discriminator on the common code.
//
// Beyond the paper, with a label.weight it has a classifier on the common code that learns from
// the labels of the source, and losses that this allows. Whether there are labels or not, options
// of loss, cycle, swap, paste, region and adversary, all off by default, add losses on codes and images and hold the discriminator: pin.go,
// independence.go, hold.go, cycle.go, swapped.go, paste.go, region.go and adversary.go say from where.
//
// S. Benaim, M. Khaitov, T. Galanti, L. Wolf, "Domain Intersection and Domain
// Difference", ICCV 2019, arXiv 1908.11628.
package didd

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Model is the method's networks with what trains and evaluates them.
type Model struct {
	shape    domains.Shape
	source   domains.Side
	options  option.Values
	seed     uint64
	nets     networks
	ps       *models.Parameters
	auto     *models.Optimiser
	disc     *models.Optimiser // nil without a confusion loss
	averages []*models.Average // of the networks that evaluation reads in place of the trained ones
	hold     *hold             // nil without an accuracy to hold
	readers  []*models.Average // of the encoders, which read edited images; none without
	labels   *labels           // nil without labels
	patches  *patches          // nil without an adversary of images
	region   *region           // nil without one
	step     *stepGraphs       // made at the first step
	eval     *evalGraphs       // made at the first encoding
	memory   ops.Memory        // of all programs: only one runs at a time
	last     []models.Loss
}

var (
	_ models.Model   = (*Model)(nil)
	_ models.Decoder = (*Model)(nil)
	_ models.Costed  = (*Model)(nil)
)

// New makes a model with weights drawn from the seed's streams.
func New(c models.Config) (*Model, error) {
	if faults := check(c); len(faults) > 0 {
		return nil, fmt.Errorf("models: didd: %s: %s", faults[0].Option, faults[0].Problem)
	}
	o := c.Options
	m := &Model{shape: c.Shape, source: c.Source, options: o, seed: c.Seed, nets: newNetworks(c.Shape.Height, c.Shape.Channels, o), ps: models.NewParameters()}
	m.nets.init(m.ps, c.Seed)
	betas := o.Floats("train.betas")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8}
	m.auto = models.NewOptimiser("autoencoder", adam, o.Float("train.clip"), m.ps.Trained("common/", "separate-a/", "separate-b/", "decoder/"))
	if o.Float("loss.confusion") > 0 {
		clip := 0.0
		if o.Bool("train.clip_discriminator") {
			clip = o.Float("train.clip")
		}
		m.disc = models.NewOptimiser("discriminator", adam, clip, m.ps.Trained("discriminator/"))
	}
	if o.Float("label.weight") > 0 {
		if c.Classes < 2 {
			return nil, fmt.Errorf("models: didd: the source has %d classes, want 2 at least", c.Classes)
		}
		m.labels = newLabels(c, m.nets, m.ps)
	}
	if decay := o.Float("train.average"); decay > 0 {
		m.averages = []*models.Average{models.NewAverage(m.ps, "decoder/", decay)}
		if o.Bool("train.average_encoders") {
			for _, net := range m.nets.encoders() {
				m.averages = append(m.averages, models.NewAverage(m.ps, net.Name+"/", decay))
			}
		}
	}
	m.patches = newPatches(c, adam, m.ps)
	m.hold, m.readers, m.region = newHold(o, m.ps), newReaders(o, m.nets, m.ps), newRegion(c, m.ps)
	return m, nil
}

// Parameters are the model's parameters and the vectors of its spectral norms.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are the auto-encoder's and, with a confusion loss, the discriminator's; with
// labels that of the classifiers; with an adversary of images its discriminators'.
func (m *Model) Optimisers() []*models.Optimiser {
	out := []*models.Optimiser{m.auto}
	if m.disc != nil {
		out = append(out, m.disc)
	}
	if m.labels != nil {
		out = append(out, m.labels.optimiser)
	}
	if m.patches != nil {
		out = append(out, m.patches.optimiser)
	}
	return out
}

// Layers are the convolutions of the encoders and the decoder.
func (m *Model) Layers() (out []models.Layer) {
	for _, net := range m.nets.encoders() {
		out = append(out, net.Layers(m.shape.Height)...)
	}
	return append(out, m.nets.decoder.Layers(m.nets.side)...)
}

// MACs counts, for one pair of images, three passes (forward and two gradients) of
// every layer on both images, less the gradients by the images, and the re-computed
// common code; and what labels and edits add to that.
func (m *Model) MACs() int {
	return m.passes(m.Layers()) + 2*m.nets.common.MACs(m.shape.Height) + m.labelMACs() + m.cycleMACs() + m.pasteMACs() + m.swappedMACs() + m.adversaryMACs()
}

// passes are the multiply-accumulates of three passes of layers on both images of a pair, less the gradients by images.
func (m *Model) passes(layers []models.Layer) (total int) {
	for _, l := range layers {
		n := 3
		if l.Side == m.shape.Height {
			n = 2
		}
		total += 2 * n * l.MACs()
	}
	return total
}

// bind starts a graph whose parameters are the model's.
func (m *Model) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &m.memory), m.ps)
}
