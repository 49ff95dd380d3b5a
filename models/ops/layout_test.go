package ops

import (
	"math/rand/v2"
	"testing"

	"gorgonia.org/tensor"
)

func randomOf(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0)) }

// Operations that work in place need the memory of one value, whatever their number; others
// that of two, the one that is read and the one that is made.
func TestInPlace(t *testing.T) {
	const values = 1 * 2 * 3 * 16 // a whole number of cache lines
	size := func(build func(g *Graph, x *Node) (cost, y *Node)) int {
		g := NewGraph(tensor.Float64, new(Memory))
		x := g.Bind("x", tensor.New(tensor.Of(tensor.Float64), tensor.WithShape(1, 2, 3, 16)))
		cost, y := build(g, x)
		var err error
		if cost == nil {
			_, err = g.Compile(y)
		} else {
			_, err = g.CompileGradients(cost, []*Node{x})
		}
		if err != nil {
			t.Fatal(err)
		}
		return len(g.memory.f64)
	}
	for name, apply := range map[string]func(g *Graph, x *Node) *Node{
		"instance-norm": func(g *Graph, x *Node) *Node { return g.InstanceNorm("l", 0.2, x) },
		"leaky-relu":    func(g *Graph, x *Node) *Node { return g.LeakyRelu("l", 0.2, x) },
		"tanh":          func(g *Graph, x *Node) *Node { return g.Tanh("l", x) },
	} {
		chain := func(n int) func(g *Graph, x *Node) (cost, y *Node) {
			return func(g *Graph, x *Node) (*Node, *Node) {
				for range n {
					x = apply(g, x)
				}
				return nil, x
			}
		}
		for n := 1; n <= 3; n++ {
			if got := size(chain(n)); got != values {
				t.Errorf("%d times %s takes memory of %d values, want %d", n, name, got, values)
			}
		}
		// The operands of the first are read by the backward pass, so each output is kept but the
		// last, where the gradient can take its place; gradients lie over each other.
		gradient := func(n int) func(g *Graph, x *Node) (cost, y *Node) {
			return func(g *Graph, x *Node) (*Node, *Node) {
				_, y := chain(n)(g, x)
				return g.MeanAbs("loss", Rows{0, 1}, y), nil
			}
		}
		for n := 1; n <= 3; n++ {
			if got := size(gradient(n)); got != (n+1)*values {
				t.Errorf("the gradient of %d times %s takes memory of %d values, want %d", n, name, got, (n+1)*values)
			}
		}
	}
	if got := size(func(g *Graph, x *Node) (*Node, *Node) { return nil, g.MeanAbs("loss", Rows{0, 1}, x) }); got != 0 {
		t.Errorf("a scalar takes memory of %d values", got)
	}
	if got := size(func(g *Graph, x *Node) (*Node, *Node) {
		return nil, g.Tanh("t", g.Perturb("sum", g.InstanceNorm("a", 1, x), g.LeakyRelu("b", 0, x)))
	}); got != 2*values {
		t.Errorf("the sum of two values takes memory of %d, want %d", got, 2*values)
	}
	flat := size(func(g *Graph, x *Node) (*Node, *Node) { return nil, g.Flatten("l", g.Tanh("t", x)) })
	if flat != 2*values {
		t.Errorf("a copy of a value takes memory of %d, want %d", flat, 2*values)
	}
}

// Places by hand: the largest value first, each at the lowest place that is free while it is
// needed.
func TestLayoutByHand(t *testing.T) {
	// a value is computed at a step and read up to another
	type value struct{ size, until int }
	for _, tt := range []struct {
		name   string
		values []value // one a step
		size   int
		at     []int
	}{
		{"one after the other", []value{{16, 1}, {16, 2}, {16, 3}}, 32, []int{0, 16, 0}},
		{"aligned", []value{{1, 1}, {17, 1}}, 48, []int{32, 0}},
		{"exactly a line", []value{{16, 1}, {32, 1}}, 48, []int{32, 0}},
		{"largest first", []value{{16, 3}, {32, 1}, {64, 2}, {16, 3}}, 80, []int{64, 0, 0, 0}},
		{"a gap that fits", []value{{64, 5}, {48, 2}, {32, 5}, {32, 5}, {16, 5}}, 144, []int{0, 64, 112, 64, 96}},
		{"a gap that is too small", []value{{64, 5}, {48, 2}, {32, 5}, {32, 5}, {32, 5}}, 176, []int{0, 64, 112, 64, 144}},
	} {
		order := make([]place, len(tt.values)+3)
		for i := range order {
			order[i] = place{node: new(Node), op: &op{}}
		}
		for i, v := range tt.values {
			order[i].size = v.size
			order[v.until].operands = append(order[v.until].operands, order[i].node)
		}
		l := layOut(order, nil)
		if l.size != tt.size {
			t.Errorf("%s: %d values, want %d", tt.name, l.size, tt.size)
		}
		for i, want := range tt.at {
			if got := l.at[order[i].node]; got != want {
				t.Errorf("%s: value %d is at %d, want %d", tt.name, i, got, want)
			}
		}
	}
}

// Programs that share a memory take it as it is where it is large enough.
func TestMemoryIsShared(t *testing.T) {
	m := new(Memory)
	large := arenaOf[float32](m, 48)
	for _, n := range []int{48, 16} {
		if a := arenaOf[float32](m, n); len(a) != n || cap(a) != n || &a[0] != &large[0] {
			t.Errorf("%d values of 48 are others, of length %d and capacity %d", n, len(a), cap(a))
		}
	}
	if a := arenaOf[float32](m, 49); len(a) != 49 || &a[0] == &large[0] {
		t.Error("a larger program takes the smaller memory")
	}
	if len(arenaOf[float64](m, 8)) != 8 || len(m.f64) != 8 || len(m.f32) != 49 {
		t.Errorf("memories of %d and %d values, want 49 and 8", len(m.f32), len(m.f64))
	}
}
