package deep

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	recipe.Add(models.Method{
		Name:     "adabn",
		Doc:      "a network trained on the source, whose batch normalisation then goes by the moments of the target",
		Citation: "Y. Li et al., Revisiting batch normalization for practical domain adaptation, ICLR workshops 2017, arXiv 1603.04779",
		Version:  1,
		Options: []option.Option{
			{Name: "batches", Kind: option.Int, Default: 100, Min: 1, Max: 1e6, Doc: "of the target whose moments are pooled after the training"},
		},
		Check:  checkNormalised,
		Phases: adabnPhases,
		New:    newAdaBN,
	}, recipe.Recipe{Backbone: "l20-50-bn"})
}

// checkNormalised wants a network in which there is something to adapt.
func checkNormalised(c models.Config) []option.Error {
	if name := c.Options.String("backbone"); !recipe.Normalises(name) {
		with := slices.DeleteFunc(recipe.BackboneNames(), func(n string) bool { return !recipe.Normalises(n) })
		return []option.Error{{Option: "model.backbone", Problem: fmt.Sprintf("%s has no batch normalisation for adabn to adapt; those that have: %v", name, with)}}
	}
	return recipe.CheckNetwork(c)
}

func adabnPhases(c models.Config) []models.Phase {
	train, pool := models.Phase{Name: "train", Steps: c.Options.Int("train.iterations")}, models.Phase{Name: "statistics", Steps: c.Options.Int("batches")}
	train.Shows[c.Source], pool.Shows[1-c.Source] = true, true
	return []models.Phase{train, pool}
}

// An adaBN is a model whose last phase reads the target and moves nothing but the running
// moments.
type adaBN struct {
	*recipe.Model
	pool *pooling // made at the first step of its phase
}

var (
	_ models.Classifier = (*adaBN)(nil)
	_ models.Costed     = (*adaBN)(nil)
)

func newAdaBN(c models.Config) (models.Model, error) {
	m, err := recipe.NewModel("adabn", recipe.Recipe{}, c)
	if err != nil {
		return nil, err
	}
	return &adaBN{Model: m}, nil
}

// A pooling is the program that reads a batch of the target by the batch's own moments.
type pooling struct {
	images  []float32
	batch   int
	moments *models.BatchStatistics
	entropy *ops.Node
	program *ops.Program
}

func (m *adaBN) newPooling(batch int) (*pooling, error) {
	p, b := &pooling{batch: batch, moments: &models.BatchStatistics{}}, m.Bind()
	b.Batch = p.moments
	x, images := m.ImageInput(batch)
	p.images = images
	logits := m.Head.Build(b, m.Encoder.Build(b, b.Graph.Bind("images", x)))
	p.entropy = b.Graph.Entropy("entropy", ops.Rows{Lo: 0, Hi: batch}, logits)
	var err error
	p.program, err = b.Graph.Compile(p.moments.Nodes()...)
	return p, err
}

// Step trains on the source; after the training it pools the moments of the target, all
// layers at once, each batch normalised by its own. What it then returns is the entropy of
// the predictions, which it does not minimise.
func (m *adaBN) Step(at int, b *models.Batch) ([]models.Loss, error) {
	run := at - m.Options.Int("train.iterations")
	if run < 0 {
		return m.Model.Step(at, b)
	}
	x := b.Images[1-m.Source]
	if x == nil {
		return nil, fmt.Errorf("models: adabn: a batch without images of %s", 1-m.Source)
	}
	if m.pool == nil {
		var err error
		if m.pool, err = m.newPooling(x.Len()); err != nil {
			return nil, err
		}
	}
	if x.Len() != m.pool.batch {
		return nil, fmt.Errorf("models: adabn: a batch without %d images of %s", m.pool.batch, 1-m.Source)
	}
	copy(m.pool.images, x.Data)
	if err := m.pool.program.Run(); err != nil {
		return nil, err
	}
	losses := []models.Loss{{Name: "entropy", Value: ops.Scalar(m.pool.entropy)}}
	if err := models.CheckFinite(m.Name, at+1, losses, nil); err != nil {
		return nil, err
	}
	m.pool.moments.Pool(m.pool.program, run)
	return losses, nil
}
