// Package judge trains the network that reads named attributes off images, so that the
// translations of any model can be scored by what they show. It is trained on real
// images alone and is no part of any model that it judges.
package judge

import (
	"context"
	"fmt"
	"math"
	"slices"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// Options of a judge and its training.
type Options struct {
	Steps int     // updates
	Batch int     // images of an update, all of them where there are fewer
	Rate  float64 // of Adam at the first step; it falls linearly to zero
}

const (
	base      = 16
	embedding = 128 // units of the layer below the logits
	leastSide = 4   // of the last stage's maps, in pixels
	readBatch = 64
	varied    = 0.5 // amount of domains.Vary: at 1, 2500 steps are too few to learn glasses at 64 pixels
)

// A Judge is a network of stride-2 stages, a linear layer of 128 units (the embedding)
// and one logit an attribute.
type Judge struct {
	shape      domains.Shape
	attributes int
	mirror     bool
	seed       uint64
	net        models.Network
	flat       int // values of the last stage's maps
	ps         *models.Parameters
	memory     ops.Memory
	read       *pass // made at the first reading
}

// New makes a judge of so many attributes with weights drawn from the seed's streams.
// mirror says that no attribute depends on which way round an image is: the judge is then
// trained on mirrored images too, and reads the mean of an image and its mirror image.
// Each stage halves the side down to 4 pixels. It fails on a side below 8, on images
// that are not square and on no attributes.
func New(shape domains.Shape, attributes int, mirror bool, seed uint64) (*Judge, error) {
	side := shape.Height
	if side != shape.Width || side < 2*leastSide || attributes < 1 {
		return nil, fmt.Errorf("models: judge: images of %s and %d attributes, want squares of at least %d pixels a side and at least one attribute", shape, attributes, 2*leastSide)
	}
	j := &Judge{shape: shape, attributes: attributes, mirror: mirror, seed: seed, net: models.Network{Name: "judge", In: shape.Channels}, ps: models.NewParameters()}
	for channels := base; side >= 2*leastSide; channels *= 2 {
		j.net.Stages = append(j.net.Stages, models.Stage{Out: channels, Norm: true, Activation: models.LeakyRelu})
		side, j.flat = side/2, channels*(side/2)*(side/2)
	}
	j.net.Init(j.ps, seed)
	models.InitLinear(j.ps, "judge/embedding", j.flat, embedding, seed)
	models.InitLinear(j.ps, "judge/logits", embedding, attributes, seed)
	return j, nil
}

// Parameters are the judge's weights, to be saved and restored.
func (j *Judge) Parameters() *models.Parameters { return j.ps }

// A pass is a compiled program with its input buffers.
type pass struct {
	images, targets, weights []float32
	loss                     *ops.Node
	program                  *ops.Program
}

// build adds the network to a graph: images to embedding and logits.
func (j *Judge) build(b *models.Binding, images *ops.Node) (features, logits *ops.Node) {
	linear := func(name string, x *ops.Node) *ops.Node {
		return b.Graph.Linear(name, false, x, b.Node(name+"/weight"), b.Node(name+"/bias"))
	}
	h := b.Graph.Flatten("judge/flat", j.net.Build(b, images))
	features = b.Graph.LeakyRelu("judge/relu", models.LeakySlope, linear("judge/embedding", h))
	return features, linear("judge/logits", features)
}

func (j *Judge) newPass(batch int, training bool) (*pass, error) {
	b := models.Bind(ops.NewGraph(tensor.Float32, &j.memory), j.ps)
	p := &pass{}
	var x, targets, weights *tensor.Dense
	x, p.images = models.Input(batch, j.shape.Channels, j.shape.Height, j.shape.Width)
	features, logits := j.build(b, b.Graph.Bind("images", x))
	var err error
	if !training {
		p.program, err = b.Graph.Compile(features, logits)
		return p, err
	}
	targets, p.targets = models.Input(batch, j.attributes)
	weights, p.weights = models.Input(batch, j.attributes)
	p.loss = b.Graph.WeightedBCE("loss", logits, b.Graph.Bind("targets", targets), b.Graph.Bind("weights", weights))
	p.program, err = b.Graph.CompileGradients(p.loss, b.Nodes(j.ps.Trained("judge/")))
	return p, err
}

// Train fits the judge to images and, image by image, the attributes that each has, by
// weighted binary cross-entropy and Adam. An image that has an attribute weighs
// sqrt(n-/n+) in its column, one that lacks it the inverse, so that rare attributes are
// not passed over. Each showing of an image varies it a little, from streams of the seed.
// The same seed gives the same bytes.
//
// It fails when an attribute is had by all of
// them or by none, on a loss that is not finite, and with the context's error when it
// is cancelled. progress, which may be nil, is told of each step.
func (j *Judge) Train(ctx context.Context, o Options, images *domains.Images, has [][]bool, progress func(step int)) error {
	weigh, err := j.balance(images, has)
	if err != nil {
		return err
	}
	size := min(o.Batch, images.Len())
	p, err := j.newPass(size, true)
	if err != nil {
		return err
	}
	order, err := domains.NewOrder(j.seed, "judge", images.Len(), size)
	if err != nil {
		return err
	}
	adam := models.NewOptimiser("judge", kernels.Adam{Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}, 0, j.ps.Trained("judge/"))
	var batch domains.Images
	for step := range o.Steps {
		rows := order.Batch(step)
		images.TakeInto(&batch, rows)
		j.show(p, step, &batch)
		for i, row := range rows {
			p.ask(i, has[row], weigh)
		}
		if err := p.program.Run(); err != nil {
			return err
		}
		if loss := ops.Scalar(p.loss); math.IsNaN(loss) || math.IsInf(loss, 0) {
			return fmt.Errorf("models: judge: step %d: loss is %v (learning rate %g)", step+1, loss, o.Rate)
		}
		adam.Rate = o.Rate * float64(o.Steps-step) / float64(o.Steps)
		adam.Update(p.program)
		if err := ctx.Err(); err != nil {
			return err
		}
		if progress != nil {
			progress(step + 1)
		}
	}
	return nil
}

// show fills a pass with the images of a step, each varied by a stream of its own.
func (j *Judge) show(p *pass, step int, batch *domains.Images) {
	shown := domains.Images{Shape: j.shape, Data: p.images}
	parallel.For(batch.Len(), func(i int) {
		domains.Vary(shown.At(i), batch.At(i), j.shape, varied, j.mirror, stream.New(j.seed, "vary/judge", step, i))
	})
}

// ask fills row i of the targets and of their weights.
func (p *pass) ask(i int, has []bool, weigh []float64) {
	for k, yes := range has {
		at, target, weight := i*len(has)+k, float32(0), 1/weigh[k]
		if yes {
			target, weight = 1, weigh[k]
		}
		p.targets[at], p.weights[at] = target, float32(weight)
	}
}

// balance is sqrt(n-/n+) of each attribute.
func (j *Judge) balance(images *domains.Images, has [][]bool) ([]float64, error) {
	if len(has) != images.Len() || images.Shape != j.shape {
		return nil, fmt.Errorf("models: judge: %d images of %s with %d rows of attributes, want as many, of %s", images.Len(), images.Shape, len(has), j.shape)
	}
	weigh := make([]float64, j.attributes)
	for k := range weigh {
		with := 0
		for i, row := range has {
			if len(row) != j.attributes {
				return nil, fmt.Errorf("models: judge: image %d has %d attributes, want %d", i, len(row), j.attributes)
			}
			if row[k] {
				with++
			}
		}
		if with == 0 || with == len(has) {
			return nil, fmt.Errorf("models: judge: %d of %d training images have attribute %d; nothing tells it", with, len(has), k)
		}
		weigh[k] = math.Sqrt(float64(len(has)-with) / float64(with))
	}
	return weigh, nil
}

// A Reading is what a judge makes of n images.
type Reading struct {
	Probabilities *models.Block // n x attributes, in [0, 1]
	Embedding     *models.Block // n x 128
}

// Read reads n images of the judge's shape. Time is one forward pass an image, or two
// where its mirror image counts.
func (j *Judge) Read(images *domains.Images) (*Reading, error) {
	if images.Shape != j.shape {
		return nil, fmt.Errorf("models: judge: images are %s, the judge takes %s", images.Shape, j.shape)
	}
	if j.read == nil {
		p, err := j.newPass(readBatch, false)
		if err != nil {
			return nil, err
		}
		j.read = p
	}
	n := images.Len()
	block := func(width int) *models.Block {
		return &models.Block{N: n, D: width, Channels: width, Data: make([]float32, n*width)}
	}
	r := &Reading{Probabilities: block(j.attributes), Embedding: block(embedding)}
	for lo := 0; lo < n; lo += readBatch {
		hi := min(n, lo+readBatch)
		copy(j.read.images, images.Range(lo, hi).Data)
		if err := j.add(r, lo, hi); err != nil {
			return nil, err
		}
		if j.mirror {
			for at := 0; at < len(j.read.images); at += j.shape.Width {
				slices.Reverse(j.read.images[at : at+j.shape.Width])
			}
			if err := j.add(r, lo, hi); err != nil {
				return nil, err
			}
		}
	}
	passes := float32(1)
	if j.mirror {
		passes = 2
	}
	for i := range r.Embedding.Data {
		r.Embedding.Data[i] /= passes
	}
	for i, v := range r.Probabilities.Data {
		r.Probabilities.Data[i] = float32(kernels.Sigmoid(float64(v / passes)))
	}
	return r, nil
}

// add adds what the network makes of the images in its buffer to rows lo to hi-1 of a
// reading, which holds logits until it is complete.
func (j *Judge) add(r *Reading, lo, hi int) error {
	if err := j.read.program.Run(); err != nil {
		return err
	}
	for i, b := range []*models.Block{r.Embedding, r.Probabilities} {
		kernels.Add(b.Data[lo*b.D:hi*b.D], j.read.program.Output(i).Data().([]float32)[:(hi-lo)*b.D], b.Data[lo*b.D:hi*b.D])
	}
	return nil
}
