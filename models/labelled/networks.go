package labelled

import (
	"fmt"
	"math/bits"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// What AttGAN and STGAN share: the encoder, the decoder's stages and the critic.

// widest is the number of channels that no stage goes beyond.
const widest = 1024

// slope of their leaky relus, on the negative side.
const slope = 0.2

// Widths are the channels of the halvings of images of a side, doubling from base on: as many as
// bring it to 4 x 4, five at most.
func Widths(side, base int) (out []int) {
	for i := range min(5, bits.Len(uint(side))-3) {
		out = append(out, min(widest, base<<i))
	}
	return out
}

// half and double halve and double the side of an image.
func half(channels int) layers.Conv {
	return layers.Conv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}
}

func double(channels int) layers.Deconv {
	return layers.Deconv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}
}

// Share is the option of how much of a batch running moments take, and Norm the normalisation with
// it and the epsilon of TF-slim.
var Share = option.Option{Name: "norm.share", Kind: option.Float, Default: 0.001, Min: 1e-5, Max: 1, Doc: "of a batch in the running moments by which edits normalise; the paper's 0.001 takes some thousand updates to forget the first values"}

// Norm is batch normalisation by the option Share.
func Norm(o option.Values) layers.BatchNorm {
	return layers.BatchNorm{Epsilon: 1e-3, Share: o.Float("norm.share")}
}

// Encoder is a stack a halving: convolution, batch normalisation, leaky relu.
func Encoder(side, channels int, widths []int, norm layers.BatchNorm) (out []layers.Stack) {
	in := []int{channels, side, side}
	for i, w := range widths {
		s := layers.Stack{Name: fmt.Sprintf("encoder/%d", i+1), In: in, Layers: []layers.Layer{half(w), norm, layers.Relu{Slope: slope}}}
		out, in = append(out, s), s.Out()
	}
	return out
}

// Decoder is a stack a doubling, from the code to an image: transposed convolution, batch
// normalisation, relu, and at the end a tanh alone. Beside what the stage before made, stage i
// reads so many channels as extra says.
func Decoder(side, channels int, widths []int, norm layers.BatchNorm, extra func(stage int) int) (out []layers.Stack) {
	n := len(widths)
	at, places := widths[n-1], side>>n
	for i := range n {
		s := layers.Stack{Name: fmt.Sprintf("decoder/%d", i+1), In: []int{at + extra(i), places, places}}
		if i < n-1 {
			at = widths[n-1-i]
			s.Layers = []layers.Layer{double(at), norm, layers.Relu{}}
		} else {
			s.Layers = []layers.Layer{layers.Deconv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1}, layers.Tanh{}}
		}
		out, places = append(out, s), 2*places
	}
	return out
}

// NewCritic halves an image with instance normalisation; two heads of a hidden layer read all
// places.
func NewCritic(side, channels int, widths []int, hidden, labels int) Critic {
	trunk := layers.Stack{Name: "critic/trunk", In: []int{channels, side, side}}
	for _, w := range widths {
		trunk.Layers = append(trunk.Layers, half(w), layers.AffineNorm{Epsilon: 1e-6}, layers.Relu{Slope: slope})
	}
	trunk.Layers = append(trunk.Layers, layers.Flatten{})
	head := func(name string, units int) layers.Stack {
		return layers.Stack{Name: "critic/" + name, In: trunk.Out(), Layers: []layers.Layer{layers.Linear{Units: hidden}, layers.Relu{Slope: slope}, layers.Linear{Units: units}}}
	}
	return Critic{trunk, head("real", 1), head("labels", labels)}
}

// Encode adds what every stack of an encoder makes, one after the other.
func Encode(b *models.Binding, stacks []layers.Stack, x *ops.Node) (out []*ops.Node) {
	for _, s := range stacks {
		x = s.Build(b, x)
		out = append(out, x)
	}
	return out
}

// Sized is the value of an option that stands, where it is 0, for one by the side of images: the
// paper's from 128 pixels on, a smaller one below.
func Sized(given, side, large, small int) int {
	switch {
	case given > 0:
		return given
	case side >= 128:
		return large
	}
	return small
}
