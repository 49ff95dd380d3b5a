package ops

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

var (
	mirrored = kernels.Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}
	halved   = kernels.Conv{Kernel: 4, Stride: 2, Padding: 1, Reflect: true}
	doubled  = kernels.Conv{Kernel: 3, Stride: 2, Padding: 1, Extra: 1}
	bordered = kernels.Window{Size: 3, Stride: 2, Padding: 1}
)

// imageCases are the operations of translation networks, with gradients.
func imageCases() []opCase {
	distance := 0.7
	return []opCase{
		{"conv mirrored", [][]int{{2, 2, 4, 5}, {3, 2, 3, 3}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.Conv("l", mirrored, in[0], in[1], in[2]) }},
		{"conv 4/2/1 mirrored", [][]int{{2, 2, 6, 4}, {3, 2, 4, 4}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.Conv("l", halved, in[0], in[1], in[2]) }},
		{"conv-doubled", [][]int{{2, 2, 2, 3}, {3, 2, 5, 5}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.ConvDoubled("l", in[0], in[1], in[2]) }},
		{"conv-transposed with an extra row", [][]int{{2, 3, 3, 2}, {3, 2, 3, 3}, {2}}, 0, func(g *Graph, in []*Node) *Node { return g.ConvTransposed("l", doubled, in[0], in[1], in[2]) }},
		{"adaptive-norm", [][]int{{2, 3, 2, 4}, {2, 6}}, 0, func(g *Graph, in []*Node) *Node { return g.AdaptiveNorm("l", 0, in[0], in[1]) }},
		{"adaptive-norm without activation", [][]int{{2, 3, 2, 4}, {2, 6}}, 0, func(g *Graph, in []*Node) *Node { return g.AdaptiveNorm("l", 1, in[0], in[1]) }},
		{"layer-norm", [][]int{{2, 3, 2, 4}, {2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.LayerNorm("l", kernels.Biased, 0, in[0], in[1]) }},
		{"layer-norm unbiased", [][]int{{2, 3, 2, 4}, {2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.LayerNorm("l", kernels.Unbiased, 0.2, in[0], in[1]) }},
		{"average-pool", [][]int{{2, 2, 5, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.AveragePool("l", bordered, in[0]) }},
		{"columns", [][]int{{3, 5}}, 0, func(g *Graph, in []*Node) *Node { return g.Columns("l", 1, 3, in[0]) }},
		{"append-maps", [][]int{{2, 3, 2, 3}, {2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.AppendMaps("l", in[0], in[1]) }},
		{"squares-to", [][]int{{4, 2, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.SquaresTo("l", Rows{1, 3}, 0.8, in[0]) }},
		{"divergence", [][]int{{4, 3}, {4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Divergence("l", Rows{1, 3}, in[0], in[1]) }},
		{"sample", [][]int{{4, 3}, {4, 3}, {4, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Sample("l", in[0], in[1], in[2]) }},
		{"seek", [][]int{{4, 3}, {4, 3}}, 0, func(g *Graph, in []*Node) *Node {
			return g.Seek("l", &distance, g.Distance("d", Rows{0, 4}, in[0], in[1]))
		}},
	}
}

// Values by hand and by closed forms.
func TestImageValuesByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	x := g.bound("x", []int{1, 2, 1, 2}, 1, 3, 10, -10) // planes of mean 2 and 0, deviation 1 and 10
	one := math.Sqrt(1 + 1e-5)
	ten := math.Sqrt(100 + 1e-5)
	// of all four values mean 1, squares 0 + 4 + 81 + 121
	biased, unbiased := math.Sqrt(206./4+1e-5), math.Sqrt(206./3)+1e-5
	affine := g.bound("affine", []int{2, 2}, 2, -1, 0.5, 0.25)
	nodes := []*Node{
		g.AdaptiveNorm("adaptive", 1, x, g.bound("styles", []int{1, 4}, 5, 6, 2, -3)), // shifts, then gains
		g.AdaptiveNorm("relu", 0, x, g.bound("more", []int{1, 4}, 0, 0, 1, 1)),
		g.LayerNorm("biased", kernels.Biased, 1, x, affine), g.LayerNorm("unbiased", kernels.Unbiased, 1, x, affine),
		g.AveragePool("pool", kernels.Window{Size: 2, Stride: 1}, g.bound("square", []int{1, 1, 2, 3}, 1, 2, 3, 5, 6, 11)),
		g.Columns("columns", 1, 2, g.bound("rows", []int{2, 3}, 1, 2, 3, 4, 5, 6)),
		g.AppendMaps("maps", x, g.bound("z", []int{1, 1}, 7)),
		g.Sample("sample", g.bound("mean", []int{1, 2}, 1, 2), g.bound("variance", []int{1, 2}, 0, math.Log(9)), g.bound("noise", []int{1, 2}, 0.5, -1)),
		g.Conv("mirror", kernels.Conv{Kernel: 3, Stride: 1, Padding: 1, Reflect: true}, g.bound("image", []int{1, 1, 2, 2}, 1, 2, 3, 4),
			g.bound("w", []int{1, 1, 3, 3}, 1, 0, 0, 0, 0, 0, 0, 0, 0), g.bound("b", []int{1}, 0.5)),
		g.ConvTransposed("extra", doubled, g.bound("point", []int{1, 1, 1, 1}, 2), g.bound("v", []int{1, 1, 3, 3}, 1, 2, 3, 4, 5, 6, 7, 8, 9), g.bound("c", []int{1}, 0)),
	}
	want := [][]float64{
		{5 - 2/one, 5 + 2/one, 6 - 30/ten, 6 + 30/ten}, {0, 1 / one, 10 / ten, 0},
		{0.5, 0.5 + 4/biased, 0.25 - 9/biased, 0.25 + 11/biased}, {0.5, 0.5 + 4/unbiased, 0.25 - 9/unbiased, 0.25 + 11/unbiased},
		{3.5, 5.5}, {2, 3, 5, 6}, {1, 3, 10, -10, 7, 7}, {1.5, -1},
		{4.5, 3.5, 2.5, 1.5}, // what lies up and to the left: mirrored at row and column
		{10, 12, 16, 18},     // the point's weight from its middle on
	}
	for i, got := range outputs(t, g, nodes...) {
		for j, w := range want[i] {
			if len(got) != len(want[i]) || !(math.Abs(got[j]-w) <= 1e-12) {
				t.Errorf("output %d: %v, want %v", i, got, want[i])
				break
			}
		}
	}
	y := g.bound("y", []int{3, 2}, 9, 9, 1, 3, 0, -1)
	distance := 0.5
	for i, tt := range []struct {
		node *Node
		want float64
	}{
		{g.SquaresTo("squares", Rows{1, 3}, 1, y), (0. + 4 + 1 + 4) / 4},
		{g.Divergence("divergence", Rows{1, 3}, y, g.bound("s", []int{3, 2}, 9, 9, 0, 1, 0, 0)), (1 + (9 + math.E - 2) + 0 + 1) / 2},
		{g.Seek("seek", &distance, g.MeanAbs("abs", Rows{1, 2}, y)), 1 / (4 + 1e-5)},
	} {
		p, err := g.Compile(y)
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
	distance = 2 // read at each run
	if p, err := g.Compile(y); err != nil || p.Run() != nil || !(math.Abs(Scalar(g.scalars[len(g.scalars)-1])-1/(1+1e-5)) <= 1e-12) {
		t.Errorf("another distance gives %v", Scalar(g.scalars[len(g.scalars)-1]))
	}
}

// Shapes, and inputs that do not fit.
func TestImageShapes(t *testing.T) {
	type shapes = [][]int
	for _, tt := range []struct {
		op   *op
		in   shapes
		want string
	}{
		{convolution(mirrored, false), shapes{{2, 3, 6, 8}, {5, 3, 3, 3}, {5}}, "(2, 5, 6, 8)"},
		{convolution(mirrored, false), shapes{{2, 3, 1, 8}, {5, 3, 3, 3}, {5}}, "input (2, 3, 1, 8) cannot be mirrored by 1 places"},
		{convolution(mirrored, false), shapes{{2, 3, 8, 1}, {5, 3, 3, 3}, {5}}, "input (2, 3, 8, 1) cannot be mirrored by 1 places"},
		{convolution(mirrored, true), shapes{{2, 3, 6, 8}, {3, 5, 3, 3}, {5}}, "input (2, 3, 6, 8) cannot be mirrored by 1 places"},
		{convolution(doubled, true), shapes{{2, 3, 6, 8}, {3, 5, 3, 3}, {5}}, "(2, 5, 12, 16)"},
		{convDoubled(), shapes{{2, 3, 6, 8}, {5, 3, 5, 5}, {5}}, "(2, 5, 12, 16)"},
		{convDoubled(), shapes{{2, 3, 6, 1}, {5, 3, 5, 5}, {5}}, "input (2, 3, 6, 1) is too small"},
		{convDoubled(), shapes{{2, 3, 6, 8}, {5, 2, 5, 5}, {5}}, "input (2, 3, 6, 8), weight (5, 2, 5, 5) and bias (5) do not fit"},
		{convDoubled(), shapes{{2, 3, 6, 8}, {5, 3, 5, 5}, {4}}, "input (2, 3, 6, 8), weight (5, 3, 5, 5) and bias (4) do not fit"},
		{convDoubled(), shapes{{2, 3, 6, 8}, {5, 3, 3, 5}, {5}}, "input (2, 3, 6, 8), weight (5, 3, 3, 5) and bias (5) do not fit"},
		{adaptiveNorm(0), shapes{{2, 3, 4, 5}, {2, 6}}, "(2, 3, 4, 5)"},
		{adaptiveNorm(0), shapes{{2, 3, 4, 5}, {1, 6}}, "styles (1, 6) of (2, 3, 4, 5), want a shift and a gain for each channel of each sample"},
		{adaptiveNorm(0), shapes{{2, 3, 4, 5}, {2, 3}}, "styles (2, 3) of (2, 3, 4, 5), want a shift and a gain for each channel of each sample"},
		{layerNorm(0, 0), shapes{{2, 3, 4, 5}, {2, 3}}, "(2, 3, 4, 5)"},
		{layerNorm(0, 0), shapes{{2, 3, 4, 5}, {1, 3}}, "affine values (1, 3) of (2, 3, 4, 5), want a scale and a shift for each channel"},
		{layerNorm(0, 0), shapes{{2, 3, 4, 5}, {2, 2}}, "affine values (2, 2) of (2, 3, 4, 5), want a scale and a shift for each channel"},
		{averagePool(bordered), shapes{{2, 3, 7, 8}}, "(2, 3, 4, 4)"},
		{averagePool(kernels.Window{Size: 3, Stride: 1}), shapes{{2, 3, 2, 8}}, "input (2, 3, 2, 8) has no such windows"},
		{averagePool(kernels.Window{Size: 2, Stride: 1, Padding: 2}), shapes{{2, 3, 8, 8}}, "input (2, 3, 8, 8) has no such windows"},
		{averagePool(kernels.Window{Size: 2}), shapes{{2, 3, 8, 8}}, "input (2, 3, 8, 8) has no such windows"},
		{columns(1, 2), shapes{{4, 3}}, "(4, 2)"},
		{columns(2, 2), shapes{{4, 3}}, "columns [2, 4) of 3"},
		{columns(0, 0), shapes{{4, 3}}, "columns [0, 0) of 3"},
		{appendMaps(), shapes{{2, 3, 4, 5}, {2, 8}}, "(2, 11, 4, 5)"},
		{appendMaps(), shapes{{2, 3, 4, 5}, {3, 8}}, "images (2, 3, 4, 5) and rows (3, 8) differ in number"},
		{squaresTo(Rows{1, 3}, 1, 4), shapes{{2, 3, 4, 5}}, "rows [1, 3) of 2"},
		{divergence(Rows{0, 2}), shapes{{2, 3}, {2, 4}}, "shapes (2, 3) and (2, 4) differ"},
		{sample(), shapes{{2, 3}, {2, 3}, {2, 3}}, "(2, 3)"},
		{sample(), shapes{{2, 3}, {2, 3}, {2, 4}}, "means (2, 3), variances (2, 3) and noise (2, 4) differ"},
		{sample(), shapes{{2, 3}, {2, 4}, {2, 3}}, "means (2, 3), variances (2, 4) and noise (2, 3) differ"},
	} {
		var in []gorgonia.DimSizer
		for _, s := range tt.in {
			in = append(in, tensor.Shape(s))
		}
		got, err := tt.op.InferShape(in...)
		if err == nil && fmt.Sprint(got) != tt.want || err != nil && !strings.HasSuffix(err.Error(), ": "+tt.want) {
			t.Errorf("%s of %v: %v, %v; want %s", tt.op, tt.in, got, err, tt.want)
		}
	}
}

// A near twin is another node.
func TestImageTwinsStayApart(t *testing.T) {
	seen := map[uint32]string{}
	other := bordered
	other.Padding = 0
	for _, o := range []*op{
		convolution(mirrored, false), convolution(kernels.Conv{Kernel: 3, Stride: 1, Padding: 1}, false), convolution(doubled, true), convolution(kernels.Conv{Kernel: 3, Stride: 2, Padding: 1}, true),
		adaptiveNorm(0), adaptiveNorm(1), layerNorm(0, 0), layerNorm(1, 0), layerNorm(0, 1), averagePool(bordered), averagePool(other), convDoubled(),
		columns(0, 2), columns(0, 258), columns(2, 2), appendMaps(), squaresTo(Rows{0, 2}, 0, 4), squaresTo(Rows{0, 2}, 1, 4), squaresTo(Rows{0, 258}, 0, 4),
		divergence(Rows{0, 2}), divergence(Rows{0, 258}), sample(), seek("a", nil), seek("b", nil),
	} {
		if prev, ok := seen[o.Hashcode()]; ok {
			t.Errorf("%s and %s share a hash", prev, o.String())
		}
		seen[o.Hashcode()] = o.String()
	}
}
