// Package masked is mask-based unsupervised content transfer: as of Press et al., with two
// decoders. One makes the image without the content; the other paints the content over an image,
// through a mask that says where, and which finds the content with no label of a place.
//
// R. Mokady, S. Benaim, L. Wolf, A. Bermano, "Mask Based Unsupervised Content Transfer", ICLR 2020,
// arXiv 1906.06558. In the paper alpha, beta, gamma and delta are the weights that are called
// repainting, cycle, reconstruction_with and reconstruction_without here.
package masked

import (
	"fmt"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/onesided"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("masked", models.Method{
		Name:     "masked",
		Doc:      "content that one domain has, painted over an image through a mask, from a guide, or removed; once for either domain",
		Citation: "R. Mokady, S. Benaim, L. Wolf, A. Bermano, Mask Based Unsupervised Content Transfer, ICLR 2020, arXiv 1906.06558",
		Version:  2,
		Loop:     models.Loop{Iterations: 20000, Batch: 32},
		Options:  options,
		New: func(c models.Config) (models.Model, error) {
			m, _, err := build(c)
			return m, err
		},
		Check: onesided.Check,
	})
}

// The values of the option removal.code: with what separate code the image below a removed
// content is made.
const (
	emptyCode = "empty"
	ownCode   = "own"
)

var options = slices.Concat(onesided.Options, []option.Option{
	{Name: "loss.reconstruction_with", Kind: option.Float, Default: 7.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction of images with the content, painted over the image without that was made for them"},
	{Name: "loss.reconstruction_without", Kind: option.Float, Default: 5.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction of images without the content"},
	{Name: "loss.repainting_with", Kind: option.Float, Default: 0.7, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of images with the content and their content painted over themselves"},
	{Name: "loss.repainting_without", Kind: option.Float, Default: 0.7, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of images without the content and nothing painted over themselves"},
	{Name: "loss.cycle_common", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the squared distance of the common codes of an image and of what a content was added to it; the paper's for glasses is 0"},
	{Name: "loss.cycle_separate", Kind: option.Float, Default: 0.001, Min: 0, Max: 1e3, Doc: "weight of the squared distance of the separate codes of a guide and of an image to which its content was added"},
	{Name: "loss.confusion", Kind: option.Float, Default: 0.005, Min: 0, Max: 1e3, Doc: "weight of the adversarial loss on the common code; 0 trains no discriminator"},
	{Name: "removal.code", Kind: option.Choice, Default: emptyCode, Choices: []string{emptyCode, ownCode},
		Doc: "with what separate code the image below a removed content is made: none, as in training, or its own, as the published program does"},
	{Name: "removal.threshold", Kind: option.Float, Default: 0.1, Min: 0, Max: 1, Doc: "mask from which a place is replaced where a content is removed; 0 replaces all"},
})

// A model is two halves, and knows where they paint.
type model struct{ *onesided.Model }

var _ models.Masker = model{}

// build makes a model and shows its halves.
func build(c models.Config) (models.Model, [2]*half, error) {
	var halves [2]*half
	if faults := onesided.Check(c); len(faults) > 0 {
		return nil, halves, fmt.Errorf("models: masked: %s: %s", faults[0].Option, faults[0].Problem)
	}
	ps, memory := models.NewParameters(), new(ops.Memory)
	for side := range halves {
		halves[side] = newHalf(c, domains.Side(side), ps, memory)
	}
	return model{onesided.New("masked", c.Shape, ps, [2]onesided.Half{halves[domains.A], halves[domains.B]})}, halves, nil
}

// Mask is where any half that has a part in an edit paints: the larger mask. Of a reconstruction
// it is where the content's own part was found; of a removal, 1 where the image is replaced and 0
// elsewhere.
func (m model) Mask(e models.Edit, contents, guides *domains.Images) (*models.Block, error) {
	_, masks, err := m.Make(e, contents, guides)
	if err != nil {
		return nil, err
	}
	out := masks[0]
	for _, more := range masks[1:] {
		for i, v := range more.Data {
			out.Data[i] = max(out.Data[i], v)
		}
	}
	return out, nil
}

// A half is the system for the content of one side.
type half struct {
	side      domains.Side
	shape     domains.Shape
	options   option.Values
	ps        *models.Parameters
	memory    *ops.Memory // of all programs: only one runs at a time
	sizes     onesided.Sizes
	common    layers.Stack
	separate  layers.Stack
	plain     layers.Stack // makes images without the content
	painter   layers.Stack // makes masks and what is painted through them
	optimiser *models.Optimiser
	confusion *onesided.Confusion // nil without its loss
	step      *step               // made at the first step
	readers   *readers            // made when first asked for
}

func newHalf(c models.Config, side domains.Side, ps *models.Parameters, memory *ops.Memory) *half {
	z, prefix := onesided.SizesOf(c.Shape, c.Options), onesided.Prefix(side)
	image := []int{c.Shape.Channels, c.Shape.Height, c.Shape.Width}
	h := &half{side: side, shape: c.Shape, options: c.Options, ps: ps, memory: memory, sizes: z,
		common:   layers.Stack{Name: prefix + "common", In: image, Layers: encoder(z.Common)},
		separate: layers.Stack{Name: prefix + "separate", In: image, Layers: encoder(z.Separate)},
		plain:    layers.Stack{Name: prefix + "plain", In: []int{z.Code, 2, 2}, Layers: append(decoder(z.Decoder, c.Shape.Channels), layers.Tanh{})},
		painter:  layers.Stack{Name: prefix + "painter", In: []int{z.Code, 2, 2}, Layers: decoder(z.Decoder, 1+c.Shape.Channels)},
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

// encoder halves an image once a stage.
func encoder(outs []int) (out []layers.Layer) {
	for _, n := range outs {
		out = append(out, layers.Conv{Channels: n, Kernel: 4, Stride: 2, Padding: 1}, layers.BatchNorm{}, layers.Relu{Slope: models.LeakySlope})
	}
	return out
}

// decoder doubles a code once a stage, the last without normalisation.
func decoder(outs []int, last int) (out []layers.Layer) {
	for _, n := range outs {
		out = append(out, layers.Deconv{Channels: n, Kernel: 4, Stride: 2, Padding: 1}, layers.BatchNorm{}, layers.Relu{Slope: models.LeakySlope})
	}
	return append(out, layers.Deconv{Channels: last, Kernel: 4, Stride: 2, Padding: 1})
}

func (h *half) networks() []layers.Stack {
	return []layers.Stack{h.common, h.separate, h.plain, h.painter}
}

// trained are the parameters of encoders and decoders.
func (h *half) trained() []*models.Parameter {
	return h.ps.Trained(h.common.Name+"/", h.separate.Name+"/", h.plain.Name+"/", h.painter.Name+"/")
}

// codes and own are the channels of the common and of the separate code.
func (h *half) codes() int { return h.sizes.Common[len(h.sizes.Common)-1] }
func (h *half) own() int   { return h.sizes.Code - h.codes() }

// bind starts a graph whose parameters are the model's.
func (h *half) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, h.memory).Quick(), h.ps)
}

// Optimisers are that of encoders and decoders and, with a confusion loss, the discriminator's.
func (h *half) Optimisers() []*models.Optimiser {
	if h.confusion == nil {
		return []*models.Optimiser{h.optimiser}
	}
	return []*models.Optimiser{h.optimiser, h.confusion.Optimiser()}
}

// Layers are the convolutions.
func (h *half) Layers() (out []models.Layer) {
	for _, net := range h.networks() {
		out = append(out, net.Convolutions()...)
	}
	return out
}

// MACs counts three passes (forward and two gradients) of a network on each image that trains it,
// less the gradients by given images, and one pass where it is only followed; and, with a confusion
// loss, the common codes that are computed anew and five passes of the discriminator.
func (h *half) MACs() int {
	common, first := h.common.MACs()
	separate, firstOfOwn := h.separate.MACs()
	plain, _ := h.plain.MACs()
	painter, _ := h.painter.MACs()
	total := 2*(3*common-first) + 3*separate - firstOfOwn + 2*3*plain + 2*3*painter
	added := func(name string) int { // passes on the image to which a content was added
		if h.options.Float(name) > 0 {
			return 3
		}
		return 1
	}
	common1, own1 := added("loss.cycle_common"), added("loss.cycle_separate")
	total += common1*common + own1*separate + max(common1, own1)*painter
	if h.confusion != nil {
		total += 2*common + 2*5*h.confusion.MACs()
	}
	return total
}
