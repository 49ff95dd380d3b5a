package layers

import (
	"fmt"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Differential layer can be followed by its derivative, x being its input and y its output.
type Differential interface {
	Layer
	// Along adds the change of y as x moves along t. Gradients go through it into t, x and the
	// parameters.
	Along(b *models.Binding, name string, x, y, t *ops.Node) *ops.Node
	// Back adds the gradient by x, d being that by y. No gradient has to go through it.
	Back(b *models.Binding, name string, x, y, d *ops.Node) *ops.Node
}

var (
	_ Differential = Conv{}
	_ Differential = Relu{}
	_ Differential = Tanh{}
	_ Differential = AffineNorm{}
	_ Differential = Flatten{}
	_ Differential = Linear{}
)

// A Trace is a stack in a graph with the values between its layers.
type Trace struct {
	stack  Stack
	values []*ops.Node // before every layer and after the last
}

// BuildTraced is Build with what the derivative needs. It fails, in the graph, on a layer that
// has none.
func (s Stack) BuildTraced(b *models.Binding, x *ops.Node) Trace {
	t := Trace{s, []*ops.Node{x}}
	for i, l := range s.Layers {
		if _, ok := l.(Differential); !ok {
			b.Graph.Fail(fmt.Errorf("models: %s: a layer of this kind has no derivative here", s.layer(i)))
		}
		t.values = append(t.values, l.Build(b, s.layer(i), t.values[i]))
	}
	return t
}

// Out is the stack's output.
func (t Trace) Out() *ops.Node { return t.values[len(t.values)-1] }

// Along adds the change of the output as the input moves along a direction.
func (t Trace) Along(b *models.Binding, direction *ops.Node) *ops.Node {
	for i, l := range t.stack.Layers {
		if d, ok := l.(Differential); ok && direction != nil {
			direction = d.Along(b, t.stack.layer(i), t.values[i], t.values[i+1], direction)
		}
	}
	return direction
}

// Back adds the gradient by the input, a constant, of that by the output.
func (t Trace) Back(b *models.Binding, gradient *ops.Node) *ops.Node {
	for i := len(t.stack.Layers) - 1; i >= 0; i-- {
		if d, ok := t.stack.Layers[i].(Differential); ok && gradient != nil {
			gradient = d.Back(b, t.stack.layer(i), t.values[i], t.values[i+1], gradient)
		}
	}
	return gradient
}

// zeros is an input of as many values, all 0: the bias of a layer's derivative.
func zeros(b *models.Binding, name string, n int) *ops.Node {
	return b.Graph.Bind(name+"/along/zero", tensor.New(tensor.Of(tensor.Float32), tensor.WithShape(n)))
}

func (c Conv) Along(b *models.Binding, name string, _, _, t *ops.Node) *ops.Node {
	return b.Graph.Conv(name, c.geometry(), t, b.Node(name+"/weight"), zeros(b, name, c.Channels))
}

func (c Conv) Back(b *models.Binding, name string, x, _, d *ops.Node) *ops.Node {
	return b.Graph.ConvBack(name, c.geometry(), x, b.Node(name+"/weight"), d)
}

func (r Relu) Along(b *models.Binding, name string, x, _, t *ops.Node) *ops.Node {
	return b.Graph.LeakyReluAlong(name, r.Slope, x, t)
}

func (r Relu) Back(b *models.Binding, name string, x, y, d *ops.Node) *ops.Node {
	return r.Along(b, name, x, y, d) // its matrix is diagonal
}

func (Tanh) Along(b *models.Binding, name string, _, y, t *ops.Node) *ops.Node {
	return b.Graph.TanhAlong(name, y, t)
}

func (l Tanh) Back(b *models.Binding, name string, x, y, d *ops.Node) *ops.Node {
	return l.Along(b, name, x, y, d)
}

func (n AffineNorm) Along(b *models.Binding, name string, x, _, t *ops.Node) *ops.Node {
	return b.Graph.AffineNormAlong(name, n.epsilon(), x, b.Node(name+"/scale"), t)
}

func (n AffineNorm) Back(b *models.Binding, name string, x, y, d *ops.Node) *ops.Node {
	return n.Along(b, name, x, y, d) // its matrix is symmetric
}

func (Flatten) Along(b *models.Binding, name string, _, _, t *ops.Node) *ops.Node {
	return b.Graph.Flatten(name, t)
}

func (Flatten) Back(b *models.Binding, name string, x, _, d *ops.Node) *ops.Node {
	if x == nil { // the graph has said why
		return nil
	}
	s := x.Shape()
	return b.Graph.Unflatten(name, s[1], s[2], s[3], d)
}

func (l Linear) Along(b *models.Binding, name string, _, _, t *ops.Node) *ops.Node {
	return b.Graph.Linear(name, false, t, b.Node(name+"/weight"), zeros(b, name, l.Units))
}

func (l Linear) Back(b *models.Binding, name string, _, _, d *ops.Node) *ops.Node {
	return b.Graph.LinearBack(name, b.Node(name+"/weight"), d)
}
