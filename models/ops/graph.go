package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// A Graph builds one expression graph. The first fault sticks: later calls return
// nil and Compile reports it with the layer's name, so that a network can be
// written down without a check a line.
type Graph struct {
	g      *G.ExprGraph
	dtype  tensor.Dtype
	memory *Memory
	names  map[string]bool
	// scalars are the losses and rates: they are computed whether or not another
	// node reads them.
	scalars []*Node
	quick   bool
	err     error
}

// A Node is a place in a Graph.
type Node = G.Node

// NewGraph makes an empty graph of float32, or float64 for checking gradients, whose
// program computes in the given memory.
func NewGraph(dtype tensor.Dtype, memory *Memory) *Graph {
	return &Graph{g: G.NewGraph(), dtype: dtype, memory: memory, names: map[string]bool{}}
}

// Quick lets what is added to the graph be computed in ways that round more, convolutions over tiles
// (kernels.Conv.Tiles) and sums over a batch in lanes (kernels.Batch.Lanes), and returns it.
func (g *Graph) Quick() *Graph {
	g.quick = true
	return g
}

// geometry is c as the graph computes it.
func (g *Graph) geometry(c kernels.Conv) kernels.Conv {
	c.Tiles = c.Tiles || g.quick
	return c
}

// Bind makes an input node that reads value: a parameter shared with other graphs,
// or a buffer that the caller fills before each run. Names are unique in a graph,
// because Gorgonia keeps one node of two inputs that share a name.
func (g *Graph) Bind(name string, value *tensor.Dense) *Node {
	if g.err != nil {
		return nil
	}
	if g.names[name] {
		g.err = fmt.Errorf("ops: input %q is bound twice", name)
		return nil
	}
	if value.Dtype() != g.dtype {
		g.err = fmt.Errorf("ops: input %q holds %v, the graph %v", name, value.Dtype(), g.dtype)
		return nil
	}
	g.names[name] = true
	return G.NewTensor(g.g, g.dtype, value.Dims(), G.WithName(name), G.WithShape(value.Shape()...), G.WithValue(value))
}

// Fail makes the graph report err, unless it already has a fault.
func (g *Graph) Fail(err error) {
	if g.err == nil {
		g.err = err
	}
}

// apply adds a node for o. An operation that adds no node was merged with another
// by its hash, which is refused.
func (g *Graph) apply(layer string, o *op, in ...*Node) *Node {
	if g.err != nil {
		return nil
	}
	for i, n := range in {
		if n == nil {
			g.err = fmt.Errorf("ops: %s: input %d is missing", layer, i)
			return nil
		}
	}
	before := len(g.g.AllNodes())
	n, err := applyOp(o, in...)
	switch {
	case err != nil:
		g.err = fmt.Errorf("%s: %w", layer, err)
	case len(g.g.AllNodes()) == before:
		g.err = fmt.Errorf("ops: %s: the graph already has this node: %s", layer, o.String())
	default:
		if o.rank == 0 {
			g.scalars = append(g.scalars, n)
		}
		return n
	}
	return nil
}

// applyOp is the one place where Gorgonia's own panics become errors.
func applyOp(o *op, in ...*Node) (n *Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ops: %s: %v", o.String(), r)
		}
	}()
	return G.ApplyOp(o, in...)
}

// Compile makes the program of a graph without gradients.
func (g *Graph) Compile(outputs ...*Node) (*Program, error) {
	return g.compile(nil, nil, outputs)
}

// CompileGradients makes the program that also computes the gradient of the scalar
// cost by each of the parameters (nodes made by Bind).
func (g *Graph) CompileGradients(cost *Node, parameters []*Node, outputs ...*Node) (*Program, error) {
	return g.compile(cost, parameters, outputs)
}

func (g *Graph) compile(cost *Node, parameters, outputs []*Node) (p *Program, err error) {
	if g.err != nil {
		return nil, g.err
	}
	defer func() {
		if r := recover(); r != nil {
			p, err = nil, fmt.Errorf("ops: compiling the graph: %v", r)
		}
	}()
	var gradients []*Node
	if cost != nil {
		if gradients, err = G.Grad(cost, parameters...); err != nil {
			return nil, fmt.Errorf("ops: differentiating the graph: %w", err)
		}
	}
	if err := g.unmerged(); err != nil {
		return nil, err
	}
	if g.dtype == tensor.Float64 {
		return newProgram[float64](g, outputs, gradients)
	}
	return newProgram[float32](g, outputs, gradients)
}

// unmerged fails on two nodes with one hash, which the compiler would run as one.
func (g *Graph) unmerged() error {
	seen := map[uint32]*Node{}
	for _, n := range g.g.AllNodes() {
		if prev, ok := seen[n.Hashcode()]; ok && prev != n {
			return fmt.Errorf("ops: nodes %v and %v share the hash %#x", prev, n, n.Hashcode())
		}
		seen[n.Hashcode()] = n
	}
	return nil
}

// Scalar is the last value of a scalar node made by this package.
func Scalar(n *Node) float64 { return n.Op().(*op).value }
