package drit

import (
	"strings"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/adversary"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// slope is that of the leaky layers, but for those of the attribute encoders.
const slope = 0.01

// Prefixes of the parameters that are trained together.
var (
	makers       = []string{"a/content/", "b/content/", "content/", "generator/", "a/generator/", "b/generator/"}
	readers      = []string{"a/attribute", "b/attribute"}
	judges       = []string{"a/discriminator", "b/discriminator"}
	contentJudge = "content-discriminator/"
)

// networks are the tables: of each domain, of both, and of the content discriminator.
type networks struct {
	of                    [2]domain
	tail, shared, content layers.Stack
}

// A domain has a branch of the content encoder, an attribute encoder with two ends, a generator
// and discriminators of translations with encoded and with random attributes.
type domain struct {
	branch, attribute, mean, spread layers.Stack
	encoded, random                 adversary.Patches
	name                            string
	code                            []int // shape of a content code
	channels, blocks                int
	width                           int // of an attribute vector
}

// newNetworks writes down the tables. From 128 pixels on they are the paper's, channel for
// channel: content 64 128 256 and three blocks, attributes 64 128 192 256, generator 264 136 72 3.
func newNetworks(c models.Config) networks {
	o, side := c.Options, c.Shape.Height
	base, width := adversary.BySize(o.Int("base"), side, 32, 32, 64), o.Int("style")
	blocks := adversary.BySize(o.Int("blocks"), side, 2, 2, 3)
	image := []int{c.Shape.Channels, side, side}
	var n networks
	for i := range n.of {
		name := domains.Side(i).String()
		d := domain{name: name, channels: c.Shape.Channels, blocks: blocks, width: width}
		d.branch = layers.Stack{Name: name + "/content", In: image, Layers: []layers.Layer{
			mirrored(base, 7, 1), layers.Relu{Slope: slope}, mirrored(2*base, 3, 2), layers.Standardise{Relu: true}, mirrored(4*base, 3, 2), layers.Standardise{Relu: true},
		}}
		for range blocks {
			d.branch.Layers = append(d.branch.Layers, block(4*base))
		}
		d.code = d.branch.Out()
		halvings := adversary.BySize(o.Int("halvings"), side, 2, 3, 3)
		d.attribute = attribute(name, image, base, halvings)
		read := []int{(1 + halvings) * base}
		d.mean = layers.Stack{Name: name + "/attribute-mean", In: read, Layers: []layers.Layer{layers.Linear{Units: width}}}
		d.spread = layers.Stack{Name: name + "/attribute-spread", In: read, Layers: []layers.Layer{layers.Linear{Units: width}}}
		d.encoded, d.random = adversary.New(name+"/discriminator", image, slope, o), adversary.New(name+"/discriminator-random", image, slope, o)
		n.of[i] = d
	}
	code := n.of[0].code
	n.tail = layers.Stack{Name: "content", In: code, Layers: []layers.Layer{block(4 * base)}}
	n.shared = layers.Stack{Name: "generator", In: code, Layers: []layers.Layer{block(4 * base)}}
	n.content = contentDiscriminator(code)
	return n
}

// mirrored is a convolution with mirrored padding that keeps an image's size or halves it.
func mirrored(channels, kernel, stride int) layers.Conv {
	return layers.Conv{Channels: channels, Kernel: kernel, Stride: stride, Padding: (kernel - 1) / 2, Reflect: true}
}

// block is a residual block.
func block(channels int) layers.Residual {
	return layers.Residual{Layers: []layers.Layer{mirrored(channels, 3, 1), layers.Standardise{Relu: true}, mirrored(channels, 3, 1), layers.Standardise{}}}
}

// attribute is the attribute encoder up to the means that its two ends read. No normalisation:
// it would erase what it reads.
func attribute(name string, image []int, base, halvings int) layers.Stack {
	leaky, half := layers.Relu{Slope: models.LeakySlope}, layers.AveragePool{Size: 2, Stride: 2}
	s := layers.Stack{Name: name + "/attribute", In: image, Layers: []layers.Layer{mirrored(base, 4, 2)}}
	for i := range halvings {
		in, out := (i+1)*base, (i+2)*base
		s.Layers = append(s.Layers, layers.Residual{
			Layers:   []layers.Layer{leaky, mirrored(in, 3, 1), leaky, mirrored(out, 3, 1), half},
			Shortcut: []layers.Layer{half, layers.Conv{Channels: out, Kernel: 1, Stride: 1}},
		})
	}
	s.Layers = append(s.Layers, leaky, layers.Mean{})
	return s
}

// contentDiscriminator judges content codes: the paper's where they are of 53 x 53 places at
// least, else halvings down to 4 x 4.
func contentDiscriminator(code []int) layers.Stack {
	s := layers.Stack{Name: strings.TrimSuffix(contentJudge, "/"), In: code}
	stage := layers.Conv{Channels: code[0], Kernel: 7, Stride: 2, Padding: 1, Reflect: true}
	halvings := 3
	if code[1] < 53 {
		stage.Kernel, halvings = 4, 0
		for side := code[1]; side >= 8; side /= 2 {
			halvings++
		}
	}
	for range halvings {
		s.Layers = append(s.Layers, stage, layers.Relu{Slope: slope})
	}
	s.Layers = append(s.Layers, layers.Conv{Channels: code[0], Kernel: 4, Stride: 1}, layers.Relu{Slope: slope}, layers.Conv{Channels: 1, Kernel: 1, Stride: 1}, layers.Flatten{})
	return s
}

// generator is the domain's part of the generator by attribute vectors, nil where only shapes are
// asked for: they stand beside the content at every width.
func (d domain) generator(z *ops.Node) layers.Stack {
	beside := layers.Beside{Width: d.width, Rows: z}
	wide := d.code[0] + d.width
	s := layers.Stack{Name: d.name + "/generator", In: d.code, Layers: []layers.Layer{beside}}
	for range d.blocks {
		s.Layers = append(s.Layers, block(wide))
	}
	for range 2 {
		wide = (wide + d.width) / 2
		s.Layers = append(s.Layers, beside, layers.Deconv{Channels: wide, Kernel: 3, Stride: 2, Padding: 1, Extra: 1}, layers.LayerNorm{})
	}
	s.Layers = append(s.Layers, beside, layers.Deconv{Channels: d.channels, Kernel: 1, Stride: 1}, layers.Tanh{})
	return s
}

// stacks are all networks but the images' discriminators.
func (n networks) stacks() (out []layers.Stack) {
	for _, d := range n.of {
		out = append(out, d.branch, d.attribute, d.mean, d.spread, d.generator(nil))
	}
	return append(out, n.tail, n.shared, n.content)
}

// init adds all parameters: weights of convolutions of standard deviation 0.02, all others as
// PyTorch draws them.
func (n networks) init(ps *models.Parameters, seed uint64) {
	for _, s := range n.stacks() {
		s.Init(ps, seed)
	}
	for _, d := range n.of {
		d.encoded.Init(ps, seed)
		d.random.Init(ps, seed)
	}
	for _, p := range ps.All() {
		if len(p.Shape) == 4 {
			p.InitDeviation(seed, 0.02)
		}
	}
}
