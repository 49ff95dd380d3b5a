package ops

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/losses"
)

// inner is the sum of x times fixed factors: it makes a scalar of any output.
func (g *Graph) inner(r *rand.Rand, x *Node) *Node {
	factors := make([]float64, x.Shape().TotalSize())
	for i := range factors {
		factors[i] = r.NormFloat64()
	}
	grad := &op{kind: "inner-grad", attrs: factors, ranks: []int{0, x.Dims()}, rank: x.Dims(),
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return s[1], nil }}
	return g.apply("inner", &op{kind: "inner", attrs: factors, ranks: []int{x.Dims()}, infer: scalarShape, wrt: []bool{true},
		diff: func(in G.Nodes, _, up *Node) (G.Nodes, error) {
			d, err := applyOp(grad, up, in[0])
			return G.Nodes{d}, err
		}}, x)
}

func init() {
	none := func([]float64) eval[float32] { return nil }
	onCPU("inner", none, func(factors []float64) eval[float64] {
		return func(out arg[float64], in []arg[float64]) {
			out.data[0] = 0
			for i, f := range factors {
				out.data[0] += f * in[0].data[i]
			}
		}
	})
	onCPU("inner-grad", none, func(factors []float64) eval[float64] {
		return func(out arg[float64], in []arg[float64]) {
			for i, f := range factors {
				out.data[i] = f * in[0].data[0]
			}
		}
	})
}

type opCase struct {
	name   string
	shapes [][]int
	fixed  int // this many of the last inputs have no gradient
	build  func(g *Graph, in []*Node) *Node
}

// twoGaussians are the kernels of a joint discrepancy.
var twoGaussians = []losses.Gaussians{{Variances: []float64{1, 4}}, {Variances: []float64{2}}}

// normalised is batch normalisation by statistics of the batch.
func normalised(split int) func(g *Graph, in []*Node) *Node {
	return func(g *Graph, in []*Node) *Node {
		return g.BatchNorm("l", split, 0.3, in[0], g.BatchMoments("m", split, in[0]), in[1], in[2])
	}
}

// cases lists every operation with a gradient.
func cases() []opCase { return append(plainCases(), imageCases()...) }

func plainCases() []opCase {
	c := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}
	c3 := kernels.Conv{Kernel: 3, Stride: 1, Padding: 1}
	return []opCase{
		{"conv", [][]int{{2, 3, 6, 8}, {5, 3, 4, 4}, {5}}, 0, func(g *Graph, in []*Node) *Node { return g.Conv("l", c, in[0], in[1], in[2]) }},
		{"conv 3/1/1", [][]int{{1, 2, 5, 4}, {3, 2, 3, 3}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.Conv("l", c3, in[0], in[1], in[2]) }},
		{"conv-transposed", [][]int{{2, 3, 3, 2}, {3, 5, 4, 4}, {5}}, 0, func(g *Graph, in []*Node) *Node { return g.ConvTransposed("l", c, in[0], in[1], in[2]) }},
		{"linear", [][]int{{3, 5}, {4, 5}, {4}}, 0, func(g *Graph, in []*Node) *Node { return g.Linear("l", false, in[0], in[1], in[2]) }},
		{"linear frozen", [][]int{{3, 5}, {4, 5}, {4}}, 2, func(g *Graph, in []*Node) *Node { return g.Linear("l", true, in[0], in[1], in[2]) }},
		{"instance-norm", [][]int{{2, 3, 2, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.InstanceNorm("l", 0.2, in[0]) }},
		{"instance-norm relu", [][]int{{2, 3, 4, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.InstanceNorm("l", 0, in[0]) }},
		{"leaky-relu", [][]int{{2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.LeakyRelu("l", 0.2, in[0]) }},
		{"leaky-relu rank 2", [][]int{{4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.LeakyRelu("l", 0.2, in[0]) }},
		{"tanh", [][]int{{2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Tanh("l", in[0]) }},
		{"perturb", [][]int{{2, 3, 2, 2}, {2, 3, 2, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.Perturb("l", in[0], in[1]) }},
		{"tanh rank 2", [][]int{{4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Tanh("l", in[0]) }},
		{"flatten", [][]int{{2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Flatten("l", in[0]) }},
		{"part", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Part("l", Rows{1, 4}, in[0]) }},
		{"part of images", [][]int{{5, 3, 2, 1}}, 0, func(g *Graph, in []*Node) *Node { return g.Part("l", Rows{3, 5}, in[0]) }},
		{"join", [][]int{{2, 3}, {3, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Join("l", in[0], in[1]) }},
		{"join of images", [][]int{{2, 3, 2, 1}, {1, 3, 2, 1}}, 0, func(g *Graph, in []*Node) *Node { return g.Join("l", in[0], in[1]) }},
		{"sum", [][]int{{2, 3}, {2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Sum("l", in[0], in[1]) }},
		{"sum of one twice", [][]int{{2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Sum("l", in[0], g.Tanh("t", in[0])) }},
		{"unflatten", [][]int{{2, 12}}, 0, func(g *Graph, in []*Node) *Node { return g.Unflatten("l", 3, 2, 2, in[0]) }},
		{"code", [][]int{{4, 3, 2, 2}, {4, 2, 2, 2}, {4, 1, 2, 2}}, 0, func(g *Graph, in []*Node) *Node {
			return g.Code("l", in[0], in[1], in[2], Rows{0, 2}, Rows{2, 4})
		}},
		{"max-pool", [][]int{{2, 3, 5, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.MaxPool("l", 2, in[0]) }},
		{"max-pool 3", [][]int{{1, 2, 7, 9}}, 0, func(g *Graph, in []*Node) *Node { return g.MaxPool("l", 3, in[0]) }},
		{"part of rank 2", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Part("l", Rows{2, 5}, in[0]) }},
		{"average", [][]int{{2, 3, 2, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.Average("l", in[0]) }},
		{"spread", [][]int{{2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Spread("l", 2, 5, in[0]) }},
		{"channels", [][]int{{3, 2, 1, 2}, {3, 1, 1, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Channels("l", in[0], in[1]) }},
		{"masked", [][]int{{2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Masked("l", in[0]) }},
		{"blend", [][]int{{2, 4, 2, 3}, {2, 3, 2, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Blend("l", in[0], in[1]) }},
		{"mse", [][]int{{4, 2, 2, 2}, {4, 2, 2, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.MSE("l", Rows{1, 3}, in[0], in[1]) }},
		{"squared distance", [][]int{{4, 3}, {4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.SquaredDistance("l", Rows{1, 3}, in[0], in[1]) }},
		{"times of images", [][]int{{2, 3, 1, 2}, {2, 3, 1, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.Times("l", 0.3, in[0], in[1]) }},
		{"fixed-norm", [][]int{{3, 2, 2, 2}, {2}, {2}, {2}, {2}}, 4, func(g *Graph, in []*Node) *Node {
			return g.FixedNorm("l", 0.3, in[0], in[1], g.Bind("variance", tensor.New(tensor.WithShape(2), tensor.WithBacking([]float64{0.5, 2}))), in[3], in[4])
		}},
		{"spectral-norm", [][]int{{3, 2, 4, 4}, {3}, {32}}, 2, func(g *Graph, in []*Node) *Node { return g.SpectralNorm("l", in[0], in[1], in[2]) }},
		{"l1", [][]int{{4, 2, 2, 2}, {4, 2, 2, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.L1("l", Rows{1, 3}, in[0], in[1]) }},
		{"mean-abs", [][]int{{4, 2, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.MeanAbs("l", Rows{2, 4}, in[0]) }},
		{"bce", [][]int{{5, 1}}, 0, func(g *Graph, in []*Node) *Node { return g.BCE("l", Rows{0, 3}, 0.3, in[0]) }},
		{"weighted-bce", [][]int{{3, 2}, {3, 2}, {3, 2}}, 2, func(g *Graph, in []*Node) *Node { return g.WeightedBCE("l", in[0], in[1], in[2]) }},
		{"gaussian", [][]int{{4, 3}, {4, 3}, {4, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Gaussian("l", 1.5, in[0], in[1], in[2]) }},
		{"distance", [][]int{{4, 2, 2, 2}, {4, 2, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Distance("l", Rows{1, 3}, in[0], in[1]) }},
		{"pin", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Pin("l", Rows{1, 4}, in[0]) }},
		{"collapse", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Collapse("l", Rows{1, 4}, in[0]) }},
		{"softmax", [][]int{{4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Softmax("l", in[0]) }},
		{"batch-norm", [][]int{{5, 3, 2, 2}, {3}, {3}}, 0, normalised(0)},
		{"batch-norm of two domains", [][]int{{5, 3, 2, 2}, {3}, {3}}, 0, normalised(2)},
		{"batch-norm of rows", [][]int{{5, 3}, {3}, {3}}, 0, normalised(0)},
		{"batch-norm of rows of two domains", [][]int{{5, 3}, {3}, {3}}, 0, normalised(3)},
		{"outer", [][]int{{4, 3}, {4, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.Outer("l", in[0], in[1]) }},
		{"times", [][]int{{4, 3}, {4, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Times("l", 0.3, in[0], in[1]) }},
		{"project", [][]int{{4, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Project("l", in[0], in[1]) }},
		{"weighted by certainty", [][]int{{4, 1}, {4, 1}, {4, 3}}, 2, func(g *Graph, in []*Node) *Node {
			return g.WeightedBCE("l", in[0], in[1], g.Certainty("c", in[2]))
		}},
		{"detached", [][]int{{4, 3}, {4, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.MMD("l", 2, twoGaussians, in[0], g.Detach("d", in[1])) }},
		{"moments", [][]int{{7, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Moments("l", 3, 3, in[0]) }},
		{"mmd", [][]int{{7, 3}, {7, 2}}, 0, func(g *Graph, in []*Node) *Node {
			return g.MMD("l", 3, twoGaussians, in...)
		}},
		{"entropy", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Entropy("l", Rows{1, 4}, in[0]) }},
		{"diversity", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Diversity("l", Rows{1, 4}, in[0]) }},
		{"nuclear-norm", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.NuclearNorm("l", Rows{1, 5}, in[0]) }},
		{"top-singular", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.TopSingular("l", Rows{1, 5}, in[0]) }},
		{"norm-to", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.NormTo("l", Rows{1, 5}, 7, in[0]) }},
		{"even", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Even("l", Rows{1, 4}, in[0]) }},
		{"balance", [][]int{{5, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Balance("l", Rows{1, 4}, in[0]) }},
		{"apart", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Apart("l", Rows{1, 5}, in[0], in[1]) }},
		{"sliced", [][]int{{5, 3}, {5, 3}, {3, 4}}, 1, func(g *Graph, in []*Node) *Node { return g.Sliced("l", Rows{1, 5}, in[0], in[1], in[2]) }},
		{"consistency", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Consistency("l", Rows{1, 5}, 0.3, in[0], in[1]) }},
		{"pseudo", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Pseudo("l", Rows{1, 5}, 0.3, in[0], in[1]) }},
		{"soft", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Soft("l", Rows{1, 5}, in[0], in[1]) }},
		{"squares", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Squares("l", Rows{1, 4}, false, in[0], in[1]) }},
		{"squares, centred", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Squares("l", Rows{1, 4}, true, in[0], in[1]) }},
		{"overlap", [][]int{{5, 3}, {5, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Overlap("l", Rows{1, 5}, in[0], in[1]) }},
		{"weight-norm", [][]int{{3, 4}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.WeightNorm("l", in[0], in[1]) }},
		{"agree", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Agree("l", Rows{1, 5}, in[0], in[1]) }},
		{"disagree", [][]int{{5, 3}, {5, 3}}, 1, func(g *Graph, in []*Node) *Node { return g.Disagree("l", Rows{1, 5}, in[0], in[1]) }},
		{"affine-norm", [][]int{{2, 3, 2, 4}, {3}, {3}}, 0, func(g *Graph, in []*Node) *Node { return g.AffineNorm("l", 1e-3, in[0], in[1], in[2]) }},
		{"affine-norm along", [][]int{{2, 3, 2, 4}, {3}, {2, 3, 2, 4}}, 0, func(g *Graph, in []*Node) *Node { return g.AffineNormAlong("l", 1e-3, in[0], in[1], in[2]) }},
		{"leaky-relu along", [][]int{{2, 3, 2, 2}, {2, 3, 2, 2}}, 1, func(g *Graph, in []*Node) *Node { return g.LeakyReluAlong("l", 0.2, in[1], in[0]) }},
		{"tanh along", [][]int{{4, 3}, {4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.TanhAlong("l", in[0], in[1]) }},
		{"channels of four", [][]int{{2, 1, 2, 1}, {2, 2, 2, 1}, {2, 3, 2, 1}, {2, 1, 2, 1}}, 0, func(g *Graph, in []*Node) *Node { return g.Channels("l", in...) }},
		{"mean", [][]int{{4, 2, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Mean("l", Rows{1, 3}, in[0]) }},
		{"sigmoid", [][]int{{2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Sigmoid("l", in[0]) }},
		{"product", [][]int{{2, 3, 2, 2}, {2, 3, 2, 2}}, 0, func(g *Graph, in []*Node) *Node { return g.Product("l", in[0], in[1]) }},
		{"gate", [][]int{{4, 3}, {4, 3}, {4, 3}}, 0, func(g *Graph, in []*Node) *Node { return g.Gate("l", in[0], in[1], in[2]) }},
		{"weighted", [][]int{{5, 1}}, 0, func(g *Graph, in []*Node) *Node {
			return g.Weighted("w", []float64{2, 0.5}, g.BCE("l", Rows{0, 3}, 1, in[0]), g.MeanAbs("m", Rows{2, 5}, in[0]))
		}},
	}
}

// Every gradient agrees with central differences in float64.
func TestGradients(t *testing.T) {
	for _, tt := range cases() {
		t.Run(tt.name, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 1))
			g := NewGraph(tensor.Float64, new(Memory))
			var in []*Node
			var values [][]float64
			for i, s := range tt.shapes {
				v := tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(s...))
				data := v.Data().([]float64)
				for k := range data {
					data[k] = r.NormFloat64()
				}
				in, values = append(in, g.Bind(fmt.Sprint("x", i), v)), append(values, data)
			}
			cost := tt.build(g, in)
			if g.err == nil && !cost.IsScalar() {
				cost = g.inner(r, cost)
			}
			trained := in[:len(in)-tt.fixed]
			p, err := g.CompileGradients(cost, trained)
			if err != nil {
				t.Fatal(err)
			}
			at := func() float64 {
				for i := range g.memory.f64 {
					g.memory.f64[i] = 1e30 // what others left
				}
				if err := p.Run(); err != nil {
					t.Fatal(err)
				}
				return Scalar(cost)
			}
			at()
			for i := range trained {
				got := append([]float64(nil), p.Gradient(i).Data().([]float64)...)
				const h = 1e-5
				for k, x := range values[i] {
					values[i][k] = x + h
					up := at()
					values[i][k] = x - h
					want := (up - at()) / (2 * h)
					values[i][k] = x
					if !(math.Abs(got[k]-want) <= 1e-6*max(1, math.Abs(want))) {
						t.Errorf("input %d element %d: gradient %g, central difference %g", i, k, got[k], want)
					}
				}
				at()
			}
		})
	}
}

// The loss of a row by hand: mean 1, variance e, target 3; and mean 0, variance 1, target 0.
func TestGaussianByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	bind := func(name string, v ...float64) *Node {
		return g.Bind(name, tensor.New(tensor.WithShape(1, 2), tensor.WithBacking(v)))
	}
	loss := g.Gaussian("l", 2, bind("mean", 1, 0), bind("spread", 0.5, 0), bind("target", 3, 0))
	p, err := g.Compile(loss)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := Scalar(loss), (1+4/math.E)/2; !(math.Abs(got-want) <= 1e-12) {
		t.Errorf("loss %v, want %v", got, want)
	}
}

// The second and third of three rows; the mean of each of two planes.
func TestRowsByHand(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	rows := g.Bind("rows", tensor.New(tensor.WithShape(3, 2), tensor.WithBacking([]float64{1, 2, 3, 4, 5, 6})))
	planes := g.Bind("planes", tensor.New(tensor.WithShape(1, 2, 2, 2), tensor.WithBacking([]float64{1, 2, 3, 6, -4, 0, 0, 0})))
	p, err := g.Compile(g.Part("l", Rows{1, 3}, rows), g.Average("m", planes))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	if got, want := fmt.Sprint(p.Output(0).Data(), p.Output(1).Data()), "[3 4 5 6] [3 -1]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	g.Part("beyond", Rows{2, 4}, rows)
	if _, err := g.Compile(rows); err == nil || !strings.HasPrefix(err.Error(), "beyond: ") || !strings.HasSuffix(err.Error(), "rows [2, 4) of 3") {
		t.Errorf("rows beyond the last: %v", err)
	}
}

// A near twin of an operation is another node: no attribute is left out of the hash.
func TestNearTwinsStayApart(t *testing.T) {
	c := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}
	twins := []*op{
		convolution(c, false), convolution(c, true), convolution(kernels.Conv{Kernel: 4, Stride: 1, Padding: 1}, false),
		convolution(kernels.Conv{Kernel: 4, Stride: 2, Padding: 0}, false), convGradInput(c, false), convGradInput(c, true),
		convGradWeight(c, false), convGradWeight(c, true), linear(true), linear(false), instanceNorm(0.2), instanceNorm(0),
		leakyRelu(0.2, 4), leakyRelu(0.1, 4), matrixProduct(true, false), matrixProduct(false, true), matrixProduct(false, false),
		code([]Rows{{0, 4}, {0, 2}, {2, 4}}), code([]Rows{{0, 4}, {2, 4}, {0, 2}}), codePart(0, 300, Rows{0, 2}), codePart(256, 300, Rows{0, 2}),
		codePart(0, 300, Rows{0, 258}), bce(Rows{0, 2}, 0), bce(Rows{0, 2}, 1), bce(Rows{2, 4}, 1),
		meanAbs(Rows{0, 2}, 4, constantTarget), meanAbs(Rows{0, 2}, 4, trainedTarget), meanAbs(Rows{0, 2}, 4, noTarget), meanAbs(Rows{0, 258}, 4, noTarget), tanh(4), flatten(), spectralNorm(), gaussian(1), gaussian(2),
		gaussianGrad("mean", 1), gaussianGrad("spread", 1), gaussianGrad("mean", 2),
		maxPool(2), maxPool(3), average(), part(Rows{0, 2}, 4), part(Rows{0, 258}, 4), crossEntropy(Rows{0, 2}), crossEntropy(Rows{0, 258}), reverse("a", nil, 2), reverse("b", nil, 2),
		affineNorm(1e-5), affineNorm(1e-6), affineAlong(1e-5), affineAlong(1e-6), affineScale(affineScaleAttrs{Epsilon: 1e-5}), affineScale(affineScaleAttrs{Epsilon: 1e-6}),
		affineScale(affineScaleAttrs{1e-5, true}), reluAlong(0.2, 4), reluAlong(0.1, 4), mean(Rows{0, 2}, 4), mean(Rows{0, 258}, 4),
		batchMoments(batchAttrs{Split: 0}, 4), batchMoments(batchAttrs{Split: 2}, 4), batchNorm(batchAttrs{Split: 0, Epsilon: 1e-5}, 4), batchNorm(batchAttrs{Split: 2, Epsilon: 1e-5}, 4), batchNorm(batchAttrs{Split: 2, Epsilon: 1e-3}, 4), batchNorm(batchAttrs{Split: 2, Epsilon: 1e-3, Lanes: true}, 4), times(0.5, 2), times(0.25, 2), outer(), spread(2, 3), spread(3, 2), masked(), blend(), fixedNorm(1e-5, 2), fixedNorm(1e-3, 2),
		meanSquare(Rows{0, 2}, 4, constantTarget), meanSquare(Rows{0, 2}, 4, trainedTarget), code([]Rows{{0, 4}, {0, 4}}), softmax(),
		batchLoss("entropy", losses.Entropy{Rows: losses.Rows{Lo: 0, Hi: 2}}), batchLoss("diversity", losses.Diversity{Rows: losses.Rows{Lo: 0, Hi: 2}}),
		batchLoss("even", losses.Even{Rows: losses.Rows{Lo: 0, Hi: 2}}), batchLoss("balance", losses.Balance{Rows: losses.Rows{Lo: 0, Hi: 2}}),
		batchLoss("consistency", losses.Consistency{Least: 0.5}), batchLoss("consistency", losses.Consistency{}), weightNorm(),
		batchLoss("apart", losses.Apart{Rows: losses.Rows{Lo: 0, Hi: 2}}), batchLoss("sliced", losses.Sliced{Rows: losses.Rows{Lo: 0, Hi: 2}}),
		batchLoss("pseudo", losses.Pseudo{Least: 0.5}), batchLoss("pseudo", losses.Pseudo{Least: 0.25}),
		batchLoss("soft", losses.Soft{Rows: losses.Rows{Lo: 0, Hi: 2}}), batchLoss("overlap", losses.Overlap{Rows: losses.Rows{Lo: 0, Hi: 2}}),
		batchLoss("hsic", losses.HSIC{}), batchLoss("pin", losses.Pin{}), batchLoss("collapse", losses.Collapse{}), batchLoss("squares", losses.Squares{}), batchLoss("squares", losses.Squares{Centred: true}), join(2),
		batchLoss("moments", losses.Moments{Source: 2, Order: 3}), batchLoss("moments", losses.Moments{Source: 3, Order: 2}),
	}
	seen := map[uint32]string{}
	for _, o := range twins {
		if prev, ok := seen[o.Hashcode()]; ok {
			t.Errorf("%s and %s share a hash", prev, o.String())
		}
		seen[o.Hashcode()] = o.String()
	}
}

func TestFaultsNameTheLayer(t *testing.T) {
	zeros := func(s ...int) *tensor.Dense { return tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(s...)) }
	for _, tt := range []struct {
		name  string
		build func(g *Graph) *Node
		want  string
	}{
		{"shape", func(g *Graph) *Node {
			return g.Conv("encoder/conv1", kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, g.Bind("x", zeros(1, 3, 8, 8)), g.Bind("w", zeros(4, 2, 4, 4)), g.Bind("b", zeros(4)))
		}, "encoder/conv1: "},
		{"name twice", func(g *Graph) *Node { g.Bind("x", zeros(1, 1)); return g.Bind("x", zeros(1, 1)) }, `input "x" is bound twice`},
		{"merged", func(g *Graph) *Node {
			x := g.Bind("x", zeros(1, 1, 2, 2))
			g.Tanh("first", x)
			return g.Tanh("second", x)
		}, "ops: second: the graph already has this node"},
		{"sticks", func(g *Graph) *Node { g.Bind("x", zeros(1)); g.Bind("x", zeros(1)); return g.Tanh("t", nil) }, "bound twice"},
	} {
		g := NewGraph(tensor.Float32, new(Memory))
		_, err := g.Compile(tt.build(g))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q in it", tt.name, err, tt.want)
		}
	}
}

// After the first run an operation's output is the same tensor.
func TestOutputsAreKept(t *testing.T) {
	g := NewGraph(tensor.Float32, new(Memory))
	x := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 3, 8, 8))
	p, err := g.Compile(g.InstanceNorm("n", 0.2, g.Bind("x", x)))
	if err != nil {
		t.Fatal(err)
	}
	var first *float32
	for i := range 3 {
		x.Data().([]float32)[0] = float32(i)
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		out := &p.Output(0).Data().([]float32)[0]
		if first == nil {
			first = out
		}
		if out != first {
			t.Error("a later run made a new output tensor")
		}
	}
}
