package icgan

import (
	"math/bits"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// sizes are those of the networks.
type sizes struct{ base, code, encoder, hidden int }

func sizesOf(o option.Values, side int) sizes {
	return sizes{
		base: labelled.Sized(o.Int("base"), side, 64, 32), code: labelled.Sized(o.Int("code"), side, 100, 64),
		encoder: labelled.Sized(o.Int("encoder_base"), side, 32, 16), hidden: labelled.Sized(o.Int("hidden"), side, 512, 128),
	}
}

// networks are the generator, of rows of a code and labels, the critic's first stage, of an image,
// and the rest of it, of that beside maps of labels, and the encoders of codes and labels.
type networks struct {
	generator, image, joint, latent, labels layers.Stack
	code                                    int
}

func (n networks) all() []layers.Stack {
	return []layers.Stack{n.generator, n.image, n.joint, n.latent, n.labels}
}

// newNetworks writes down the tables: the generator doubles 4 x 4 places, the critic and the
// encoders halve to them.
func newNetworks(side, channels int, s sizes, labels int) networks {
	halvings := bits.Len(uint(side)) - 3
	n := networks{code: s.code}
	n.generator = layers.Stack{Name: "generator", In: []int{s.code + labels}, Layers: []layers.Layer{
		layers.Unflatten{Channels: s.code + labels, Height: 1, Width: 1}, layers.Deconv{Channels: s.base * side / 8, Kernel: 4, Stride: 1}, layers.BatchNorm{}, layers.Relu{},
	}}
	for i := halvings - 2; i >= 0; i-- {
		n.generator.Layers = append(n.generator.Layers, layers.Deconv{Channels: s.base << i, Kernel: 4, Stride: 2, Padding: 1}, layers.BatchNorm{}, layers.Relu{})
	}
	n.generator.Layers = append(n.generator.Layers, layers.Deconv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1}, layers.Tanh{})
	leaky := layers.Relu{Slope: 0.2}
	half := func(channels int) layers.Layer {
		return layers.Conv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1}
	}
	n.image = layers.Stack{Name: "critic/image", In: []int{channels, side, side}, Layers: []layers.Layer{half(s.base), leaky}}
	n.joint = layers.Stack{Name: "critic/joint", In: []int{s.base + labels, side / 2, side / 2}}
	for i := 1; i < halvings; i++ {
		n.joint.Layers = append(n.joint.Layers, half(s.base<<i), layers.BatchNorm{}, leaky)
	}
	n.joint.Layers = append(n.joint.Layers, layers.Conv{Channels: 1, Kernel: 4, Stride: 1}, layers.Flatten{})
	encoder := func(name string, hidden, out int) layers.Stack {
		e := layers.Stack{Name: name, In: []int{channels, side, side}}
		for i := range halvings {
			e.Layers = append(e.Layers, layers.Conv{Channels: s.encoder << i, Kernel: 5, Stride: 2, Padding: 2}, layers.BatchNorm{}, layers.Relu{})
		}
		e.Layers = append(e.Layers, layers.Flatten{}, layers.Linear{Units: hidden}, layers.BatchNorm{}, layers.Relu{}, layers.Linear{Units: out})
		return e
	}
	n.latent = encoder("latent", 16*(s.encoder<<(halvings-1)), s.code)
	n.labels = encoder("labels", s.hidden, labels)
	return n
}

// judge adds the logits of the critic's first stage on images with labels (as many rows).
func (n networks) judge(b *models.Binding, image, labels *ops.Node) *ops.Node {
	side := n.joint.In[1]
	return n.joint.Build(b, b.Graph.Channels("critic/labelled", image, b.Graph.Spread("critic/labels", side, side, labels)))
}
