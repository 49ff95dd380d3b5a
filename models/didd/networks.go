package didd

import (
	"math/bits"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// codeStages is the number of stages from images of a side to codes of another: each halves it.
func codeStages(side, codes int) int { return bits.Len(uint(side)) - bits.Len(uint(codes)) }

// decoderWidth is the number of channels of the decoder's first stage, and of a whole code unless its
// common part has a number of its own: base·2^(stages−2), with 6 stages at the reference's 128 pixels.
func decoderWidth(stages, base int) int { return base << (stages - 2) }

// networks holds the four convolutional networks of the method by their tables.
type networks struct {
	common, separateA, separateB, decoder models.Network
	codes, separate                       int // channels of the common and of each separate code
	side                                  int // places of a code's plane, across and down
	judged, hidden                        int // inputs and hidden units of the discriminator
}

// newNetworks writes down the tables of specs for a side of 16 to 256 pixels. At
// 128, base 32 and separate 25 they are the reference's, stage for stage:
// common 32 64 128 256 487 462, separate 32 64 128 256 512 25, decoder 512 256
// 128 64 32 3.
func newNetworks(side, channels int, o option.Values) networks {
	n, base, s := codeStages(side, o.Int("code_side")), o.Int("base"), o.Int("separate")
	width := decoderWidth(n, base)
	spectral, last := o.Bool("spectral_norm"), o.String("norm.last")
	encoder := func(name string, outs []int, norm, lastNorm bool) models.Network {
		net := models.Network{Name: name, In: channels}
		for _, out := range outs {
			net.Stages = append(net.Stages, models.Stage{Out: out, Spectral: spectral, Norm: norm, Activation: models.LeakyRelu})
		}
		net.Stages[n-1].Norm = lastNorm
		return net
	}
	var common, separate, decoder []int
	for i := range n - 1 {
		separate = append(separate, base<<i)
		decoder = append(decoder, width>>i)
	}
	codes := o.Int("common")
	if codes == 0 {
		codes = width - 2*s
	}
	common = append(append(common, separate[:n-2]...), width-s, codes)
	separate = append(separate, s)
	nets := networks{
		common:    encoder("common", common, true, last != "none"),
		separateA: encoder("separate-a", separate, o.Bool("norm.separate"), last == "all"),
		separateB: encoder("separate-b", separate, o.Bool("norm.separate"), last == "all"),
		decoder:   models.Network{Name: "decoder", In: codes + 2*s, Transposed: true},
		codes:     codes, separate: s, side: o.Int("code_side"), hidden: width,
	}
	nets.judged = nets.places() * nets.codes
	if o.Bool("label.conditional") {
		nets.judged = o.Int("label.map")
	}
	nets.common.Stages[1].Norm = o.Bool("norm.common_stage2")
	for _, out := range decoder {
		nets.decoder.Stages = append(nets.decoder.Stages, models.Stage{Out: out, Spectral: spectral, Norm: true, Activation: models.Relu})
	}
	nets.decoder.Stages = append(nets.decoder.Stages, models.Stage{Out: channels, Activation: models.Tanh})
	return nets
}

// places are those of a code's plane.
func (n networks) places() int { return n.side * n.side }

func (n networks) autoencoder() []models.Network {
	return []models.Network{n.common, n.separateA, n.separateB, n.decoder}
}

// init adds all parameters, the discriminator's two linear layers included.
func (n networks) init(ps *models.Parameters, seed uint64) {
	for _, net := range n.autoencoder() {
		net.Init(ps, seed)
	}
	models.InitLinear(ps, "discriminator/linear1", n.judged, n.hidden, seed)
	models.InitLinear(ps, "discriminator/linear2", n.hidden, 1, seed)
}

// discriminator adds flat codes (N x codes·places), or what is judged in their place, to logits
// (N x 1); the domain is A where they are positive.
func discriminator(b *models.Binding, frozen bool, flat *ops.Node) *ops.Node {
	h := b.Graph.Linear("discriminator/linear1", frozen, flat, b.Node("discriminator/linear1/weight"), b.Node("discriminator/linear1/bias"))
	h = b.Graph.LeakyRelu("discriminator/relu1", models.LeakySlope, h)
	return b.Graph.Linear("discriminator/linear2", frozen, h, b.Node("discriminator/linear2/weight"), b.Node("discriminator/linear2/bias"))
}
