// Package icgan is IcGAN: a conditional generator of images from random codes and labels and, when
// it is trained, two encoders that invert it: codes of images that it makes, labels of real ones.
// An image is edited by making it anew with other labels; no loss holds it to what it was.
//
// G. Perarnau, J. van de Weijer, B. Raducanu, J. M. Álvarez, "Invertible Conditional GANs for image
// editing", NIPS Workshop on Adversarial Training 2016, arXiv 1611.06355.
package icgan

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("icgan", models.Method{
		Name:     "icgan",
		Doc:      "a generator conditioned on labels, and encoders that find an image's code and labels",
		Citation: "G. Perarnau, J. van de Weijer, B. Raducanu, J. M. Álvarez, Invertible Conditional GANs for image editing, NIPS Workshop on Adversarial Training 2016, arXiv 1611.06355",
		Version:  2,
		Loop:     models.Loop{Iterations: 25000, Batch: 32},
		Options: []option.Option{
			{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the generator's last stage but one and the critic's first; 0: the paper's 64 from 128 pixels on, 32 below"},
			{Name: "code", Kind: option.Int, Default: 0, Min: 0, Max: 4096, Doc: "numbers of a code; 0: the paper's 100 from 128 pixels on, 64 below"},
			{Name: "encoder_base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the encoders' first stage; 0: the paper's 32 from 128 pixels on, 16 below"},
			{Name: "hidden", Kind: option.Int, Default: 0, Min: 0, Max: 4096, Doc: "units of the hidden layer of the encoder of labels; 0: the paper's 512 from 128 pixels on, 128 below"},
			{Name: "threshold", Kind: option.Bool, Default: true, Doc: "edits take predicted labels as there or not, by their sign; else as predicted"},
			{Name: "strength", Kind: option.Float, Default: 1.0, Min: 0.01, Max: 10, Doc: "of edits: 1 asks for labels as in training"},
			{Name: "loss.wrong", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "weight of real images with wrong labels among what the critic should refuse; made images have the rest"},
			{Name: "train.encoders", Kind: option.Float, Default: 0.2, Min: 0.01, Max: 0.99, Doc: "share of the iterations, at the end, in which the encoders are trained"},
			{Name: "train.learning_rate", Kind: option.Float, Default: 2e-4, Min: 1e-9, Max: 10, Doc: "of generator and critic"},
			{Name: "train.betas", Kind: option.Floats, Default: []float64{0.5, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of their moments in Adam"},
			{Name: "train.encoder_rate", Kind: option.Float, Default: 1e-4, Min: 1e-9, Max: 10, Doc: "learning rate of the encoders"},
			{Name: "train.encoder_betas", Kind: option.Floats, Default: []float64{0.1, 0.999}, Length: 2, Min: 0, Max: 0.999999, Doc: "decay of their moments in Adam"},
		},
		New:    func(c models.Config) (models.Model, error) { return newModel(c) },
		Phases: phases,
		Check:  labelled.CheckSize,
	})
}

// encoderSteps are those in which the encoders are trained.
func encoderSteps(o option.Values) int {
	return int(math.Round(o.Float("train.encoders") * float64(o.Int("train.iterations"))))
}

func phases(c models.Config) []models.Phase {
	n, both := encoderSteps(c.Options), [2]bool{true, true}
	return []models.Phase{
		{Name: "generator", Steps: c.Options.Int("train.iterations") - n, Shows: both},
		{Name: "encoders", Steps: n, Shows: both, RefreshEvery: max(1, n)}, // once, before the first
	}
}

// Model is the networks with what trains and evaluates them.
type Model struct {
	shape     domains.Shape
	options   option.Values
	seed      uint64
	nets      networks
	ps        *models.Parameters
	generator *models.Optimiser
	critic    *models.Optimiser
	encoders  *models.Optimiser
	gan       *ganStep     // made at the first step of its phase
	inverse   *inverseStep // and this
	eval      *evaluation  // made at the first encoding
	memory    ops.Memory   // of all programs: only one runs at a time
	last      []models.Loss
}

var (
	_ models.Model     = (*Model)(nil)
	_ models.Decoder   = (*Model)(nil)
	_ models.Graded    = (*Model)(nil)
	_ models.Refresher = (*Model)(nil)
	_ models.Costed    = (*Model)(nil)
)

// initialDeviation is that of first weights of generator and critic, and of their scales about 1.
const initialDeviation = 0.02

func newModel(c models.Config) (*Model, error) {
	if faults := labelled.CheckSize(c); len(faults) > 0 {
		return nil, fmt.Errorf("models: icgan: %s: %s", faults[0].Option, faults[0].Problem)
	}
	o := c.Options
	m := &Model{shape: c.Shape, options: o, seed: c.Seed, nets: newNetworks(c.Shape.Height, c.Shape.Channels, sizesOf(o, c.Shape.Height), labelled.Labels), ps: models.NewParameters()}
	for _, s := range m.nets.all() {
		s.Init(m.ps, c.Seed)
	}
	for _, p := range m.ps.Trained("generator/", "critic/") {
		switch {
		case len(p.Shape) > 1:
			p.InitDeviation(c.Seed, initialDeviation)
		case p.Data[0] == 1: // a scale
			p.InitDeviation(c.Seed, initialDeviation)
			for i := range p.Data {
				p.Data[i]++
			}
		default:
			p.Fill(0)
		}
	}
	optimiser := func(name, rate, betas string, prefixes ...string) *models.Optimiser {
		b := o.Floats(betas)
		return models.NewOptimiser(name, kernels.Adam{Rate: o.Float(rate), Beta1: b[0], Beta2: b[1], Epsilon: 1e-8}, 0, m.ps.Trained(prefixes...))
	}
	m.generator = optimiser("generator", "train.learning_rate", "train.betas", "generator/")
	m.critic = optimiser("critic", "train.learning_rate", "train.betas", "critic/")
	m.encoders = optimiser("encoders", "train.encoder_rate", "train.encoder_betas", "latent/", "labels/")
	return m, nil
}

// Parameters are the model's, running moments too.
func (m *Model) Parameters() *models.Parameters { return m.ps }

// Optimisers are those of generator, critic and encoders.
func (m *Model) Optimisers() []*models.Optimiser {
	return []*models.Optimiser{m.generator, m.critic, m.encoders}
}

// Layers are the convolutions of all networks.
func (m *Model) Layers() (out []models.Layer) {
	for _, s := range m.nets.all() {
		out = append(out, s.Convolutions()...)
	}
	return out
}

// MACs counts a step of the first phase, by far the longer: of an image four passes of the
// generator (one makes it for the critic), three of the critic on a real image with its labels, with
// wrong ones, of which the first stage sees one, and on a made one, and two for the generator's sake.
func (m *Model) MACs() int {
	image, joint := layers.MACs(m.nets.image), layers.MACs(m.nets.joint)
	return 2 * (4*layers.MACs(m.nets.generator) + 3*(2*image+3*joint) + 2*(image+joint))
}

// bind starts a graph whose parameters are the model's.
func (m *Model) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &m.memory).Quick(), m.ps)
}
