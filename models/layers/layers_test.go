package layers

import (
	"fmt"
	"slices"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A share of the values is dropped, places of a channel together, the rest enlarged to keep the
// mean; none are where nothing is learnt. Masks differ from step to step and layer to layer.
func TestDropout(t *testing.T) {
	const n, channels, places = 200, 6, 4
	x, data := models.Input(n, channels*places)
	for i := range data {
		data[i] = 3
	}
	s := Stack{Name: "net", In: []int{channels * places}, Layers: []Layer{Dropout{Rate: 0.25, Held: places}, Dropout{Rate: 0}}}
	build := func(masks *models.Masks) []float32 {
		b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
		b.Masks = masks
		p, err := b.Graph.Compile(b.Graph.LeakyRelu("out", 1, s.Build(b, b.Graph.Bind("x", x))))
		if err != nil {
			t.Fatal(err)
		}
		if masks != nil {
			masks.Draw(1, 7)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(p.Output(0).Data().([]float32))
	}
	dropped := 0
	out := build(&models.Masks{})
	for i := 0; i < len(out); i += places {
		for _, v := range out[i : i+places] {
			if v != out[i] || (v != 0 && v != 4) {
				t.Fatalf("a channel holds %v, want 0 or 4 throughout", out[i:i+places])
			}
		}
		if out[i] == 0 {
			dropped++
		}
	}
	if share := float64(dropped) / (n * channels); share < 0.2 || share > 0.3 { // four standard deviations
		t.Errorf("a share of %v is dropped, want a quarter", share)
	}
	if !slices.Equal(out, build(&models.Masks{})) {
		t.Error("the same step drops others the second time")
	}
	if !slices.Equal(build(nil), data) {
		t.Error("values are dropped where nothing is learnt")
	}
}

// A layer that reads two batches drops the same values of both.
func TestDropoutOfTwoBatches(t *testing.T) {
	x, data := models.Input(4, 50)
	y, more := models.Input(4, 50)
	for i := range data {
		data[i], more[i] = 1, 2
	}
	s := Stack{Name: "net", In: []int{50}, Layers: []Layer{Dropout{Rate: 0.5}}}
	b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
	masks := &models.Masks{}
	b.Masks = masks
	p, err := b.Graph.Compile(s.Build(b, b.Graph.Bind("x", x)), s.Build(b, b.Graph.Bind("y", y)))
	if err != nil {
		t.Fatal(err)
	}
	masks.Draw(3, 1)
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	dropped := 0
	for i, v := range p.Output(0).Data().([]float32) {
		if w := p.Output(1).Data().([]float32)[i]; w != 2*v {
			t.Fatalf("value %d is %v in one batch and %v in the other", i, v, w)
		}
		if v == 0 {
			dropped++
		}
	}
	if dropped < 60 || dropped > 140 {
		t.Errorf("%d of 200 are dropped", dropped)
	}
}

// What decodes: shapes, names, parameters and cost by hand.
func TestDecodingLayers(t *testing.T) {
	s := Stack{Name: "net", In: []int{12}, Layers: []Layer{Unflatten{Channels: 3, Height: 2, Width: 2}, Deconv{Channels: 5, Kernel: 4, Stride: 2, Padding: 1}}}
	shapes, err := s.Shapes()
	if err != nil || fmt.Sprint(shapes) != "[[12] [3 2 2] [5 4 4]]" {
		t.Errorf("shapes %v, %v", shapes, err)
	}
	ps := models.NewParameters()
	s.Init(ps, 1)
	w, bias := ps.Get("net/deconv2/weight"), ps.Get("net/deconv2/bias")
	if fmt.Sprint(w.Shape, bias.Shape) != "[3 5 4 4] [5]" {
		t.Errorf("weight %v and bias %v", w.Shape, bias.Shape)
	}
	bound := float32(0.1118034) // 1/sqrt(5·4·4), as PyTorch counts
	if largest := max(slices.Max(w.Data), -slices.Min(w.Data)); largest > bound || largest < 0.95*bound {
		t.Errorf("the largest weight is %v, want just below %v", largest, bound)
	}
	if all, first := s.MACs(); all != 2*2*3*5*16 || first != all {
		t.Errorf("costs %d, the first %d", all, first)
	}
	want := models.Layer{Name: "net/deconv2", Conv: kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, Transposed: true, In: 3, Out: 5, Side: 2}
	if c := s.Convolutions(); len(c) != 1 || c[0] != want {
		t.Errorf("convolutions %+v, want %+v", c, want)
	}
}

// Without bias there is none to train, and it is 0.
func TestUnbiased(t *testing.T) {
	s := Stack{Name: "net", In: []int{3, 2, 2}, Layers: []Layer{Deconv{Channels: 5, Kernel: 4, Stride: 2, Padding: 1, Unbiased: true}}}
	ps := models.NewParameters()
	s.Init(ps, 1)
	if bias := ps.Get("net/deconv1/bias"); ps.Count("net/") != 3*5*16 || !slices.Equal(bias.Data, make([]float32, 5)) {
		t.Errorf("%d values are trained, the bias is %v", ps.Count("net/"), bias.Data)
	}
}

// Dropped values of an image are values, not channels, unless they are held together.
func TestDropoutOfImages(t *testing.T) {
	for held, want := range map[int]bool{0: false, 4: true} {
		x, data := models.Input(50, 3, 2, 2)
		for i := range data {
			data[i] = 1
		}
		b := models.Bind(ops.NewGraph(tensor.Float32, new(ops.Memory)), models.NewParameters())
		b.Masks = &models.Masks{}
		p, err := b.Graph.Compile(Stack{Name: "net", In: []int{3, 2, 2}, Layers: []Layer{Dropout{Rate: 0.5, Held: held}}}.Build(b, b.Graph.Bind("x", x)))
		if err != nil {
			t.Fatal(err)
		}
		b.Masks.Draw(1, 1)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		out := p.Output(0).Data().([]float32)
		whole := true
		for i := 0; i < len(out); i += 4 {
			whole = whole && slices.Min(out[i:i+4]) == slices.Max(out[i:i+4])
		}
		if whole != want || slices.Min(out) != 0 || slices.Max(out) != 2 {
			t.Errorf("held %d: channels whole is %v, values from %v to %v", held, whole, slices.Min(out), slices.Max(out))
		}
	}
}

// Shapes, names, parameters and cost of a table, by hand.
func TestStack(t *testing.T) {
	s := Stack{Name: "net", In: []int{2, 9, 9}, Layers: []Layer{
		Conv{Channels: 3, Kernel: 4, Stride: 2, Padding: 1}, Relu{}, MaxPool{Size: 2}, Flatten{}, Linear{Units: 5},
	}}
	shapes, err := s.Shapes()
	if err != nil || fmt.Sprint(shapes) != "[[2 9 9] [3 4 4] [3 4 4] [3 2 2] [12] [5]]" {
		t.Errorf("shapes %v, %v", shapes, err)
	}
	ps := models.NewParameters()
	s.Init(ps, 1)
	text := ""
	for _, p := range ps.All() {
		text += fmt.Sprint(p.Name, p.Shape, " ")
	}
	if want := "net/conv1/weight[3 2 4 4] net/conv1/bias[3] net/fc5/weight[5 12] net/fc5/bias[5] "; text != want {
		t.Errorf("parameters %s, want %s", text, want)
	}
	if all, first := s.MACs(); all != 2*3*16*16+60 || first != 2*3*16*16 {
		t.Errorf("costs %d and %d", all, first)
	}
	bound := float32(0.1767767) // 1/sqrt(2·4·4), of weight and bias
	var largest float32
	for _, v := range ps.Get("net/conv1/weight").Data {
		largest = max(largest, max(v, -v))
	}
	if largest > bound || largest < 0.9*bound {
		t.Errorf("the largest weight is %v, want just below %v", largest, bound)
	}
	if c := s.Convolutions(); len(c) != 1 || c[0].Name != "net/conv1" || c[0].In != 2 || c[0].Out != 3 || c[0].Side != 9 || c[0].Conv.Kernel != 4 {
		t.Errorf("convolutions %+v", c)
	}
}

func TestLayersThatDoNotFit(t *testing.T) {
	for want, s := range map[string]Stack{
		"models: net/fc1: its input is [2 9 9], want a row: flatten it first":         {In: []int{2, 9, 9}, Layers: []Layer{Linear{Units: 5}}},
		"models: net/conv1: a kernel of 5 does not fit into 4 x 9":                    {In: []int{2, 4, 9}, Layers: []Layer{Conv{Channels: 1, Kernel: 5, Stride: 1}}},
		"models: net/conv1: a kernel of 5 does not fit into 9 x 2":                    {In: []int{2, 9, 2}, Layers: []Layer{Conv{Channels: 1, Kernel: 5, Stride: 1, Padding: 1}}},
		"models: net/pool1: a window of 3 does not fit into 2 x 9":                    {In: []int{2, 2, 9}, Layers: []Layer{MaxPool{Size: 3}}},
		"models: net/conv2: its input is [18], want channels x height x width":        {In: []int{2, 3, 3}, Layers: []Layer{Flatten{}, Conv{Channels: 1, Kernel: 1, Stride: 1}}},
		"models: net/pool2: its input is [18], want channels x height x width":        {In: []int{2, 3, 3}, Layers: []Layer{Flatten{}, MaxPool{Size: 1}}},
		"models: net/dropout1: its input is [18], want so many times 4 values":        {In: []int{18}, Layers: []Layer{Dropout{Held: 4}}},
		"models: net/unflatten1: its input is [18], want a row of 2 x 3 x 2 values":   {In: []int{18}, Layers: []Layer{Unflatten{2, 3, 2}}},
		"models: net/deconv1: its input is [18], want channels x height x width":      {In: []int{18}, Layers: []Layer{Deconv{Channels: 1, Kernel: 4, Stride: 2, Padding: 1}}},
		"models: net/standardise0: its input is [18], want channels x height x width": {In: []int{18}, Ahead: 1, Layers: []Layer{Standardise{}}},
		"models: net/flatten2: its input is [18], want channels x height x width":     {In: []int{2, 3, 3}, Layers: []Layer{Flatten{}, Flatten{}}},
	} {
		s.Name = "net"
		if _, err := s.Shapes(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
