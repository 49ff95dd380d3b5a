package critic

import (
	"fmt"
	"math"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Options of a training; zero fields take the defaults.
type Options struct {
	Width int     // units of each of two hidden layers; 128
	Steps int     // most updates; 3000
	Batch int     // pairs of an update, and as many broken ones; 256
	Rate  float64 // of Adam; 5e-4
	// Patience ends a training when the loss on a fifth of the rows, never trained on, has not fallen for this many
	// looks of 50 updates; 10.
	Patience int
}

func (o Options) filled() Options {
	set := func(v *int, initial int) {
		if *v == 0 {
			*v = initial
		}
	}
	set(&o.Width, 128)
	set(&o.Steps, 3000)
	set(&o.Batch, 256)
	set(&o.Patience, 10)
	if o.Rate == 0 {
		o.Rate = 5e-4
	}
	return o
}

const (
	look       = 50 // updates between two looks at the validation loss
	scoreBatch = 4096
	fewest     = 20
)

// A training is what the networks here share: two hidden layers, and a loop that ends when the loss on held-out rows
// stops falling. Its name heads parameters and streams.
type training struct {
	Options
	name      string
	seed      uint64
	ps        *models.Parameters
	memory    ops.Memory
	optimiser *models.Optimiser
	best      [][]float32
	bestLoss  float64
	sinceBest int
}

func newTraining(name string, o Options, seed uint64) training {
	return training{Options: o, name: name, seed: seed, ps: models.NewParameters(), bestLoss: math.Inf(1)}
}

// layers makes the parameters of a network of two hidden layers with heads of the given width, and their optimiser.
func (t *training) layers(in int, heads ...int) {
	models.InitLinear(t.ps, t.name+"/linear1", in, t.Width, t.seed)
	models.InitLinear(t.ps, t.name+"/linear2", t.Width, t.Width, t.seed)
	for i, out := range heads {
		models.InitLinear(t.ps, fmt.Sprintf("%s/linear%d", t.name, 3+i), t.Width, out, t.seed)
	}
	t.optimiser = models.NewOptimiser(t.name, kernels.Adam{Rate: t.Rate, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}, 0, t.trained())
}

func (t *training) trained() []*models.Parameter { return t.ps.Trained(t.name + "/") }

func (t *training) bind() *models.Binding {
	return models.Bind(ops.NewGraph(tensor.Float32, &t.memory), t.ps)
}

// hidden builds the hidden layers on rows.
func (t *training) hidden(b *models.Binding, rows *ops.Node) *ops.Node {
	h := rows
	for _, layer := range []string{"linear1", "linear2"} {
		h = b.Graph.LeakyRelu(t.name+"/relu-"+layer, models.LeakySlope, t.linear(b, layer, h))
	}
	return h
}

func (t *training) linear(b *models.Binding, layer string, x *ops.Node) *ops.Node {
	layer = t.name + "/" + layer
	return b.Graph.Linear(layer, false, x, b.Node(layer+"/weight"), b.Node(layer+"/bias"))
}

// A pass is a compiled program of a loss.
type pass struct {
	program *ops.Program
	losses  []*ops.Node // whose sum is the loss
	fill    func(rows []int, shift int)
}

func (s *pass) loss() (sum float64) {
	for _, l := range s.losses {
		sum += ops.Scalar(l)
	}
	return sum
}

// compile makes the program of a pass; with gradients it is an update's.
func (t *training) compile(b *models.Binding, s *pass, cost *ops.Node, gradients bool) (err error) {
	if gradients {
		s.program, err = b.Graph.CompileGradients(cost, b.Nodes(t.trained()))
	} else {
		s.program, err = b.Graph.Compile(cost)
	}
	return err
}

// run updates on four fifths of n rows until the loss of the others stops falling, and takes the best parameters
// back. A pass of the given number of rows is filled with rows of the training set and a number that says how far
// partners are moved where pairs are to be broken.
func (t *training) run(n int, build func(rows int, gradients bool) (*pass, error)) error {
	order := stream.Permutation(stream.New(t.seed, t.name, "split"), n)
	held, rows := order[:n/5], order[n/5:]
	batch := min(t.Batch, len(rows))
	update, err := build(batch, true)
	if err != nil {
		return err
	}
	check, err := build(len(held), false)
	if err != nil {
		return err
	}
	r := stream.New(t.seed, t.name, "order")
	for step := 1; step <= t.Steps; step++ {
		drawn := stream.Permutation(r, len(rows))[:batch]
		for i, k := range drawn {
			drawn[i] = rows[k]
		}
		update.fill(drawn, r.IntN(batch))
		if err := update.program.Run(); err != nil {
			return err
		}
		if loss := update.loss(); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return fmt.Errorf("models: %s: step %d: loss is %v (learning rate %g)", t.name, step, loss, t.Rate)
		}
		t.optimiser.Update(update.program)
		if step%look != 0 && step != t.Steps {
			continue
		}
		check.fill(held, step/look)
		if err := check.program.Run(); err != nil {
			return err
		}
		if t.keep(check.loss()) {
			break
		}
	}
	for i, p := range t.trained() {
		copy(p.Data, t.best[i])
	}
	return nil
}

// keep remembers the parameters of the least validation loss, and says when it has not fallen for long.
func (t *training) keep(loss float64) (stop bool) {
	if t.sinceBest++; loss < t.bestLoss {
		t.bestLoss, t.sinceBest, t.best = loss, 0, nil
		for _, p := range t.trained() {
			t.best = append(t.best, append([]float32{}, p.Data...))
		}
	}
	return t.sinceBest >= t.Patience
}

// narrow copies a row and returns its width.
func narrow(to []float32, row []float64) int {
	for j, v := range row {
		to[j] = float32(v)
	}
	return len(row)
}
