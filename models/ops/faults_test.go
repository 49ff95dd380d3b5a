package ops

import (
	"fmt"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/losses"
)

// Every operation says the shape of its output, and refuses inputs that do not fit together.
func TestShapes(t *testing.T) {
	half, same := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, kernels.Conv{Kernel: 3, Stride: 1}
	type shapes = [][]int
	for _, tt := range []struct {
		op   *op
		in   shapes
		want string // the shape, or what is wrong
	}{
		{flatten(), shapes{{2, 3}}, "input 0 has shape (2, 3), want 4 dimensions"},
		{linear(false), shapes{{3, 5}, {4, 5}, {4, 1}}, "input 2 has shape (4, 1), want 1 dimensions"},
		{flatten(), shapes{{2, 3, 4, 5}}, "(2, 60)"},
		{unflatten(tensor.Shape{2, 3, 4, 5}), shapes{{2, 60}}, "(2, 3, 4, 5)"},

		{convolution(half, false), shapes{{2, 3, 6, 8}, {5, 3, 4, 4}, {5}}, "(2, 5, 3, 4)"},
		{convolution(half, false), shapes{{2, 2, 6, 8}, {5, 3, 4, 4}, {5}}, "input (2, 2, 6, 8), weight (5, 3, 4, 4) and bias (5) do not fit"},
		{convolution(half, false), shapes{{2, 3, 6, 8}, {5, 3, 4, 4}, {3}}, "input (2, 3, 6, 8), weight (5, 3, 4, 4) and bias (3) do not fit"},
		{convolution(half, false), shapes{{2, 3, 6, 8}, {5, 3, 3, 4}, {5}}, "input (2, 3, 6, 8), weight (5, 3, 3, 4) and bias (5) do not fit"},
		{convolution(half, false), shapes{{2, 3, 6, 8}, {5, 3, 4, 5}, {5}}, "input (2, 3, 6, 8), weight (5, 3, 4, 5) and bias (5) do not fit"},
		{convolution(half, true), shapes{{2, 3, 6, 8}, {3, 5, 4, 4}, {5}}, "(2, 5, 12, 16)"},
		{convolution(half, true), shapes{{2, 3, 6, 8}, {5, 3, 4, 4}, {3}}, "input (2, 3, 6, 8), weight (5, 3, 4, 4) and bias (3) do not fit"},
		{convolution(same, false), shapes{{1, 1, 3, 3}, {1, 1, 3, 3}, {1}}, "(1, 1, 1, 1)"},
		{convolution(same, false), shapes{{1, 1, 2, 3}, {1, 1, 3, 3}, {1}}, "input (1, 1, 2, 3) is too small"},
		{convolution(same, false), shapes{{1, 1, 3, 2}, {1, 1, 3, 3}, {1}}, "input (1, 1, 3, 2) is too small"},
		{channelSums(), shapes{{2, 3, 4, 5}}, "(3)"},

		{linear(false), shapes{{3, 5}, {4, 5}, {4}}, "(3, 4)"},
		{linear(false), shapes{{3, 6}, {4, 5}, {4}}, "input (3, 6), weight (4, 5) and bias (4) do not fit"},
		{linear(false), shapes{{3, 5}, {4, 5}, {5}}, "input (3, 5), weight (4, 5) and bias (5) do not fit"},
		{matrixProduct(false, false), shapes{{3, 5}, {5, 4}}, "(3, 4)"},
		{matrixProduct(true, false), shapes{{5, 3}, {5, 4}}, "(3, 4)"},
		{matrixProduct(false, true), shapes{{3, 5}, {4, 5}}, "(3, 4)"},
		{matrixProduct(true, true), shapes{{5, 3}, {4, 5}}, "(3, 4)"},
		{matrixProduct(false, false), shapes{{3, 5}, {4, 5}}, "factors (3, 5) and (4, 5) do not fit"},
		{rowSums(), shapes{{3, 5}}, "(5)"},

		{meanAbs(Rows{0, 2}, 2, constantTarget), shapes{{2, 3}, {2, 3}}, "()"},
		{meanAbs(Rows{0, 2}, 2, constantTarget), shapes{{2, 3}, {2, 4}}, "shapes (2, 3) and (2, 4) differ"},
		{meanAbs(Rows{0, 3}, 2, noTarget), shapes{{2, 3}}, "rows [0, 3) of 2"},
		{bce(Rows{-1, 2}, 1), shapes{{2, 1}}, "rows [-1, 2) of 2"},
		{bce(Rows{1, 1}, 1), shapes{{2, 1}}, "rows [1, 1) of 2"},
		{bce(Rows{1, 2}, 1), shapes{{2, 1}}, "()"},
		{weightedBCE(), shapes{{3, 2}, {3, 2}, {3, 2}}, "()"},
		{weightedBCE(), shapes{{3, 2}, {3, 1}, {3, 2}}, "logits (3, 2), targets (3, 1) and weights (3, 2) differ"},
		{weightedBCE(), shapes{{3, 2}, {3, 2}, {3, 1}}, "logits (3, 2), targets (3, 2) and weights (3, 1) differ"},
		{gaussian(1), shapes{{3, 2}, {3, 2}, {3, 2}}, "()"},
		{gaussian(1), shapes{{3, 2}, {3, 1}, {3, 2}}, "means (3, 2), spreads (3, 1) and targets (3, 2) differ"},
		{gaussian(1), shapes{{3, 2}, {3, 2}, {3, 1}}, "means (3, 2), spreads (3, 2) and targets (3, 1) differ"},
		{crossEntropy(Rows{1, 3}), shapes{{3, 2}, {2}}, "()"},
		{crossEntropy(Rows{1, 4}), shapes{{3, 2}, {3}}, "rows [1, 4) of 3"},
		{crossEntropy(Rows{1, 3}), shapes{{3, 2}, {3}}, "3 labels for rows {1 3}"},
		{batchLoss("even", losses.Even{Rows: losses.Rows{Lo: 0, Hi: 2}}), shapes{{2, 3}}, "()"},
		{batchLoss("even", losses.Even{Rows: losses.Rows{Lo: 0, Hi: 3}}), shapes{{2, 3}}, "rows [0, 3) of 2"},

		{batchMoments(batchAttrs{}, 4), shapes{{5, 3, 2, 2}}, "(2, 3)"},
		{batchMoments(batchAttrs{Split: 2}, 4), shapes{{5, 3, 2, 2}}, "(4, 3)"},
		{batchMoments(batchAttrs{Split: 4}, 2), shapes{{5, 3}}, "(4, 3)"},
		{batchMoments(batchAttrs{Split: 5}, 2), shapes{{5, 3}}, "5 rows of 5 apart"},
		{batchMoments(batchAttrs{Split: -1}, 2), shapes{{5, 3}}, "-1 rows of 5 apart"},
		{batchNorm(batchAttrs{Split: 0, Epsilon: 1e-5}, 2), shapes{{5, 3}, {2, 3}, {3}, {3}}, "(5, 3)"},
		{batchNorm(batchAttrs{Split: 0, Epsilon: 1e-5}, 2), shapes{{5, 3}, {2, 3}, {4}, {3}}, "4 values for 3 channels"},
		{batchNorm(batchAttrs{Split: 0, Epsilon: 1e-5}, 2), shapes{{5, 3}, {2, 3}, {3}, {2}}, "2 values for 3 channels"},

		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 2, 5}, {4, 1, 2, 5}}, "(4, 6, 2, 5)"},
		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {5, 2, 2, 5}, {4, 1, 2, 5}}, "blocks (4, 3, 2, 5) and (5, 2, 2, 5) do not fit"},
		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 1, 5}, {4, 1, 2, 5}}, "blocks (4, 3, 2, 5) and (4, 2, 1, 5) do not fit"},
		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 2, 1}, {4, 1, 2, 5}}, "blocks (4, 3, 2, 5) and (4, 2, 2, 1) do not fit"},
		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 2, 5}, {4, 1, 3, 5}}, "blocks (4, 3, 2, 5) and (4, 1, 3, 5) do not fit"},
		{code([]Rows{{0, 4}, {0, 2}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 2, 5}, {4, 1, 2, 4}}, "blocks (4, 3, 2, 5) and (4, 1, 2, 4) do not fit"},
		{code([]Rows{{0, 4}, {0, 5}, {2, 4}}), shapes{{4, 3, 2, 5}, {4, 2, 2, 5}, {4, 1, 2, 5}}, "rows [0, 5) of 4"},
		{codePart(3, 2, Rows{0, 2}), shapes{{4, 6, 2, 5}}, "(4, 2, 2, 5)"},
		{perturb(), shapes{{2, 3, 4, 5}, {2, 3, 4, 5}}, "(2, 3, 4, 5)"},
		{perturb(), shapes{{2, 3, 4, 5}, {1, 3, 4, 5}}, "noise is (1, 3, 4, 5), want (2, 3, 4, 5)"},

		{maxPool(2), shapes{{1, 2, 5, 7}}, "(1, 2, 2, 3)"},
		{maxPool(1), shapes{{1, 2, 1, 1}}, "(1, 2, 1, 1)"},
		{maxPool(3), shapes{{1, 2, 3, 3}}, "(1, 2, 1, 1)"},
		{maxPool(0), shapes{{1, 2, 5, 7}}, "input (1, 2, 5, 7) has no window of 0 x 0"},
		{maxPool(3), shapes{{1, 2, 2, 7}}, "input (1, 2, 2, 7) has no window of 3 x 3"},
		{maxPool(3), shapes{{1, 2, 7, 2}}, "input (1, 2, 7, 2) has no window of 3 x 3"},

		{outer(), shapes{{4, 3}, {4, 2}}, "(4, 6)"},
		{outer(), shapes{{4, 3}, {5, 2}}, "(4, 3) and (5, 2) have different rows"},
		{times(2, 2), shapes{{4, 3}, {4, 3}}, "(4, 3)"},
		{times(2, 2), shapes{{4, 3}, {4, 2}}, "factors (4, 3) and (4, 2) differ"},
		{times(2, 4), shapes{{4, 3, 1, 2}, {4, 3, 1, 2}}, "(4, 3, 1, 2)"},
		{meanSquare(Rows{0, 2}, 4, constantTarget), shapes{{2, 3, 1, 1}, {2, 3, 1, 1}}, "()"},
		{meanSquare(Rows{0, 2}, 2, trainedTarget), shapes{{2, 3}, {2, 4}}, "shapes (2, 3) and (2, 4) differ"},
		{spread(2, 5), shapes{{4, 3}}, "(4, 3, 2, 5)"},
		{spread(0, 5), shapes{{4, 3}}, "a plane of 0 x 5"},
		{spread(1, 0), shapes{{4, 3}}, "a plane of 1 x 0"},
		{code([]Rows{{0, 4}, {0, 4}}), shapes{{4, 3, 2, 5}, {4, 1, 2, 5}}, "(4, 4, 2, 5)"},
		{composites(0.25, 0.5), shapes{{4, 3, 2, 5}, {4, 3, 2, 5}, {4, 3, 2, 5}}, "(4, 3, 2, 5)"},
		{composites(0.25, 0.5), shapes{{4, 3, 2, 5}, {4, 3, 2, 4}, {4, 3, 2, 5}}, "images (4, 3, 2, 5), their own (4, 3, 2, 4) and alone (4, 3, 2, 5) differ"},
		{composites(0.25, 0.5), shapes{{4, 3, 2, 5}, {4, 3, 2, 5}, {2, 3, 2, 5}}, "images (4, 3, 2, 5), their own (4, 3, 2, 5) and alone (2, 3, 2, 5) differ"},
		{free(0.25, 0.5, 0, true), shapes{{4, 3, 2, 5}, {4, 3, 2, 5}}, "(4, 3, 2, 5)"},
		{free(0.25, 0.5, 0, true), shapes{{4, 3, 2, 5}, {4, 3, 1, 5}}, "own images (4, 3, 2, 5) and alone (4, 3, 1, 5) differ"},
		{free(0.25, 0.5, 0, true), shapes{{3, 3, 2, 5}, {3, 3, 2, 5}}, "3 images are not as many of either domain"},
		{composites(0.25, 0.5), shapes{{3, 3, 2, 5}, {3, 3, 2, 5}, {3, 3, 2, 5}}, "3 images are not as many of either domain"},
		{masked(), shapes{{2, 2, 3, 4}}, "(2, 2, 3, 4)"},
		{masked(), shapes{{2, 1, 3, 4}}, "(2, 1, 3, 4) has no channel beside the mask"},
		{blend(), shapes{{2, 4, 3, 5}, {2, 3, 3, 5}}, "(2, 3, 3, 5)"},
		{blend(), shapes{{2, 4, 3, 5}, {1, 3, 3, 5}}, "masks and images (2, 4, 3, 5) do not fit over (1, 3, 3, 5)"},
		{blend(), shapes{{2, 4, 3, 5}, {2, 4, 3, 5}}, "masks and images (2, 4, 3, 5) do not fit over (2, 4, 3, 5)"},
		{blend(), shapes{{2, 4, 3, 5}, {2, 3, 2, 5}}, "masks and images (2, 4, 3, 5) do not fit over (2, 3, 2, 5)"},
		{blend(), shapes{{2, 4, 3, 5}, {2, 3, 3, 4}}, "masks and images (2, 4, 3, 5) do not fit over (2, 3, 3, 4)"},
		{fixedNorm(1e-5, 2), shapes{{5, 3}, {3}, {3}, {3}, {3}}, "(5, 3)"},
		{fixedNorm(1e-5, 2), shapes{{5, 3}, {3}, {3}, {3}, {4}}, "4 values for 3 channels"},
		{spectralNorm(), shapes{{3, 2, 4, 4}, {3}, {32}}, "(3, 2, 4, 4)"},
		{spectralNorm(), shapes{{3, 2, 4, 4}, {2}, {32}}, "weight (3, 2, 4, 4), u (2) and v (32) do not fit"},
		{spectralNorm(), shapes{{3, 2, 4, 4}, {3}, {16}}, "weight (3, 2, 4, 4), u (3) and v (16) do not fit"},
		{weightNorm(), shapes{{3, 4}, {3}}, "(3, 4)"},
		{weightNorm(), shapes{{3, 4}, {4}}, "weight (3, 4) and lengths (4) do not fit"},
		{softmax(), shapes{{3, 4}}, "(3, 4)"},
		{elementwise("gate", 3, 2), shapes{{3, 4}, {3, 4}, {3, 4}}, "(3, 4)"},
		{elementwise("gate", 3, 2), shapes{{3, 4}, {3, 4}, {3, 5}}, "(3, 4) and (3, 5) differ"},
		{affineNorm(1), shapes{{2, 3, 4, 5}, {3}, {3}}, "(2, 3, 4, 5)"},
		{affineNorm(1), shapes{{2, 3, 4, 5}, {3}, {2}}, "2 values for 3 channels"},
		{affineAlong(1), shapes{{2, 3, 4, 5}, {3}, {2, 3, 4, 5}}, "(2, 3, 4, 5)"},
		{affineAlong(1), shapes{{2, 3, 4, 5}, {2}, {2, 3, 4, 5}}, "2 values for 3 channels"},
		{affineAlong(1), shapes{{2, 3, 4, 5}, {3}, {2, 3, 4, 4}}, "(2, 3, 4, 5) along (2, 3, 4, 4)"},
		{reluAlong(0, 2), shapes{{3, 4}, {3, 4}}, "(3, 4)"},
		{reluAlong(0, 2), shapes{{3, 4}, {4, 3}}, "(3, 4) along (4, 3)"},
		{tanhAlong(2), shapes{{3, 4}, {4, 3}}, "(3, 4) along (4, 3)"},
		{mean(Rows{1, 3}, 2), shapes{{3, 4}}, "()"},
		{mean(Rows{1, 4}, 2), shapes{{3, 4}}, "rows [1, 4) of 3"},
	} {
		var in []G.DimSizer
		for _, s := range tt.in {
			in = append(in, tensor.Shape(s))
		}
		shape, err := tt.op.InferShape(in...)
		got := fmt.Sprint(shape)
		if err != nil {
			got = strings.TrimPrefix(err.Error(), "ops: "+tt.op.String()+": ")
		}
		if got != tt.want {
			t.Errorf("%s of %v: %s, want %s", tt.op, tt.in, got, tt.want)
		}
	}
}

// The faults of a graph name the layer, and the first of them sticks.
func TestGraphFaults(t *testing.T) {
	zeros := func(dtype tensor.Dtype, s ...int) *tensor.Dense {
		return tensor.New(tensor.Of(dtype), tensor.WithShape(s...))
	}
	x := func(g *Graph) *Node { return g.Bind("x", zeros(tensor.Float32, 2, 2)) }
	three := func(g *Graph, name string) *Node { return g.Bind(name, zeros(tensor.Float32, 3)) }
	for _, tt := range []struct {
		want  string
		build func(g *Graph) *Node
	}{
		{`ops: input "y" holds float64, the graph float32`, func(g *Graph) *Node { return g.Bind("y", zeros(tensor.Float64, 2)) }},
		{"ops: layer: input 1 is missing", func(g *Graph) *Node { return g.Times("layer", 1, x(g), nil) }},
		{"layer: Failed to infer shape. Op: fixed-norm{Split:0 Epsilon:1e-05 Lanes:false}: ops: fixed-norm{Split:0 Epsilon:1e-05 Lanes:false}: 3 values for 2 channels", func(g *Graph) *Node {
			return g.FixedNorm("layer", 1e-5, x(g), three(g, "mean"), three(g, "variance"), three(g, "scale"), three(g, "shift"))
		}},
		{"layer: ops: broken{}: oh no", func(g *Graph) *Node {
			return g.apply("layer", &op{kind: "broken", ranks: []int{2}, rank: 2, infer: func([]tensor.Shape) (tensor.Shape, error) { panic("oh no") }}, x(g))
		}},
		{"the first", func(g *Graph) *Node { g.Fail(fmt.Errorf("the first")); g.Fail(fmt.Errorf("the second")); return x(g) }},
		{"ops: the graph has an operation that is not ours: ⊙ false", func(g *Graph) *Node { return G.Must(G.HadamardProd(x(g), g.Bind("y", zeros(tensor.Float32, 2, 2)))) }},
		{"ops: the graph has an operation that is not ours: + false", func(g *Graph) *Node { return G.Must(G.Add(G.NewConstant(float32(2)), x(g))) }},
		// two names of one hash, found by a search
		{"ops: nodes x522789 :: Matrix float32 and x739192 :: Matrix float32 share the hash 0x73691a11", func(g *Graph) *Node {
			return g.Times("layer", 1, g.Bind("x522789", zeros(tensor.Float32, 2, 2)), g.Bind("x739192", zeros(tensor.Float32, 2, 2)))
		}},
	} {
		g := NewGraph(tensor.Float32, new(Memory))
		p, err := g.Compile(tt.build(g))
		if fmt.Sprint(err) != tt.want || p != nil {
			t.Errorf("%v, want %s", err, tt.want)
		}
	}
}

// What stops a compilation is told as an error: gradients of what has none, or of nothing.
func TestCompileFaults(t *testing.T) {
	g := NewGraph(tensor.Float32, new(Memory))
	x := g.Bind("x", tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 2)))
	hits := g.Hits("hits", Rows{0, 2}, 1, x)
	if _, err := g.CompileGradients(hits, []*Node{x}); err == nil {
		t.Error("hits have a gradient")
	}
	if _, err := (&op{kind: "plain"}).SymDiff(nil, nil, nil); err == nil || err.Error() != "ops: plain{} has no gradient" {
		t.Errorf("of an operation without gradient: %v", err)
	}
	if p, err := g.Compile(nil); err == nil || p != nil {
		t.Errorf("a missing output compiles: %v", err)
	}
}
