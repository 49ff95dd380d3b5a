// Package press is the content transfer of Press et al.: a common encoder, an encoder of what one
// set has beyond the other, a decoder, and a discriminator on the common code. Nothing asks that
// the separate code of the other set be empty: images of it are decoded with an empty slot.
//
// O. Press, T. Galanti, S. Benaim, L. Wolf, "Emerging Disentanglement in Auto-Encoder Based
// Unsupervised Image Content Transfer", ICLR 2019, arXiv 2001.05017. The paper calls A the set
// without the content, its program the set with it; here each domain is the set with in its half.
package press

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/onesided"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("press", models.Method{
		Name:     "press",
		Doc:      "content that one domain has, added from a guide or removed, by reconstruction with an empty slot and confused codes; once for either domain",
		Citation: "O. Press, T. Galanti, S. Benaim, L. Wolf, Emerging Disentanglement in Auto-Encoder Based Unsupervised Image Content Transfer, ICLR 2019, arXiv 2001.05017",
		Version:  2,
		Loop:     models.Loop{Iterations: 20000, Batch: 32},
		Options:  options,
		New:      newModel,
		Check:    onesided.Check,
	})
}

var options = slices.Concat(onesided.Options, []option.Option{
	{Name: "loss.reconstruction", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the squared reconstruction error"},
	{Name: "loss.confusion", Kind: option.Float, Default: 0.001, Min: 0, Max: 1e3, Doc: "weight of the adversarial loss on the common code; 0 trains no discriminator"},
})

func newModel(c models.Config) (models.Model, error) {
	m, _, err := build(c)
	return m, err
}

// build makes a model and shows its halves.
func build(c models.Config) (models.Model, [2]*half, error) {
	var halves [2]*half
	if faults := onesided.Check(c); len(faults) > 0 {
		return nil, halves, fmt.Errorf("models: press: %s: %s", faults[0].Option, faults[0].Problem)
	}
	ps, memory := models.NewParameters(), new(ops.Memory)
	for side := range halves {
		halves[side] = newHalf(c, domains.Side(side), ps, memory)
	}
	return onesided.New("press", c.Shape, ps, [2]onesided.Half{halves[domains.A], halves[domains.B]}), halves, nil
}

// A half is the system for the content of one side.
type half struct {
	side      domains.Side
	shape     domains.Shape
	options   option.Values
	ps        *models.Parameters
	memory    *ops.Memory // of all programs: only one runs at a time
	sizes     onesided.Sizes
	common    models.Network
	separate  models.Network
	decoder   models.Network
	optimiser *models.Optimiser
	confusion *onesided.Confusion // nil without its loss
	step      *step               // made at the first step
	encode    *models.Reader      // made when first asked for, as decode
	decode    *models.Reader
}

func newHalf(c models.Config, side domains.Side, ps *models.Parameters, memory *ops.Memory) *half {
	z, prefix := onesided.SizesOf(c.Shape, c.Options), onesided.Prefix(side)
	stages := func(outs []int, a models.Activation) (out []models.Stage) {
		for _, n := range outs {
			out = append(out, models.Stage{Out: n, Norm: true, Activation: a})
		}
		return out
	}
	h := &half{side: side, shape: c.Shape, options: c.Options, ps: ps, memory: memory, sizes: z,
		common:   models.Network{Name: prefix + "common", In: c.Shape.Channels, Stages: stages(z.Common, models.LeakyRelu)},
		separate: models.Network{Name: prefix + "separate", In: c.Shape.Channels, Stages: stages(z.Separate, models.LeakyRelu)},
		decoder: models.Network{Name: prefix + "decoder", In: z.Code, Transposed: true,
			Stages: append(stages(z.Decoder, models.Relu), models.Stage{Out: c.Shape.Channels, Activation: models.Tanh})},
	}
	for _, net := range h.networks() {
		net.Init(ps, c.Seed)
	}
	h.optimiser = models.NewOptimiser(prefix+"autoencoder", onesided.Adam(c.Options), c.Options.Float("train.clip"), h.trained())
	if c.Options.Float("loss.confusion") > 0 {
		h.confusion = onesided.NewConfusion(prefix, ps, 4*h.codes(), z.Code, c.Options, c.Seed)
	}
	return h
}

func (h *half) networks() []models.Network {
	return []models.Network{h.common, h.separate, h.decoder}
}

// trained are the parameters of encoders and decoder.
func (h *half) trained() []*models.Parameter {
	return h.ps.Trained(h.common.Name+"/", h.separate.Name+"/", h.decoder.Name+"/")
}

// codes and own are the channels of the common and of the separate code.
func (h *half) codes() int { return h.sizes.Common[len(h.sizes.Common)-1] }
func (h *half) own() int   { return h.sizes.Code - h.codes() }

// bind starts a graph whose parameters are the model's.
func (h *half) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, h.memory).Quick(), h.ps)
}

// Optimisers are that of encoders and decoder and, with a confusion loss, the discriminator's.
func (h *half) Optimisers() []*models.Optimiser {
	if h.confusion == nil {
		return []*models.Optimiser{h.optimiser}
	}
	return []*models.Optimiser{h.optimiser, h.confusion.Optimiser()}
}

// Layers are the convolutions.
func (h *half) Layers() (out []models.Layer) {
	out = append(h.common.Layers(h.shape.Height), h.separate.Layers(h.shape.Height)...)
	return append(out, h.decoder.Layers(2)...)
}

// MACs counts three passes (forward and two gradients) of the common encoder and the decoder on
// both images and of the separate encoder on one, less the gradients by the images; and, with a
// confusion loss, the common codes that are computed anew and five passes of the discriminator,
// whose gradients by its parameters the encoder's loss does without.
func (h *half) MACs() int {
	passes := func(net models.Network, side int) (total int) {
		for _, l := range net.Layers(side) {
			n := 3
			if l.Side == h.shape.Height {
				n = 2
			}
			total += n * l.MACs()
		}
		return total
	}
	total := 2*passes(h.common, h.shape.Height) + passes(h.separate, h.shape.Height) + 2*passes(h.decoder, 2)
	if h.confusion != nil {
		total += 2*h.common.MACs(h.shape.Height) + 2*5*h.confusion.MACs()
	}
	return total
}
