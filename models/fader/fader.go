// Package fader is Fader Networks: an auto-encoder whose decoder is told the domain by a label, and
// whose code a discriminator must not tell it from. The label may be changed, and slid.
//
// The label is a pair, (1, 0) of an image of A and (0, 1) of one of B. Read as two switches, both
// off and both on make removals and unions, which no training image shows.
//
// G. Lample, N. Zeghidour, N. Usunier, A. Bordes, L. Denoyer, M. Ranzato, "Fader Networks:
// Manipulating Images by Sliding Attributes", NIPS 2017, arXiv 1706.00409. Sizes are those of the
// published program; the paper's begin with 16 channels. Where that draws fresh images for the
// discriminator and for the auto-encoder, a step here shows both the same.
package fader

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("fader", models.Method{
		Name:     "fader",
		Doc:      "an attribute switched by a label that the decoder reads, its code confused by a discriminator; a slider, without a guide",
		Citation: "G. Lample, N. Zeghidour, N. Usunier, A. Bordes, L. Denoyer, M. Ranzato, Fader Networks: Manipulating Images by Sliding Attributes, NIPS 2017, arXiv 1706.00409",
		Version:  2,
		Loop:     models.Loop{Iterations: 20000, Batch: 16},
		Options:  options,
		New:      func(c models.Config) (models.Model, error) { return New(c) },
		Check:    check,
	})
}

var options = []option.Option{
	{Name: "base", Kind: option.Int, Default: 32, Min: 4, Max: 128, Doc: "channels of the first stage; 32 is the published program's, 16 the paper's"},
	{Name: "dropout", Kind: option.Float, Default: 0.3, Min: 0, Max: 0.9, Doc: "share of the values that the discriminator's convolution drops in training"},
	{Name: "loss.reconstruction", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the squared reconstruction error"},
	{Name: "loss.confusion", Kind: option.Float, Default: 1e-4, Min: 0, Max: 1e3, Doc: "weight of the discriminator's cross-entropy for the other label, once it has risen; 0 trains no discriminator"},
	{Name: "loss.confusion_ramp", Kind: option.Float, Default: 0.32, Min: 0, Max: 1, Doc: "share of the iterations over which the weight of the confusion rises linearly from 0; the paper's is 500 000 steps of 1.56 million"},
	{Name: "train.learning_rate", Kind: option.Float, Default: 2e-4, Min: 1e-9, Max: 10, Doc: "of both Adam optimisers"},
	{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of Adam's moments"},
	{Name: "train.clip", Kind: option.Float, Default: 5.0, Min: 0, Max: 1e6, Doc: "bound on the global gradient norm of either optimiser; 0 does not clip"},
}

func check(c models.Config) []option.Error { return models.CheckSide(c.Shape) }

// widest is the largest number of channels of a stage, and of the discriminator's hidden layer.
const widest = 512

// attributes are the values of a label.
const attributes = 2

// Model is the auto-encoder and its discriminator.
type Model struct {
	shape   domains.Shape
	options option.Values
	seed    uint64
	ps      *models.Parameters
	memory  ops.Memory // of all programs: only one runs at a time
	encoder layers.Stack
	decoder []layers.Stack // a stage each, before which the label is shown
	judge   layers.Stack
	auto    *models.Optimiser
	disc    *models.Optimiser // nil without a confusion loss
	step    *step             // made at the first step
	encode  *models.Reader    // made when first asked for, as decode
	decode  *models.Reader
	last    []models.Loss
}

var (
	_ models.Model   = (*Model)(nil)
	_ models.Encoder = (*Model)(nil)
	_ models.Graded  = (*Model)(nil)
	_ models.Costed  = (*Model)(nil)
)

// New makes a model with weights drawn from the seed's streams.
func New(c models.Config) (*Model, error) {
	if faults := check(c); len(faults) > 0 {
		return nil, fmt.Errorf("models: fader: %s: %s", faults[0].Option, faults[0].Problem)
	}
	o := c.Options
	m := &Model{shape: c.Shape, options: o, seed: c.Seed, ps: models.NewParameters()}
	m.networks()
	m.encoder.Init(m.ps, c.Seed)
	for _, stage := range m.decoder {
		stage.Init(m.ps, c.Seed)
	}
	m.judge.Init(m.ps, c.Seed)
	betas := o.Floats("train.betas")
	adam := kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8, Rate: o.Float("train.learning_rate")}
	m.auto = models.NewOptimiser("autoencoder", adam, o.Float("train.clip"), m.trained())
	if o.Float("loss.confusion") > 0 {
		m.disc = models.NewOptimiser("discriminator", adam, o.Float("train.clip"), m.ps.Trained("discriminator/"))
	}
	return m, nil
}

// networks writes down the tables. At 128 pixels and base 32 the encoder has 32 64 128 256 512 512
// channels, halving the image to 2 x 2 places; the decoder goes back, and the discriminator on.
func (m *Model) networks() {
	n, side := models.Halvings(m.shape.Height), m.shape.Height
	widths := []int{m.shape.Channels}
	for i := range n + 1 {
		widths = append(widths, min(m.options.Int("base")<<i, widest))
	}
	stage := func(out int) layers.Conv { return layers.Conv{Channels: out, Kernel: 4, Stride: 2, Padding: 1} }
	leaky := layers.Relu{Slope: models.LeakySlope}
	m.encoder = layers.Stack{Name: "encoder", In: []int{m.shape.Channels, side, side}}
	for i, out := range widths[1 : n+1] {
		m.encoder.Layers = append(m.encoder.Layers, stage(out))
		if i > 0 {
			m.encoder.Layers = append(m.encoder.Layers, layers.BatchNorm{})
		}
		m.encoder.Layers = append(m.encoder.Layers, leaky)
	}
	for i := n; i > 0; i-- {
		at := 2 << (n - i)
		s := layers.Stack{Name: fmt.Sprintf("decoder%d", n+1-i), In: []int{widths[i] + attributes, at, at},
			Layers: []layers.Layer{layers.Deconv{Channels: widths[i-1], Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}, layers.Tanh{}}}
		if i > 1 {
			s.Layers = append(s.Layers[:1], layers.BatchNorm{}, layers.Relu{})
		}
		m.decoder = append(m.decoder, s)
	}
	m.judge = layers.Stack{Name: "discriminator", In: []int{widths[n], 2, 2}, Layers: []layers.Layer{stage(widths[n+1]), layers.BatchNorm{}, leaky,
		layers.Dropout{Rate: m.options.Float("dropout")}, layers.Flatten{}, layers.Linear{Units: widest}, leaky, layers.Linear{Units: attributes}}}
}

// trained are the parameters of the auto-encoder.
func (m *Model) trained() []*models.Parameter { return m.ps.Trained("encoder/", "decoder") }

// bind starts a graph whose parameters are the model's.
func (m *Model) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &m.memory).Quick(), m.ps)
}

// decoded adds the images of codes under labels (N x 2), which each stage sees at every place.
func (m *Model) decoded(b *models.Binding, code, labels *ops.Node) *ops.Node {
	for _, s := range m.decoder {
		code = s.Build(b, b.Graph.Channels(s.Name+"/label", code, b.Graph.Spread(s.Name+"/spread", s.In[1], s.In[2], labels)))
	}
	return code
}

// Parameters are those of all networks, running statistics too.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are the auto-encoder's and, with a confusion loss, the discriminator's.
func (m *Model) Optimisers() []*models.Optimiser {
	if m.disc == nil {
		return []*models.Optimiser{m.auto}
	}
	return []*models.Optimiser{m.auto, m.disc}
}

// Layers are the convolutions.
func (m *Model) Layers() (out []models.Layer) {
	out = m.encoder.Convolutions()
	for _, s := range m.decoder {
		out = append(out, s.Convolutions()...)
	}
	return append(out, m.judge.Convolutions()...)
}

// MACs counts, for each of two images, three passes (forward and two gradients) of the auto-encoder,
// less the gradient by the image; and, with a confusion loss, the codes that the discriminator
// learns from, its own three passes less the gradient by those, and two passes by which the encoder
// is confused.
func (m *Model) MACs() int {
	encoder, first := m.encoder.MACs()
	total := 3*encoder - first
	for _, s := range m.decoder {
		all, _ := s.MACs()
		total += 3 * all
	}
	if m.disc != nil {
		judge, given := m.judge.MACs()
		total += encoder + 5*judge - given
	}
	return 2 * total
}
