package ops

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/internal/kernels"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
)

// bound is an input of a graph of float64 that holds the values.
func (g *Graph) bound(name string, shape []int, values ...float64) *Node {
	return g.Bind(name, tensor.New(tensor.WithShape(shape...), tensor.WithBacking(values)))
}

// outputs are the values of nodes, computed twice over memory that holds other things.
func outputs(t *testing.T, g *Graph, nodes ...*Node) [][]float64 {
	t.Helper()
	p, err := g.Compile(nodes...)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		for i := range g.memory.f64 {
			g.memory.f64[i] = 1e30
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
	}
	var out [][]float64
	for i, n := range nodes {
		if !p.Output(i).Shape().Eq(n.Shape()) {
			t.Errorf("output %d is %v, the node %v", i, p.Output(i).Shape(), n.Shape())
		}
		out = append(out, slices.Clone(p.Output(i).Data().([]float64)))
	}
	return out
}

// A code has the channels of its blocks side by side, those of a slot for its rows alone.
func TestCodeByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	common := g.bound("common", []int{3, 2, 1, 2}, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
	slotA, slotB := g.bound("a", []int{3, 1, 1, 2}, 21, 22, 23, 24, 25, 26), g.bound("b", []int{3, 1, 1, 2}, 31, 32, 33, 34, 35, 36)
	c := g.Code("code", common, slotA, slotB, Rows{0, 1}, Rows{1, 3})
	part := g.apply("part", codePart(1, 2, Rows{1, 2}), c)
	out := outputs(t, g, c, part, common)
	if want := "[1 2 3 4 21 22 0 0 5 6 7 8 0 0 33 34 9 10 11 12 0 0 35 36]"; fmt.Sprint(out[0]) != want {
		t.Errorf("code %v, want %v", out[0], want)
	}
	if want := "[0 0 0 0 7 8 0 0 0 0 0 0]"; fmt.Sprint(out[1]) != want {
		t.Errorf("channels 1 and 2 of row 1: %v, want %v", out[1], want)
	}
	if len(out[2]) != 12 || out[2][11] != 12 { // an input may be read as an output
		t.Errorf("the input is %v", out[2])
	}
}

// Values by hand, of logits beyond what an exponential can hold too.
func TestValuesByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	x := g.bound("x", []int{2, 3}, 1, 2, 4, -1000, 1000, 1000)
	m, noise := g.bound("m", []int{1, 2, 1, 2}, 1, 2, 3, 4), g.bound("noise", []int{1, 2, 1, 2}, 10, 20, 30, 40)
	length := g.bound("length", []int{2}, 10, 3)
	v := g.bound("v", []int{2, 2}, 3, 4, 0, -2)
	two := func(name string, a, b float64) *Node { return g.bound(name, []int{2}, a, b) }
	rows, scale, shift := g.bound("rows", []int{2, 2}, 1, -2, 3, 2), two("scale", 2, 3), two("shift", 1, -1)
	weight := g.bound("weight", []int{2, 1, 1, 2}, 3, 0, 0, 4)
	total := 1 + math.E + math.Exp(3)
	four := g.bound("four", []int{2, 2, 1, 3}, 1, 2, 3, 4, 5, 6, 10, 20, 30, 40, 50, 60)
	own, alone := g.bound("own", []int{2, 2, 1, 3}, 0, 0, 0, 0.25, 0, 0, 0, 0, 0.3125, 0, 0, 0.4375), g.bound("alone", []int{2, 2, 1, 3}, 0, 0.375, 0, 0, 0, -0.5, 0, 0, 0, 0.9, 0, 0)
	nodes := []*Node{
		g.Softmax("softmax", x), g.Detach("detach", x), g.Perturb("perturb", m, noise), g.WeightNorm("weight-norm", v, length),
		g.Outer("outer", v, x), g.Times("times", 0.5, v, g.Detach("copy", v)), g.Project("project", v, g.bound("w", []int{1, 2}, 2, -1)),
		g.MaxPool("pool", 2, g.bound("square", []int{1, 1, 2, 3}, 1, 5, 9, 2, 3, 9)), g.Flatten("flat", m),
		g.FixedNorm("fixed", 1e-5, rows, two("mean", 1, 2), two("variance", 4-1e-5, 16-1e-5), scale, shift),
		g.FixedNorm("row", 3, g.bound("row", []int{1, 2}, 5, 10), two("mean1", 1, 2), two("variance1", 1, 13), scale, shift),
		g.BatchMoments("moments", 0, rows), g.BatchNorm("batch", 0, 3, rows, g.bound("given", []int{2, 2}, 1, 2, 1, 13), scale, shift),
		g.SpectralNorm("spectral", weight, two("left", 0.6, 0.8), two("right", 1, 0.5)), weight,
		g.Direction("direction", g.bound("far", []int{2, 1, 1, 2}, 3, -4, 0, 0)),
		g.AffineNorm("affine", 3, g.bound("plane", []int{1, 2, 1, 2}, 1, 3, 5, 3), two("scale2", 2, 4), two("shift2", 1, -1)),
		g.LeakyReluAlong("along", 0.5, g.bound("at", []int{1, 3}, 1, -1, -2), g.bound("by", []int{1, 3}, 8, 8, -8)),
		g.ConvBack("back", kernels.Conv{Kernel: 1, Stride: 1}, m, g.bound("taps", []int{1, 2, 1, 1}, 2, 3), g.bound("up", []int{1, 1, 1, 2}, 5, 7)),
		g.LinearBack("linear-back", g.bound("matrix", []int{2, 3}, 1, 2, 3, 4, 5, 6), g.bound("above", []int{1, 2}, 1, 10)),
		g.Spread("spread", 1, 2, v), g.Channels("channels", m, noise), g.Masked("masked", g.bound("raw", []int{1, 2, 1, 2}, math.Log(3), 0, math.Log(2), -1000)),
		g.Blend("blend", g.bound("painted", []int{1, 3, 1, 2}, 0.25, 1, 4, 5, 8, -1), m),
		g.Times("times of images", 2, m, noise),
		g.Sigmoid("sigmoid", g.bound("odds", []int{1, 4}, 0, math.Log(3), -math.Log(4), -1000)), g.Product("product", m, noise),
		g.Gate("gate", g.bound("gates", []int{1, 3}, 0, 1, 0.25), g.bound("closed", []int{1, 3}, 1, 2, 4), g.bound("open", []int{1, 3}, 7, 8, 16)),
		g.Composites("composites", 0.25, 0.5, four, own, alone),
		g.Free("free", 0.25, 0.5, 0, false, own, alone), g.Free("free of both", 0.25, 0.5, 0, true, own, alone),
		// One image of each domain, 3 x 4, particular by 1 in a corner and by a quarter below the middle; by 1 in another corner.
		g.Free("free around", 0, 1, 1, false, g.bound("corners", []int{2, 1, 3, 4}, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.25, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1), g.bound("nothing", []int{2, 1, 3, 4}, make([]float64, 24)...)),
		g.Certainty("certainty", g.bound("certain", []int{2, 2}, 0, 0, 1e3, 0)),
	}
	want := [][]float64{
		{1 / total, math.E / total, math.Exp(3) / total, 0, 0.5, 0.5}, {1, 2, 4, -1000, 1000, 1000}, {11, 22, 33, 44}, {6, 8, 0, -3},
		{3, 4, 6, 8, 12, 16, 0, 2000, 0, -2000, 0, -2000}, {4.5, 8, 0, 2}, {2, 2}, {5}, {1, 2, 3, 4},
		{1, -4, 3, -1}, {5, 5}, {2, 0, 1, 4}, {1, -4, 3, -1},
		{3 / 3.4, 0, 0, 4 / 3.4}, {3, 0, 0, 4}, // u'Wv is 0.6·3·1 + 0.8·4·0.5
		{0.6, -0.8, 0, 0},
		{0, 2, 1, -3}, // deviations of 1, over the root of 1 + 3
		{8, 4, -4}, {10, 14, 15, 21}, {41, 52, 63},
		{3, 3, 4, 4, 0, 0, -2, -2}, {1, 2, 3, 4, 10, 20, 30, 40}, {0.75, 0.5, 0.6, -1}, // tanh(ln 2) is (4 - 1)/(4 + 1)
		{1.75, 5, 4.25, -1}, {20, 80, 180, 320},
		{0.5, 0.75, 0.2, 0}, {10, 40, 90, 160}, {1, 8, 7},
		// The masks are 0, 1/2, 1 of the first image, by its channels 2, 1, 2, and 1, 0, 3/4 of the second. Row 0 is under the
		// second: its image, bare there and clear of its own elsewhere.
		{10, 0.5*0.375 + 0.5*2, 0.75 * 30, 40, 0.5 * 5, 0.75*60 + 0.25*-0.5,
			0, 0.5*2 + 0.5*20, 3, 0.9, 0.5*5 + 0.5*50, 6},
		// What the masks leave of each image, and of both.
		{1, 0.5, 0, 1, 0.5, 0, 0, 1, 0.25, 0, 1, 0.25}, {0, 0.5, 0, 0, 0.5, 0, 0, 0.5, 0, 0, 0.5, 0},
		{0, 0, 1, 1, 0, 0, 0.75, 0.75, 1, 0.75, 0.75, 0.75, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1, 0, 0},
		{6. / 7, 8. / 7}, // 1 + 1/2 and 1 + 1
	}
	for i, got := range outputs(t, g, nodes...) {
		for j, w := range want[i] {
			if len(got) != len(want[i]) || !(math.Abs(got[j]-w) <= 1e-12) {
				t.Errorf("output %d: %v, want %v", i, got, want[i])
				break
			}
		}
	}
}

// Losses by hand; a logit of zero is of label 0.
func TestLossesByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	x := g.bound("x", []int{5, 1}, 9, -1, 0, 2, 3)
	bce := func(z, y float64) float64 { return math.Log1p(math.Exp(z)) - y*z }
	a, b := g.Hits("ones", Rows{1, 5}, 1, x), g.Hits("zeros", Rows{1, 5}, 0, x)
	weights := []float64{2, -0.5}
	for i, tt := range []struct {
		node *Node
		want float64
	}{
		{a, 0.5}, {b, 0.5}, {g.Hits("zero", Rows{2, 3}, 0, x), 1},
		{g.MeanAbs("abs", Rows{1, 4}, x), 1}, {g.Mean("mean", Rows{1, 4}, x), 1. / 3},
		{g.L1("l1", Rows{0, 2}, x, g.bound("target", []int{5, 1}, 4, 0, 7, 7, 7)), 3},
		{g.MSE("mse", Rows{0, 2}, x, g.bound("aims", []int{5, 1}, 4, 0, 7, 7, 7)), 13},
		{g.SquaredDistance("squares", Rows{3, 5}, x, g.bound("others", []int{5, 1}, 7, 7, 7, 1, 1)), 2.5},
		{g.BCE("bce", Rows{1, 3}, 0.25, x), (bce(-1, 0.25) + bce(0, 0.25)) / 2},
		{g.WeightedBCE("weighted", x, g.bound("targets", []int{5, 1}, 1, 0, 1, 0, 1), g.bound("weights", []int{5, 1}, 1, 2, 3, 4, 5)),
			(bce(9, 1) + 2*bce(-1, 0) + 3*bce(0, 1) + 4*bce(2, 0) + 5*bce(3, 1)) / 5},
		{g.Apart("apart", Rows{0, 1}, g.bound("p", []int{1, 2}, 0, 0), g.bound("q", []int{1, 2}, math.Log(3), 0)), 0.25},
		{g.Weighted("sum", weights, a, g.MeanAbs("all", Rows{0, 5}, x)), 2*0.5 - 0.5*3},
	} {
		p, err := g.Compile(x)
		if err != nil {
			t.Fatal(err)
		}
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		if got := Scalar(tt.node); !(math.Abs(got-tt.want) <= 1e-12) {
			t.Errorf("loss %d: %v, want %v", i, got, tt.want)
		}
	}
}

// Gradients are the same whether that of the output is lent its memory or kept to be read.
func TestGradientsOfKeptGradients(t *testing.T) {
	for _, tt := range cases() {
		var gradients [2][]float64
		for k := range gradients {
			g := NewGraph(tensor.Float64, new(Memory))
			r := randomOf(7)
			var in []*Node
			for i, s := range tt.shapes {
				v := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(s...))
				for j := range v.Data().([]float64) {
					v.Data().([]float64)[j] = r.NormFloat64()
				}
				in = append(in, g.Bind(fmt.Sprint("x", i), v))
			}
			y := tt.build(g, in)
			if y.IsScalar() {
				break
			}
			// the gradient of a term of a sum is that of the sum
			w := g.Bind("w", tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(y.Shape()...)))
			by := slices.Clone(in[:len(in)-tt.fixed])
			if k == 1 {
				by = append(by, w)
			}
			p, err := g.CompileGradients(g.inner(r, G.Must(G.Add(y, w))), by)
			if err != nil {
				t.Fatalf("%s: %v", tt.name, err)
			}
			for i := range g.memory.f64 {
				g.memory.f64[i] = 1e30
			}
			if err := p.Run(); err != nil {
				t.Fatal(err)
			}
			for i := range in[:len(in)-tt.fixed] {
				gradients[k] = append(gradients[k], p.Gradient(i).Data().([]float64)...)
			}
		}
		if !slices.Equal(gradients[0], gradients[1]) {
			t.Errorf("%s: the gradient is %v where that of the output is kept, else %v", tt.name, gradients[1], gradients[0])
		}
	}
}

// Gorgonia's machines compute an operation on its own, into new memory, and write over nothing.
func TestDo(t *testing.T) {
	if o := tanh(2); !o.ReturnsPtr() || o.CallsExtern() || o.OverwritesInput() != -1 {
		t.Error("an operation asks Gorgonia for memory or writes over an input")
	}
	for _, dtype := range []tensor.Dtype{tensor.Float32, tensor.Float64} {
		values := func(shape ...int) *tensor.Dense {
			v := tensor.New(tensor.Of(dtype), tensor.WithShape(shape...))
			for i := range v.Shape().TotalSize() {
				if dtype == tensor.Float32 {
					v.Data().([]float32)[i] = float32(i)
				} else {
					v.Data().([]float64)[i] = float64(i)
				}
			}
			return v
		}
		x := values(2, 3)
		if v, err := meanAbs(Rows{1, 2}, 2, noTarget).Do(x); err != nil || v.Dtype() != dtype || fmt.Sprint(v.Data()) != "4" {
			t.Errorf("the mean of 3, 4 and 5 is %v, %v", v, err)
		}
		v, err := leakyRelu(-1, 2).Do(x)
		if err != nil || v.Dtype() != dtype || fmt.Sprint(v.Data()) != "[0 1 2 3 4 5]" || v == G.Value(x) {
			t.Errorf("a copy is %v, %v", v, err)
		}
		if _, err := times(1, 2).Do(x, values(2, 2)); err == nil || err.Error() != "ops: times{Scale:1}: factors (2, 3) and (2, 2) differ" {
			t.Errorf("of shapes that differ: %v", err)
		}
		if _, err := times(1, 2).Do(x, tensor.New(tensor.Of(tensor.Int), tensor.WithShape(2, 3))); err == nil || err.Error() != "ops: times{Scale:1}: input 1: it is []int" {
			t.Errorf("of integers: %v", err)
		}
		if _, err := (&op{kind: "no-such"}).Do(x); err == nil || err.Error() != "ops: no-such{}: the processor has no kernel for it" {
			t.Errorf("of an unknown kind: %v", err)
		}
	}
}
