package recipe

import (
	"slices"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
)

// A backbone is a network by its tables: the encoder, and the classifier without its last
// layer, which has as many units as there are classes.
var backbones = []struct {
	name          string
	encoder, head []layers.Layer
}{
	// Y. LeCun's LeNet as ADDA, CDAN and CyCADA write it: pooling before the activation.
	{"l20-50", []layers.Layer{
		layers.Conv{Channels: 20, Kernel: 5, Stride: 1}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Conv{Channels: 50, Kernel: 5, Stride: 1}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Flatten{}, layers.Linear{Units: 500}, layers.Relu{},
	}, nil},
	{"l20-50-bn", []layers.Layer{
		layers.Conv{Channels: 20, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Conv{Channels: 50, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.MaxPool{Size: 2}, layers.Relu{},
		layers.Flatten{}, layers.Linear{Units: 500, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
	}, nil},
	{"p-small", []layers.Layer{
		layers.Conv{Channels: 16, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Flatten{}, layers.Linear{Units: 128}, layers.Relu{},
	}, nil},
	{"p-small-bn", []layers.Layer{
		layers.Conv{Channels: 16, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Flatten{}, layers.Linear{Units: 128, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
	}, nil},
	// Y. Ganin et al., JMLR 17 (2016), figure 4a: a classifier of its own on the convolutions.
	{"g-dann", []layers.Layer{
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 48, Kernel: 5, Stride: 1}, layers.Relu{}, layers.MaxPool{Size: 2}, layers.Flatten{},
	}, []layers.Layer{layers.Linear{Units: 100}, layers.Relu{}, layers.Linear{Units: 100}, layers.Relu{}}},
	// K. Saito et al., CVPR 2018, the network of MNIST and USPS.
	{"mcd-28", []layers.Layer{
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 48, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2}, layers.Flatten{},
	}, []layers.Layer{
		layers.Dropout{Rate: 0.5}, layers.Linear{Units: 100, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
		layers.Dropout{Rate: 0.5}, layers.Linear{Units: 100, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.Dropout{Rate: 0.5},
	}},
	// G. French et al., ICLR 2018, the network of MNIST and USPS.
	{"se-28", []layers.Layer{
		layers.Conv{Channels: 32, Kernel: 5, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Conv{Channels: 64, Kernel: 3, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{},
		layers.Conv{Channels: 64, Kernel: 3, Stride: 1, Unbiased: true}, layers.BatchNorm{}, layers.Relu{}, layers.MaxPool{Size: 2},
		layers.Flatten{}, layers.Dropout{Rate: 0.5}, layers.Linear{Units: 256}, layers.Relu{},
	}, nil},
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

// Backbone makes encoder, with further layers at its end, and head as the options of a network
// say, which have been checked.
func Backbone(c models.Config, top ...layers.Layer) (encoder, head layers.Stack) {
	name := c.Options.String("backbone")
	encoder = layers.Stack{Name: "encoder", In: []int{c.Shape.Channels, c.Shape.Height, c.Shape.Width}}
	head = layers.Stack{Name: "classifier"}
	if c.Options.Bool("standardise") {
		encoder.Layers, encoder.Ahead = []layers.Layer{layers.Standardise{}}, 1
	}
	for _, b := range backbones {
		if b.name == name {
			encoder.Layers = append(append(encoder.Layers, b.encoder...), top...)
			head.Layers = append(slices.Clone(b.head), layers.Linear{Units: c.Classes})
		}
	}
	if shapes, err := encoder.Shapes(); err == nil {
		head.In = shapes[len(shapes)-1]
	}
	return encoder, head
}
