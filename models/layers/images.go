package layers

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// slopeOf is the negative slope of a relu, or of no activation.
func slopeOf(relu bool) float64 {
	if relu {
		return 0
	}
	return 1
}

// A Residual adds to an image what layers make of it, or to what the layers of a shortcut make
// of it; the shapes have to agree. The shortcut's parameters are below shortcut.
//
// K. He, X. Zhang, S. Ren, J. Sun, "Deep residual learning for image recognition", CVPR 2016.
type Residual struct{ Layers, Shortcut []Layer }

// branches are the stacks of the layers and of the shortcut for images of a shape.
func (r Residual) branches(name string, in []int) (body, shortcut Stack) {
	return Stack{Name: name, In: in, Layers: r.Layers}, Stack{Name: name + "/shortcut", In: in, Layers: r.Shortcut}
}

func (Residual) Kind() string { return "residual" }

func (r Residual) Out(in []int) ([]int, error) {
	var out [2][]int
	body, shortcut := r.branches("in it", in)
	for i, s := range []Stack{body, shortcut} {
		shapes, err := s.Shapes()
		if err != nil {
			return nil, err
		}
		out[i] = shapes[len(shapes)-1]
	}
	if !slices.Equal(out[0], out[1]) {
		return nil, fmt.Errorf("its layers make %v of %v, to be added to %v", out[0], in, out[1])
	}
	return out[0], nil
}

func (r Residual) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	body, shortcut := r.branches(name, in)
	body.Init(ps, seed)
	shortcut.Init(ps, seed)
}

func (r Residual) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	body, shortcut := r.branches(name, nil)
	return b.Graph.Sum(name, shortcut.Build(b, x), body.Build(b, x))
}

func (r Residual) MACs(in []int) int {
	body, shortcut := r.branches("", in)
	all, _ := body.MACs()
	more, _ := shortcut.MACs()
	return all + more
}

// A DoubledConv is a convolution of kernel 5 with bias, and mirrored padding, of an image of
// which every place stands twice in both directions: nearest-neighbour upsampling, Channels x
// 2H x 2W.
type DoubledConv struct{ Channels int }

func (d DoubledConv) conv() Conv {
	return Conv{Channels: d.Channels, Kernel: 5, Stride: 1, Padding: 2, Reflect: true}
}

func (DoubledConv) Kind() string { return "conv" }

func (d DoubledConv) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	return d.conv().Out([]int{in[0], 2 * in[1], 2 * in[2]})
}

func (d DoubledConv) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	d.conv().Init(ps, name, in, seed)
}

func (DoubledConv) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.ConvDoubled(name, x, b.Node(name+"/weight"), b.Node(name+"/bias"))
}

func (d DoubledConv) MACs(in []int) int { return d.conv().MACs([]int{in[0], 2 * in[1], 2 * in[2]}) }

// An AveragePool keeps the mean of every window: Size x Size places, Stride apart, from Padding
// places outside the image on, which do not count.
type AveragePool struct{ Size, Stride, Padding int }

func (AveragePool) Kind() string                                   { return "average" }
func (AveragePool) Init(*models.Parameters, string, []int, uint64) {}
func (AveragePool) MACs([]int) int                                 { return 0 }

func (p AveragePool) window() kernels.Window {
	return kernels.Window{Size: p.Size, Stride: p.Stride, Padding: p.Padding}
}

func (p AveragePool) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	if min(in[1], in[2])+2*p.Padding < p.Size {
		return nil, fmt.Errorf("a window of %d does not fit into %d x %d", p.Size, in[1], in[2])
	}
	w := p.window()
	return []int{in[0], w.Out(in[1]), w.Out(in[2])}, nil
}

func (p AveragePool) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.AveragePool(name, p.window(), x)
}

// A Mean makes a row of an image: the mean of every channel.
type Mean struct{}

func (Mean) Kind() string                                   { return "mean" }
func (Mean) Init(*models.Parameters, string, []int, uint64) {}
func (Mean) MACs([]int) int                                 { return 0 }

func (Mean) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	return in[:1], nil
}

func (Mean) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Average(name, x)
}

// A LayerNorm brings an image, all channels together, to a mean and a spread, and every channel
// to a scale and a shift that it learns; a relu follows. Kept as affine, scales above shifts.
// The scales begin at 1 or, of the spread Unbiased, as MUNIT has it, anywhere in (0, 1).
type LayerNorm struct{ Spread kernels.Spread }

func (LayerNorm) Kind() string                { return "norm" }
func (LayerNorm) MACs([]int) int              { return 0 }
func (LayerNorm) Out(in []int) ([]int, error) { return in, image(in) }

func (l LayerNorm) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	p := ps.Add(name+"/affine", false, 2, in[0])
	p.InitUniform(seed, 1)
	for i := range p.Data {
		switch {
		case i >= in[0]:
			p.Data[i] = 0
		case l.Spread == kernels.Unbiased:
			p.Data[i] = (p.Data[i] + 1) / 2
		default:
			p.Data[i] = 1
		}
	}
}

func (l LayerNorm) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.LayerNorm(name, l.Spread, 0, x, b.Node(name+"/affine"))
}

// Styles are rows of shifts and gains, an image a row, that the adaptive norms of a network take
// in their order: the shifts of a norm, then its gains.
type Styles struct {
	Rows *ops.Node
	next int
}

// An Adaptive brings every channel of an image to mean 0 and variance v/(v + 1e-5), v its own,
// and then to a gain and a shift of the image's style; with Relu it then keeps what is positive.
type Adaptive struct {
	Relu   bool
	Styles *Styles // nil where only shapes are asked for
}

func (Adaptive) Kind() string                                   { return "norm" }
func (Adaptive) Init(*models.Parameters, string, []int, uint64) {}
func (Adaptive) MACs([]int) int                                 { return 0 }
func (Adaptive) Out(in []int) ([]int, error)                    { return in, image(in) }

func (a Adaptive) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	if x == nil {
		return nil
	}
	width := 2 * x.Shape()[1]
	style := b.Graph.Columns(name+"/style", a.Styles.next, width, a.Styles.Rows)
	a.Styles.next += width
	return b.Graph.AdaptiveNorm(name, slopeOf(a.Relu), x, style)
}

// A Beside puts a row of Width values beside every place of an image, as channels.
type Beside struct {
	Width int
	Rows  *ops.Node // nil where only shapes are asked for
}

func (Beside) Kind() string                                   { return "beside" }
func (Beside) Init(*models.Parameters, string, []int, uint64) {}
func (Beside) MACs([]int) int                                 { return 0 }

func (d Beside) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	return []int{in[0] + d.Width, in[1], in[2]}, nil
}

func (d Beside) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.AppendMaps(name, x, d.Rows)
}
