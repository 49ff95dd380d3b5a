package ops

import (
	"fmt"
	"slices"
	"strings"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// A Program is a graph compiled for running, again and again: the operations that
// lead to an output, a gradient or a loss, in the order in which they were added to
// the graph, over memory laid out once. Values that are no longer needed lend
// their memory to later ones, so only outputs and gradients can be read, and only
// until the next run of this program or of another that shares its Memory.
//
// Gorgonia's own machines are not used: they compute gradients that nobody reads
// (that of the images among them), keep every value until the end, and write over
// operands (gorgonia/gorgonia#511).
type Program struct {
	steps              []step
	begin              int // steps until all outputs are there
	outputs, gradients []*tensor.Dense
}

// A step is one operation with its operands bound.
type step struct {
	text string
	run  func()
}

func newProgram[F kernels.Float](g *Graph, outputs, gradients []*Node) (*Program, error) {
	roots := append(append(append([]*Node{}, outputs...), gradients...), g.scalars...)
	order, err := needed(g.g, roots)
	if err != nil {
		return nil, err
	}
	values := map[*Node]arg[F]{}
	memory := layOut(order, append(append([]*Node{}, outputs...), gradients...))
	arena := arenaOf[F](g.memory, memory.size)
	p := &Program{}
	for _, n := range order {
		in := make([]arg[F], len(n.operands))
		for i, c := range n.operands {
			if v, ok := values[c]; ok {
				in[i] = v
				continue
			}
			if in[i], err = argument[F](c.Value()); err != nil {
				return nil, fmt.Errorf("ops: %s: operand %v: %w", n.op.String(), c, err)
			}
		}
		out := arg[F]{data: make([]F, 1)}
		if n.op.rank > 0 {
			at := memory.at[n.node]
			out = arg[F]{arena[at : at+n.size : at+n.size], n.node.Shape()}
		}
		values[n.node] = out
		run, err := bindStep(n.op, out, in)
		if err != nil {
			return nil, err
		}
		p.steps = append(p.steps, step{n.op.String(), run})
		if slices.Contains(outputs, n.node) {
			p.begin = len(p.steps)
		}
	}
	read := func(nodes []*Node) (out []*tensor.Dense) {
		for _, n := range nodes {
			v, ok := values[n]
			if !ok {
				v, _ = argument[F](n.Value())
			}
			out = append(out, tensor.New(tensor.WithShape(n.Shape()...), tensor.WithBacking(v.data)))
		}
		return out
	}
	p.outputs, p.gradients = read(outputs), read(gradients)
	return p, nil
}

// bindStep is the run of one operation.
func bindStep[F kernels.Float](o *op, out arg[F], in []arg[F]) (func(), error) {
	f, err := kernelOf[F](o)
	if err != nil {
		return nil, err
	}
	if o.rank > 0 {
		return func() { f(out, in) }, nil
	}
	return func() {
		f(out, in)
		o.value = float64(out.data[0])
	}, nil
}

// Run computes the program.
func (p *Program) Run() error { return p.run(0, len(p.steps)) }

// Begin computes all that was added to the graph up to its last output. Finish goes on from
// there; what else runs in between must not be of the same Memory, and what it changes is seen
// by what is added to the graph later.
func (p *Program) Begin() error { return p.run(0, p.begin) }

// Finish computes what Begin has left.
func (p *Program) Finish() error { return p.run(p.begin, len(p.steps)) }

func (p *Program) run(at, end int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("ops: running %s: %v", p.steps[at].text, r)
		}
	}()
	for ; at < end; at++ {
		p.steps[at].run()
	}
	return nil
}

// Output is the value of output i of the last run.
func (p *Program) Output(i int) *tensor.Dense { return p.outputs[i] }

// Gradient is the gradient by parameter i of the last run.
func (p *Program) Gradient(i int) *tensor.Dense { return p.gradients[i] }

// A place is a node to be computed.
type place struct {
	node     *Node
	op       *op
	operands []*Node
	size     int // values of the output; a scalar has none in the arena
}

// needed lists the operations that lead to the roots. Nodes are added to a graph
// after their operands, so the graph's own order is one in which they can run, and
// the gradients of a layer stand together in it.
func needed(g *G.ExprGraph, roots G.Nodes) ([]place, error) {
	all := g.AllNodes()
	want := map[*Node]bool{}
	for _, n := range roots {
		want[n] = true
	}
	var order []place
	for i := len(all) - 1; i >= 0; i-- {
		n := all[i]
		if !want[n] || n.Op() == nil || n.Value() != nil {
			continue
		}
		p := place{node: n, operands: operands(g, n)}
		var err error
		if p.op, err = ours(n, p.operands); err != nil {
			return nil, err
		}
		if p.op.rank > 0 {
			p.size = n.Shape().TotalSize()
		}
		for _, c := range p.operands {
			want[c] = true
		}
		order = append(order, p)
	}
	for i, j := 0, len(order)-1; i < j; i, j = i+1, j-1 {
		order[i], order[j] = order[j], order[i]
	}
	return order, nil
}

// operands are what a node is computed from, in order.
func operands(g *G.ExprGraph, n *Node) (out G.Nodes) {
	for from := g.From(n.ID()); from.Next(); {
		out = append(out, from.Node().(*Node))
	}
	return out
}

// ours is the operation of a node. Gorgonia adds up the gradients of a node that is
// read twice with an addition of its own; it adds no other.
func ours(n *Node, operands G.Nodes) (*op, error) {
	if o, ok := n.Op().(*op); ok {
		return o, nil
	}
	if strings.HasPrefix(n.Op().String(), "+ ") && len(operands) == 2 && operands[0].Shape().Eq(operands[1].Shape()) {
		return sum(n.Dims()), nil
	}
	return nil, fmt.Errorf("ops: the graph has an operation that is not ours: %v", n.Op())
}

// sum adds two values of one shape.
func sum(rank int) *op {
	return &op{kind: "sum", attrs: sumAttrs{rank}, ranks: []int{rank, rank}, rank: rank, infer: sameShape, inPlace: true}
}

type sumAttrs struct{ Rank int }

func init() { onCPUPlain("sum", sumEval[float32], sumEval[float64]) }

func sumEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.Add(out.data, in[0].data, in[1].data) }
