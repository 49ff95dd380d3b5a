// Package stgan is STGAN: AttGAN that is told by how much labels should change, and that passes
// every map of the encoder to the decoder through a gated unit which picks what to transfer.
//
// M. Liu, Y. Ding, M. Xia, X. Liu, E. Ding, W. Zuo, S. Wen, "STGAN: A Unified Selective Transfer
// Network for Arbitrary Image Attribute Editing", CVPR 2019, arXiv 1904.09709.
package stgan

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/labelled"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

func init() {
	models.Methods.Add("stgan", models.Method{
		Name:     "stgan",
		Doc:      "AttGAN told how labels change, with gated units that pick what each map of the encoder hands on",
		Citation: "M. Liu, Y. Ding, M. Xia, X. Liu, E. Ding, W. Zuo, S. Wen, STGAN: A Unified Selective Transfer Network for Arbitrary Image Attribute Editing, CVPR 2019, arXiv 1904.09709",
		Version:  2,
		Loop:     models.Loop{Iterations: 10000, Batch: 96},
		Options: slices.Concat([]option.Option{
			{Name: "base", Kind: option.Int, Default: 0, Min: 0, Max: 256, Doc: "channels of the first stage, doubling from there up to 1024; 0: the paper's 64 from 128 pixels on, 32 below"},
			{Name: "hidden", Kind: option.Int, Default: 0, Min: 0, Max: 4096, Doc: "units of the hidden layer of each of the critic's heads; 0: the paper's 1024 from 128 pixels on, 256 below"},
			labelled.Share,
		}, labelled.Options(labelled.Defaults{Reconstruction: 100, Classes: 10, Rate: 2e-4, Strength: 1.5}), []option.Option{
			{Name: "train.drop", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the iterations after which both rates are a tenth; 1: never"},
		}),
		New:   newModel,
		Check: func(c models.Config) []option.Error { return labelled.Check(c, false) },
	})
}

func newModel(c models.Config) (models.Model, error) {
	if faults := labelled.Check(c, false); len(faults) > 0 {
		return nil, fmt.Errorf("models: stgan: %s: %s", faults[0].Option, faults[0].Problem)
	}
	side := c.Shape.Height
	base, hidden := labelled.Sized(c.Options.Int("base"), side, 64, 32), labelled.Sized(c.Options.Int("hidden"), side, 1024, 256)
	widths := labelled.Widths(side, base)
	return labelled.New(labelled.System{
		Name:      "stgan",
		Generator: newGenerator(side, c.Shape.Channels, widths, labelled.Norm(c.Options), labelled.Labels),
		Critic:    labelled.NewCritic(side, c.Shape.Channels, widths, hidden, labelled.Labels),
		Request:   func(own, wanted float64) float64 { return wanted - own },
		Xavier:    true,
		Factor:    dropped,
	}, c), nil
}

// dropped is the factor of the learning rates.
func dropped(o option.Values, progress float64) float64 {
	if progress >= o.Float("train.drop") {
		return 0.1
	}
	return 1
}

// A unit transfers a map of the encoder, f, with the state of the unit below, s.
type unit struct {
	up                   layers.Stack // ŝ, of s, as large as f
	reset, gate, content layers.Stack // of f beside ŝ or, content, beside what is reset
}

// A generator has a unit for every map of the encoder but the last, which is the code; units[0] is
// next to the code.
type generator struct {
	encoder, decoder []layers.Stack
	units            []unit
}

var _ labelled.Coder = generator{}

func newGenerator(side, channels int, widths []int, norm layers.BatchNorm, labels int) generator {
	last := len(widths) - 1
	g := generator{encoder: labelled.Encoder(side, channels, widths, norm), decoder: labelled.Decoder(side, channels, widths, norm, func(stage int) int {
		if stage == 0 {
			return labels
		}
		return widths[last-stage] + labels
	})}
	below := g.encoder[last].Out()
	for i := last - 1; i >= 0; i-- {
		width, name := widths[i], fmt.Sprintf("units/%d/", i+1)
		u := unit{up: layers.Stack{Name: name + "up", In: []int{below[0] + labels, below[1], below[2]}, Layers: []layers.Layer{
			layers.Deconv{Channels: width, Kernel: 4, Stride: 2, Padding: 1},
		}}}
		below = u.up.Out()
		read := func(what string) layers.Stack {
			return layers.Stack{Name: name + what, In: []int{2 * width, below[1], below[2]}, Layers: []layers.Layer{
				layers.Conv{Channels: width, Kernel: 3, Stride: 1, Padding: 1},
			}}
		}
		u.reset, u.gate, u.content = read("reset"), read("gate"), read("content")
		g.units = append(g.units, u)
	}
	return g
}

// transfer are the stacks of the units.
func (g generator) transfer() (out []layers.Stack) {
	for _, u := range g.units {
		out = append(out, u.up, u.reset, u.gate, u.content)
	}
	return out
}

func (g generator) Stacks() []layers.Stack {
	return slices.Concat(g.encoder, g.transfer(), g.decoder)
}

func (g generator) MACs() (edit, learn int) {
	edit = layers.MACs(g.Stacks()...)
	return edit, 2*edit - layers.MACs(g.encoder...)
}

func (g generator) Code(b *models.Binding, x *ops.Node) *ops.Node {
	z := labelled.Encode(b, g.encoder, x)
	return z[len(z)-1]
}

func (g generator) Edit(b *models.Binding, x, request *ops.Node) *ops.Node {
	return g.decode(b, labelled.Encode(b, g.encoder, x), request)
}

// build adds what a unit hands to the decoder and its own state, which is what it reset.
func (u unit) build(b *models.Binding, f, below *ops.Node) (out, state *ops.Node) {
	g, name := b.Graph, u.up.Name
	up := u.up.Build(b, below)
	both := g.Channels(name+"/both", f, up)
	reset := g.Sigmoid(name+"/reset", u.reset.Build(b, both))
	gate := g.Sigmoid(name+"/gate", u.gate.Build(b, both))
	state = g.Product(name+"/state", reset, up)
	content := g.Tanh(name+"/content", u.content.Build(b, g.Channels(name+"/kept", f, state)))
	return g.Gate(name+"/out", gate, up, content), state
}

// decode is that of all maps of an encoder, the code last.
func (g generator) decode(b *models.Binding, z []*ops.Node, request *ops.Node) *ops.Node {
	maps := map[int]*ops.Node{} // of the request, by their side
	beside := func(side int, x ...*ops.Node) *ops.Node {
		if maps[side] == nil {
			maps[side] = b.Graph.Spread("units/labels", side, side, request)
		}
		return b.Graph.Channels("units/labelled", append(x, maps[side])...)
	}
	last := len(z) - 1
	state := beside(g.decoder[0].In[1], z[last])
	x := g.decoder[0].Build(b, state)
	for i, u := range g.units {
		side := u.up.Out()[1]
		out, kept := u.build(b, z[last-1-i], state)
		if i < len(g.units)-1 {
			state = beside(side, kept)
		}
		x = g.decoder[i+1].Build(b, beside(side, x, out))
	}
	return x
}

// Learn decodes both as one batch, each normalised by itself.
func (g generator) Learn(b *models.Binding, m *labelled.Moments, x, keep, edit *ops.Node) (kept, edited *ops.Node) {
	m.Use(b, 0)
	z := labelled.Encode(b, g.encoder, x)
	return labelled.Both(b, m, keep, edit, func(request *ops.Node) *ops.Node {
		twice := make([]*ops.Node, len(z))
		for i, f := range z {
			twice[i] = b.Graph.Join("both/maps", f, f)
		}
		return g.decode(b, twice, request)
	})
}
