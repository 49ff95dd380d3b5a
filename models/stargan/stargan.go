// Package stargan is StarGAN: one generator that reads an image beside maps of the labels that it
// should have, a cycle back to its own labels, and a critic of patches that knows labels too.
//
// Y. Choi, M. Choi, M. Kim, J.-W. Ha, S. Kim, J. Choo, "StarGAN: Unified Generative Adversarial
// Networks for Multi-Domain Image-to-Image Translation", CVPR 2018, arXiv 1711.09020.
package stargan

import (
	"fmt"
	"math/bits"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	decay := labelled.Decay
	decay.Doc += ", as in the paper; in the released program the fall is too small to count, which is 0"
	models.Methods.Add("stargan", models.Method{
		Name:     "stargan",
		Doc:      "one generator told the labels to be, a cycle back to an image's own, and a critic of patches that knows labels",
		Citation: "Y. Choi, M. Choi, M. Kim, J.-W. Ha, S. Kim, J. Choo, StarGAN: Unified Generative Adversarial Networks for Multi-Domain Image-to-Image Translation, CVPR 2018, arXiv 1711.09020",
		Version:  2,
		Loop:     models.Loop{Iterations: 10000, Batch: 40},
		Options: slices.Concat([]option.Option{
			{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the first stage of generator and critic; 0: the paper's 64 from 128 pixels on, 32 below"},
			{Name: "blocks", Kind: option.Int, Default: 0, Min: 0, Max: 16, Doc: "residual blocks; 0: the paper's 6 from 128 pixels on, 4 at 64, 3 below"},
		}, labelled.Options(labelled.Defaults{Reconstruction: 10, Classes: 1, Rate: 1e-4, Strength: 1}), []option.Option{decay}),
		New:   newModel,
		Check: func(c models.Config) []option.Error { return labelled.Check(c, true) },
	})
}

func newModel(c models.Config) (models.Model, error) {
	if faults := labelled.Check(c, true); len(faults) > 0 {
		return nil, fmt.Errorf("models: stargan: %s: %s", faults[0].Option, faults[0].Problem)
	}
	side, base := c.Shape.Height, labelled.Sized(c.Options.Int("base"), c.Shape.Height, 64, 32)
	return labelled.New(labelled.System{
		Name:      "stargan",
		Generator: newGenerator(side, c.Shape.Channels, base, blocks(c.Options.Int("blocks"), side), labelled.Labels),
		Critic:    newCritic(side, c.Shape.Channels, base, labelled.Labels),
		Request:   func(_, wanted float64) float64 { return wanted },
		Summed:    true,
		Again:     true,
		Factor:    labelled.Decayed,
	}, c), nil
}

// blocks is the number of them.
func blocks(given, side int) int {
	if side == 64 {
		return labelled.Sized(given, side, 6, 4)
	}
	return labelled.Sized(given, side, 6, 3)
}

// A generator halves image and labels twice, changes them in residual blocks and doubles them
// twice. It pads by zeros: where the edges of a constant map were mirrored, instance normalisation
// would leave nothing of it.
type generator struct {
	in     layers.Stack
	blocks []layers.Stack
	out    layers.Stack
}

func newGenerator(side, channels, base, blocks, labels int) generator {
	conv := func(channels, kernel, stride, padding int) layers.Layer {
		return layers.Conv{Channels: channels, Kernel: kernel, Stride: stride, Padding: padding, Unbiased: true}
	}
	double := func(channels int) layers.Layer {
		return layers.Deconv{Channels: channels, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}
	}
	norm, relu := layers.AffineNorm{}, layers.Relu{}
	g := generator{in: layers.Stack{Name: "generator/in", In: []int{channels + labels, side, side}, Layers: []layers.Layer{
		conv(base, 7, 1, 3), norm, relu, conv(2*base, 4, 2, 1), norm, relu, conv(4*base, 4, 2, 1), norm, relu,
	}}}
	for i := range blocks {
		g.blocks = append(g.blocks, layers.Stack{Name: fmt.Sprintf("generator/block%d", i+1), In: g.in.Out(), Layers: []layers.Layer{
			conv(4*base, 3, 1, 1), norm, relu, conv(4*base, 3, 1, 1), norm,
		}})
	}
	g.out = layers.Stack{Name: "generator/out", In: g.in.Out(), Layers: []layers.Layer{
		double(2 * base), norm, relu, double(base), norm, relu, conv(channels, 7, 1, 3), layers.Tanh{},
	}}
	return g
}

func (g generator) Stacks() []layers.Stack {
	return slices.Concat([]layers.Stack{g.in}, g.blocks, []layers.Stack{g.out})
}

func (g generator) MACs() (edit, learn int) {
	edit = layers.MACs(g.Stacks()...)
	return edit, 2 * edit
}

func (g generator) Edit(b *models.Binding, x, request *ops.Node) *ops.Node {
	s := g.in.In
	y := g.in.Build(b, b.Graph.Channels("generator/labelled", x, b.Graph.Spread("generator/labels", s[1], s[2], request)))
	for _, block := range g.blocks {
		y = b.Graph.Sum(block.Name, y, block.Build(b, y))
	}
	return g.out.Build(b, y)
}

// Learn brings an edited image back by its own labels.
func (g generator) Learn(b *models.Binding, _ *labelled.Moments, x, keep, edit *ops.Node) (kept, edited *ops.Node) {
	edited = g.Edit(b, x, edit)
	return g.Edit(b, edited, keep), edited
}

// newCritic halves an image to 2 x 2, six times at most; real is a value a patch, labels read the
// whole.
func newCritic(side, channels, base, labels int) labelled.Critic {
	const slope = 0.01
	trunk := layers.Stack{Name: "critic/trunk", In: []int{channels, side, side}}
	for i := range min(6, bits.Len(uint(side))-2) {
		trunk.Layers = append(trunk.Layers, layers.Conv{Channels: base << i, Kernel: 4, Stride: 2, Padding: 1}, layers.Relu{Slope: slope})
	}
	whole := trunk.Out()[1]
	return labelled.Critic{
		Trunk:  trunk,
		Real:   layers.Stack{Name: "critic/real", In: trunk.Out(), Layers: []layers.Layer{layers.Conv{Channels: 1, Kernel: 3, Stride: 1, Padding: 1, Unbiased: true}}},
		Labels: layers.Stack{Name: "critic/labels", In: trunk.Out(), Layers: []layers.Layer{layers.Conv{Channels: labels, Kernel: whole, Stride: 1, Unbiased: true}}},
	}
}
