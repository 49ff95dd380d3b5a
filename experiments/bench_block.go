package experiments

import (
	"fmt"
	"time"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A BlockRate is the speed of a residual block, forward and backward: two convolutions of
// 3 x 3 that keep size and channels, each with instance normalisation, a relu between them,
// and their input added. Translation networks are made of these.
type BlockRate struct {
	Side            int       `json:"side"`
	Channels        int       `json:"channels"`
	Images          int       `json:"images"`
	Seconds         float64   `json:"seconds"`
	ImagesPerSecond float64   `json:"images_per_second"`
	Rate            float64   `json:"rate"` // useful operations a second
	Layer           LayerRate `json:"layer"`
}

// blocks are the sizes in which the block is measured.
var blocks = []struct{ side, channels, images int }{{32, 128, 16}, {64, 64, 16}}

var blockConv = kernels.Conv{Kernel: 3, Stride: 1, Padding: 1}

// benchBlock measures a block and its convolution by itself.
func benchBlock(side, channels, images int, span time.Duration, measured gauge) (BlockRate, error) {
	r := BlockRate{Side: side, Channels: channels, Images: images}
	p, err := blockProgram(side, channels, images)
	if err != nil {
		return r, fmt.Errorf("experiments: a block of %d channels at %d pixels: %w", channels, side, err)
	}
	if r.Seconds, err = medianSeconds(span, func(int) error { return p.Run() }); err != nil {
		return r, fmt.Errorf("experiments: %w", err)
	}
	layer := models.Layer{Name: "block", Conv: blockConv, In: channels, Out: channels, Side: side}
	r.ImagesPerSecond, r.Rate = float64(images)/r.Seconds, blockWork(layer, images)/r.Seconds
	r.Layer = benchLayer(layer, images, false, measured)
	return r, nil
}

// blockWork are the operations of a block whose convolutions are as given: forward, and both
// gradients of each, multiplication and addition apart.
func blockWork(l models.Layer, images int) float64 { return 2 * 3 * 2 * float64(images*l.MACs()) }

// blockProgram computes the mean absolute value of a block's output on noise and its
// gradients by both weights and by the input.
func blockProgram(side, channels, images int) (*ops.Program, error) {
	g := ops.NewGraph(tensor.Float32, &ops.Memory{})
	input := func(name string, scale float32, shape ...int) *ops.Node {
		t, data := models.Input(shape...)
		for i, v := range noise(len(data), name) {
			data[i] = scale * v
		}
		return g.Bind(name, t)
	}
	x, zero := input("images", 1, images, channels, side, side), input("bias", 0, channels)
	wrt, y := []*ops.Node{x}, x
	for i, slope := range []float64{0, 1} {
		name := fmt.Sprint("conv", i)
		w := input(name, 0.05, channels, channels, blockConv.Kernel, blockConv.Kernel)
		wrt = append(wrt, w)
		y = g.InstanceNorm(name+"/norm", slope, g.Conv(name, blockConv, y, w, zero))
	}
	loss := g.MeanAbs("loss", ops.Rows{Lo: 0, Hi: images}, g.Sum("sum", x, y))
	return g.CompileGradients(loss, wrt, loss)
}
