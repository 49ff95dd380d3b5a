// Package ops holds the operations that a network is made of: coarse operations
// that Gorgonia's graph places and differentiates, over the kernels that do the
// arithmetic. Every node of a graph is made through Graph, which guards against
// the ways in which Gorgonia loses or merges nodes.
package ops

import (
	"fmt"
	"hash"
	"hash/fnv"

	"github.com/chewxy/hm"
	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// arg is an operand: a scalar has one element and an empty shape.
type arg[F kernels.Float] struct {
	data  []F
	shape tensor.Shape
}

// dims reads the shape as a batch of images.
func (a arg[F]) dims() kernels.Dims {
	return kernels.Dims{N: a.shape[0], C: a.shape[1], H: a.shape[2], W: a.shape[3]}
}

// rows is the slice of rows lo..hi of the first dimension.
func (a arg[F]) rows(r Rows) []F {
	n := len(a.data) / a.shape[0]
	return a.data[r.Lo*n : r.Hi*n]
}

// eval computes an operation's output; it fills every element of out.
type eval[F kernels.Float] func(out arg[F], in []arg[F])

// op implements gorgonia.Op and gorgonia.SDOp. One value serves one node and owns
// that node's output tensor.
type op struct {
	text   string // name and every attribute in full: what the node's hash is made of
	ranks  []int  // of the inputs; 0 for a scalar
	rank   int    // of the output
	infer  func(in []tensor.Shape) (tensor.Shape, error)
	eval32 eval[float32]
	eval64 eval[float64]
	wrt    []bool // which inputs have a gradient; nil for none
	// diff returns one gradient node an input, nil where there is none.
	diff func(in G.Nodes, out, grad *G.Node) (G.Nodes, error)

	out32 *tensor.Dense
	out64 *tensor.Dense
	value float64 // the last output, of an operation that gives a scalar
}

var _ G.SDOp = (*op)(nil)

func (o *op) Arity() int           { return len(o.ranks) }
func (o *op) ReturnsPtr() bool     { return true }
func (o *op) CallsExtern() bool    { return false }
func (o *op) OverwritesInput() int { return -1 }
func (o *op) String() string       { return o.text }

func (o *op) WriteHash(h hash.Hash) { fmt.Fprint(h, o.text) }

func (o *op) Hashcode() uint32 {
	h := fnv.New32a()
	o.WriteHash(h)
	return h.Sum32()
}

// Type is the function type with the ranks fixed and the element type free.
func (o *op) Type() hm.Type {
	a := hm.TypeVariable('a')
	types := make([]hm.Type, 0, len(o.ranks)+1)
	for _, r := range append(append([]int{}, o.ranks...), o.rank) {
		if r == 0 {
			types = append(types, a)
		} else {
			types = append(types, G.TensorType{Dims: r, Of: a})
		}
	}
	return hm.NewFnType(types...)
}

func (o *op) InferShape(sizers ...G.DimSizer) (tensor.Shape, error) {
	shapes, err := G.DimSizersToShapes(sizers)
	if err != nil {
		return nil, err
	}
	for i, s := range shapes {
		if s.Dims() != o.ranks[i] {
			return nil, fmt.Errorf("ops: %s: input %d has shape %v, want %d dimensions", o.text, i, s, o.ranks[i])
		}
	}
	s, err := o.infer(shapes)
	if err != nil {
		return nil, fmt.Errorf("ops: %s: %w", o.text, err)
	}
	return s.Clone(), nil
}

func (o *op) DiffWRT(int) []bool {
	if o.wrt == nil {
		return make([]bool, len(o.ranks))
	}
	return o.wrt
}

func (o *op) SymDiff(in G.Nodes, out, grad *G.Node) (G.Nodes, error) {
	if o.diff == nil {
		return nil, fmt.Errorf("ops: %s has no gradient", o.text)
	}
	return o.diff(in, out, grad)
}

func (o *op) Do(values ...G.Value) (G.Value, error) {
	if values[0].Dtype() == tensor.Float64 {
		return run(o, o.eval64, &o.out64, tensor.Float64, values)
	}
	return run(o, o.eval32, &o.out32, tensor.Float32, values)
}

func run[F kernels.Float](o *op, f eval[F], own **tensor.Dense, dt tensor.Dtype, values []G.Value) (G.Value, error) {
	in := make([]arg[F], len(values))
	shapes := make([]tensor.Shape, len(values))
	for i, v := range values {
		switch d := v.Data().(type) {
		case []F:
			in[i].data = d
		case F:
			in[i].data = []F{d}
		default:
			return nil, fmt.Errorf("ops: %s: input %d is %T, want %v", o.text, i, d, dt)
		}
		in[i].shape, shapes[i] = v.Shape(), v.Shape()
	}
	shape, err := o.infer(shapes)
	if err != nil {
		return nil, fmt.Errorf("ops: %s: %w", o.text, err)
	}
	if o.rank == 0 {
		out := arg[F]{data: make([]F, 1)}
		f(out, in)
		o.value = float64(out.data[0])
		if dt == tensor.Float64 {
			return G.NewF64(o.value), nil
		}
		return G.NewF32(float32(o.value)), nil
	}
	if *own == nil || !(*own).Shape().Eq(shape) {
		*own = tensor.New(tensor.Of(dt), tensor.WithShape(shape...))
	}
	f(arg[F]{(*own).Data().([]F), shape}, in)
	return *own, nil
}
