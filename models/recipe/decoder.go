package recipe

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
)

// Decoder is a network that makes images, in [−1, 1], of rows of features: a linear layer and
// two doublings, of 32 and 16 channels.
func Decoder(name string, features []int, s domains.Shape) layers.Stack {
	doubling := layers.Deconv{Channels: 16, Kernel: 4, Stride: 2, Padding: 1}
	last := doubling
	last.Channels = s.Channels
	return layers.Stack{Name: name, In: features, Layers: []layers.Layer{
		layers.Linear{Units: 32 * s.Height / 4 * (s.Width / 4)}, layers.Relu{}, layers.Unflatten{Channels: 32, Height: s.Height / 4, Width: s.Width / 4},
		doubling, layers.Relu{}, last, layers.Tanh{},
	}}
}

// CheckDecoder finds images that the network or its decoder cannot take.
func CheckDecoder(c models.Config) []option.Error {
	for _, side := range []int{c.Shape.Height, c.Shape.Width} {
		if side%4 != 0 {
			return []option.Error{{Option: "image.size", Problem: fmt.Sprintf("%d is not a multiple of 4, which the decoder doubles twice", side)}}
		}
	}
	return CheckNetwork(c)
}
