package munit

import (
	"strings"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// networks are those of a domain.
type networks struct {
	name                string
	content, style, mlp layers.Stack
	patches             adversary.Patches
	channels            int // of an image
	width, blocks       int // of a content code; in an encoder and in the decoder
}

// newNetworks writes down the tables. At 128 pixels they are the paper's, channel for channel:
// content 64 128 256 and four blocks, style 64 128 256 256 256, decoder 256 128 64 3.
func newNetworks(name string, c models.Config) networks {
	o, side := c.Options, c.Shape.Height
	base := adversary.BySize(o.Int("base"), side, 32, 32, 64)
	n := networks{name: name, channels: c.Shape.Channels, width: 4 * base, blocks: adversary.BySize(o.Int("blocks"), side, 2, 3, 4)}
	image := []int{c.Shape.Channels, side, side}
	n.content = layers.Stack{Name: name + "/generator/content", In: image, Layers: []layers.Layer{
		mirrored(base, 7, 1), layers.Standardise{Relu: true}, mirrored(2*base, 4, 2), layers.Standardise{Relu: true}, mirrored(4*base, 4, 2), layers.Standardise{Relu: true},
	}}
	for range n.blocks {
		n.content.Layers = append(n.content.Layers, block(4*base, layers.Standardise{Relu: true}, layers.Standardise{}))
	}
	n.style = layers.Stack{Name: name + "/generator/style", In: image, Layers: []layers.Layer{mirrored(base, 7, 1), layers.Relu{}}}
	for i := range adversary.BySize(o.Int("halvings"), side, 3, 4, 4) {
		n.style.Layers = append(n.style.Layers, mirrored(base<<min(i+1, 2), 4, 2), layers.Relu{})
	}
	n.style.Layers = append(n.style.Layers, layers.Mean{}, layers.Linear{Units: o.Int("style")})
	hidden := adversary.BySize(o.Int("mlp"), side, 128, 128, 256)
	n.mlp = layers.Stack{Name: name + "/generator/mlp", In: []int{o.Int("style")}, Layers: []layers.Layer{
		layers.Linear{Units: hidden}, layers.Relu{}, layers.Linear{Units: hidden}, layers.Relu{}, layers.Linear{Units: 2 * 2 * n.blocks * n.width},
	}}
	n.patches = adversary.New(name+"/discriminator", image, 0.2, o)
	return n
}

// mirrored is a convolution that keeps an image's size, or halves it, with mirrored padding.
func mirrored(channels, kernel, stride int) layers.Conv {
	return layers.Conv{Channels: channels, Kernel: kernel, Stride: stride, Padding: (kernel - 1) / 2, Reflect: true}
}

// block is a residual block of two convolutions with the given norms.
func block(channels int, first, second layers.Layer) layers.Residual {
	return layers.Residual{Layers: []layers.Layer{mirrored(channels, 3, 1), first, mirrored(channels, 3, 1), second}}
}

// decoder is the decoder's table by styles, nil where only shapes are asked for.
func (n networks) decoder(of *layers.Styles) layers.Stack {
	content := n.content.Out()
	s := layers.Stack{Name: n.name + "/generator/decoder", In: content}
	for range n.blocks {
		s.Layers = append(s.Layers, block(n.width, layers.Adaptive{Relu: true, Styles: of}, layers.Adaptive{Styles: of}))
	}
	for _, channels := range []int{n.width / 2, n.width / 4} {
		s.Layers = append(s.Layers, layers.DoubledConv{Channels: channels}, layers.LayerNorm{Spread: kernels.Unbiased})
	}
	s.Layers = append(s.Layers, mirrored(n.channels, 7, 1), layers.Tanh{})
	return s
}

// decode adds images of content codes and styles, row by row.
func (n networks) decode(b *models.Binding, content, style *ops.Node) *ops.Node {
	return n.decoder(&layers.Styles{Rows: n.mlp.Build(b, style)}).Build(b, content)
}

// init adds all parameters.
func (n networks) init(ps *models.Parameters, seed uint64) {
	for _, s := range []layers.Stack{n.content, n.style, n.mlp, n.decoder(nil)} {
		s.Init(ps, seed)
	}
	n.patches.Init(ps, seed)
	for _, p := range ps.Below(n.name + "/") {
		switch {
		case strings.HasSuffix(p.Name, "/bias"):
			p.Fill(0)
		case strings.HasSuffix(p.Name, "/weight") && strings.HasPrefix(p.Name, n.patches.Name+"/"):
			p.InitDeviation(seed, 0.02)
		case strings.HasSuffix(p.Name, "/weight"):
			p.InitDeviation(seed, p.KaimingDeviation())
		}
	}
}
