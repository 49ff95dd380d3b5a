package deep

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

const shotPaper = "J. Liang, D. Hu, J. Feng, Do we really need to access the source data? Source hypothesis transfer for unsupervised domain adaptation, ICML 2020, arXiv 2002.08546"

func init() {
	addShot(models.Method{
		Name: "shot-im",
		Doc:  "a network trained on the source, whose encoder then sees the target alone and is to make its predictions sure and varied",
	})
	addShot(models.Method{
		Name: "shot",
		Doc:  "shot-im, with labels of the target's images by the nearest class centroid beside",
		Options: []option.Option{
			{Name: "labels", Kind: option.Float, Default: 0.1, Min: 0, Max: 1e3, Doc: "weight of the cross-entropy against the labels by centroids"},
			{Name: "refresh", Kind: option.Int, Default: 1, Min: 1, Max: 1e6, Doc: "passes over the target's training images after which these labels are made anew"},
			{Name: "refresh_steps", Kind: option.Int, Default: 0, Min: 0, Max: 1e7, Later: true, Doc: "steps after which they are, in place of passes: of a large target a short training sees hardly one; 0: by passes"},
		},
	})
}

// addShot registers a method that adapts without the source.
func addShot(m models.Method) {
	m.Citation, m.Version = shotPaper, 1
	m.Options = append([]option.Option{
		{Name: "source_share", Kind: option.Float, Default: 0.4, Min: 0, Max: 1, Doc: "share of the iterations, at the start, that train on the source; the rest see the target alone"},
		{Name: "smoothing", Kind: option.Float, Default: 0.1, Min: 0, Max: 0.999, Doc: "share of each label of the source that is spread evenly over the classes"},
		{Name: "bottleneck", Kind: option.Int, Default: 256, Min: 1, Max: 4096, Doc: "features: units, batch normalised, in place of the backbone's own after its convolutions"},
		{Name: "dropout", Kind: option.Float, Default: 0.5, Min: 0, Max: 0.99, Doc: "share of the channels of the last convolution, and of the features, that a step leaves out"},
		{Name: "adaptation_rate", Kind: option.Float, Default: 5e-4, Min: 1e-9, Max: 10, Doc: "learning rate on the target, in place of train.learning_rate; it falls as that does"},
		{Name: "diversity", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of the entropy of the mean prediction, against that of each of 1"},
	}, m.Options...)
	r := recipe.Recipe{Smoothing: func(o option.Values) float64 { return o.Float("smoothing") }}
	name := m.Name
	m.Phases = func(c models.Config) []models.Phase { return shotPhases(name, c) }
	m.Check = checkShot
	m.New = func(c models.Config) (models.Model, error) { return newShot(name, r, c) }
	recipe.Add(m, r)
}

// sourceSteps is the number of steps on the source.
func sourceSteps(o option.Values) int {
	return int(math.Round(o.Float("source_share") * float64(o.Int("train.iterations"))))
}

func shotPhases(name string, c models.Config) []models.Phase {
	n := sourceSteps(c.Options)
	source, target := models.Phase{Name: "source", Steps: n}, models.Phase{Name: "target", Steps: c.Options.Int("train.iterations") - n}
	source.Shows[c.Source], target.Shows[1-c.Source] = true, true
	if name == "shot" {
		target.RefreshEvery = 1 // the model knows which of them begin a pass
	}
	return []models.Phase{source, target}
}

func checkShot(c models.Config) []option.Error {
	return append(checkShare(c), recipe.CheckNetwork(c)...)
}

// checkShare wants steps on the source and on the target.
func checkShare(c models.Config) []option.Error {
	if n, all := sourceSteps(c.Options), c.Options.Int("train.iterations"); n < 1 || n >= all {
		return []option.Error{{Option: "model.source_share", Problem: fmt.Sprintf("%v gives the source %d of %d steps; want one at least for it and for the target", c.Options.Float("source_share"), n, all)}}
	}
	return nil
}

// A shot is a model whose classifier is as the source has left it while the encoder adapts to
// the target.
type shot struct {
	*recipe.Model
	adapting *models.Optimiser
	labels   *models.Parameter // of the target's training images; nil without
	given    []float32         // labels of a batch of the target
	adapt    *recipe.Pass      // made at the first step of its phase
}

var (
	_ models.Classifier = (*shot)(nil)
	_ models.Costed     = (*shot)(nil)
	_ models.Refresher  = (*shot)(nil)
)

// newShot makes the network of the paper: convolutions, whose channels are dropped, a
// normalised bottleneck without activation, dropped too, a weight-normalised classifier. A
// channel that is dropped after pooling and activation is one that is dropped before them.
func newShot(name string, r recipe.Recipe, c models.Config) (*shot, error) {
	encoder, head := recipe.Backbone(c)
	flat := slices.Index(encoder.Layers, layers.Layer(layers.Flatten{}))
	units, rate := c.Options.Int("bottleneck"), c.Options.Float("dropout")
	encoder.Layers = encoder.Layers[:flat+1]
	places := 1
	if shapes, err := encoder.Shapes(); err == nil {
		places = shapes[flat][1] * shapes[flat][2]
	}
	encoder.Layers = append(encoder.Layers, layers.Dropout{Rate: rate, Held: places}, layers.Linear{Units: units, Unbiased: true}, layers.BatchNorm{}, layers.Dropout{Rate: rate})
	head.In, head.Layers = []int{units}, []layers.Layer{layers.WeightNormed{Units: c.Classes}}
	n, err := recipe.NetworkOf(c, encoder, head)
	if err != nil {
		return nil, err
	}
	m := &shot{Model: recipe.ModelOf(name, r, n)}
	m.Steps = sourceSteps(c.Options)
	m.adapting = models.NewOptimiser("adaptation", recipe.Adam(c.Options), c.Options.Float("train.clip"), n.Parameters().Trained("encoder/"))
	if name == "shot" {
		m.labels = n.Parameters().AddRows("labels", 1)
	}
	return m, nil
}

// Optimisers are that of the source and, of moments of its own, that of the target.
func (m *shot) Optimisers() []*models.Optimiser {
	return []*models.Optimiser{m.Optimiser, m.adapting}
}

// Refresh gives each training image of the target the class of its nearest centroid, at the
// steps that begin a pass over these images, or several, or after so many steps.
func (m *shot) Refresh(_ context.Context, step int, d *models.Data) error {
	if m.labels == nil {
		return nil
	}
	x := d.Images[1-m.Source]
	n := x.Len()
	every := m.Options.Int("refresh_steps")
	if every == 0 {
		every = max(1, n/m.Options.Int("train.batch")) * m.Options.Int("refresh")
	}
	if m.labels.Shape[0] == n && (step-m.Steps)%every != 0 {
		return nil
	}
	features, logits := models.NewBlock(models.Features, n, m.Encoder.Out()[0], 1), models.NewBlock("", n, m.Classes, 1)
	for lo := 0; lo < n; lo += models.AtOnce {
		hi := min(n, lo+models.AtOnce)
		f, z, err := m.Read(x.Range(lo, hi))
		if err != nil {
			return err
		}
		copy(features.Data[lo*f.D:], f.Data)
		copy(logits.Data[lo*z.D:], z.Data)
	}
	m.labels.Resize(n)
	labels, _ := models.CentroidLabels(features, logits)
	for i, k := range labels {
		m.labels.Data[i] = float32(k)
	}
	return nil
}

// newAdaptation makes the program of a step on the target.
func (m *shot) newAdaptation(batch int) (*recipe.Pass, error) {
	return m.NewPass(batch, 0, m.Parameters().Trained("encoder/"), func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		logits := m.Head.Build(b, m.Encoder.Build(b, x))
		all := ops.Rows{Lo: 0, Hi: batch}
		p.Terms = []recipe.Term{
			{Name: "entropy", Weight: 1, Node: b.Graph.Entropy("loss/entropy", all, logits)},
			{Name: "diversity", Weight: -m.Options.Float("diversity"), Node: b.Graph.Diversity("loss/diversity", all, logits)},
		}
		if m.labels != nil {
			y, labels := models.Input(batch)
			m.given = labels
			p.Terms = append(p.Terms, recipe.Term{Name: "labels", Weight: m.Options.Float("labels"), Node: b.Graph.CrossEntropy("loss/labels", all, logits, b.Graph.Bind("labels", y))})
		}
	})
}

// Step trains all of the network on the source, then the encoder on the target. In either
// phase the learning rate falls as if it were the whole training.
func (m *shot) Step(at int, b *models.Batch) ([]models.Loss, error) {
	if at < m.Steps {
		return m.Model.Step(at, b)
	}
	if m.adapt == nil {
		count, err := recipe.LenOf(m.Name, b, 1-m.Source)
		if err != nil {
			return nil, err
		}
		if m.adapt, err = m.newAdaptation(count); err != nil {
			return nil, err
		}
	}
	if err := m.adapt.Show(m.Name, b, 1-m.Source); err != nil {
		return nil, err
	}
	if err := m.give(b.Rows[1-m.Source]); err != nil {
		return nil, err
	}
	progress := float64(at-m.Steps) / float64(m.Options.Int("train.iterations")-m.Steps)
	m.adapting.Rate = m.Options.Float("adaptation_rate") * recipe.Decayed(progress, m.Options.Float("train.decay"))
	if err := m.adapt.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses := m.adapt.Losses()
	if err := models.CheckFinite(m.Name, at+1, losses, nil); err != nil {
		return nil, err
	}
	m.adapt.Moments.Follow(m.adapt.Program, 0)
	return append(losses, models.Loss{Name: "gradient-norm", Value: m.adapting.Update(m.adapt.Program)}), nil
}

// give copies the labels of rows of the target to the input.
func (m *shot) give(rows []int) error {
	if m.labels == nil {
		return nil
	}
	if len(rows) != m.adapt.Count || slices.Max(rows) >= m.labels.Shape[0] {
		return fmt.Errorf("models: %s: rows %v of the target, of which %d have labels", m.Name, rows, m.labels.Shape[0])
	}
	for i, r := range rows {
		m.given[i] = m.labels.Data[r]
	}
	return nil
}
