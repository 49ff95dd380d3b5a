package layers

import (
	"cmp"
	"fmt"
	"math"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Conv is a convolution with bias: Channels x Ho x Wo, Ho = floor((H + 2·Padding −
// Kernel)/Stride) + 1. Unbiased, the bias stays 0: before a normalisation it would change
// nothing, and be moved by rounding errors alone. Its padding is of zeros or, with Reflect, of
// the mirrored image.
type Conv struct {
	Channels, Kernel, Stride, Padding int
	Unbiased, Reflect                 bool
}

func (c Conv) geometry() kernels.Conv {
	return kernels.Conv{Kernel: c.Kernel, Stride: c.Stride, Padding: c.Padding, Reflect: c.Reflect}
}

func (Conv) Kind() string { return "conv" }

func (c Conv) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	out := []int{c.Channels, c.geometry().Out(in[1]), c.geometry().Out(in[2])}
	if in[1]+2*c.Padding < c.Kernel || in[2]+2*c.Padding < c.Kernel {
		return nil, fmt.Errorf("a kernel of %d does not fit into %d x %d", c.Kernel, in[1], in[2])
	}
	if c.Reflect && c.Padding >= min(in[1], in[2]) {
		return nil, fmt.Errorf("%d x %d places cannot be mirrored by %d", in[1], in[2], c.Padding)
	}
	return out, nil
}

func (c Conv) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	fan := in[0] * c.Kernel * c.Kernel
	ps.Add(name+"/weight", false, c.Channels, in[0], c.Kernel, c.Kernel).InitUniform(seed, fan)
	bias := ps.Add(name+"/bias", c.Unbiased, c.Channels)
	if !c.Unbiased {
		bias.InitUniform(seed, fan)
	}
}

func (c Conv) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Conv(name, c.geometry(), x, b.Node(name+"/weight"), b.Node(name+"/bias"))
}

func (c Conv) MACs(in []int) int {
	g := c.geometry()
	return in[0] * c.Kernel * c.Kernel * c.Channels * g.Out(in[1]) * g.Out(in[2])
}

// A MaxPool keeps the largest value of every Size x Size places.
type MaxPool struct{ Size int }

func (MaxPool) Kind() string { return "pool" }

func (p MaxPool) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	if in[1] < p.Size || in[2] < p.Size {
		return nil, fmt.Errorf("a window of %d does not fit into %d x %d", p.Size, in[1], in[2])
	}
	return []int{in[0], in[1] / p.Size, in[2] / p.Size}, nil
}

func (MaxPool) Init(*models.Parameters, string, []int, uint64) {}

func (p MaxPool) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.MaxPool(name, p.Size, x)
}

func (MaxPool) MACs([]int) int { return 0 }

// A Relu keeps what is positive, and Slope times the rest.
type Relu struct{ Slope float64 }

func (Relu) Kind() string                                   { return "relu" }
func (Relu) Out(in []int) ([]int, error)                    { return in, nil }
func (Relu) Init(*models.Parameters, string, []int, uint64) {}
func (Relu) MACs([]int) int                                 { return 0 }

func (r Relu) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.LeakyRelu(name, r.Slope, x)
}

// A Tanh bounds values to (−1, 1) by the hyperbolic tangent.
type Tanh struct{}

func (Tanh) Kind() string                                   { return "tanh" }
func (Tanh) Out(in []int) ([]int, error)                    { return in, nil }
func (Tanh) Init(*models.Parameters, string, []int, uint64) {}
func (Tanh) MACs([]int) int                                 { return 0 }

func (Tanh) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Tanh(name, x)
}

// A BatchNorm brings every channel to a mean and a spread that it learns.
type BatchNorm struct {
	Epsilon float64 // beside the variance; 0: 1e-5
	Share   float64 // of a batch in the running moments; 0: 0.1
}

func (BatchNorm) Kind() string                { return "norm" }
func (BatchNorm) Out(in []int) ([]int, error) { return in, nil }
func (BatchNorm) MACs([]int) int              { return 0 }

func (BatchNorm) Init(ps *models.Parameters, name string, in []int, _ uint64) {
	ps.Add(name+"/scale", false, in[0]).Fill(1)
	ps.Add(name+"/shift", false, in[0])
	ps.Add(name+"/mean", true, in[0])
	ps.Add(name+"/variance", true, in[0]).Fill(1)
}

func (n BatchNorm) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.NormaliseBy(name, cmp.Or(n.Epsilon, kernels.NormEpsilon), cmp.Or(n.Share, models.RunningShare), x)
}

// A Standardise brings every channel of an image to mean 0 and variance v/(v + 1e-5), v its own;
// with Relu it then keeps what is positive.
type Standardise struct{ Relu bool }

func (Standardise) Kind() string                                   { return "standardise" }
func (Standardise) Init(*models.Parameters, string, []int, uint64) {}
func (Standardise) MACs([]int) int                                 { return 0 }
func (Standardise) Out(in []int) ([]int, error)                    { return in, image(in) }

func (s Standardise) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.InstanceNorm(name, slopeOf(s.Relu), x)
}

// An AffineNorm brings every channel of an image to mean 0 and variance v/(v + Epsilon), v its own,
// and then to a mean and a spread that it learns.
type AffineNorm struct{ Epsilon float64 } // 0: 1e-5

func (n AffineNorm) epsilon() float64          { return cmp.Or(n.Epsilon, kernels.NormEpsilon) }
func (AffineNorm) Kind() string                { return "norm" }
func (AffineNorm) MACs([]int) int              { return 0 }
func (AffineNorm) Out(in []int) ([]int, error) { return in, image(in) }

func (AffineNorm) Init(ps *models.Parameters, name string, in []int, _ uint64) {
	ps.Add(name+"/scale", false, in[0]).Fill(1)
	ps.Add(name+"/shift", false, in[0])
}

func (n AffineNorm) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.AffineNorm(name, n.epsilon(), x, b.Node(name+"/scale"), b.Node(name+"/shift"))
}

// A Flatten makes one row of an image, channel by channel.
type Flatten struct{}

func (Flatten) Kind() string                                   { return "flatten" }
func (Flatten) Init(*models.Parameters, string, []int, uint64) {}
func (Flatten) MACs([]int) int                                 { return 0 }

func (Flatten) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	return []int{in[0] * in[1] * in[2]}, nil
}

func (Flatten) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Flatten(name, x)
}

// A Linear is a linear layer of so many units, with bias; Unbiased as of Conv.
type Linear struct {
	Units    int
	Unbiased bool
}

func (Linear) Kind() string { return "fc" }

func (l Linear) Out(in []int) ([]int, error) {
	if len(in) != 1 {
		return nil, fmt.Errorf("its input is %v, want a row: flatten it first", in)
	}
	return []int{l.Units}, nil
}

func (l Linear) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	if !l.Unbiased {
		models.InitLinear(ps, name, in[0], l.Units, seed)
		return
	}
	ps.Add(name+"/weight", false, l.Units, in[0]).InitUniform(seed, in[0])
	ps.Add(name+"/bias", true, l.Units)
}

func (l Linear) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Linear(name, false, x, b.Node(name+"/weight"), b.Node(name+"/bias"))
}

func (l Linear) MACs(in []int) int { return in[0] * l.Units }

// A Dropout drops a share of the values of a row or an image in training, Held side by side
// together: with Held the places of a channel, whole channels.
type Dropout struct {
	Rate float64
	Held int // 0: 1
}

func (Dropout) Kind() string                                   { return "dropout" }
func (Dropout) Init(*models.Parameters, string, []int, uint64) {}
func (Dropout) MACs([]int) int                                 { return 0 }

func (d Dropout) Out(in []int) ([]int, error) {
	values := 1
	for _, side := range in {
		values *= side
	}
	if values%max(1, d.Held) != 0 {
		return nil, fmt.Errorf("its input is %v, want so many times %d values", in, max(1, d.Held))
	}
	return in, nil
}

func (d Dropout) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Drop(name, d.Rate, max(1, d.Held), x)
}

// A WeightNormed is a linear layer, with bias, that learns direction and length of the weights
// of each unit apart: a direction below weight, a length below length.
type WeightNormed struct{ Units int }

func (WeightNormed) Kind() string                  { return "fc" }
func (l WeightNormed) Out(in []int) ([]int, error) { return Linear{Units: l.Units}.Out(in) }
func (l WeightNormed) MACs(in []int) int           { return Linear{Units: l.Units}.MACs(in) }

// Init draws weights as a linear layer's, whose lengths are then the first.
func (l WeightNormed) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	models.InitLinear(ps, name, in[0], l.Units, seed)
	weight, length := ps.Get(name+"/weight").Data, ps.Add(name+"/length", false, l.Units).Data
	for i := range length {
		square := 0.0
		for _, v := range weight[i*in[0] : (i+1)*in[0]] {
			square += float64(v) * float64(v)
		}
		length[i] = float32(math.Sqrt(square))
	}
}

func (WeightNormed) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	w := b.Graph.WeightNorm(name+"/norm", b.Node(name+"/weight"), b.Node(name+"/length"))
	return b.Graph.Linear(name, false, x, w, b.Node(name+"/bias"))
}

// A Projection is a linear map onto so many units by standard normal values, drawn once and
// never trained, without bias.
type Projection struct{ Units int }

func (Projection) Kind() string                  { return "projection" }
func (p Projection) Out(in []int) ([]int, error) { return Linear{Units: p.Units}.Out(in) }
func (p Projection) MACs(in []int) int           { return Linear{Units: p.Units}.MACs(in) }

func (p Projection) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	ps.Add(name+"/weight", true, p.Units, in[0]).InitNormal(seed)
}

func (p Projection) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Project(name, x, b.Node(name+"/weight"))
}

// image says whether a shape is that of an image.
func image(in []int) error {
	if len(in) != 3 {
		return fmt.Errorf("its input is %v, want channels x height x width", in)
	}
	return nil
}
