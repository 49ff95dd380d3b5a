// Package adversary holds discriminators of images that several translation networks are
// trained against, and their losses.
package adversary

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// Patches is a discriminator at several scales: networks of their own that judge patches of an
// image, of the image at half its size, and so on.
//
// T.-C. Wang et al., "High-resolution image synthesis and semantic manipulation with
// conditional GANs", CVPR 2018.
type Patches struct {
	Name           string
	In             []int // of an image
	Width, Kernel  int   // channels of the first stage; of the stages
	Stages, Scales int
	Slope          float64
}

// Options are those of discriminators of a folder's own: 0 asks for the size that fits the
// image's.
func Options() []option.Option {
	return []option.Option{
		{Name: "discriminator.width", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of a discriminator's first stage; 0: 64 from 128 pixels on, else 32"},
		{Name: "discriminator.stages", Kind: option.Int, Default: 0, Min: 0, Max: 8, Doc: "halvings of a discriminator; 0: 4 from 128 pixels on, else 3"},
		{Name: "discriminator.scales", Kind: option.Int, Default: 0, Min: 0, Max: 4, Doc: "sizes of the image that discriminators judge, each half the one before; 0: 3 from 128 pixels on, 2 at 64, else 1"},
	}
}

// New is a discriminator of 4 x 4 kernels by the options, for images of a shape.
func New(name string, in []int, slope float64, o option.Values) Patches {
	return Patches{Name: name, In: in, Kernel: 4, Slope: slope,
		Width:  BySize(o.Int("discriminator.width"), in[1], 32, 32, 64),
		Stages: BySize(o.Int("discriminator.stages"), in[1], 3, 3, 4),
		Scales: BySize(o.Int("discriminator.scales"), in[1], 1, 2, 3),
	}
}

// BySize is an option's value or, where that is 0, one for images below 64 pixels, below 128,
// or above.
func BySize(value, side, small, middle, full int) int {
	switch {
	case value > 0:
		return value
	case side < 64:
		return small
	case side < 128:
		return middle
	}
	return full
}

// half is how an image is made smaller.
var half = kernels.Window{Size: 3, Stride: 2, Padding: 1}

// stacks are the networks, largest scale first.
func (p Patches) stacks() (out []layers.Stack) {
	in := p.In
	for k := range p.Scales {
		s := layers.Stack{Name: fmt.Sprintf("%s/scale%d", p.Name, k+1), In: in}
		for i := range p.Stages {
			s.Layers = append(s.Layers, layers.Conv{Channels: p.Width << i, Kernel: p.Kernel, Stride: 2, Padding: 1, Reflect: true}, layers.Relu{Slope: p.Slope})
		}
		s.Layers = append(s.Layers, layers.Conv{Channels: 1, Kernel: 1, Stride: 1})
		out, in = append(out, s), []int{in[0], half.Out(in[1]), half.Out(in[2])}
	}
	return out
}

// Check says why images are too small.
func (p Patches) Check() error {
	for _, s := range p.stacks() {
		if _, err := s.Shapes(); err != nil {
			return err
		}
	}
	return nil
}

// Init adds the parameters.
func (p Patches) Init(ps *models.Parameters, seed uint64) {
	for _, s := range p.stacks() {
		s.Init(ps, seed)
	}
}

// Build adds verdicts on x, one a scale: of every image a row, a value a patch.
func (p Patches) Build(b *models.Binding, x *ops.Node) (out []*ops.Node) {
	for k, s := range p.stacks() {
		if k > 0 {
			x = b.Graph.AveragePool(s.Name+"/half", half, x)
		}
		out = append(out, b.Graph.Flatten(s.Name+"/verdicts", s.Build(b, x)))
	}
	return out
}

// MACs is the number of multiply-accumulates of one image.
func (p Patches) MACs() (total int) {
	for _, s := range p.stacks() {
		all, _ := s.MACs()
		total += all
	}
	return total
}

// LeastSquares adds the sum over scales of the mean square by which verdicts on rows miss the
// target.
func LeastSquares(g *ops.Graph, layer string, rows ops.Rows, target float64, verdicts []*ops.Node) *ops.Node {
	return overScales(g, layer, verdicts, func(name string, v *ops.Node) *ops.Node {
		return g.SquaresTo(name, rows, target, v)
	})
}

// CrossEntropy adds the sum over scales of the mean binary cross-entropy, in nats, of verdicts
// on rows as logits against the target.
func CrossEntropy(g *ops.Graph, layer string, rows ops.Rows, target float64, verdicts []*ops.Node) *ops.Node {
	return overScales(g, layer, verdicts, func(name string, v *ops.Node) *ops.Node {
		return g.BCE(name, rows, target, v)
	})
}

func overScales(g *ops.Graph, layer string, verdicts []*ops.Node, loss func(name string, v *ops.Node) *ops.Node) *ops.Node {
	var terms []*ops.Node
	var weights []float64
	for k, v := range verdicts {
		terms, weights = append(terms, loss(fmt.Sprintf("%s/scale%d", layer, k+1), v)), append(weights, 1)
	}
	return g.Weighted(layer, weights, terms...)
}
