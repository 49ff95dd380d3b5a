// Package munit is MUNIT: of each domain a content encoder, a style encoder and a decoder, whose
// adaptive norms take their shifts and gains from the style by way of a small network, against a
// discriminator of images at several scales. It moves style, that is colours and texture, and
// keeps the content.
//
// The paper's perceptual loss, which it uses for street scenes alone and which takes a network
// trained on ImageNet, is left out.
//
// X. Huang, M.-Y. Liu, S. Belongie, J. Kautz, "Multimodal unsupervised image-to-image
// translation", ECCV 2018, arXiv 1804.04732.
package munit

import (
	"errors"
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/styles"
)

func init() {
	models.Methods.Add("munit", models.Method{
		Name:     "munit",
		Doc:      "content codes shared by two unpaired domains and a style of each: translation that moves style alone",
		Citation: "X. Huang, M.-Y. Liu, S. Belongie, J. Kautz, Multimodal unsupervised image-to-image translation, ECCV 2018, arXiv 1804.04732",
		Version:  2,
		Loop:     models.Loop{Iterations: 10000, Batch: 16},
		Options:  append(options, adversary.Options()...),
		New:      func(c models.Config) (models.Model, error) { return New(c) },
		Check:    check,
	})
}

var options = []option.Option{
	{Name: "style", Kind: option.Int, Default: 8, Min: 1, Max: 256, Doc: "numbers of a style"},
	{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the encoders' first layer; 0: 64, the paper's, from 128 pixels on, else 32"},
	{Name: "blocks", Kind: option.Int, Default: 0, Min: 0, Max: 16, Doc: "residual blocks of a content encoder and of a decoder; 0: 4, the paper's, from 128 pixels on, 3 at 64, else 2"},
	{Name: "mlp", Kind: option.Int, Default: 0, Min: 0, Max: 4096, Doc: "units of the two hidden layers between a style and the norms; 0: 256, the paper's, from 128 pixels on, else 128"},
	{Name: "halvings", Kind: option.Int, Default: 0, Min: 0, Max: 8, Doc: "halvings of a style encoder; 0: 4, the paper's, from 64 pixels on, else 3"},
	{Name: "loss.reconstruction", Kind: option.Float, Default: 10.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction"},
	{Name: "loss.style", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of a translation's style from the random one that it was made with"},
	{Name: "loss.content", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of a translation's content code from the one that it was made of"},
	{Name: "loss.adversarial", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the least-squares loss against the discriminators"},
	{Name: "loss.cycle", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction of an image from its translation's content code and its own style; the paper has 0, and 10 for seasons and streets"},
	{Name: "train.learning_rate", Kind: option.Float, Default: 1e-4, Min: 1e-9, Max: 10, Doc: "of both Adam optimisers"},
	{Name: "train.halve_every", Kind: option.Int, Default: 100000, Min: 1, Max: 1e8, Doc: "steps after which both rates are halved"},
	{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	{Name: "train.weight_decay", Kind: option.Float, Default: 1e-4, Min: 0, Max: 1, Doc: "share of the parameters that is added to their gradients"},
}

// check finds images that the networks do not fit.
func check(c models.Config) []option.Error {
	if c.Shape.Height != c.Shape.Width || c.Shape.Height < 8 || c.Shape.Height%4 != 0 {
		return []option.Error{{Option: "image.size", Problem: fmt.Sprintf("%d, want a multiple of 4 from 8 on", c.Shape.Height)}}
	}
	n := newNetworks("a", c)
	if _, err := n.style.Shapes(); err != nil {
		return []option.Error{{Option: "model.halvings", Problem: fmt.Sprintf("they leave too little of %d pixels: %v", c.Shape.Height, err)}}
	}
	if err := n.patches.Check(); err != nil {
		return []option.Error{{Option: "model.discriminator.stages", Problem: fmt.Sprintf("they leave too little of %d pixels: %v", c.Shape.Height, err)}}
	}
	return nil
}

// Model is the method's networks with what trains them.
type Model struct {
	*styles.System
	shape   domains.Shape
	options option.Values
	seed    uint64
	nets    [2]networks
	ps      *models.Parameters
	maker   *models.Optimiser // of encoders, decoders and what is between
	judge   *models.Optimiser
	step    *stepGraphs // made at the first step
	memory  ops.Memory  // of programs of which one runs at a time
	halfway ops.Memory  // of the one that others run between the halves of
	last    []models.Loss
	draw    func(dst []float32, purpose, domain string, step int) // of random styles
}

var (
	_ models.Model        = (*Model)(nil)
	_ models.Translator   = (*Model)(nil)
	_ models.SidedEncoder = (*Model)(nil)
	_ models.Costed       = (*Model)(nil)
)

// New makes a model with weights drawn from the seed's streams: Kaiming normal ones of encoders,
// decoders and what is between, of standard deviation 0.02 in the discriminators; no biases.
func New(c models.Config) (*Model, error) {
	if faults := check(c); len(faults) > 0 {
		return nil, errors.New("models: munit: " + faults[0].Option + ": " + faults[0].Problem)
	}
	o := c.Options
	m := &Model{shape: c.Shape, options: o, seed: c.Seed, ps: models.NewParameters()}
	for side := range m.nets {
		n := newNetworks(domains.Side(side).String(), c)
		n.init(m.ps, c.Seed)
		m.nets[side] = n
	}
	m.draw = func(dst []float32, purpose, domain string, step int) {
		r := stream.New(m.seed, purpose, domain, step)
		for i := range dst {
			dst[i] = float32(r.NormFloat64())
		}
	}
	betas := o.Floats("train.betas")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8, Decay: o.Float("train.weight_decay")}
	m.maker = models.NewOptimiser("generator", adam, 0, m.trained("generator"))
	m.judge = models.NewOptimiser("discriminator", adam, 0, m.trained("discriminator"))
	m.System = &styles.System{Name: "munit", Shape: c.Shape, Width: o.Int("style"), Seed: c.Seed, Bind: func() *models.Binding { return m.bind(&m.memory) },
		Content: func(b *models.Binding, side domains.Side, x *ops.Node) *ops.Node {
			return m.nets[side].content.Build(b, x)
		},
		Style: func(b *models.Binding, side domains.Side, x *ops.Node) *ops.Node {
			return m.nets[side].style.Build(b, x)
		},
		Decode: func(b *models.Binding, side domains.Side, content, style *ops.Node) *ops.Node {
			return m.nets[side].decode(b, content, style)
		},
	}
	return m, nil
}

// trained are the parameters of both domains' networks of a part.
func (m *Model) trained(part string) []*models.Parameter {
	return m.ps.Trained("a/"+part+"/", "b/"+part+"/")
}

// Parameters are those of all networks.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are the generators' and the discriminators'.
func (m *Model) Optimisers() []*models.Optimiser { return []*models.Optimiser{m.maker, m.judge} }

// Layers are the convolutions of encoders and decoder of one domain: the other's are alike.
func (m *Model) Layers() (out []models.Layer) {
	n := m.nets[domains.A]
	for _, s := range []interface{ Convolutions() []models.Layer }{n.content, n.style, n.decoder(nil)} {
		out = append(out, s.Convolutions()...)
	}
	return out
}

// MACs counts, for one pair of images: decoding for the discriminators, which take three
// passes over what was made and what is real; of the generators three passes over images and
// their translations, the decoder's over both at once, and two of the discriminators. Gradients
// by the images themselves are not made.
func (m *Model) MACs() int {
	n := m.nets[domains.A]
	content, first := n.content.MACs()
	style, firstStyle := n.style.MACs()
	mlp, _ := n.mlp.MACs()
	decoder, _ := n.decoder(nil).MACs()
	patches := n.patches.MACs()
	judging := mlp + decoder + 2*3*patches
	making := 3*2*(content+style+mlp+decoder) - first - firstStyle + 2*patches
	if m.options.Float("loss.cycle") > 0 {
		making += 3 * (mlp + decoder)
	}
	return 2 * (judging + making)
}

// bind starts a graph whose parameters are the model's.
func (m *Model) bind(memory *ops.Memory) *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, memory).Quick(), m.ps)
}

// setRates sets the learning rates of a step.
func (m *Model) setRates(step int) {
	rate := m.options.Float("train.learning_rate") * math.Pow(0.5, float64(step/m.options.Int("train.halve_every")))
	m.maker.Rate, m.judge.Rate = rate, rate
}
