package recipe

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// A Network is an encoder of images into features and a head of features into logits.
type Network struct {
	models.Config
	Encoder, Head layers.Stack
	More          []layers.Stack // further heads: the logits of an image are the mean of all
	ps            *models.Parameters
	memory        ops.Memory  // of all programs: only one runs at a time
	eval          *evaluation // made at the first reading
}

// networkOptions are the options of every method's network, the backbone by default as named,
// or the first.
func networkOptions(backbone string) []option.Option {
	if backbone == "" {
		backbone = backbones[0].name
	}
	return []option.Option{{Name: "backbone", Kind: option.Choice, Default: backbone, Choices: BackboneNames(),
		Doc: "network: l20-50 (two convolutions of 20 and 50 channels, 500 features), p-small (16 and 32, 128 features), -bn with batch normalisation; g-dann, mcd-28 and se-28 are those of the papers of dann, mcd and se"},
		{Name: "standardise", Kind: option.Bool, Default: false, Later: true, Doc: "bring every channel of each image to mean 0 and variance 1 before the network"}}
}

// statisticsOption is how batch normalisation goes about two domains, by default as named, or
// joint; of networks without it the option changes nothing.
func statisticsOption(usual string) option.Option {
	if usual == "" {
		usual = "joint"
	}
	return option.Option{Name: "statistics", Kind: option.Choice, Default: usual, Choices: []string{"joint", "separate", "target"},
		Doc: "of batch normalisation, where the backbone has it: of both domains together, of each by itself (the running ones follow both), or of each by itself with running ones that follow the target alone"}
}

// NewNetwork makes one of the backbone that the options name, with weights from the seed's
// streams; top are further layers of the encoder.
func NewNetwork(c models.Config, top ...layers.Layer) (*Network, error) {
	encoder, head := Backbone(c, top...)
	return NetworkOf(c, encoder, head)
}

// NetworkOf makes one of encoder and head.
func NetworkOf(c models.Config, encoder, head layers.Stack) (*Network, error) {
	if c.Classes < 2 {
		return nil, fmt.Errorf("models: the source has %d classes, want 2 at least", c.Classes)
	}
	n := &Network{Config: c, ps: models.NewParameters(), Encoder: encoder, Head: head}
	if _, err := n.Encoder.Shapes(); err != nil {
		return nil, err
	}
	n.Encoder.Init(n.ps, c.Seed)
	n.Head.Init(n.ps, c.Seed)
	return n, nil
}

// Twin is another network of the same layers, which shares the parameters as long as its
// stacks keep their names.
func (n *Network) Twin() *Network {
	return &Network{Config: n.Config, ps: n.ps, Encoder: n.Encoder, Head: n.Head}
}

// CheckNetwork finds images that the backbone cannot take.
func CheckNetwork(c models.Config) []option.Error {
	encoder, _ := Backbone(c)
	if _, err := encoder.Shapes(); err != nil {
		return []option.Error{{Option: "image.size", Problem: fmt.Sprintf("%d is too small for model.backbone %s: %v", min(c.Shape.Height, c.Shape.Width), c.Options.String("backbone"), err)}}
	}
	return nil
}

// Parameters are those of encoder and head, and of what a method adds to them.
func (n *Network) Parameters() *models.Parameters { return n.ps }

// Layers are the encoder's convolutions.
func (n *Network) Layers() []models.Layer { return n.Encoder.Convolutions() }

// Bind starts a graph whose parameters are the network's.
func (n *Network) Bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &n.memory), n.ps)
}

// ImageInput is room for so many images, n x channels x height x width.
func (n *Network) ImageInput(count int) (*tensor.Dense, []float32) {
	return models.Input(count, n.Shape.Channels, n.Shape.Height, n.Shape.Width)
}

// evalBatch images are read at a time; what the last batch does not fill is left from the one
// before, and not read.
const evalBatch = 128

// An evaluation is the program that reads images. It changes nothing.
type evaluation struct {
	images  []float32
	program *ops.Program
}

func (n *Network) newEvaluation() (*evaluation, error) {
	e, b := &evaluation{}, n.Bind()
	x, images := n.ImageInput(evalBatch)
	e.images = images
	features := n.Encoder.Build(b, b.Graph.Bind("images", x))
	var err error
	out := []*ops.Node{features, n.Head.Build(b, features)}
	for _, head := range n.More {
		out = append(out, head.Build(b, features))
	}
	e.program, err = b.Graph.Compile(out...)
	return e, err
}

// Read returns features and logits of images, n x the width of the encoder's last layer and n x
// classes. Memory does not grow with n beyond what it returns.
func (n *Network) Read(x *domains.Images) (features, logits *models.Block, err error) {
	if x.Shape != n.Shape {
		return nil, nil, fmt.Errorf("models: images are %v, the network takes %v", x.Shape, n.Shape)
	}
	if n.eval == nil {
		if n.eval, err = n.newEvaluation(); err != nil {
			return nil, nil, err
		}
	}
	count := x.Len()
	features = models.NewBlock(models.Features, count, n.Encoder.Out()[0], 1)
	logits = models.NewBlock("", count, n.Classes, 1)
	for lo := 0; lo < count; lo += evalBatch {
		hi := min(count, lo+evalBatch)
		copy(n.eval.images, x.Range(lo, hi).Data)
		if err := n.eval.program.Run(); err != nil {
			return nil, nil, err
		}
		for i, out := range []*models.Block{features, logits} {
			copy(out.Data[lo*out.D:hi*out.D], n.eval.program.Output(i).Data().([]float32))
		}
		for k := range n.More {
			also := n.eval.program.Output(2 + k).Data().([]float32)
			for i := range logits.Data[lo*logits.D : hi*logits.D] {
				logits.Data[lo*logits.D+i] += also[i]
			}
		}
	}
	for i := range logits.Data {
		logits.Data[i] /= float32(1 + len(n.More))
	}
	return features, logits, nil
}

// Encode returns the features of images, n x the width of the encoder's last layer.
func (n *Network) Encode(x *domains.Images) (models.Codes, error) {
	features, _, err := n.Read(x)
	return models.Codes{features}, err
}

// Classify returns the logits of images, n x classes.
func (n *Network) Classify(x *domains.Images) (*models.Block, error) {
	_, logits, err := n.Read(x)
	return logits, err
}

// FillLabels writes the classes of the source as the losses take them.
func (n *Network) FillLabels(dst []float32, labels []int) error {
	return models.FillLabels(dst, labels, n.Classes)
}
