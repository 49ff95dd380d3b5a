package styles

import (
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Sides are the domains' names.
var Sides = [2]string{"a", "b"}

// An Input is what programs read, and the slice that fills it.
type Input struct {
	Tensor *tensor.Dense
	Data   []float32
}

// NewInput is one of a shape, zero.
func NewInput(shape ...int) Input {
	t, data := models.Input(shape...)
	return Input{t, data}
}

// Terms are a program and the terms of its cost, by name and weight.
type Terms struct {
	*ops.Program
	names   []string
	weights []float64
	nodes   []*ops.Node
}

// Add appends a term.
func (t *Terms) Add(name string, weight float64, n *ops.Node) {
	t.names, t.weights, t.nodes = append(t.names, name), append(t.weights, weight), append(t.nodes, n)
}

// AddOf appends a term of a domain, whose name follows a stroke.
func (t *Terms) AddOf(side int, name string, weight float64, n *ops.Node) {
	t.Add(name+"/"+domains.Side(side).String(), weight, n)
}

// Compile makes the program of the terms, of the gradients by parameters and of outputs.
func (t *Terms) Compile(b *models.Binding, trained []*models.Parameter, outputs ...*ops.Node) (err error) {
	t.Program, err = b.Graph.CompileGradients(b.Graph.Weighted("loss/total", t.weights, t.nodes...), b.Nodes(trained), outputs...)
	return err
}

// Values are the terms of the last run, before any weight.
func (t *Terms) Values() (out []models.Loss) {
	for i, n := range t.nodes {
		out = append(out, models.Loss{Name: t.names[i], Value: ops.Scalar(n)})
	}
	return out
}
