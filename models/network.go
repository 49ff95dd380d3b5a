package models

import (
	"fmt"
	"math/bits"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models/ops"
)

// An Activation follows a stage's convolution and normalisation.
type Activation int

// The activations.
const (
	Linear Activation = iota
	Relu
	LeakyRelu // slope 0.2
	Tanh
)

// LeakySlope is the negative slope of LeakyRelu, as in the reference code.
const LeakySlope = 0.2

func (a Activation) slope() float64 { return [...]float64{1, 0, LeakySlope, 1}[a] }

// A Stage is one row of a network's table: a 4x4 convolution of stride 2 and
// padding 1, which halves an image's side (or doubles it, transposed), with bias,
// then spectral normalisation of its weight, instance normalisation, activation.
type Stage struct {
	Out        int // channels
	Spectral   bool
	Norm       bool
	Activation Activation
}

// stageConv is the geometry of every stage.
var stageConv = kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}

// Halvings is the number of stages that bring a side to 2 pixels: log2(side) − 1.
func Halvings(side int) int { return bits.Len(uint(side)) - 2 }

// CheckSide finds images that stages cannot halve to 2 x 2.
func CheckSide(s domains.Shape) (out []option.Error) {
	if side := s.Height; side != s.Width || side < 16 || side > 256 || bits.OnesCount(uint(side)) != 1 {
		out = append(out, option.Error{Option: "image.size", Problem: fmt.Sprintf("%d, want 16, 32, 64, 128 or 256", side)})
	}
	return out
}

// A Network is a table of stages applied one after the other.
type Network struct {
	Name       string // prefix of its parameters
	In         int    // channels
	Transposed bool
	Stages     []Stage
}

func (n Network) layer(i int) string { return fmt.Sprintf("%s/conv%d", n.Name, i+1) }

// Init adds the network's parameters, drawn from streams of the seed. fan-in of a
// transposed convolution is in·k², as PyTorch 0.4 counts it.
func (n Network) Init(ps *Parameters, seed uint64) {
	in, k := n.In, stageConv.Kernel
	for i, s := range n.Stages {
		first, second := s.Out, in
		if n.Transposed {
			first, second = in, s.Out
		}
		ps.Add(n.layer(i)+"/weight", false, first, second, k, k).InitUniform(seed, in*k*k)
		ps.Add(n.layer(i)+"/bias", false, s.Out).InitUniform(seed, in*k*k)
		if s.Spectral {
			ps.Add(n.layer(i)+"/u", true, first).initUnit(seed)
			ps.Add(n.layer(i)+"/v", true, second*k*k).initUnit(seed)
		}
		in = s.Out
	}
}

// PowerIterate moves the vectors of the spectral normalisation by one step, as
// each training forward pass of the reference does.
func (n Network) PowerIterate(ps *Parameters) {
	for i, s := range n.Stages {
		if s.Spectral {
			l := n.layer(i)
			kernels.PowerIterate(ps.Get(l+"/weight").Data, ps.Get(l+"/u").Data, ps.Get(l+"/v").Data)
		}
	}
}

// Build adds the network to the graph: x is N x In x H x W.
func (n Network) Build(b *Binding, x *ops.Node) *ops.Node { return n.Again(b, "", x) }

// Again adds the network once more, on other inputs, with the same weights; as stands before the names
// of its layers.
func (n Network) Again(b *Binding, as string, x *ops.Node) *ops.Node {
	for i, s := range n.Stages {
		l := n.layer(i)
		w := b.Node(l + "/weight")
		if s.Spectral {
			w = b.overSpectralNorm(l, w)
		}
		bias := b.Node(l + "/bias")
		l = as + l
		if n.Transposed {
			x = b.Graph.ConvTransposed(l, stageConv, x, w, bias)
		} else {
			x = b.Graph.Conv(l, stageConv, x, w, bias)
		}
		switch {
		case s.Norm:
			x = b.Graph.InstanceNorm(l+"/norm", s.Activation.slope(), x)
		case s.Activation == Relu || s.Activation == LeakyRelu:
			x = b.Graph.LeakyRelu(l+"/relu", s.Activation.slope(), x)
		}
		if s.Activation == Tanh {
			x = b.Graph.Tanh(l+"/tanh", x)
		}
	}
	return x
}

// Layers are the network's convolutions for images (or codes) of the given side.
func (n Network) Layers(side int) []Layer {
	var out []Layer
	in := n.In
	for i, s := range n.Stages {
		l := Layer{Name: n.layer(i), Conv: stageConv, Transposed: n.Transposed, In: in, Out: s.Out, Side: side}
		out, in, side = append(out, l), s.Out, l.OutSide()
	}
	return out
}

// MACs is the number of multiply-accumulates of one forward pass of one image of
// the given side.
func (n Network) MACs(side int) (macs int) {
	for _, l := range n.Layers(side) {
		macs += l.MACs()
	}
	return macs
}

// Input is a tensor for an input of a graph, and the slice that fills it.
func Input(shape ...int) (*tensor.Dense, []float32) {
	t := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	return t, t.Data().([]float32)
}

// A Binding places parameters in a graph, each once.
type Binding struct {
	Graph *ops.Graph
	// Batch, where it is set, has layers normalise by the moments of the batch; nil: by the
	// running ones.
	Batch *BatchStatistics
	// Masks, where they are set, have layers drop values; nil: none does.
	Masks *Masks
	ps    *Parameters
	nodes map[string]*ops.Node
}

// Bind pairs a graph with the parameters that its layers name.
func Bind(g *ops.Graph, ps *Parameters) *Binding {
	return &Binding{Graph: g, ps: ps, nodes: map[string]*ops.Node{}}
}

// Node is the input node of a parameter.
func (b *Binding) Node(name string) *ops.Node {
	if b.nodes[name] == nil {
		b.nodes[name] = b.Graph.Bind(name, b.ps.Get(name).Tensor())
	}
	return b.nodes[name]
}

// overSpectralNorm is the weight of a layer over its spectral norm, one node however often the layer is used.
func (b *Binding) overSpectralNorm(layer string, w *ops.Node) *ops.Node {
	name := layer + "/spectral"
	if b.nodes[name] == nil {
		b.nodes[name] = b.Graph.SpectralNorm(name, w, b.Node(layer+"/u"), b.Node(layer+"/v"))
	}
	return b.nodes[name]
}

// Nodes are the input nodes of parameters, in order.
func (b *Binding) Nodes(ps []*Parameter) []*ops.Node {
	out := make([]*ops.Node, len(ps))
	for i, p := range ps {
		out[i] = b.Node(p.Name)
	}
	return out
}

// InitLinear adds the weight (out x in) and bias (out) of a linear layer.
func InitLinear(ps *Parameters, name string, in, out int, seed uint64) {
	ps.Add(name+"/weight", false, out, in).InitUniform(seed, in)
	ps.Add(name+"/bias", false, out).InitUniform(seed, in)
}
