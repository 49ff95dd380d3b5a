package onesided

import (
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
)

// Adam is the optimiser of the options that all one-sided systems have, with eps 1e-8.
func Adam(o option.Values) kernels.Adam {
	betas := o.Floats("train.betas")
	return kernels.Adam{Beta1: betas[0], Beta2: betas[1], Epsilon: 1e-8, Rate: o.Float("train.learning_rate")}
}

// A Confusion is the discriminator that tells common codes with the content (label 1) from those
// without, a hidden layer of so many units, and its part of a step.
type Confusion struct {
	stack     layers.Stack
	optimiser *models.Optimiser
	ps        *models.Parameters
	program   *ops.Program
	flat      []float32
	terms     [2]*ops.Node
	hits      [2]*ops.Node
}

// NewConfusion adds the discriminator's parameters, for rows of so many values.
func NewConfusion(prefix string, ps *models.Parameters, width, hidden int, o option.Values, seed uint64) *Confusion {
	c := &Confusion{ps: ps, stack: layers.Stack{Name: prefix + "discriminator", In: []int{width}, Layers: []layers.Layer{
		layers.Linear{Units: hidden}, layers.Relu{Slope: models.LeakySlope}, layers.Linear{Units: 1},
	}}}
	c.stack.Init(ps, seed)
	c.optimiser = models.NewOptimiser(c.stack.Name, Adam(o), 0, ps.Trained(c.stack.Name+"/"))
	return c
}

// Optimiser is the discriminator's. It does not clip: in the published programs its clip is inert.
func (c *Confusion) Optimiser() *models.Optimiser { return c.optimiser }

// rows of a batch of so many images with the content and as many without.
func rows(batch int) (with, without ops.Rows) {
	return ops.Rows{Lo: 0, Hi: batch}, ops.Rows{Lo: batch, Hi: 2 * batch}
}

// Terms are the encoder's losses on the flat codes of a batch, those with the content first: both
// are pushed to the label of those without.
func (c *Confusion) Terms(b *models.Binding, batch int, flat *ops.Node) [2]*ops.Node {
	logits := c.stack.Build(b, flat)
	with, without := rows(batch)
	return [2]*ops.Node{b.Graph.BCE("loss/confusion-with", with, 0, logits), b.Graph.BCE("loss/confusion-without", without, 0, logits)}
}

// Compile makes the program of an update at a batch size.
func (c *Confusion) Compile(b *models.Binding, batch int) (err error) {
	x, data := models.Input(2*batch, c.stack.In[0])
	c.flat = data
	g := b.Graph
	logits := c.stack.Build(b, g.Bind("flat", x))
	with, without := rows(batch)
	c.terms = [2]*ops.Node{g.BCE("loss/with", with, 1, logits), g.BCE("loss/without", without, 0, logits)}
	c.hits = [2]*ops.Node{g.Hits("hits-with", with, 1, logits), g.Hits("hits-without", without, 0, logits)}
	cost := g.Weighted("loss/total", []float64{1, 1}, c.terms[:]...)
	c.program, err = g.CompileGradients(cost, b.Nodes(c.ps.Trained(c.stack.Name+"/")))
	return err
}

// Update makes one step of the discriminator on flat codes, those with the content first.
func (c *Confusion) Update(flat []float32) ([]models.Loss, error) {
	copy(c.flat, flat)
	if err := c.program.Run(); err != nil {
		return nil, err
	}
	c.optimiser.Update(c.program)
	return []models.Loss{{Name: "discriminator", Value: ops.Scalar(c.terms[0]) + ops.Scalar(c.terms[1])},
		{Name: "discriminator-accuracy", Value: (ops.Scalar(c.hits[0]) + ops.Scalar(c.hits[1])) / 2}}, nil
}

// MACs is the number of multiply-accumulates of one forward pass of one code.
func (c *Confusion) MACs() int {
	all, _ := c.stack.MACs()
	return all
}
