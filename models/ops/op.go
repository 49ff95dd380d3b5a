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

// op implements gorgonia.Op and gorgonia.SDOp. One value serves one node. It says what is
// computed, by kind and attributes, and how it is differentiated; a device computes it.
type op struct {
	kind  string
	attrs any   // what beside the inputs decides the output; printed in full for the node's hash
	ranks []int // of the inputs; 0 for a scalar
	rank  int   // of the output
	infer func(in []tensor.Shape) (tensor.Shape, error)
	wrt   []bool // which inputs have a gradient; nil for none
	// diff returns one gradient node an input, nil where there is none.
	diff func(in G.Nodes, out, grad *G.Node) (G.Nodes, error)

	// inPlace says that the operation may write its output over an input of the
	// same size, the last one, when nobody reads that input afterwards.
	inPlace bool
	value   float64 // the last output, of an operation that gives a scalar
}

var _ G.SDOp = (*op)(nil)

func (o *op) Arity() int           { return len(o.ranks) }
func (o *op) ReturnsPtr() bool     { return true }
func (o *op) CallsExtern() bool    { return false }
func (o *op) OverwritesInput() int { return -1 }

// String is kind and attributes in full.
func (o *op) String() string {
	if o.attrs == nil {
		return o.kind + "{}"
	}
	return fmt.Sprintf("%s%+v", o.kind, o.attrs)
}

func (o *op) WriteHash(h hash.Hash) { fmt.Fprint(h, o.String()) }

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
			return nil, fmt.Errorf("ops: %s: input %d has shape %v, want %d dimensions", o.String(), i, s, o.ranks[i])
		}
	}
	s, err := o.infer(shapes)
	if err != nil {
		return nil, fmt.Errorf("ops: %s: %w", o.String(), err)
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
		return nil, fmt.Errorf("ops: %s has no gradient", o.String())
	}
	return o.diff(in, out, grad)
}

// Do computes the node on its own, into a new tensor: what Gorgonia's machines
// call. Programs call the operation's function on memory that they have laid out.
func (o *op) Do(values ...G.Value) (G.Value, error) {
	if values[0].Dtype() == tensor.Float64 {
		return do[float64](o, values)
	}
	return do[float32](o, values)
}

func do[F kernels.Float](o *op, values []G.Value) (G.Value, error) {
	f, err := kernelOf[F](o)
	if err != nil {
		return nil, err
	}
	in, shapes := make([]arg[F], len(values)), make([]tensor.Shape, len(values))
	for i, v := range values {
		if in[i], err = argument[F](v); err != nil {
			return nil, fmt.Errorf("ops: %s: input %d: %w", o.String(), i, err)
		}
		shapes[i] = v.Shape()
	}
	shape, err := o.infer(shapes)
	if err != nil {
		return nil, fmt.Errorf("ops: %s: %w", o.String(), err)
	}
	if o.rank == 0 {
		result := []F{0}
		f(arg[F]{data: result}, in)
		if values[0].Dtype() == tensor.Float64 {
			return G.NewF64(float64(result[0])), nil
		}
		return G.NewF32(float32(result[0])), nil
	}
	out := tensor.New(tensor.Of(values[0].Dtype()), tensor.WithShape(shape...))
	f(arg[F]{out.Data().([]F), shape}, in)
	return out, nil
}

// argument reads a value of a graph as an operand.
func argument[F kernels.Float](v G.Value) (arg[F], error) {
	switch d := v.Data().(type) {
	case []F:
		return arg[F]{d, v.Shape()}, nil
	case F:
		return arg[F]{[]F{d}, v.Shape()}, nil
	default:
		return arg[F]{}, fmt.Errorf("it is %T", d)
	}
}
