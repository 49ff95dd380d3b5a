package layers

import (
	"math"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// The derivative of a stack along a direction is that of central differences, and the gradient
// by its input is the transposed map: u·(Jt) = (Jᵀu)·t.
func TestDerivative(t *testing.T) {
	s := Stack{Name: "net", In: []int{2, 8, 8}, Layers: []Layer{
		Conv{Channels: 4, Kernel: 4, Stride: 2, Padding: 1}, AffineNorm{Epsilon: 1e-3}, Tanh{},
		Conv{Channels: 3, Kernel: 3, Stride: 1, Padding: 1, Unbiased: true}, Relu{Slope: 0.2}, AffineNorm{}, Flatten{}, Linear{Units: 3}, Tanh{}, Linear{Units: 2},
	}}
	ps := models.NewParameters()
	s.Init(ps, 1)
	for _, p := range ps.Trained("") {
		golden.Fill(p.Data, p.Name, -0.5, 0.5)
	}
	input := func(name string, shape ...int) (*tensor.Dense, []float32) {
		x, data := models.Input(shape...)
		golden.Fill(data, name, -1, 1)
		return x, data
	}
	x, at := input("x", 3, 2, 8, 8)
	along, direction := input("t", 3, 2, 8, 8)
	up, weights := input("u", 3, 2)
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
	trace := s.BuildTraced(b, b.Graph.Bind("x", x))
	p, err := b.Graph.Compile(trace.Out(), trace.Along(b, b.Graph.Bind("t", along)), trace.Back(b, b.Graph.Bind("u", up)))
	if err != nil {
		t.Fatal(err)
	}
	run := func(h float32) [3][]float64 {
		for i := range at {
			at[i] += h * direction[i]
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		for i := range at {
			at[i] -= h * direction[i]
		}
		var out [3][]float64
		for k := range out {
			for _, v := range p.Output(k).Data().([]float32) {
				out[k] = append(out[k], float64(v))
			}
		}
		return out
	}
	const h = 1e-2
	here, plus, minus := run(0), run(h), run(-h)
	for i, v := range here[1] {
		if want := (plus[0][i] - minus[0][i]) / (2 * h); !(math.Abs(v-want) <= 2e-3*max(0.1, math.Abs(want))) {
			t.Errorf("output %d changes by %v, central difference %v", i, v, want)
		}
	}
	for n := range 3 {
		var left, right float64
		for i := range 2 {
			left += float64(weights[2*n+i]) * here[1][2*n+i]
		}
		for i := range 128 {
			right += float64(direction[128*n+i]) * here[2][128*n+i]
		}
		if !(math.Abs(left-right) <= 1e-5*max(1, math.Abs(left))) {
			t.Errorf("image %d: %v along, %v back", n, left, right)
		}
	}
}

// A layer without a derivative is told by its name.
func TestNoDerivative(t *testing.T) {
	s := Stack{Name: "net", In: []int{2, 4, 4}, Layers: []Layer{MaxPool{Size: 2}}}
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
	x, _ := models.Input(1, 2, 4, 4)
	trace := s.BuildTraced(b, b.Graph.Bind("x", x))
	if _, err := b.Graph.Compile(trace.Out()); err == nil || err.Error() != "models: net/pool1: a layer of this kind has no derivative here" {
		t.Error(err)
	}
	if trace.Along(b, nil) != nil || trace.Back(b, nil) != nil {
		t.Error("the derivative of a fault is something")
	}
}
