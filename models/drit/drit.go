// Package drit is DRIT and DRIT++: content codes that both domains' encoders make in one space,
// by layers that they share and a discriminator of the codes, an attribute vector of each domain,
// and generators that put a content and an attribute vector together. Images are translated,
// and translated back with the attributes of their translations. DRIT++ adds mode seeking: other
// attributes are to give other images.
//
// Where the released code learns with its content discriminator alone in two of three iterations,
// on images of their own, here a step lets it learn so often on the half of the batch that is not
// encoded, with noise of its own, so that every step has all losses. The released code's second
// update of content encoders and generators goes back through the pass of the first, by weights
// that this has changed; here both are of the same weights. The feature-wise generators and the single-scale discriminators, both
// options of the paper, are left out.
//
// H.-Y. Lee, H.-Y. Tseng, J.-B. Huang, M. Singh, M.-H. Yang, "Diverse image-to-image translation
// via disentangled representations", ECCV 2018, arXiv 1808.00948; H.-Y. Lee, H.-Y. Tseng, Q. Mao,
// J.-B. Huang, Y.-D. Lu, M. Singh, M.-H. Yang, "DRIT++", IJCV 2020, arXiv 1905.01270.
package drit

import (
	"errors"
	"fmt"

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
	add(models.Method{
		Name:     "drit",
		Doc:      "content codes of one space for two unpaired domains, attributes of each, swapped twice: translation that moves style alone",
		Citation: "H.-Y. Lee, H.-Y. Tseng, J.-B. Huang, M. Singh, M.-H. Yang, Diverse image-to-image translation via disentangled representations, ECCV 2018, arXiv 1808.00948",
		Options:  append(options, adversary.Options()...),
	})
	add(models.Method{
		Name:     "drit++",
		Doc:      "drit with mode seeking: random attributes that differ are to give images that differ",
		Citation: "H.-Y. Lee, H.-Y. Tseng, Q. Mao, J.-B. Huang, Y.-D. Lu, M. Singh, M.-H. Yang, DRIT++: diverse image-to-image translation via disentangled representations, IJCV 2020, arXiv 1905.01270",
		Options:  append(append(options, seekOption), adversary.Options()...),
	})
}

func add(m models.Method) {
	m.Version, m.Loop, m.Check = 2, models.Loop{Iterations: 10000, Batch: 16}, check
	m.New = func(c models.Config) (models.Model, error) { return New(m.Name, c) }
	models.Methods.Add(m.Name, m)
}

var seekOption = option.Option{Name: "loss.seeking", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of 1/(r + 1e-5), r how far two translations with random attributes are apart over how far those are; 0 makes no second translation, as drit"}

var options = []option.Option{
	{Name: "style", Kind: option.Int, Default: 8, Min: 1, Max: 256, Doc: "numbers of an attribute vector"},
	{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the encoders' first layer; 0: 64, the paper's, from 128 pixels on, else 32"},
	{Name: "blocks", Kind: option.Int, Default: 0, Min: 0, Max: 16, Doc: "residual blocks of a domain's content encoder and of its generator, beside the shared one of each; 0: 3, the paper's, from 128 pixels on, else 2"},
	{Name: "halvings", Kind: option.Int, Default: 0, Min: 0, Max: 6, Doc: "residual blocks of an attribute encoder, each of which halves the image; 0: 3, the paper's, from 64 pixels on, else 2"},
	{Name: "content_updates", Kind: option.Int, Default: 3, Min: 1, Max: 100, Doc: "updates of the content discriminator a step, the last beside all others"},
	{Name: "loss.adversarial", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the losses against the discriminators of translations, with encoded and with random attributes"},
	{Name: "loss.content", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the loss against the content discriminator, towards one half"},
	{Name: "loss.cross", Kind: option.Float, Default: 10.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction from translations"},
	{Name: "loss.self", Kind: option.Float, Default: 10.0, Min: 0, Max: 1e3, Doc: "weight of the L1 reconstruction from an image's own codes"},
	{Name: "loss.divergence", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the Kullback-Leibler divergence of the attributes from the standard normal law, a sum over the batch"},
	{Name: "loss.size", Kind: option.Float, Default: 0.01, Min: 0, Max: 1e3, Doc: "weight of the mean square of the content codes"},
	{Name: "loss.latent", Kind: option.Float, Default: 10.0, Min: 0, Max: 1e3, Doc: "weight of the L1 distance of a translation's attributes from the random ones that it was made with"},
	{Name: "train.learning_rate", Kind: option.Float, Default: 1e-4, Min: 1e-9, Max: 10, Doc: "of all Adam optimisers; the content discriminator's is 2.5 times smaller"},
	{Name: "train.decay", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations, at the end, over which the rates fall linearly to zero; 0 keeps them"},
	{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	{Name: "train.weight_decay", Kind: option.Float, Default: 1e-4, Min: 0, Max: 1, Doc: "share of the parameters that is added to their gradients"},
	{Name: "train.clip_content", Kind: option.Float, Default: 5.0, Min: 0, Max: 1e6, Doc: "bound on the gradient norm of the content discriminator; 0 does not clip"},
}

// contentRate is the content discriminator's share of the learning rate.
const contentRate = 1 / 2.5

// check finds images that the networks do not fit, and batches that have no halves.
func check(c models.Config) (out []option.Error) {
	if n := c.Options.Int("train.batch"); n%2 != 0 {
		out = append(out, option.Error{Option: "model.train.batch", Problem: fmt.Sprintf("%d, want an even number: one half is encoded, of the other half are the real images that translations with random attributes are held against", n)})
	}
	if c.Shape.Height != c.Shape.Width || c.Shape.Height < 16 || c.Shape.Height%4 != 0 {
		return append(out, option.Error{Option: "image.size", Problem: fmt.Sprintf("%d, want a multiple of 4 from 16 on", c.Shape.Height)})
	}
	n := newNetworks(c)
	if _, err := n.of[domains.A].attribute.Shapes(); err != nil {
		out = append(out, option.Error{Option: "model.halvings", Problem: fmt.Sprintf("they leave too little of %d pixels: %v", c.Shape.Height, err)})
	}
	if err := n.of[domains.A].encoded.Check(); err != nil {
		out = append(out, option.Error{Option: "model.discriminator.stages", Problem: fmt.Sprintf("they leave too little of %d pixels: %v", c.Shape.Height, err)})
	}
	return out
}

// Model is the method's networks with what trains them.
type Model struct {
	*styles.System
	name    string
	shape   domains.Shape
	options option.Values
	seed    uint64
	seeking float64 // the weight of mode seeking; 0 of drit
	nets    networks
	ps      *models.Parameters
	maker   *models.Optimiser // of content encoders and generators, updated twice a step
	reader  *models.Optimiser // of attribute encoders
	judge   *models.Optimiser // of the images' discriminators
	content *models.Optimiser // of the content discriminator
	step    *stepGraphs       // made at the first step
	memory  ops.Memory        // of programs of which one runs at a time
	halfway [2]ops.Memory     // of the two that others run between the halves of
	last    []models.Loss
	draw    func(dst []float32, purpose string, step int) // of standard normal noise
}

var (
	_ models.Model        = (*Model)(nil)
	_ models.Translator   = (*Model)(nil)
	_ models.SidedEncoder = (*Model)(nil)
	_ models.Costed       = (*Model)(nil)
)

// New makes a model, of drit or of drit++, with weights drawn from the seed's streams.
func New(name string, c models.Config) (*Model, error) {
	if faults := check(c); len(faults) > 0 {
		return nil, errors.New("models: " + name + ": " + faults[0].Option + ": " + faults[0].Problem)
	}
	o := c.Options
	m := &Model{name: name, shape: c.Shape, options: o, seed: c.Seed, nets: newNetworks(c), ps: models.NewParameters()}
	if name == "drit++" {
		m.seeking = o.Float(seekOption.Name)
	}
	m.nets.init(m.ps, c.Seed)
	m.draw = func(dst []float32, purpose string, step int) {
		r := stream.New(m.seed, purpose, step)
		for i := range dst {
			dst[i] = float32(r.NormFloat64())
		}
	}
	betas := o.Floats("train.betas")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8, Decay: o.Float("train.weight_decay")}
	m.maker = models.NewOptimiser("generator", adam, 0, m.ps.Trained(makers...))
	m.reader = models.NewOptimiser("attribute", adam, 0, m.ps.Trained(readers...))
	m.judge = models.NewOptimiser("discriminator", adam, 0, m.ps.Trained(judges...))
	m.content = models.NewOptimiser("content-discriminator", adam, o.Float("train.clip_content"), m.ps.Trained(contentJudge))
	m.System = &styles.System{Name: name, Shape: c.Shape, Width: o.Int("style"), Seed: c.Seed, Bind: func() *models.Binding { return m.bind(&m.memory) },
		Content: func(b *models.Binding, side domains.Side, x *ops.Node) *ops.Node {
			return m.nets.tail.Build(b, m.nets.of[side].branch.Build(b, x))
		},
		Style: func(b *models.Binding, side domains.Side, x *ops.Node) *ops.Node {
			n := m.nets.of[side]
			return n.mean.Build(b, n.attribute.Build(b, x))
		},
		Decode: func(b *models.Binding, side domains.Side, content, style *ops.Node) *ops.Node {
			return m.nets.of[side].generator(style).Build(b, m.nets.shared.Build(b, content))
		},
	}
	return m, nil
}

// Parameters are those of all networks.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are those of generators with content encoders, of attribute encoders, of the
// images' discriminators and of the content's.
func (m *Model) Optimisers() []*models.Optimiser {
	return []*models.Optimiser{m.maker, m.reader, m.judge, m.content}
}

// bind starts a graph whose parameters are the model's.
func (m *Model) bind(memory *ops.Memory) *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, memory).Quick(), m.ps)
}

// setRates sets the learning rates of a step: constant, then falling linearly to zero.
func (m *Model) setRates(step int) {
	iterations := float64(m.options.Int("train.iterations"))
	rate := m.options.Float("train.learning_rate")
	if span := m.options.Float("train.decay") * iterations; span > 0 {
		rate *= min(1, (iterations-float64(step))/span)
	}
	for _, o := range m.Optimisers() {
		o.Rate = rate
	}
	m.content.Rate *= contentRate
}
