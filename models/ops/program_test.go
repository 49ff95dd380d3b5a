package ops

import (
	"fmt"
	"math/rand/v2"
	"testing"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"

	"github.com/venn-adapt/venn/internal/kernels"
)

func random(r *rand.Rand, shape ...int) *tensor.Dense {
	v := tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(shape...))
	for i := range v.Data().([]float32) {
		v.Data().([]float32)[i] = float32(r.NormFloat64())
	}
	return v
}

// autoencoder is a small graph in which a value is read twice, an operation works
// in place and the input's gradient is nobody's.
func autoencoder(r *rand.Rand) (g *Graph, cost *Node, weights []*Node) {
	c := kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}
	g = NewGraph(tensor.Float32, new(Memory))
	x := g.Bind("x", random(r, 4, 2, 8, 8))
	w1, b1 := g.Bind("w1", random(r, 5, 2, 4, 4)), g.Bind("b1", random(r, 5))
	w2, b2 := g.Bind("w2", random(r, 5, 2, 4, 4)), g.Bind("b2", random(r, 2))
	h := g.InstanceNorm("norm", 0.2, g.Conv("down", c, x, w1, b1))
	y := g.Tanh("tanh", g.ConvTransposed("up", c, h, w2, b2))
	cost = g.Weighted("cost", []float64{1, 0.5}, g.L1("l1", Rows{0, 4}, y, x), g.MeanAbs("small", Rows{0, 2}, h))
	return g, cost, []*Node{w1, b1, w2, b2}
}

// A program gives the gradients that Gorgonia's own machine does.
func TestProgramAgainstGorgonia(t *testing.T) {
	g, cost, weights := autoencoder(rand.New(rand.NewPCG(1, 1)))
	p, err := g.CompileGradients(cost, weights)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Run(); err != nil {
		t.Fatal(err)
	}
	other, cost, weights := autoencoder(rand.New(rand.NewPCG(1, 1)))
	gradients, err := G.Grad(cost, weights...)
	if err != nil {
		t.Fatal(err)
	}
	vm := G.NewTapeMachine(other.g)
	defer vm.Close()
	if err := vm.RunAll(); err != nil {
		t.Fatal(err)
	}
	for i, n := range gradients {
		got, want := p.Gradient(i).Data().([]float32), n.Value().Data().([]float32)
		if fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("gradient %d: %v, Gorgonia %v", i, got[:3], want[:3])
		}
	}
}

// A run after others, and over memory that another program has used, gives the
// same as the first.
func TestProgramRunsAgain(t *testing.T) {
	g, cost, weights := autoencoder(rand.New(rand.NewPCG(1, 1)))
	p, err := g.CompileGradients(cost, weights)
	if err != nil {
		t.Fatal(err)
	}
	var first string
	for range 3 {
		if err := p.Run(); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(Scalar(cost), p.Gradient(0), p.Gradient(3))
		if first == "" {
			first = got
		}
		if got != first {
			t.Errorf("a later run gives %s, the first %s", got, first)
		}
		for i := range g.memory.f32 {
			g.memory.f32[i] = 1e30
		}
	}
}

// What leads nowhere is not computed: the gradient by the images of the first layer.
func TestProgramLeavesOutWhatNobodyReads(t *testing.T) {
	g, cost, weights := autoencoder(rand.New(rand.NewPCG(1, 1)))
	p, err := g.CompileGradients(cost, weights)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, s := range p.steps {
		if s.text == convGradInput(kernels.Conv{Kernel: 4, Stride: 2, Padding: 1}, false).String() {
			count++
		}
	}
	if count != 0 {
		t.Errorf("%d gradients by the images are computed", count)
	}
}

// After the first runs a training step allocates next to nothing.
func TestProgramAllocatesNothing(t *testing.T) {
	g, cost, weights := autoencoder(rand.New(rand.NewPCG(1, 1)))
	p, err := g.CompileGradients(cost, weights)
	if err != nil {
		t.Fatal(err)
	}
	r := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			if err := p.Run(); err != nil {
				b.Fatal(err)
			}
		}
	})
	if bytes := r.AllocedBytesPerOp(); bytes > 64<<10 {
		t.Errorf("a run allocates %d bytes", bytes)
	}
}

// No two values that are in use at one step share memory, unless one is computed
// over the other.
func TestLayoutKeepsValuesApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "n")
		nodes := make([]*Node, n)
		order := make([]place, n)
		for i := range order {
			nodes[i] = new(Node)
			p := place{node: nodes[i], op: &op{inPlace: rapid.Bool().Draw(t, "in place")}, size: rapid.SampledFrom([]int{0, 1, 16, 40, 100}).Draw(t, "size")}
			for range min(i, 2) {
				p.operands = append(p.operands, nodes[rapid.IntRange(0, i-1).Draw(t, "operand")])
			}
			order[i] = p
			if len(p.operands) == 0 {
				order[i].op.inPlace = false
			}
		}
		kept := nodes[rapid.IntRange(0, n-1).Draw(t, "kept"):]
		l := layOut(order, kept)
		owner := make([]int, l.size) // which value each cell holds, 0 for none
		for i, p := range order {
			for _, c := range p.operands {
				for j, q := range order[:i] {
					if q.node == c && q.size > 0 && owner[l.at[c]] != j+1 {
						t.Fatalf("step %d reads value %d, which value %d has overwritten", i, j, owner[l.at[c]]-1)
					}
				}
			}
			for j := range p.size {
				owner[l.at[p.node]+j] = i + 1
			}
		}
		for i, p := range order {
			for _, k := range kept {
				if p.node == k && p.size > 0 && owner[l.at[k]] != i+1 {
					t.Fatalf("kept value %d is overwritten by %d", i, owner[l.at[k]]-1)
				}
			}
		}
	})
}

// An operation that the device does not know is told by its name when the graph is compiled.
func TestUnknownKind(t *testing.T) {
	g := NewGraph(tensor.Float32, new(Memory))
	x := g.Bind("x", tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(2, 2)))
	_, err := g.Compile(g.apply("layer", &op{kind: "no-such", attrs: sumAttrs{3}, ranks: []int{2}, rank: 2, infer: sameShape}, x))
	if err == nil || err.Error() != "ops: no-such{Rank:3}: the processor has no kernel for it" {
		t.Error(err)
	}
}

// A program that is run in two parts gives what it gives in one, with what has changed in between
// of what comes later in the graph.
func TestBeginAndFinish(t *testing.T) {
	g := NewGraph(tensor.Float64, new(Memory))
	x, w := g.bound("x", []int{1, 2}, 1, -2), tensor.New(tensor.WithShape(1, 2), tensor.WithBacking([]float64{1, 1}))
	made := g.LeakyRelu("made", 3, x)
	loss := g.Distance("loss", Rows{0, 1}, made, g.LeakyRelu("later", 1, g.Bind("w", w)))
	p, err := g.CompileGradients(loss, []*Node{x}, made)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Begin(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Output(0).Data()); got != "[1 -6]" || Scalar(loss) != 0 {
		t.Errorf("begun, the output is %s and the loss %v, want [1 -6] and none yet", got, Scalar(loss))
	}
	w.Data().([]float64)[0] = 5
	if err := p.Finish(); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(p.Gradient(0).Data()); got != "[-0.5 -1.5]" || Scalar(loss) != 5.5 { // (4 + 7)/2
		t.Errorf("finished, the loss is %v and the gradient %s, want 5.5 and [-0.5 -1.5]", Scalar(loss), got)
	}
}
