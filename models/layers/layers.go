// Package layers writes networks down as tables of layers: their parameters, their place in
// a graph and their cost follow from the table.
package layers

import (
	"fmt"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Layer is one row of a table. Shapes are those of one image: C, H, W, or a width alone.
type Layer interface {
	// Kind is the head of the layer's name: "conv", "fc".
	Kind() string
	// Out is the shape that the layer makes of a shape; an error says why it cannot.
	Out(in []int) ([]int, error)
	// Init adds the layer's parameters below the name, if it has any.
	Init(ps *models.Parameters, name string, in []int, seed uint64)
	// Build adds the layer to a graph.
	Build(b *models.Binding, name string, x *ops.Node) *ops.Node
	// MACs is the number of multiply-accumulates of one image.
	MACs(in []int) int
}

// A Stack is layers applied one after the other. Its parameters are named
// Name/conv1/weight, Name/fc4/bias, by kind and place in the table.
type Stack struct {
	Name   string
	In     []int // of one image
	Layers []Layer
	Ahead  int // of the layers stand before the first place, so that the others keep their names
}

// Shapes are the shapes before every layer and after the last. It fails where a layer does
// not fit.
func (s Stack) Shapes() ([][]int, error) {
	out := [][]int{s.In}
	for i, l := range s.Layers {
		next, err := l.Out(out[i])
		if err != nil {
			return nil, fmt.Errorf("models: %s: %w", s.layer(i), err)
		}
		out = append(out, next)
	}
	return out, nil
}

// Out is the shape of the output; of a stack whose layers do not fit it panics.
func (s Stack) Out() []int {
	shapes := s.shapes()
	return shapes[len(shapes)-1]
}

// shapes are those of a stack that has been checked.
func (s Stack) shapes() [][]int {
	shapes, err := s.Shapes()
	if err != nil {
		panic(err)
	}
	return shapes
}

func (s Stack) layer(i int) string {
	return fmt.Sprintf("%s/%s%d", s.Name, s.Layers[i].Kind(), i+1-s.Ahead)
}

// Init adds the parameters of all layers, drawn from streams of the seed.
func (s Stack) Init(ps *models.Parameters, seed uint64) {
	shapes := s.shapes()
	for i, l := range s.Layers {
		l.Init(ps, s.layer(i), shapes[i], seed)
	}
}

// Build adds the stack to the graph: x is N x the shape In.
func (s Stack) Build(b *models.Binding, x *ops.Node) *ops.Node {
	for i, l := range s.Layers {
		x = l.Build(b, s.layer(i), x)
	}
	return x
}

// MACs is the number of multiply-accumulates of one image, in all and of the first layer that
// has any, which a training step does not differentiate by its input.
func (s Stack) MACs() (all, first int) {
	shapes := s.shapes()
	for i, l := range s.Layers {
		m := l.MACs(shapes[i])
		if all += m; first == 0 {
			first = m
		}
	}
	return all, first
}

// MACs are those of one image through stacks, in all.
func MACs(stacks ...Stack) (total int) {
	for _, s := range stacks {
		all, _ := s.MACs()
		total += all
	}
	return total
}

// Convolutions are the stack's, transposed ones and those of residual blocks too, for a bench.
func (s Stack) Convolutions() (out []models.Layer) {
	shapes := s.shapes()
	for i, l := range s.Layers {
		in := shapes[i]
		switch l := l.(type) {
		case Conv:
			out = append(out, models.Layer{Name: s.layer(i), Conv: l.geometry(), In: in[0], Out: l.Channels, Side: in[1]})
		case Deconv:
			out = append(out, models.Layer{Name: s.layer(i), Conv: l.geometry(), Transposed: true, In: in[0], Out: l.Channels, Side: in[1]})
		case DoubledConv:
			out = append(out, models.Layer{Name: s.layer(i), Conv: l.conv().geometry(), In: in[0], Out: l.Channels, Side: 2 * in[1]})
		case Residual:
			body, shortcut := l.branches(s.layer(i), in)
			out = append(append(out, body.Convolutions()...), shortcut.Convolutions()...)
		}
	}
	return out
}
