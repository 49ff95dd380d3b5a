package recipe

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// A Pass is a program over a batch of images that a method runs beside its recipe: another
// network's, another part of a step's, another phase's. Its batch normalisation goes by the
// batch.
type Pass struct {
	Count   int       // of images
	Images  []float32 // room for them
	Moments models.BatchStatistics
	Masks   models.Masks
	Terms   []Term      // whose sum by constant weights is differentiated
	Kept    []*ops.Node // to be read after a run
	By      []*ops.Node // by which the sum is differentiated; nil: the parameters trained
	Program *ops.Program
}

// NewPass makes the program that build writes down of so many images, of which the first split
// are normalised by themselves (0: all together), and of the gradients of its terms by the
// parameters trained. What is not trained gets no gradient.
func (n *Network) NewPass(images, split int, trained []*models.Parameter, build func(p *Pass, b *models.Binding, x *ops.Node)) (*Pass, error) {
	p, b := &Pass{Count: images}, n.Bind()
	p.Moments.Split = split
	b.Batch, b.Masks = &p.Moments, &p.Masks
	x, room := n.ImageInput(images)
	p.Images = room
	build(p, b, b.Graph.Bind("images", x))
	for _, t := range p.Terms {
		if t.Over != nil {
			return nil, fmt.Errorf("models: the weight of %s has a schedule, which a pass does not follow", t.Name)
		}
	}
	outputs := append(p.Moments.Nodes(), p.Kept...)
	var err error
	if !slices.ContainsFunc(p.Terms, func(t Term) bool { return !t.Reported }) {
		p.Program, err = b.Graph.Compile(outputs...)
		return p, err
	}
	cost, _ := Total(b.Graph, p.Terms)
	by := p.By
	if by == nil {
		by = b.Nodes(trained)
	}
	p.Program, err = b.Graph.CompileGradients(cost, by, outputs...)
	return p, err
}

// LenOf is the number of images of a domain in a batch. It fails, naming the method, where there
// are none.
func LenOf(method string, b *models.Batch, side domains.Side) (int, error) {
	x := b.Images[side]
	if x == nil {
		return 0, fmt.Errorf("models: %s: a batch without images of %s", method, side)
	}
	return x.Len(), nil
}

// Show copies a batch's images of domains to the pass, one domain's above the next. It fails,
// naming the method, where one has not as many as the pass takes.
func (p *Pass) Show(method string, b *models.Batch, sides ...domains.Side) error {
	to, want := p.Images, p.Count/len(sides)
	for _, side := range sides {
		n, err := LenOf(method, b, side)
		if err == nil && n != want {
			err = fmt.Errorf("models: %s: a batch without %d images of %s", method, want, side)
		}
		if err != nil {
			return err
		}
		x := b.Images[side]
		copy(to, x.Data)
		to = to[len(x.Data):]
	}
	return nil
}

// Run computes the pass of a step, its dropout masks drawn from streams of the seed and the
// step.
func (p *Pass) Run(seed uint64, step int) error {
	p.Masks.Draw(seed, step)
	return p.Program.Run()
}

// Output is what was kept i-th, of the last run.
func (p *Pass) Output(i int) []float32 {
	return p.Program.Output(len(p.Moments.Nodes()) + i).Data().([]float32)
}

// Losses are the values of the terms in the last run.
func (p *Pass) Losses() []models.Loss {
	out := make([]models.Loss, len(p.Terms))
	for i, t := range p.Terms {
		out[i] = models.Loss{Name: t.Name, Value: ops.Scalar(t.Node)}
	}
	return out
}
