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
	pool *recipe.Pass // made at the first step of its phase
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

// newPool makes the program that reads a batch of the target by the batch's own moments.
func (m *adaBN) newPool(batch int) (*recipe.Pass, error) {
	return m.NewPass(batch, 0, nil, func(p *recipe.Pass, b *models.Binding, x *ops.Node) {
		logits := m.Head.Build(b, m.Encoder.Build(b, x))
		p.Terms = []recipe.Term{{Name: "entropy", Reported: true, Node: b.Graph.Entropy("entropy", ops.Rows{Lo: 0, Hi: batch}, logits)}}
	})
}

// Step trains on the source; after the training it pools the moments of the target, all
// layers at once, each batch normalised by its own. What it then returns is the entropy of
// the predictions, which it does not minimise.
func (m *adaBN) Step(at int, b *models.Batch) ([]models.Loss, error) {
	run := at - m.Options.Int("train.iterations")
	if run < 0 {
		return m.Model.Step(at, b)
	}
	if m.pool == nil {
		count, err := recipe.LenOf(m.Name, b, 1-m.Source)
		if err != nil {
			return nil, err
		}
		if m.pool, err = m.newPool(count); err != nil {
			return nil, err
		}
	}
	if err := m.pool.Show(m.Name, b, 1-m.Source); err != nil {
		return nil, err
	}
	if err := m.pool.Run(m.Seed, at); err != nil {
		return nil, err
	}
	losses := m.pool.Losses()
	if err := models.CheckFinite(m.Name, at+1, losses, nil); err != nil {
		return nil, err
	}
	m.pool.Moments.Pool(m.pool.Program, run)
	return losses, nil
}
