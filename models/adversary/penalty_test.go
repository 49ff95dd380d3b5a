package adversary

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// critics are those of testdata/golden.py.
var critics = map[string][2][]layers.Layer{
	"norms": {{
		layers.Conv{Channels: 4, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}, layers.AffineNorm{Epsilon: 1e-6}, layers.Relu{Slope: 0.2},
		layers.Conv{Channels: 5, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}, layers.AffineNorm{Epsilon: 1e-6}, layers.Relu{Slope: 0.2}, layers.Flatten{},
	}, {layers.Linear{Units: 6}, layers.Relu{Slope: 0.2}, layers.Linear{Units: 1}}},
	"patches": {{
		layers.Conv{Channels: 4, Kernel: 4, Stride: 2, Padding: 1}, layers.Relu{Slope: 0.01},
		layers.Conv{Channels: 5, Kernel: 4, Stride: 2, Padding: 1}, layers.Relu{Slope: 0.01},
	}, {layers.Conv{Channels: 1, Kernel: 3, Stride: 1, Padding: 1, Unbiased: true}}},
}

// The penalty and its gradients by all parameters are those of PyTorch's second derivatives.
func TestPenaltyAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for name, stacks := range critics {
		var want struct{ Penalty float64 }
		var gradients map[string]golden.Tensor
		for key, to := range map[string]any{name: &want, name + "-gradients": &gradients} {
			if err := json.Unmarshal(file[key], to); err != nil {
				t.Fatal(err)
			}
		}
		trunk := layers.Stack{Name: "trunk", In: []int{3, 16, 16}, Layers: stacks[0]}
		head := layers.Stack{Name: "head", In: trunk.Out(), Layers: stacks[1]}
		ps := models.NewParameters()
		for _, s := range []layers.Stack{trunk, head} {
			s.Init(ps, 1)
		}
		trained := ps.Trained("")
		if len(trained) != len(gradients) {
			t.Fatalf("%s: %d parameters, PyTorch %d", name, len(trained), len(gradients))
		}
		for _, p := range trained {
			low, high := -0.4, 0.4
			if strings.HasSuffix(p.Name, "scale") {
				low, high = 0.5, 1.5
			}
			golden.Fill(p.Data, p.Name, low, high)
		}
		b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
		x, images := models.Input(3, 3, 16, 16)
		golden.Fill(images, "images", -1, 1)
		penalty := Penalty(b, b.Graph.Bind("images", x), trunk, head)
		// A bias moves no gradient: it is no part of the derivative, where none precedes a norm.
		var by []*models.Parameter
		for _, p := range trained {
			if gradients[p.Name].Scale() > 0 {
				by = append(by, p)
			}
		}
		if len(by) < 3 {
			t.Fatalf("%s: %d parameters move the penalty", name, len(by))
		}
		p, err := b.Graph.CompileGradients(penalty, b.Nodes(by))
		if err != nil {
			t.Fatal(name, err)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if got := ops.Scalar(penalty); !(math.Abs(got-want.Penalty) <= 1e-5*want.Penalty) {
			t.Errorf("%s: penalty %v, PyTorch %v", name, got, want.Penalty)
		}
		for i, q := range by {
			g := gradients[q.Name]
			g.Compare(t, name+": gradient by "+q.Name, p.Gradient(i).Data().([]float32), golden.Near(1e-4*g.Scale()))
		}
	}
}

// Of a linear critic with weights w by hand: (‖w‖ − 1)², and its gradient 2(‖w‖ − 1)w/‖w‖.
func TestPenaltyByHand(t *testing.T) {
	s := layers.Stack{Name: "critic", In: []int{1, 1, 2}, Layers: []layers.Layer{layers.Flatten{}, layers.Linear{Units: 1}}}
	ps := models.NewParameters()
	s.Init(ps, 1)
	copy(ps.Get("critic/fc2/weight").Data, []float32{3, -4})
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), ps)
	x, _ := models.Input(2, 1, 1, 2)
	penalty := Penalty(b, b.Graph.Bind("images", x), s)
	p, err := b.Graph.CompileGradients(penalty, b.Nodes(ps.Trained("critic/fc2/weight")))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	got := p.Gradient(0).Data().([]float32)
	if v := ops.Scalar(penalty); !(math.Abs(v-16) <= 1e-4) || !(math.Abs(float64(got[0])-4.8) <= 1e-5) || !(math.Abs(float64(got[1])+6.4) <= 1e-5) {
		t.Errorf("penalty %v with gradient %v, want 16 with [4.8 -6.4]", v, got)
	}
}

// A critic that cannot be differentiated is told by its layer, not by a panic.
func TestPenaltyOfFault(t *testing.T) {
	s := layers.Stack{Name: "critic", In: []int{1, 2, 2}, Layers: []layers.Layer{layers.MaxPool{Size: 2}}}
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
	x, _ := models.Input(2, 1, 2, 2)
	if _, err := b.Graph.Compile(Penalty(b, b.Graph.Bind("images", x), s)); err == nil || err.Error() != "models: critic/pool1: a layer of this kind has no derivative here" {
		t.Error(err)
	}
}
