// Package attgan is AttGAN: an encoder, a decoder that is told the labels that an image should
// have, and a critic that says how real an image is and which labels it has. Where the labels are
// the image's own, the decoder gives it back.
//
// Z. He, W. Zuo, M. Kan, S. Shan, X. Chen, "AttGAN: Facial Attribute Editing by Only Changing What
// You Want", IEEE Transactions on Image Processing 28 (2019), arXiv 1711.10678.
package attgan

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("attgan", models.Method{
		Name:     "attgan",
		Doc:      "an encoder and a decoder that is told the labels to be, with a critic that knows real images and labels",
		Citation: "Z. He, W. Zuo, M. Kan, S. Shan, X. Chen, AttGAN: Facial Attribute Editing by Only Changing What You Want, IEEE TIP 28 (2019), arXiv 1711.10678",
		Version:  2,
		Loop:     models.Loop{Iterations: 10000, Batch: 96},
		Options: slices.Concat([]option.Option{
			{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the first stage, doubling from there up to 1024; 0: the paper's 64 from 128 pixels on, 32 below"},
			{Name: "hidden", Kind: option.Int, Default: 0, Min: 0, Max: 4096, Doc: "units of the hidden layer of each of the critic's heads; 0: the paper's 1024 from 128 pixels on, 256 below"},
			labelled.Share,
		}, labelled.Options(labelled.Defaults{Reconstruction: 100, Classes: 10, Rate: 2e-4, Strength: 1.5}), []option.Option{labelled.Decay}),
		New:   newModel,
		Check: func(c models.Config) []option.Error { return labelled.Check(c, false) },
	})
}

func newModel(c models.Config) (models.Model, error) {
	if faults := labelled.Check(c, false); len(faults) > 0 {
		return nil, fmt.Errorf("models: attgan: %s: %s", faults[0].Option, faults[0].Problem)
	}
	side := c.Shape.Height
	base, hidden := labelled.Sized(c.Options.Int("base"), side, 64, 32), labelled.Sized(c.Options.Int("hidden"), side, 1024, 256)
	widths := labelled.Widths(side, base)
	return labelled.New(labelled.System{
		Name:      "attgan",
		Generator: newGenerator(side, c.Shape.Channels, widths, labelled.Norm(c.Options), labelled.Labels),
		Critic:    labelled.NewCritic(side, c.Shape.Channels, widths, hidden, labelled.Labels),
		Request:   func(_, wanted float64) float64 { return 2*wanted - 1 },
		Xavier:    true,
		Factor:    labelled.Decayed,
	}, c), nil
}

// A generator encodes an image and decodes the code with labels of -1 and 1, which join it as
// maps twice: before the first stage and, beside the encoder's last map but one, before the second.
type generator struct{ encoder, decoder []layers.Stack }

var _ labelled.Coder = generator{}

func newGenerator(side, channels int, widths []int, norm layers.BatchNorm, labels int) generator {
	extra := func(stage int) int {
		switch stage {
		case 0:
			return labels
		case 1:
			return widths[len(widths)-2] + labels
		}
		return 0
	}
	return generator{labelled.Encoder(side, channels, widths, norm), labelled.Decoder(side, channels, widths, norm, extra)}
}

func (g generator) Stacks() []layers.Stack { return slices.Concat(g.encoder, g.decoder) }

func (g generator) MACs() (edit, learn int) {
	edit = layers.MACs(g.Stacks()...)
	return edit, edit + layers.MACs(g.decoder...)
}

func (g generator) Code(b *models.Binding, x *ops.Node) *ops.Node {
	z := labelled.Encode(b, g.encoder, x)
	return z[len(z)-1]
}

func (g generator) Edit(b *models.Binding, x, request *ops.Node) *ops.Node {
	z := labelled.Encode(b, g.encoder, x)
	return g.decode(b, z[len(z)-1], z[len(z)-2], request)
}

// decode is that of a code with the encoder's last map but one.
func (g generator) decode(b *models.Binding, code, skip, request *ops.Node) *ops.Node {
	x := code
	for i, s := range g.decoder {
		at := s.In[1]
		switch i {
		case 0:
			x = b.Graph.Channels("decoder/code", x, b.Graph.Spread("decoder/labels", at, at, request))
		case 1:
			x = b.Graph.Channels("decoder/skip", x, skip, b.Graph.Spread("decoder/again", at, at, request))
		}
		x = s.Build(b, x)
	}
	return x
}

// Learn decodes both as one batch, each normalised by itself.
func (g generator) Learn(b *models.Binding, m *labelled.Moments, x, keep, edit *ops.Node) (kept, edited *ops.Node) {
	m.Use(b, 0)
	z := labelled.Encode(b, g.encoder, x)
	code, skip := z[len(z)-1], z[len(z)-2]
	return labelled.Both(b, m, keep, edit, func(request *ops.Node) *ops.Node {
		return g.decode(b, b.Graph.Join("both/code", code, code), b.Graph.Join("both/skip", skip, skip), request)
	})
}
