package layers

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Deconv is a transposed convolution with bias: Channels x Ho x Wo, Ho = (H−1)·Stride −
// 2·Padding + Kernel + Extra. Unbiased as of Conv.
type Deconv struct {
	Channels, Kernel, Stride, Padding, Extra int
	Unbiased                                 bool
}

func (d Deconv) geometry() kernels.Conv {
	return kernels.Conv{Kernel: d.Kernel, Stride: d.Stride, Padding: d.Padding, Extra: d.Extra}
}

func (Deconv) Kind() string { return "deconv" }

func (d Deconv) Out(in []int) ([]int, error) {
	if err := image(in); err != nil {
		return nil, err
	}
	return []int{d.Channels, d.geometry().In(in[1]), d.geometry().In(in[2])}, nil
}

// Init draws as PyTorch does, which counts the fan-in of a transposed convolution by its
// output's channels.
func (d Deconv) Init(ps *models.Parameters, name string, in []int, seed uint64) {
	fan := d.Channels * d.Kernel * d.Kernel
	ps.Add(name+"/weight", false, in[0], d.Channels, d.Kernel, d.Kernel).InitUniform(seed, fan)
	bias := ps.Add(name+"/bias", d.Unbiased, d.Channels)
	if !d.Unbiased {
		bias.InitUniform(seed, fan)
	}
}

func (d Deconv) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.ConvTransposed(name, d.geometry(), x, b.Node(name+"/weight"), b.Node(name+"/bias"))
}

func (d Deconv) MACs(in []int) int {
	return in[0] * in[1] * in[2] * d.Channels * d.Kernel * d.Kernel
}

// An Unflatten makes an image of a row, channel by channel.
type Unflatten struct{ Channels, Height, Width int }

func (Unflatten) Kind() string                                   { return "unflatten" }
func (Unflatten) Init(*models.Parameters, string, []int, uint64) {}
func (Unflatten) MACs([]int) int                                 { return 0 }

func (u Unflatten) Out(in []int) ([]int, error) {
	if len(in) != 1 || in[0] != u.Channels*u.Height*u.Width {
		return nil, fmt.Errorf("its input is %v, want a row of %d x %d x %d values", in, u.Channels, u.Height, u.Width)
	}
	return []int{u.Channels, u.Height, u.Width}, nil
}

func (u Unflatten) Build(b *models.Binding, name string, x *ops.Node) *ops.Node {
	return b.Graph.Unflatten(name, u.Channels, u.Height, u.Width, x)
}
