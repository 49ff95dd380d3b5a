package layers

import (
	"fmt"
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Shapes, names, parameters and cost of a table for images, by hand.
func TestImageLayers(t *testing.T) {
	s := Stack{Name: "net", In: []int{2, 8, 8}, Layers: []Layer{
		Conv{Channels: 3, Kernel: 7, Stride: 1, Padding: 3, Reflect: true}, Standardise{Relu: true},
		Residual{Layers: []Layer{Conv{Channels: 3, Kernel: 3, Stride: 1, Padding: 1, Reflect: true}, Standardise{}}},
		Residual{Layers: []Layer{AveragePool{Size: 3, Stride: 2, Padding: 1}}, Shortcut: []Layer{AveragePool{Size: 2, Stride: 2}, Conv{Channels: 3, Kernel: 1, Stride: 1}}}, DoubledConv{Channels: 3}, LayerNorm{Spread: kernels.Unbiased},
		Beside{Width: 5}, Adaptive{Relu: true}, Deconv{Channels: 2, Kernel: 3, Stride: 2, Padding: 1, Extra: 1}, LayerNorm{}, Mean{},
	}}
	shapes, err := s.Shapes()
	if want := "[[2 8 8] [3 8 8] [3 8 8] [3 8 8] [3 4 4] [3 8 8] [3 8 8] [8 8 8] [8 8 8] [2 16 16] [2 16 16] [2]]"; err != nil || fmt.Sprint(shapes) != want {
		t.Errorf("shapes %v, %v; want %s", shapes, err, want)
	}
	ps := models.NewParameters()
	s.Init(ps, 1)
	text := ""
	for _, p := range ps.All() {
		text += fmt.Sprint(p.Name, p.Shape, " ")
	}
	if want := "net/conv1/weight[3 2 7 7] net/conv1/bias[3] net/residual3/conv1/weight[3 3 3 3] net/residual3/conv1/bias[3] net/residual4/shortcut/conv2/weight[3 3 1 1] net/residual4/shortcut/conv2/bias[3] net/conv5/weight[3 3 5 5] net/conv5/bias[3] net/norm6/affine[2 3] net/deconv9/weight[8 2 3 3] net/deconv9/bias[2] net/norm10/affine[2 2] "; text != want {
		t.Errorf("parameters %s, want %s", text, want)
	}
	if got := fmt.Sprint(ps.Get("net/norm10/affine").Data); got != "[1 1 0 0]" {
		t.Errorf("a layer norm begins with %s", got)
	}
	scales := ps.Get("net/norm6/affine").Data
	if min(scales[0], scales[1], scales[2]) <= 0 || max(scales[0], scales[1], scales[2]) >= 1 || scales[0] == scales[1] || scales[3] != 0 || scales[4] != 0 || scales[5] != 0 {
		t.Errorf("MUNIT's begins with %v", scales)
	}
	first, block, way, double, last := 3*2*49*64, 3*3*9*64, 3*3*16, 3*3*25*64, 8*64*2*9
	if all, one := s.MACs(); all != first+block+way+double+last || one != first {
		t.Errorf("costs %d and %d, want %d and %d", all, one, first+block+way+double+last, first)
	}
	text = ""
	for _, c := range s.Convolutions() {
		text += fmt.Sprintln(c.Name, c.Transposed, c.In, c.Out, c.Side, c.OutSide(), c.MACs())
	}
	if want := fmt.Sprintf("net/conv1 false 2 3 8 8 %d\nnet/residual3/conv1 false 3 3 8 8 %d\nnet/residual4/shortcut/conv2 false 3 3 4 4 %d\nnet/conv5 false 3 3 8 8 %d\nnet/deconv9 true 8 2 8 16 %d\n", first, block, way, double, last); text != want {
		t.Errorf("convolutions\n%s, want\n%s", text, want)
	}
	for want, s := range map[string]Stack{
		"models: net/conv1: 8 x 3 places cannot be mirrored by 3":                                      {In: []int{2, 8, 3}, Layers: []Layer{Conv{Channels: 3, Kernel: 7, Stride: 1, Padding: 3, Reflect: true}}},
		"models: net/residual1: its layers make [2 4 4] of [2 8 8], to be added to [2 8 8]":            {In: []int{2, 8, 8}, Layers: []Layer{Residual{Layers: []Layer{MaxPool{Size: 2}}}}},
		"models: net/residual1: models: in it/fc1: its input is [2 8 8], want a row: flatten it first": {In: []int{2, 8, 8}, Layers: []Layer{Residual{Layers: []Layer{Linear{}}}}},
		"models: net/average1: a window of 3 does not fit into 8 x 2":                                  {In: []int{2, 8, 2}, Layers: []Layer{AveragePool{Size: 3, Stride: 1}}},
		"models: net/conv1: its input is [4], want channels x height x width":                          {In: []int{4}, Layers: []Layer{DoubledConv{}}},
		"models: net/conv1: 8 x 2 places cannot be mirrored by 2":                                      {In: []int{2, 4, 1}, Layers: []Layer{DoubledConv{}}},
		"models: net/mean1: its input is [4], want channels x height x width":                          {In: []int{4}, Layers: []Layer{Mean{}}},
		"models: net/beside1: its input is [4], want channels x height x width":                        {In: []int{4}, Layers: []Layer{Beside{}}},
		"models: net/average1: its input is [4], want channels x height x width":                       {In: []int{4}, Layers: []Layer{AveragePool{}}},
	} {
		s.Name = "net"
		if _, err := s.Shapes(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A residual block adds its input; adaptive norms take the columns of the styles in turn, and a
// relu follows where it is asked for. By hand: planes of −1 and 1 are normalised to themselves,
// up to the epsilon.
func TestResidualOfAdaptiveNorms(t *testing.T) {
	x, data := models.Input(1, 1, 1, 2)
	copy(data, []float32{-1, 1})
	rows, styles := models.Input(1, 4)
	copy(styles, []float32{3, 2, 10, 0.5}) // shift and gain of the first norm, then of the second
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
	of := &Styles{Rows: b.Graph.Bind("rows", rows)}
	s := Stack{Name: "net", In: []int{1, 1, 2}, Layers: []Layer{Residual{Layers: []Layer{Adaptive{Styles: of}, Adaptive{Styles: of}}}, Standardise{Relu: true}}}
	p, err := b.Graph.Compile(s.Build(b, b.Graph.Bind("x", x)))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	// −1 + 9.5 and 1 + 10.5: below and above their mean
	if got := p.Output(0).Data().([]float32); got[0] != 0 || !(math.Abs(float64(got[1]-1)) <= 1e-4) {
		t.Errorf("%v, want 0 and 1", got)
	}
	s.Layers = s.Layers[:1]
	b = models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
	of.Rows, of.next = b.Graph.Bind("rows", rows), 0
	if p, err = b.Graph.Compile(s.Build(b, b.Graph.Bind("x", x))); err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{8.5, 11.5} {
		if got := p.Output(0).Data().([]float32)[i]; !(math.Abs(float64(got)-want) <= 1e-4) {
			t.Errorf("place %d is %v, want %v", i, got, want)
		}
	}
}
