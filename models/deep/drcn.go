package deep

import (
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "drcn",
		Doc:      "features that classify the source and from which the target's images, half of their pixels black, can be made anew",
		Citation: "M. Ghifary et al., Deep reconstruction-classification networks for unsupervised domain adaptation, ECCV 2016, arXiv 1607.03516",
		Version:  1,
		Options: []option.Option{
			{Name: "noise", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the pixels that are black in what the encoder sees of the target"},
			{Name: "reconstruction_rate", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "learning rate of the reconstruction over that of the classification"},
		},
		Check:  recipe.CheckDecoder,
		Phases: both,
		New:    newDRCN,
	}, recipe.Recipe{Rate: 3e-4})
}

// both are a training whose every step sees both domains.
func both(c models.Config) []models.Phase {
	return []models.Phase{{Name: "train", Steps: c.Options.Int("train.iterations"), Shows: [2]bool{true, true}}}
}

// A drcn makes two updates a step, of moments of their own: encoder and classifier by the
// source, then encoder and decoder by the target. (The paper has passes over either domain in
// turn.)
type drcn struct {
	*recipe.Model
	decoder layers.Stack
	anew    *models.Optimiser
	pass    *recipe.Pass // of the reconstruction; made at the first step
	images  []float32    // that it is to make
	last    []models.Loss
}

var (
	_ models.Classifier = (*drcn)(nil)
	_ models.Costed     = (*drcn)(nil)
)

func newDRCN(c models.Config) (models.Model, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	m := &drcn{Model: recipe.ModelOf("drcn", recipe.Recipe{}, n)}
	m.decoder = recipe.Decoder("decoder", n.Encoder.Out(), c.Shape)
	m.decoder.Init(n.Parameters(), c.Seed)
	m.anew = models.NewOptimiser("reconstruction", recipe.Adam(c.Options), c.Options.Float("train.clip"), m.trained())
	return m, nil
}

// trained are the parameters that the reconstruction moves.
func (m *drcn) trained() []*models.Parameter { return m.Parameters().Trained("encoder/", "decoder/") }

// Optimisers are that of the classification and that of the reconstruction.
func (m *drcn) Optimisers() []*models.Optimiser { return append(m.Model.Optimisers(), m.anew) }

// MACs adds three passes of encoder and decoder on the target.
func (m *drcn) MACs() int {
	encoder, first := m.Encoder.MACs()
	decoder, _ := m.decoder.MACs()
	return m.Model.MACs() + 3*(encoder+decoder) - first
}

func (m *drcn) newPass(count int) (*recipe.Pass, error) {
	return m.NewPass(count, 0, m.trained(), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		clean, images := models.Input(count, m.Shape.Len())
		m.images = images
		made := b.Graph.Flatten("decoder/flat", m.decoder.Build(b, m.Encoder.Build(b, x)))
		p.Terms = []recipe.Term{{Name: "reconstruction", Weight: 1, Node: b.Graph.Squares("loss/reconstruction", ops.Rows{Lo: 0, Hi: count}, false, made, b.Graph.Bind("clean", clean))}}
	})
}

// Step classifies, then reconstructs.
func (m *drcn) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if m.pass == nil {
		count, err := recipe.LenOf(m.Name, b, 1-m.Source)
		if err != nil {
			return nil, err
		}
		if m.pass, err = m.newPass(count); err != nil {
			return nil, err
		}
	}
	if err := m.pass.Show(m.Name, b, 1-m.Source); err != nil {
		return nil, err
	}
	losses, err := m.Model.Step(at, b)
	if err != nil {
		return nil, err
	}
	copy(m.images, m.pass.Images)
	blacken(m.pass.Images, m.Shape.Height*m.Shape.Width, m.Shape.Channels, m.Options.Float("noise"), m.Seed, at)
	if err := m.pass.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses = append(slices.Clone(losses), m.pass.Losses()...)
	if err := models.CheckFinite(m.Name, at+1, losses, m.last); err != nil {
		return nil, err
	}
	m.last = losses
	m.anew.Rate = m.Optimiser.Rate * m.Options.Float("reconstruction_rate")
	m.anew.Update(m.pass.Program)
	return losses, nil
}

// blacken makes a share of the pixels of images black, all channels of a pixel together, drawn
// from a stream of the step.
func blacken(images []float32, pixels, channels int, share float64, seed uint64, step int) {
	r := stream.New(seed, "impulses", step)
	for at := 0; at < len(images); at += channels * pixels {
		for i := range pixels {
			if r.Float64() < share {
				for c := range channels {
					images[at+c*pixels+i] = -1
				}
			}
		}
	}
}
