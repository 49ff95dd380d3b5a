package didd

import (
	"cmp"
	"context"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// labelled is a model with a classifier of its own.
type labelled struct{ *Model }

var (
	_ models.Decoder       = labelled{}
	_ models.Discriminator = labelled{}
	_ models.Classifier    = labelled{}
	_ models.Refresher     = labelled{}
	_ models.Costed        = labelled{}
)

// newMethod makes a model; only one that has learnt from labels is a classifier.
func newMethod(c models.Config) (models.Model, error) {
	m, err := New(c)
	if err != nil || m.labels == nil {
		return m, err
	}
	return labelled{m}, nil
}

// A reading is the program of the classifier.
type reading struct {
	images  []float32
	program *ops.Program
}

// read are what the classifier sees of images, and its logits.
func (m *Model) read(x *domains.Images) (features, logits *models.Block, err error) {
	l, n := m.labels, x.Len()
	if l.reading == nil {
		b := m.bind()
		in, images := models.Input(evalBatch, m.shape.Channels, m.shape.Height, m.shape.Width)
		seen := m.readBy(b, "reading", b.Graph.Bind("images", in))
		program, err := b.Graph.Compile(seen.features, seen.logits)
		if err != nil {
			return nil, nil, err
		}
		l.reading = &reading{images, program}
	}
	features, logits = models.NewBlock(models.Features, n, l.width, 1), models.NewBlock("", n, l.classes, 1)
	for lo := 0; lo < n; lo += evalBatch {
		hi := min(n, lo+evalBatch)
		copy(l.reading.images, x.Range(lo, hi).Data)
		if err := l.reading.program.Run(); err != nil {
			return nil, nil, err
		}
		for i, out := range []*models.Block{features, logits} {
			copy(out.Data[lo*out.D:hi*out.D], l.reading.program.Output(i).Data().([]float32))
		}
	}
	return features, logits, nil
}

// Classify returns the logits of images, n x classes.
func (m labelled) Classify(x *domains.Images) (*models.Block, error) {
	if err := m.takes(x); err != nil {
		return nil, err
	}
	_, logits, err := m.read(x)
	return logits, err
}

// Refresh gives training images of the target the class of their nearest centroid, from the end
// of the warm-up on: at first to the half of them whose class stands out the most, of equal ones
// to the first, and to evenly more of them until the end of the training.
func (m labelled) Refresh(_ context.Context, step int, d *models.Data) error {
	warmup := m.options.Int("label.warmup")
	if m.labels.pseudo == nil || step < warmup {
		return nil
	}
	x := d.Images[1-m.source]
	n := x.Len()
	features, logits := models.NewBlock(models.Features, n, m.labels.width, 1), models.NewBlock("", n, m.labels.classes, 1)
	for lo := 0; lo < n; lo += models.AtOnce {
		f, z, err := m.read(x.Range(lo, min(n, lo+models.AtOnce)))
		if err != nil {
			return err
		}
		copy(features.Data[lo*f.D:], f.Data)
		copy(logits.Data[lo*z.D:], z.Data)
	}
	classes, margins := models.CentroidLabels(features, logits)
	share := 0.5 + 0.5*float64(step-warmup)/float64(m.options.Int("train.iterations")-warmup)
	surest := make([]int, n)
	for i := range surest {
		surest[i] = i
	}
	slices.SortStableFunc(surest, func(i, j int) int { return cmp.Compare(margins[j], margins[i]) })
	p := m.labels.pseudo
	p.Resize(n)
	p.Fill(-1)
	for _, i := range surest[:int(math.Ceil(share*float64(n)))] {
		p.Data[i] = float32(classes[i])
	}
	return nil
}
