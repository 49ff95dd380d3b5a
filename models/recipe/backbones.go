package recipe

import (
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models/layers"
)

// A backbone is a network by its tables: encoder first, then the classifier without its last
// layer, which has as many units as there are classes.
var backbones = []struct {
	name    string
	encoder []layers.Layer
}{
	// Y. LeCun's LeNet as ADDA, CDAN and CyCADA write it: pooling before the activation.
	{"l20-50", []layers.Layer{
		layers.Conv{Channels: 20, Kernel: 5, Stride: 1}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Conv{Channels: 50, Kernel: 5, Stride: 1}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Flatten{}, layers.Linear{Units: 500}, layers.Relu{},
	}},
	{"l20-50-bn", []layers.Layer{
		layers.Conv{Channels: 20, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Conv{Channels: 50, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Flatten{}, layers.Linear{Units: 500, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
	}},
	{"p-small", []layers.Layer{
		layers.Conv{Channels: 16, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Flatten{}, layers.Linear{Units: 128}, layers.Relu{},
	}},
	{"p-small-bn", []layers.Layer{
		layers.Conv{Channels: 16, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Flatten{}, layers.Linear{Units: 128, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
	}},
}

// Normalises says whether a backbone has batch normalisation.
func Normalises(name string) bool {
	for _, b := range backbones {
		if b.name == name {
			return slices.Contains(b.encoder, layers.Layer(layers.BatchNorm{}))
		}
	}
	return false
}

// BackboneNames are the values of the option backbone.
func BackboneNames() (out []string) {
	for _, b := range backbones {
		out = append(out, b.name)
	}
	return out
}

// Backbone makes encoder, with further layers at its end, and head for images of a shape. The
// options have checked the name.
func Backbone(name string, s domains.Shape, classes int, top ...layers.Layer) (encoder, head layers.Stack) {
	for _, b := range backbones {
		if b.name == name {
			encoder = layers.Stack{Name: "encoder", In: []int{s.Channels, s.Height, s.Width}, Layers: append(slices.Clone(b.encoder), top...)}
		}
	}
	head = layers.Stack{Name: "classifier", Layers: []layers.Layer{layers.Linear{Units: classes}}}
	if shapes, err := encoder.Shapes(); err == nil {
		head.In = shapes[len(shapes)-1]
	}
	return encoder, head
}
